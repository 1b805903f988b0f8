"""Decide when warm-up is over, when a process has enough samples, when a cell has enough processes,
and in which order cells run.

Everything here is arithmetic on measured numbers, so tests need no machine.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TypeVar

import msgspec

from zoo.model_index.ledger.benchmark import Replicate, Warmup, interval

THROTTLED = "throttled"
NOT_WARM = "warmup_not_converged"
T = TypeVar("T")


class Sampling(msgspec.Struct, frozen=True, kw_only=True):
    """How many calls and samples one process makes. All times are in seconds.

    Warm-up goes in windows of at least `window_calls` calls and `window_seconds`. Then come at
    least `samples` samples and `seconds`, at most `most` samples, and no further sample after
    `longest`. A block of pipelined calls takes at least `block_seconds`, and `blocks` blocks are
    enough. Energy is counted over `steady` and idle over `idle`.
    """

    window_calls: int = 3
    window_seconds: float = 0.05
    warm_calls: int = 5
    agreement: float = 0.02
    warm_seconds: float = 20.0
    samples: int = 30
    most: int = 300
    seconds: float = 1.0
    longest: float = 15.0
    block_seconds: float = 0.2
    blocks: int = 10
    steady: float = 10.0
    idle: float = 5.0

    def enough(self, samples: int, elapsed: float) -> bool:
        """Whether a process with so many samples of single calls may stop."""
        if samples >= self.most or (samples and elapsed >= self.longest):
            return True
        return samples >= self.samples and elapsed >= self.seconds

    def enough_blocks(self, blocks: int, elapsed: float) -> bool:
        """Whether a process with so many blocks may stop."""
        return blocks >= self.blocks or bool(blocks and elapsed >= self.longest)

    def calls_a_block(self, seconds: float) -> int:
        """Return how many calls of so many seconds fill a block; two at least, or nothing would be
        pipelined."""
        return max(2, -int(-self.block_seconds // max(seconds, 1e-9)))


@dataclass(kw_only=True)
class WarmUpMonitor:
    """Take the seconds of each call until the medians of two consecutive windows agree.

    The very first call may compile, choose algorithms and reserve memory for minutes. It counts as
    a call, but neither for a window nor for the time that warm-up may take.
    """

    sampling: Sampling
    calls: int = 0
    first: float = 0.0
    elapsed: float = 0.0
    converged: bool = False
    last: float | None = None
    window: list[float] = field(default_factory=list)

    def add(self, seconds: float) -> bool:
        """Count a call; return True once warm-up has converged or is out of time."""
        self.calls += 1
        if self.calls == 1:
            self.first = seconds
            return False
        self.elapsed += seconds
        self.window.append(seconds)
        enough_calls = len(self.window) >= self.sampling.window_calls
        if enough_calls and sum(self.window) >= self.sampling.window_seconds:
            self._close_window()
        return self.converged or self.elapsed >= self.sampling.warm_seconds

    def _close_window(self) -> None:
        latest, before = median(self.window), self.last
        agree = before is not None and abs(latest - before) <= self.sampling.agreement * before
        self.converged = agree and self.calls >= self.sampling.warm_calls
        self.last, self.window = latest, []

    @property
    def result(self) -> Warmup:
        return Warmup(self.calls, round(self.first + self.elapsed, 6), self.converged)

    @property
    def flags(self) -> list[str]:
        return [] if self.converged else [NOT_WARM]


@dataclass(frozen=True, slots=True)
class Stopping:
    """When a cell has enough processes.

    That is where the 95% interval between processes is within `width` of its middle on either side
    and there are `fewest` undisturbed processes; or where there are `planned`, with `more` only
    where there are `most`. A throttled process does not count towards `fewest` and `planned`, so
    that another process runs; it counts towards `most`.
    """

    planned: int = 10
    more: bool = False
    width: float = 0.02

    @property
    def fewest(self) -> int:
        return min(5, self.planned)

    @property
    def most(self) -> int:
        return 3 * self.planned

    def reason(self, replicates: Sequence[Replicate], out_of_time: bool = False) -> str | None:
        """Return why a cell with these processes stops: `precise`, `maximum`, `budget`; None where
        it continues."""
        undisturbed = sum(THROTTLED not in replicate.flags for replicate in replicates)
        if undisturbed >= self.fewest and self.precise(replicates):
            return "precise"
        if len(replicates) >= self.most or (undisturbed >= self.planned and not self.more):
            return "maximum"
        return "budget" if out_of_time else None

    def precise(self, replicates: Sequence[Replicate]) -> bool:
        """Whether the 95% interval of the log-median lies within 1 ± `width` of its middle."""
        bounds = interval([replicate.median for replicate in replicates])
        return bounds is not None and (bounds[1] / bounds[0]) ** 0.5 <= 1 + self.width


def shuffle(cells: Sequence[T], number: int, seed: int) -> list[T]:
    """Return the order of round `number`: random for an even round, reversed for the odd round
    after it.

    Each pair of rounds is A B ... B A, so a drift that is steady in time affects all cells alike.
    """
    order = list(cells)
    random.Random(f"{seed} {number // 2}").shuffle(order)
    return order[::-1] if number % 2 else order
