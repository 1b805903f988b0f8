"""When warm-up ends, when a process has enough, when a cell stops, and in which order: simulated
machines only."""

import random
from collections import Counter
from statistics import NormalDist

import pytest

from zoo.bench.protocol import Sampling, Stopping, WarmUpMonitor, shuffle
from zoo.model_index.ledger.benchmark import Replicate, Warmup, interval


def replicates(*medians: float, flags: tuple[str, ...] = ()) -> list[Replicate]:
    return [Replicate(samples=[seconds], flags=list(flags)) for seconds in medians]


def warm(calls: list[float], **rules: float) -> WarmUpMonitor:
    """Feed calls until warm-up is over; it has to be over before they run out."""
    warming = WarmUpMonitor(sampling=Sampling(**rules))  # type: ignore[arg-type]
    for seconds in calls:
        if warming.add(seconds):
            return warming
    raise AssertionError("warm-up did not end")


def test_warm_up_ends_with_two_windows_that_agree() -> None:
    warming = warm([9.0, 2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.01, 1.01, 1.01, 5.0])
    assert warming.result == Warmup(calls=10, seconds=21.03, converged=True)
    assert warming.flags == []


def test_the_first_call_is_no_part_of_a_window_or_of_the_time() -> None:
    warming = warm([300.0] + [1.0] * 6)
    assert warming.result == Warmup(calls=7, seconds=306.0, converged=True)


def test_a_window_lasts() -> None:
    assert warm([0.001] * 1000).calls == 101  # two windows of 50 ms, and the first call


def test_warm_up_that_never_settles_ends_and_says_so() -> None:
    warming = warm([float(2 + (call // 3) % 2) for call in range(100)])
    assert warming.result == Warmup(calls=10, seconds=24.0, converged=False)
    assert warming.flags == ["warmup_not_converged"]


def test_at_least_five_calls() -> None:
    assert warm([1.0] * 9, window_calls=1).calls == 5


def test_a_process_has_enough() -> None:
    rules = Sampling()
    assert [rules.enough(count, 2.0) for count in (0, 29, 30)] == [False, False, True]
    assert [rules.enough(count, 0.5) for count in (30, 299, 300)] == [False, False, True]
    assert [rules.enough(count, 15.0) for count in (0, 1)] == [False, True]
    assert [rules.enough_blocks(count, 2.0) for count in (0, 9, 10)] == [False, False, True]
    assert rules.enough_blocks(1, 15.0)


def test_a_block_lasts_and_is_of_two_calls_at_least() -> None:
    assert [Sampling().calls_a_block(seconds) for seconds in (0.03, 0.1, 0.15, 7.0)] == [7, 2, 2, 2]


def test_a_cell_stops_when_it_is_precise() -> None:
    rule = Stopping(10)
    steady = [1.0, 1.01, 0.99, 1.005, 0.995]
    assert rule.reason(replicates(*steady[:4])) is None
    assert rule.reason(replicates(*steady)) == "precise"
    low, high = interval(steady) or (0.0, 0.0)
    assert high / low < 1.04


def test_a_cell_stops_at_its_maximum() -> None:
    noisy = [1.0, 2.0] * 15
    assert Stopping(10).reason(replicates(*noisy[:9])) is None
    assert Stopping(10).reason(replicates(*noisy[:10])) == "maximum"
    assert Stopping(10, more=True).reason(replicates(*noisy[:29])) is None
    assert Stopping(10, more=True).reason(replicates(*noisy)) == "maximum"


def test_time_that_is_up_is_the_last_reason() -> None:
    assert Stopping(10).reason(replicates(1.0, 2.0), out_of_time=True) == "budget"
    assert Stopping(10).reason(replicates(*[1.0] * 5), out_of_time=True) == "precise"


def test_a_throttled_process_counts_for_nothing_but_the_end() -> None:
    rule, throttled = Stopping(5), replicates(1.0, 1.0, flags=("throttled",))
    assert rule.reason([*throttled, *replicates(1.0, 1.0, 1.0)]) is None
    assert rule.reason([*throttled, *replicates(1.0, 1.0, 1.0, 1.0, 1.0)]) == "precise"
    assert rule.reason(replicates(*[1.0, 2.0] * 7, flags=("throttled",))) is None
    assert rule.reason(replicates(*[1.0, 2.0] * 7, 1.0, flags=("throttled",))) == "maximum"


@pytest.mark.parametrize("spread", [0.01, 0.03])
def test_stopping_early_keeps_most_of_the_95_percent(spread: float) -> None:
    """A rule that looks after every process stops a little too often by luck: at worst 92% instead
    of 95%."""
    rule, covered, runs = Stopping(10), 0, 1000
    draw, standard = random.Random(7), NormalDist()
    for _ in range(runs):
        found: list[Replicate] = []
        while not rule.reason(found):
            found += replicates(2.718281828 ** (spread * standard.inv_cdf(draw.random())))
        low, high = interval([each.median for each in found]) or (0.0, 0.0)
        covered += low <= 1 <= high
    assert 0.90 * runs < covered < 0.97 * runs


def test_rounds_are_drawn_in_pairs_that_mirror_each_other() -> None:
    cells = list("abcde")
    rounds = [shuffle(cells, number, seed=3) for number in range(200)]
    assert all(sorted(order) == cells for order in rounds)
    assert all(rounds[number] == rounds[number + 1][::-1] for number in range(0, 200, 2))
    assert len({tuple(order) for order in rounds}) > 60
    assert min(Counter(order[0] for order in rounds).values()) > 25
    assert rounds == [shuffle(cells, number, seed=3) for number in range(200)]
    assert rounds != [shuffle(cells, number, seed=4) for number in range(200)]
    assert cells == list("abcde")
