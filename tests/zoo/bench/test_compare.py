"""Verdicts on two sets of benchmarks: the rules one by one, then on simulated machines."""

import math
from collections import Counter
from collections.abc import Sequence
from statistics import fmean
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter
from scipy.stats import mannwhitneyu, ttest_1samp, ttest_ind

from zoo.bench.compare import Verdict, adjust_p_values, compare, estimate_effect, pair_processes
from zoo.bench.protocol import Stopping
from zoo.bench.selection import Match
from zoo.model_index.ledger.benchmark import Benchmark, Replicate
from zoo.model_index.ledger.store import Cell, Evidence

KEY: dict[str, str | int | None] = {
    "device_model": "CPU X",
    "driver": None,
    "engine": "eager",
    "threads": 1,
}


def processes(
    medians: Sequence[float], rounds: Sequence[int] = (), **fields: Any
) -> list[Replicate]:
    """Processes of three samples around their medians; `rounds` are those of the run `one`."""
    run = "one" if rounds else ""
    return [
        Replicate(
            samples=[value * 0.99, value, value * 1.5], **{"run": run, "round": number} | fields
        )
        for value, number in zip(medians, rounds or [0] * len(medians), strict=True)
    ]


def record(
    replicates: list[Replicate], key: dict[str, str | int | None] = KEY, **fields: object
) -> Evidence:
    """A document of a measured cell."""
    values = Benchmark(
        mode="latency", batch_size=1, replicates=replicates, key=key, stopped="maximum"
    )
    cell = Cell(
        kind="bench", model="toy", builder="timm:toy", builder_version="timm 1", tool="zoo-bench/1"
    )
    given: dict[str, object] = {
        "outcome": "measured",
        "values": msgspec.to_builtins(values),
        **fields,
    }
    return msgspec.convert({"cell": msgspec.to_builtins(cell), **given}, Evidence)


def pair(a: Evidence, b: Evidence) -> Match:
    return Match(a, b, {"model": "toy", "mode": "latency"})


def verdict(a: Sequence[float], b: Sequence[float]) -> str:
    """The verdict on two sides that were not interleaved, in a report of their own."""
    return compare([pair(record(processes(a)), record(processes(b)))])[0].verdict


BASE = (1.00, 1.01, 0.99, 1.005, 0.995)
WIDE = (1.00, 1.04, 0.96, 1.02, 0.98)


@pytest.mark.parametrize(
    ("base", "factor", "expected"),
    [
        (BASE, 1.10, "slower"),
        (BASE, 1 / 1.10, "faster"),
        (BASE, 1.03, "slower"),
        (BASE, 1.00, "same"),
        (BASE, 1.015, "same"),
        (BASE, 1 / 1.015, "same"),
        (WIDE, 1.00, "inconclusive"),
        (WIDE, 1.05, "inconclusive"),
        (WIDE, 1.10, "slower"),
    ],
)
def test_verdict_by_the_ratio(base: Sequence[float], factor: float, expected: str) -> None:
    assert verdict(base, [value * factor for value in base]) == expected


def test_the_other_way_round_is_the_other_verdict() -> None:
    other = (1.08, 1.11, 1.06, 1.09, 1.02)
    there, back = (
        estimate_effect(processes(a), processes(b)) for a, b in ((BASE, other), (other, BASE))
    )
    assert there and back
    assert there.ratio * back.ratio == pytest.approx(1)
    assert there.interval[0] * back.interval[1] == pytest.approx(1)
    assert (there.p, there.detectable) == pytest.approx((back.p, back.detectable))
    assert (verdict(BASE, other), verdict(other, BASE)) == ("slower", "faster")


def test_without_pairs_it_is_welchs_test() -> None:
    other = (1.08, 1.20, 1.06, 1.09, 1.02, 1.3)
    effect = estimate_effect(processes(BASE), processes(other))
    assert effect and not effect.paired
    oracle = ttest_ind(np.log(other), np.log(BASE), equal_var=False)
    low, high = oracle.confidence_interval(0.95)
    assert effect.ratio == pytest.approx(math.exp(fmean(np.log(other)) - fmean(np.log(BASE))))
    assert effect.interval == pytest.approx((math.exp(low), math.exp(high)))
    assert effect.freedom == pytest.approx(oracle.df)


