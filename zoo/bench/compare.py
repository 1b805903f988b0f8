"""Decide whether one set of benchmarks is faster than another: records in, verdicts out.

The process is the replicate. Samples of one process agree with each other far better than two
processes of one program do, so a test on pooled samples calls most identical programs different.
This module compares the medians of the processes, on a log scale, and in pairs where the two were
measured in turn.

A change of 1% is ignored (`MARGIN`): a verdict needs the interval of B / A clear of it on one side.
The verdict `same` needs evidence too; without evidence for either the verdict is `inconclusive`,
with the effect that so many processes could have detected. Many cells are many chances of a false
difference; Benjamini and Hochberg's procedure ("Controlling the false discovery rate", Journal of
the Royal Statistical Society B 57, 1995) keeps the share of false ones among those called
different.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import StatisticsError, fmean, variance
from typing import Any

from zoo.bench.selection import CELL, Match, format_value, may_differ
from zoo.model_index.ledger import students_t
from zoo.model_index.ledger.benchmark import CONFIDENCE, Benchmark, Replicate
from zoo.model_index.ledger.benchmark_words import DISTURBANCES
from zoo.model_index.ledger.store import Evidence

MARGIN = math.log(1.01)
SAME = math.log(1.03)
SAME_CONFIDENCE = 0.90  # the interval that has to lie within SAME: two one-sided tests at 5%
LEVEL = 0.05
POWER = 0.80  # the chance with which a detectable effect is detected
# a paired test needs so many pairs, and this share of the processes of the smaller side
FEWEST_PAIRS, PAIRED_SHARE = 3, 0.8


class Verdict(StrEnum):
    """Whether B is faster or slower than A."""

    FASTER = "faster"
    SLOWER = "slower"
    SAME = "same"
    INCONCLUSIVE = "inconclusive"
    NOT_COMPARABLE = "not comparable"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Effect:
    """The log-ratio of B to A: its estimate, standard error and degrees of freedom (Student's
    t)."""

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
        low, high = self._logs(SAME_CONFIDENCE)
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
        """The smallest true ratio above 1 that this test detects in 80% of runs."""
        quantiles = students_t.quantile(self.freedom, (1 + CONFIDENCE) / 2) + students_t.quantile(
            self.freedom, POWER
        )
        return math.exp(MARGIN + quantiles * self.error)

    def _logs(self, confidence: float) -> tuple[float, float]:
        half = students_t.quantile(self.freedom, (1 + confidence) / 2) * self.error
        return self.log - half, self.log + half


@dataclass(frozen=True, slots=True, kw_only=True)
class CellComparison:
    """One cell, both sides of it, and the verdict; `effect` is None where a side has no times.

    `adjusted` is Benjamini and Hochberg's p-value over the report. `why` explains the verdict.
    """

    match: Match
    verdict: Verdict
    why: str
    a: Benchmark | None = None
    b: Benchmark | None = None
    effect: Effect | None = None
    adjusted: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return a row: `{model, conditions, verdict, why, a, b, ratio, interval, paired, p,
        adjusted_p, detectable}`; what is not known is None."""
        effect = self.effect
        return {
            "model": self.match.model,
            "conditions": {
                name: value for name, value in self.match.shared.items() if name not in CELL
            },
            "verdict": str(self.verdict),
            "why": self.why,
            "a": _side(self.a, self.match.a.cell.key),
            "b": _side(self.b, self.match.b.cell.key),
            "ratio": effect and effect.ratio,
            "interval": effect and effect.interval,
            "paired": effect and effect.paired,
            "p": effect and effect.p,
            "adjusted_p": self.adjusted,
            "detectable": effect and effect.detectable,
        }


def _side(benchmark: Benchmark | None, evidence: str) -> dict[str, object]:
    return {
        "evidence": evidence,
        "seconds": benchmark and benchmark.seconds,
        "interval": benchmark and benchmark.interval,
        "processes": benchmark and len(benchmark.replicates),
    }


def compare(
    matches: Sequence[Match], requested: frozenset[str] = frozenset()
) -> list[CellComparison]:
    """Return a verdict for each pair of records, in their order; `requested` names what the two
    sides should differ in."""
    comparisons = [_compare_pair(match, requested) for match in matches]
    p_values = [comparison.effect.p for comparison in comparisons if comparison.effect]
    adjusted = iter(adjust_p_values(p_values))
    return [
        _with_verdict(comparison, comparison.effect, next(adjusted), len(p_values))
        if comparison.effect
        else comparison
        for comparison in comparisons
    ]


def estimate_effect(a: Sequence[Replicate], b: Sequence[Replicate]) -> Effect | None:
    """Estimate the log-ratio of the processes' medians; None for fewer than two processes a side.

    Student's t on the differences of pairs where most of the processes are paired, else Welch's
    test on all.
    """
    pairs = pair_processes(a, b)
    if len(pairs) >= max(FEWEST_PAIRS, PAIRED_SHARE * min(len(a), len(b))):
        logs = [math.log(right.median / left.median) for left, right in pairs]
        return Effect(fmean(logs), math.sqrt(variance(logs) / len(logs)), len(logs) - 1, True)
    if min(len(a), len(b)) < 2:
        return None
    left, right = ([math.log(replicate.median) for replicate in side] for side in (a, b))
    return _welch(left, right)


