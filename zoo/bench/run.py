"""A run: every cell in rounds, each replicate a fresh process, the order of each round drawn anew.

This process only starts others and waits. It imports neither torch nor numpy, so that it holds no
memory, and starts no threads, that would disturb what it measures.
"""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from zoo.bench.messages import MISSING, Answer, Job, Purpose
from zoo.bench.plan import Item, asked_alike, cpus_of
from zoo.bench.protocol import Sampling, Stopping, shuffled
from zoo.bench.state import State
from zoo.bench.subprocess_runner import ask
from zoo.model_index.ledger.store import Evidence, Ledger

Ask = Callable[[Job, float], Answer]
TIMEOUT = 600.0
ALIKE = (
    "engine",
    "engine_options",
    "device",
    "precision",
    "batch_size",
    "channels_last",
    "threads",
    "mode",
    "l2",
)


@dataclass(frozen=True, slots=True)
class Progress:
    """What may be shown: the cells that are over, of how many, the seconds that are left, and the
    cell at hand."""

    done: int
    cells: int
    left: float
    state: State


Watch = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a run takes. `budget` are seconds for all of it, None for as long as it needs;
    `timeout` are those of one process."""

    stopping: Stopping = field(default_factory=Stopping)
    sampling: Sampling = field(default_factory=Sampling)
    budget: float | None = None
    timeout: float = TIMEOUT
    seed: int = 0
    energy: bool = False


@dataclass
class Run:
    """Measures the items of a plan. `ask` starts a process and waits for its answer."""

    ledger: Ledger
    limits: Limits = field(default_factory=Limits)
    fresh: bool = False
    trusted: tuple[str, ...] = ()
    flags: str = ""
    watch: Watch = lambda progress: None
    ask: Ask = field(default_factory=lambda: ask)
    clock: Callable[[], float] = time.monotonic
    identity: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    states: list[State] = field(default_factory=list)
    _probes: dict[tuple[str, str], Answer] = field(default_factory=dict)
    _start: float = 0.0

    def measure(self, items: Sequence[Item]) -> list[State]:
        """Every item until it is precise enough, has all its processes, or the time is up.

        Raises:
            LedgerError: evidence cannot be read or kept; what was kept before stays.
            KeyboardInterrupt: as it came; everything but the process in flight is kept.
        """
        self._start = self.clock()
        self.states = [self._state(item) for item in items]
        number = 0
        while any(not state.over for state in self.states):
            for state in shuffled(self.states, number, self.limits.seed):
                if not state.over and len(state.replicates) <= number:
                    self._replicate(state, number)
                    self.watch(self._progress(state))
            number += 1
        if self.limits.energy:
            self._energies()
        return self.states

    def _state(self, item: Item) -> State:
        """A cell as the ledger has it; one whose device or engine is not there is over."""
        probe = self._probe(item)
        state = State(item, item.placed(probe.key))
        evidence = self.ledger.get(state.cell)
        state.forget(evidence) if self.fresh else state.resume(evidence)
        if not state.over:
            state.environment = probe.environment | state.environment
            if probe.failure:
                state.failure, state.error = probe.failure, probe.error
                self._keep(state)
            else:
                self._judge(state)
        return state

    def _probe(self, item: Item) -> Answer:
        asked = item.cell.conditions
        pair = (asked["device"], asked["engine"])
        if pair not in self._probes:
            self._probes[pair] = self.ask(
                Job(purpose="probe", device=pair[0], engine=pair[1]), self.limits.timeout
            )
        return self._probes[pair]

    def _replicate(self, state: State, number: int) -> None:
        if self._out_of_time(state):
            state.stopped = "budget"
            self._keep(state)
            return
        if not state.memory and state.item.processes:
            state.take(self._asked(state, "memory"), self.identity, number, _now())
        if not state.failure:
            started = _now()
            state.take(self._asked(state, "replicate"), self.identity, number, started)
        self._judge(state)
        self._keep(state)

    def _judge(self, state: State) -> None:
        if not state.over and state.replicates:
            state.stopped = self.limits.stopping.reason(state.replicates)

    def _energies(self) -> None:
        for state in self.states:
            if state.stopped and not state.energy and not self._out_of_time(state):
                answer = self._asked(state, "energy")
                state.energy = answer.energy
                self._keep(state)

    def _asked(self, state: State, purpose: Purpose) -> Answer:
        return self.ask(self.job(state, purpose), self.limits.timeout)

    def job(self, state: State, purpose: Purpose) -> Job:
        """What a worker is told of a cell; its first replicate compares the output too."""
        asked: dict[str, Any] = state.cell.conditions
        builder, size = state.item.entry.builder, asked["input_size"]
        return Job(
            purpose=purpose,
            model=state.cell.model,
            builder=(builder.kind, builder.name),
            arguments=builder.arguments,
            trusted=list(self.trusted),
            input_size=None if size == "configured" else tuple(size),
            cpus=cpus_of(asked["threads"], asked["device"]),
            seed=self.limits.seed,
            check=purpose == "replicate" and not state.output,
            sampling=self.limits.sampling,
            **{name: asked[name] for name in ALIKE},
        )

    def _keep(self, state: State) -> None:
        """Write what is known of a cell, with the processes that another run has measured of it
        meanwhile."""
        if state.evidence(self.flags) is None:
            return

        def joined(there: Evidence | None) -> Evidence | None:
            state.join(there)
            return state.evidence(self.flags)

        evidence = self.ledger.update(state.cell, joined)
        if evidence and evidence.outcome == "measured" and not state.kept:
            self._forget_unsupported(state)
        state.kept = True

    def _forget_unsupported(self, state: State) -> None:
        """Remove what said that the same could not be measured, here or on a machine that lacks the
        device."""
        device = state.cell.conditions["key"]["device"]
        for each in self.ledger.of("bench", state.cell.model):
            unsupported = each.values.get("failure") == "unsupported"
            where = (each.cell.conditions.get("key") or {}).get("device")
            if unsupported and asked_alike(each.cell, state.cell) and where in (None, device):
                self.ledger.forget(each.cell)

    def _out_of_time(self, state: State) -> bool:
        """Whether another process of the cell would end after the time is up."""
        budget = self.limits.budget
        return budget is not None and self.clock() - self._start + state.seconds > budget

    def _progress(self, state: State) -> Progress:
        done = sum(each.over for each in self.states)
        planned = self.limits.stopping.planned
        left = sum(
            each.seconds * max(1, planned - len(each.replicates)) for each in self.states if not each.over
        )  # fmt: skip
        if self.limits.budget is not None:
            left = min(left, max(0.0, self.limits.budget - (self.clock() - self._start)))
        return Progress(done, len(self.states), left, state)


def unlearned(states: Sequence[State]) -> list[State]:
    """The cells that nothing was learned about: their model's package is missing or not trusted."""
    return [state for state in states if state.failure == MISSING]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