def test_processes_that_took_turns_are_paired() -> None:
    drift, change = (1.0, 1.3, 0.8, 1.1), (1.10, 1.11, 1.09, 1.10)
    other = [value * factor for value, factor in zip(drift, change, strict=True)]
    a, b = processes(drift, range(1, 5)), processes(other[::-1], range(4, 0, -1))
    effect = estimate_effect(a, b)
    assert effect and effect.paired
    low, high = ttest_1samp(np.log(change), 0).confidence_interval(0.95)
    assert effect.interval == pytest.approx((math.exp(low), math.exp(high)))
    assert compare([pair(record(a), record(b))])[0].verdict is Verdict.SLOWER
    assert verdict(drift, other) == "inconclusive", "the drift hides it where they are not paired"


@pytest.mark.parametrize(
    ("a", "b", "number", "paired"),
    [
        ((1, 2, 3, 4), (1, 2, 3, 4), 4, True),
        ((1, 2, 2, 3, 4), (1, 2, 3, 4), 4, True),  # the second was run again
        ((1, 2, 3), (1, 2, 3, 4, 5, 6), 3, True),  # A was precise enough early
        ((1, 2), (1, 2), 2, False),
        ((1, 2, 3, 4, 5), (4, 5, 6, 7, 8), 2, False),
        ((1, 2, 3, 4, 5), (2, 3, 4, 5, 6), 4, True),
        ((1, 2, 3, 4, 5), (3, 4, 5, 6, 7), 3, False),  # too few of them
    ],
)
def test_pairs_by_round(a: Sequence[int], b: Sequence[int], number: int, paired: bool) -> None:
    left, right = processes([1.0] * len(a), a), processes([1.0] * len(b), b)
    pairs = pair_processes(left, right)
    assert len(pairs) == number
    assert all(one.round == other.round for one, other in pairs)
    effect = estimate_effect(left, right)
    assert effect and effect.paired is paired


def test_rounds_of_two_runs_are_no_pairs() -> None:
    a, b = processes([1.0] * 5, range(5)), processes([1.0] * 5, range(5), run="two")
    assert pair_processes(a, b) == []
    assert pair_processes(processes([1.0] * 5), processes([1.0] * 5)) == [], "nor are those of none"


def test_one_process_has_no_interval() -> None:
    (comparison,) = compare([pair(record(processes([1.0])), record(processes(BASE)))])
    assert (comparison.verdict, comparison.why) == (
        "inconclusive",
        "an interval needs two processes on each side",
    )
    assert (comparison.effect, comparison.adjusted) == (None, None)


def test_equal_medians_are_the_same_and_their_ratio_is_certain() -> None:
    assert verdict([1.0] * 5, [1.0] * 5) == "same"
    assert verdict([1.0] * 5, [1.1] * 5) == "slower"
    effect = estimate_effect(processes([1.0] * 5), processes([1.1] * 5))
    assert effect and effect.interval == pytest.approx((1.1, 1.1))


def test_inconclusive_says_what_could_have_been_seen() -> None:
    noisy = (1.00, 1.10, 0.92, 1.05, 0.97)
    (comparison,) = compare([pair(record(processes(noisy)), record(processes(noisy)))])
    assert (comparison.verdict, comparison.why) == (
        "inconclusive",
        "a change of 16.2% or more would be seen",
    )
    assert comparison.effect and comparison.effect.detectable == pytest.approx(1.162, abs=5e-4)


def test_the_effect_that_could_have_been_seen_is_seen_four_times_in_five() -> None:
    draw = np.random.default_rng(7)
    target = 1.01 * math.exp((2.101 + 0.862) * 0.03 * math.sqrt(2 / 10))  # of 18 degrees of freedom
    seen = 0
    for _ in range(1000):
        a, b = np.exp(draw.normal(0, 0.03, (2, 10)))
        effect = estimate_effect(processes([*a]), processes([*(b * target)]))
        seen += bool(effect and effect.p <= 0.05)
    assert 0.77 <= seen / 1000 <= 0.84


