"""Whether one set of benchmarks is faster than another: records in, verdicts out.

The process is the replicate. Samples of one process agree with each other far better than two
processes of one program do, so a test on pooled samples calls most identical programs different;
what is compared here is the medians of the processes, on a log scale, and paired where the two were
measured in turn.

A change of 1% is no news (`MARGIN`): a verdict needs the interval of B / A clear of it on one side.
A verdict `same` needs evidence too, and what has neither is `inconclusive`, with the effect that so
many processes could have shown. Many cells are many chances of a false difference; Benjamini and
Hochberg's procedure ("Controlling the false discovery rate", Journal of the Royal Statistical
Society B 57, 1995) keeps the share of false ones among those called different.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import StatisticsError, fmean, variance

from zoo.bench.selection import Match, passed_over, printed
from zoo.model_index.ledger import students_t
from zoo.model_index.ledger.benchmark import CONFIDENCE, Benchmark, Replicate
from zoo.model_index.ledger.store import Evidence

MARGIN = math.log(1.01)
SAME = math.log(1.03)
SURE = 0.90  # the interval that has to lie within SAME: two one-sided tests at 5%
LEVEL = 0.05
POWER = 0.80  # the chance with which an effect that "could have been seen" is seen
FEWEST, MOST = (
    3,
    0.8,
)  # pairs that make a paired test: so many, and this share of the side with fewer processes


class Verdict(StrEnum):
    """How B stands to A."""

    FASTER = "faster"
    SLOWER = "slower"
    SAME = "same"
    INCONCLUSIVE = "inconclusive"
    NOT_COMPARABLE = "not comparable"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Effect:
    """The log-ratio of B to A: its estimate, its standard error, and the degrees of freedom of
    Student's t."""

    log: float
    error: float
    freedom: float
    paired: bool

    @property
    def ratio(self) -> float:
        """B / A, of seconds of one call."""
        return math.exp(self.log)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of B / A."""
        low, high = self._logs(CONFIDENCE)
        return math.exp(low), math.exp(high)

    @property
    def same(self) -> bool:
        """Whether the 90% interval lies within 3% on either side."""
        low, high = self._logs(SURE)
        return low > -SAME and high < SAME

    @property
    def p(self) -> float:
        """The two-sided p-value of a change by more than the margin: below 5% where the 95%
        interval is clear of it."""
        beyond = abs(self.log) - MARGIN
        if not self.error:
            return float(beyond <= 0)
        return min(1.0, 2 * students_t.probability(self.freedom, -beyond / self.error))

    @property
    def detectable(self) -> float:
        """The smallest true ratio above 1 that so many processes, so far apart, show in 80% of
        runs."""
        quantiles = students_t.quantile(self.freedom, (1 + CONFIDENCE) / 2) + students_t.quantile(
            self.freedom, POWER
        )
        return math.exp(MARGIN + quantiles * self.error)

    def _logs(self, confidence: float) -> tuple[float, float]:
        half = students_t.quantile(self.freedom, (1 + confidence) / 2) * self.error
        return self.log - half, self.log + half


@dataclass(frozen=True, slots=True)
class Compared:
    """One cell, both sides of it, and the verdict; `effect` is None where there is nothing to
    divide.

    `adjusted` is Benjamini and Hochberg's p-value over the report. `why` says what is behind the
    verdict in words.
    """

    match: Match
    verdict: Verdict
    why: str
    a: Benchmark | None = None
    b: Benchmark | None = None
    effect: Effect | None = None
    adjusted: float | None = None


def compare(matches: Sequence[Match], requested: frozenset[str] = frozenset()) -> list[Compared]:
    """A verdict for each pair of records, in their order; `requested` names what the two sides are
    to differ in."""
    looked = [_looked(match, requested) for match in matches]
    tested = [one.effect.p for one in looked if one.effect]
    corrected = iter(adjusted(tested))
    return [
        _judged(one, one.effect, next(corrected), len(tested)) if one.effect else one
        for one in looked
    ]


def effect(a: Sequence[Replicate], b: Sequence[Replicate]) -> Effect | None:
    """The log-ratio of the processes' medians; None for fewer than two processes on a side.

    Student's t on the differences of pairs where most of the processes are in one, else Welch's
    test on all.
    """
    pairs = interleaved(a, b)
    if len(pairs) >= max(FEWEST, MOST * min(len(a), len(b))):
        logs = [math.log(right.median / left.median) for left, right in pairs]
        return Effect(fmean(logs), math.sqrt(variance(logs) / len(logs)), len(logs) - 1, True)
    if min(len(a), len(b)) < 2:
        return None
    return _welch([math.log(one.median) for one in a], [math.log(one.median) for one in b])


def interleaved(
    a: Sequence[Replicate], b: Sequence[Replicate]
) -> list[tuple[Replicate, Replicate]]:
    """Processes of one round of one run, one of each side, each in one pair at most.

    A process that has no partner stays alone: one that was run again, or one of a side that needed
    more of them.
    """
    rounds: dict[tuple[str, int], list[Replicate]] = {}
    for one in a:
        rounds.setdefault((one.run, one.round), []).append(one)
    partners = ((rounds.get((one.run, one.round)) if one.run else None, one) for one in b)
    return [(found.pop(0), one) for found, one in partners if found]


def adjusted(values: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg's adjusted p-values: those up to 5% are the discoveries at a false
    discovery rate of 5%.

    The k-th smallest of n becomes the least of p_i n / i over all i from k on.
    """
    found = [1.0] * len(values)
    least = 1.0
    order = sorted(range(len(values)), key=values.__getitem__)
    for rank in range(len(values), 0, -1):
        place = order[rank - 1]
        least = min(least, values[place] * len(values) / rank)
        found[place] = least
    return found