def pair_processes(
    a: Sequence[Replicate], b: Sequence[Replicate]
) -> list[tuple[Replicate, Replicate]]:
    """Pair processes of one round of one run, one of each side, each in one pair at most.

    A process without a partner stays unpaired: one that ran again, or one of a side that needed
    more of them.
    """
    rounds: dict[tuple[str, int], list[Replicate]] = {}
    for replicate in a:
        rounds.setdefault((replicate.run, replicate.round), []).append(replicate)
    pairs = []
    for replicate in b:
        partners = rounds.get((replicate.run, replicate.round)) if replicate.run else None
        if partners:
            pairs.append((partners.pop(0), replicate))
    return pairs


def adjust_p_values(values: Sequence[float]) -> list[float]:
    """Return Benjamini and Hochberg's adjusted p-values: those up to 5% are the discoveries at a
    false discovery rate of 5%.

    The k-th smallest of n becomes the least of p_i n / i over all i from k on.
    """
    adjusted = [1.0] * len(values)
    least = 1.0
    order = sorted(range(len(values)), key=values.__getitem__)
    for rank in range(len(values), 0, -1):
        place = order[rank - 1]
        least = min(least, values[place] * len(values) / rank)
        adjusted[place] = least
    return adjusted


def _compare_pair(match: Match, requested: frozenset[str]) -> CellComparison:
    """Compare a pair without the other cells: what prevents a comparison, or the effect."""
    a, b = _measured(match.a), _measured(match.b)
    if isinstance(a, str) or isinstance(b, str):
        sides = (("A", a), ("B", b))
        failures = [f"{name}: {side}" for name, side in sides if isinstance(side, str)]
        return CellComparison(match=match, verdict=Verdict.FAILED, why="; ".join(failures))
    if difference := _difference(match, a, b, requested):
        verdict = Verdict.NOT_COMPARABLE
        return CellComparison(match=match, verdict=verdict, why=difference, a=a, b=b)
    effect = estimate_effect(a.replicates, b.replicates)
    why = "" if effect else "an interval needs two processes on each side"
    return CellComparison(
        match=match, verdict=Verdict.INCONCLUSIVE, why=why, a=a, b=b, effect=effect
    )


def _measured(evidence: Evidence) -> Benchmark | str:
    """Return the benchmark of a record, or why there is none."""
    if evidence.outcome == "failed":
        return str(evidence.values.get("failure") or evidence.error or "failed")
    benchmark = evidence.benchmark
    try:
        if benchmark and min(benchmark.medians) > 0:
            return benchmark
    except (StatisticsError, ValueError, ZeroDivisionError):  # no samples, no processes, no calls
        pass
    return "its record has no times"


def _difference(match: Match, a: Benchmark, b: Benchmark, requested: frozenset[str]) -> str:
    """Return `device_model: NVIDIA A100 / NVIDIA H100`: unrequested differences of the keys."""
    names = dict.fromkeys((*a.key, *b.key))
    differing = [name for name in names if a.key.get(name) != b.key.get(name)]
    return "; ".join(
        f"{name}: {_show(a.key.get(name))} / {_show(b.key.get(name))}"
        for name in differing
        if not may_differ(match, requested, name)
    )


def _show(value: str | int | None) -> str:
    return "unknown" if value is None else format_value(value)


def _with_verdict(
    comparison: CellComparison, effect: Effect, adjusted: float, cells: int
) -> CellComparison:
    sides = (("A", comparison.a), ("B", comparison.b))
    flags = _name_disturbances(sides)
    why = ""
    if adjusted <= LEVEL:
        verdict = Verdict.SLOWER if effect.log > 0 else Verdict.FASTER
    elif effect.same:
        verdict = Verdict.SAME
    else:
        verdict = Verdict.INCONCLUSIVE
        why = f"a change of {effect.detectable - 1:.1%} or more would be seen"
        if effect.p <= LEVEL:
            why += f"; significant alone, not as one of {cells} cells"
    reasons = "; ".join(filter(None, (why, *flags)))
    return replace(comparison, verdict=verdict, why=reasons, adjusted=adjusted)


def _name_disturbances(sides: Sequence[tuple[str, Benchmark | None]]) -> list[str]:
    """Return `A and B: other programs used the processor` for each flag of either side."""
    names: dict[str, list[str]] = {}
    for name, side in sides:
        for flag in side.flags if side else ():
            names.setdefault(flag, []).append(name)
    return [
        f"{' and '.join(where)}: {DISTURBANCES.get(flag, flag)}" for flag, where in names.items()
    ]


def _welch(a: Sequence[float], b: Sequence[float]) -> Effect:
    """Welch's test: unequal variances, degrees of freedom by Welch and Satterthwaite."""
    parts = [(variance(side) / len(side), len(side) - 1) for side in (a, b)]
    whole = sum(part for part, _ in parts)
    below = sum(part**2 / freedom for part, freedom in parts)
    freedom = whole**2 / below if below else float(len(a) + len(b) - 2)
    return Effect(fmean(b) - fmean(a), math.sqrt(whole), freedom, False)