def test_what_differs_is_named_and_keeps_cells_from_being_compared() -> None:
    other = KEY | {"device_model": "CPU Y", "driver": 550}
    (comparison,) = compare([pair(record(processes(BASE)), record(processes(BASE), other))])
    assert comparison.verdict is Verdict.NOT_COMPARABLE
    assert comparison.why == "device_model: CPU X / CPU Y; driver: unknown / 550"
    assert comparison.effect is None


def test_what_is_asked_for_may_differ() -> None:
    compiled = KEY | {"engine": "compile"}
    match = pair(record(processes(BASE)), record(processes(BASE), compiled))
    assert compare([match])[0].why == "engine: eager / compile"
    assert compare([match], frozenset({"engine"}))[0].verdict is Verdict.SAME


def test_a_failure_of_either_side_is_told() -> None:
    good = record(processes(BASE))
    full = record(
        [], outcome="failed", error="CUDA out of memory", values={"failure": "out of memory"}
    )
    odd = record([], outcome="failed", error="KeyError: 'x'", values={})
    empty, negative = record([]), record(processes([-1.0, 1.0]))
    comparisons = compare(
        [pair(good, full), pair(full, odd), pair(empty, good), pair(good, negative)]
    )
    assert [comparison.verdict for comparison in comparisons] == [Verdict.FAILED] * 4
    assert [comparison.why for comparison in comparisons] == [
        "B: out of memory",
        "A: out of memory; B: KeyError: 'x'",
        "A: its record has no times",
        "B: its record has no times",
    ]


def test_flags_of_processes_are_told() -> None:
    flagged = processes(BASE, flags=["throttled"])
    (comparison,) = compare([pair(record(processes(BASE)), record(flagged))])
    slow = "B: a process was slowed down by heat, power or a quota"
    assert (comparison.verdict, comparison.why) == ("same", slow)


def test_adjusted_p_values_of_the_published_example() -> None:
    """The fifteen p-values of Benjamini and Hochberg's paper, section 3.3: four are discoveries at
    5%."""
    values = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0000,
    ]
    adjusted = adjust_p_values(values)
    assert sum(value <= 0.05 for value in adjusted) == 4
    assert adjusted[:3] == pytest.approx([0.0015, 0.003, 0.0095])
    assert adjust_p_values(values[::-1]) == adjusted[::-1]
    assert adjust_p_values([]) == []
    assert adjust_p_values([0.05]) == [0.05]


def test_many_cells_need_more_than_one_does() -> None:
    odd = pair(record(processes(BASE)), record(processes([value * 1.022 for value in BASE])))
    calm = pair(record(processes(BASE)), record(processes(BASE)))
    assert compare([odd])[0].verdict is Verdict.SLOWER
    comparison, *rest = compare([odd, *[calm] * 19])
    assert comparison.effect and comparison.effect.p <= 0.05 < (comparison.adjusted or 0)
    assert comparison.verdict is Verdict.INCONCLUSIVE
    seen = "a change of 2.6% or more would be seen"
    assert comparison.why == f"{seen}; significant alone, not as one of 20 cells"
    assert {other.verdict for other in rest} == {Verdict.SAME}


# Simulated machines. The protocol's first paragraph tells of a shared machine of two cores: one
# program, timed in many processes of 100 samples, seems to be two programs to tests on samples in
# most of the pairs, and hardly ever to a test on medians of processes. What does that is a state
# that each process keeps (`between`), and samples that follow the one before (`memory`), which are
# far fewer than they seem; now and then something else runs (`stalls`).
PROCESSES, SAMPLES, PAIRS = 5, 100, 300


def times(
    draw: np.random.Generator, drift: NDArray[np.float64], factor: float = 1.0
) -> NDArray[np.float64]:
    """Seconds by pair, process and sample: (PAIRS, PROCESSES, SAMPLES), on a machine as slow as
    `drift` says."""
    between = 0.02 * draw.standard_t(
        4, (PAIRS, PROCESSES, 1)
    )  # heavier tails than a normal distribution's
    noise = draw.normal(0, 0.01, (PAIRS, PROCESSES, SAMPLES))
    memory = lfilter([1.0], [1.0, -0.8], noise, axis=-1)
    stalls = np.where(draw.random(noise.shape) < 0.03, draw.pareto(1.5, noise.shape), 0)
    return 0.01 * factor * np.exp(drift + between + memory) * (1 + stalls)