def _looked(match: Match, requested: frozenset[str]) -> Compared:
    """A pair before other cells are thought of: what keeps it from being compared, or its
    effect."""
    a, b = _measured(match.a), _measured(match.b)
    if isinstance(a, str) or isinstance(b, str):
        failures = [
            f"{name}: {said}" for name, said in (("A", a), ("B", b)) if isinstance(said, str)
        ]
        return Compared(match, Verdict.FAILED, "; ".join(failures))
    if differing := _differing(match, a, b, requested):
        return Compared(match, Verdict.NOT_COMPARABLE, differing, a, b)
    found = effect(a.replicates, b.replicates)
    few = "an interval needs two processes on each side"
    return Compared(match, Verdict.INCONCLUSIVE, "" if found else few, a, b, found)


def _measured(evidence: Evidence) -> Benchmark | str:
    """What a record measured, or in words why there is nothing."""
    if evidence.outcome == "failed":
        return str(evidence.values.get("failure") or evidence.error or "failed")
    benchmark = evidence.benchmark
    try:
        if benchmark and min(benchmark.medians) > 0:
            return benchmark
    except (StatisticsError, ValueError, ZeroDivisionError):  # no samples, no processes, no calls
        pass
    return "its record holds no times"


def _differing(match: Match, a: Benchmark, b: Benchmark, requested: frozenset[str]) -> str:
    """`device_model: NVIDIA A100 / NVIDIA H100`: what the keys differ in that nobody asked for."""
    names = [name for name in dict.fromkeys((*a.key, *b.key)) if a.key.get(name) != b.key.get(name)]
    kept = [name for name in names if not passed_over(match, requested, name)]
    return "; ".join(
        f"{name}: {_known(a.key.get(name))} / {_known(b.key.get(name))}" for name in kept
    )


def _known(value: str | int | None) -> str:
    return "unknown" if value is None else printed(value)


def _judged(one: Compared, found: Effect, corrected: float, cells: int) -> Compared:
    flags = [
        f"{name}: {flag}"
        for name, side in (("A", one.a), ("B", one.b))
        for flag in (side.flags if side else ())
    ]
    if corrected <= LEVEL:
        verdict, why = (Verdict.SLOWER if found.log > 0 else Verdict.FASTER), ""
    elif found.same:
        verdict, why = Verdict.SAME, ""
    else:
        verdict, why = Verdict.INCONCLUSIVE, f"could have seen {found.detectable - 1:.1%}"
        if found.p <= LEVEL:
            why += f"; different by itself, not as one of {cells} cells"
    return Compared(
        one.match, verdict, "; ".join(filter(None, (why, *flags))), one.a, one.b, found, corrected
    )


def _welch(a: Sequence[float], b: Sequence[float]) -> Effect:
    """Welch's test: variances of their own, degrees of freedom by Welch and Satterthwaite."""
    parts = [(variance(side) / len(side), len(side) - 1) for side in (a, b)]
    whole = sum(part for part, _ in parts)
    below = sum(part**2 / freedom for part, freedom in parts)
    freedom = whole**2 / below if below else float(len(a) + len(b) - 2)
    return Effect(fmean(b) - fmean(a), math.sqrt(whole), freedom, False)