@pytest.fixture(scope="module")
def drift() -> NDArray[np.float64]:
    """How slow the machine is in each round, as a log: it wanders by 3% from one to the next."""
    return np.cumsum(np.random.default_rng(0).normal(0, 0.03, (PAIRS, PROCESSES, 1)), axis=1)


def verdicts(
    a: NDArray[np.float64], b: NDArray[np.float64], *, in_turn: bool = True, alone: bool = True
) -> Counter[str]:
    """How often each verdict is given; each pair a report of its own, or all of them one report."""
    runs = ("one", "one" if in_turn else "two")
    matches = [
        pair(
            *(
                record(
                    [
                        Replicate(samples=samples, run=run, round=at)
                        for at, samples in enumerate(side.tolist())
                    ]
                )
                for side, run in zip(sides, runs, strict=True)
            )
        )
        for sides in zip(a, b, strict=True)
    ]
    reports = [[match] for match in matches] if alone else [matches]
    return Counter(comparison.verdict for report in reports for comparison in compare(report))


def false_share(counts: Counter[str]) -> float:
    return (counts["faster"] + counts["slower"]) / PAIRS


@pytest.mark.parametrize("seed", [1, 2])
def test_at_most_five_of_a_hundred_identical_pairs_differ(
    drift: NDArray[np.float64], seed: int
) -> None:
    draw = np.random.default_rng(seed)
    a, b = times(draw, drift), times(draw, drift)
    assert false_share(verdicts(a, b)) <= 0.05
    assert false_share(verdicts(a, b, alone=False)) == 0
    still = np.zeros_like(drift)
    assert false_share(verdicts(times(draw, still), times(draw, still), in_turn=False)) <= 0.05


def test_stopping_when_it_is_precise_makes_no_differences() -> None:
    """Processes that agree by chance end a cell early; its small variance must not be taken at its
    word too often."""
    draw, stop, false = np.random.default_rng(4), Stopping(planned=10), 0
    for walk in np.cumsum(draw.normal(0, 0.01, (PAIRS, 10)), axis=1):
        sides = []
        for medians in np.exp(walk + 0.02 * draw.standard_t(4, (2, 10))).tolist():
            replicates = processes(medians, range(10))
            ends = (number for number in range(1, 11) if stop.reason(replicates[:number]))
            sides.append(replicates[: next(ends)])
        effect = estimate_effect(*sides)
        false += effect is not None and effect.p <= 0.05
    assert false / PAIRS <= 0.05


@pytest.mark.parametrize("seed", [1, 2])
def test_a_slow_down_of_ten_percent_is_found(drift: NDArray[np.float64], seed: int) -> None:
    draw = np.random.default_rng(seed)
    counts = verdicts(times(draw, drift), times(draw, drift, 1.10))
    assert counts["slower"] / PAIRS >= 0.80
    assert counts["faster"] == 0


def test_tests_on_samples_fail_that_ceiling(drift: NDArray[np.float64]) -> None:
    """As the protocol has it of a real machine: 81% of one against one, 72% with a floor, 78% of
    five against five."""
    draw = np.random.default_rng(1)
    a, b = times(draw, drift), times(draw, drift)
    one = mannwhitneyu(a[:, 0], b[:, 0], axis=-1).pvalue < 0.05
    pooled = mannwhitneyu(a.reshape(PAIRS, -1), b.reshape(PAIRS, -1), axis=-1).pvalue < 0.05
    far = abs(np.log(np.median(b[:, 0], axis=-1) / np.median(a[:, 0], axis=-1))) > math.log(1.01)
    assert 0.6 < np.mean(one) < 0.95
    assert 0.6 < np.mean(one & far) < 0.95
    assert 0.6 < np.mean(pooled) < 0.95


def test_processes_that_did_not_take_turns_fail_that_ceiling_on_a_machine_that_drifts() -> None:
    draw = np.random.default_rng(1)
    walk = np.cumsum(draw.normal(0, 0.03, (PAIRS, 2 * PROCESSES, 1)), axis=1)
    counts = verdicts(
        times(draw, walk[:, :PROCESSES]), times(draw, walk[:, PROCESSES:]), in_turn=False
    )
    assert false_share(counts) > 0.10
