"""The promises of the bounds: valid at all n at once, exact at the edges, and soon decided."""

import importlib.util
import itertools
import math
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from zoo.evaluation.confidence_sequence import Component, ConfidenceSequence
from zoo.model_index.errors import UsageError
from zoo.model_index.ledger.evaluation import counts_near

ROOT = Path(__file__).parents[3]
N, RUNS = 2000, 2000
SEEN = np.arange(1, N + 1)
CLAIM, TOLERANCE = Decimal("0.8"), Decimal("0.005")
LOW, HIGH = 1590, 1610

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Hypothesis measures no time: a busy machine fails no test."""


@cache
def paths(correct: int) -> Any:
    """(runs, N) right answers among the first 1 ... N images of seeded random orders."""
    answers = np.zeros((RUNS, N), dtype=np.int16)
    answers[:, :correct] = 1
    np.random.default_rng(correct).permuted(answers, axis=1, out=answers)
    return answers.cumsum(axis=1, dtype=np.int32)


@cache
def decided(correct: int) -> Any:
    """(runs, N) decisions about the claim, after every image."""
    return ConfidenceSequence.of_claim(N, CLAIM).decisions(SEEN, paths(correct), LOW, HIGH)


def images(correct: int) -> Any:
    """(runs,) images until the first decision."""
    return (decided(correct) != 0).argmax(axis=1) + 1


def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("checking", ROOT / "benchmarks" / "checking.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# What the level promises


@pytest.mark.parametrize("correct", [1600, LOW, HIGH])
def test_a_true_claim_is_refuted_in_at_most_one_percent_of_the_runs_at_any_image(
    correct: int,
) -> None:
    assert (decided(correct) == -1).any(axis=1).mean() <= 0.01
    assert (decided(correct)[:, -1] == 1).all()


@pytest.mark.parametrize("correct", [LOW - 1, HIGH + 1])
def test_a_false_claim_is_confirmed_in_at_most_one_percent_of_the_runs_at_any_image(
    correct: int,
) -> None:
    assert (decided(correct) == 1).any(axis=1).mean() <= 0.01
    assert (decided(correct)[:, -1] == -1).all()


@pytest.mark.parametrize(
    "sequence", [ConfidenceSequence.of_claim(N, CLAIM), ConfidenceSequence.uniform(N)]
)
def test_the_true_count_leaves_the_interval_in_at_most_one_percent_of_the_runs(
    sequence: ConfidenceSequence,
) -> None:
    missed = sequence.log_evidence(SEEN, paths(HIGH), HIGH) >= math.log(100)
    assert 0 < missed.any(axis=1).mean() <= 0.01


def test_an_interval_for_one_n_refutes_far_more_than_one_percent_after_every_image() -> None:
    # Wald's with the correction for a finite population, from the 30th image on.
    seen, share = SEEN[29:-1], paths(HIGH)[:, 29:-1] / SEEN[29:-1]
    half = 2.5758 * np.sqrt(share * (1 - share) / seen * (N - seen) / (N - 1))
    assert (share - half > HIGH / N).any(axis=1).mean() > 0.05
    # At one n it keeps its promise; the looking is what breaks it.
    assert ((share - half)[:, 970] > HIGH / N).mean() <= 0.01


# How soon it decides


def test_a_claim_off_by_five_points_is_refuted_soon() -> None:
    assert (decided(1500)[np.arange(RUNS), images(1500) - 1] == -1).all()
    assert np.median(images(1500)) < 900


def test_a_right_claim_is_confirmed_early_and_sooner_than_by_a_uniform_prior() -> None:
    orders, medians = benchmark().draw(50_000, 40_000, 200), []
    for sequence in (
        ConfidenceSequence.of_claim(50_000, CLAIM),
        ConfidenceSequence.uniform(50_000),
    ):
        decisions = sequence.decisions(
            orders.looks, orders.right, *counts_near(Fraction(CLAIM), Fraction(TOLERANCE), 50_000)
        )
        assert (decisions >= 0).all()
        medians.append(np.median(orders.looks[(decisions == 1).argmax(axis=1)]))
    assert medians[0] < 34_000 < 37_000 < medians[1]


# Exactly, where everything can be enumerated

SMALL = 8
PRIORS = [
    ConfidenceSequence.uniform(SMALL, 0.2),
    ConfidenceSequence.of_claim(SMALL, Decimal("0.75"), Decimal("0.1"), 0.2),
    ConfidenceSequence(SMALL, 0.2, (Component(0.25, 0.5, 3.0), Component(0.75, 40.0, 2.0))),
]


@pytest.mark.parametrize("sequence", PRIORS)
def test_the_expected_evidence_against_the_truth_is_one_at_every_n(
    sequence: ConfidenceSequence,
) -> None:
    for m, n in itertools.product(range(SMALL + 1), repeat=2):
        possible = [k for k in range(n + 1) if k <= m and n - k <= SMALL - m]
        chances = [
            Fraction(math.comb(m, k) * math.comb(SMALL - m, n - k), math.comb(SMALL, n))
            for k in possible
        ]
        evidence = np.exp(sequence.log_evidence(n, possible, m))
        # The answers that m cannot give have no chance under m; the prior gave them some.
        impossible = sum(prior_chance(sequence, n, k) for k in range(n + 1) if k not in possible)
        assert sum(chances) == 1
        assert float(np.dot(evidence, [float(c) for c in chances])) + impossible == pytest.approx(
            1, abs=1e-12
        )


def prior_chance(sequence: ConfidenceSequence, n: int, k: int) -> float:
    """The beta-binomial chance of k right answers of n."""
    total = 0.0
    for part in sequence.prior:
        ratio = (
            math.lgamma(part.a + k) + math.lgamma(part.b + n - k) - math.lgamma(part.a + part.b + n)
        )
        ratio -= math.lgamma(part.a) + math.lgamma(part.b) - math.lgamma(part.a + part.b)
        total += part.weight * math.comb(n, k) * math.exp(ratio)
    return total


@pytest.mark.parametrize("sequence", PRIORS)
def test_of_all_orders_at_most_the_level_ever_excludes_the_truth(
    sequence: ConfidenceSequence,
) -> None:
    shares = []
    for m in range(SMALL + 1):
        orders = [
            [place in rights for place in range(SMALL)]
            for rights in itertools.combinations(range(SMALL), m)
        ]
        right = np.cumsum(orders, axis=1)
        evidence = sequence.log_evidence(np.arange(1, SMALL + 1), right, m)
        shares.append((evidence >= math.log(5)).any(axis=1).mean())
    assert 0 < max(shares) <= 0.2


@pytest.mark.parametrize("sequence", PRIORS)
@pytest.mark.parametrize(("low", "high"), [(3, 5), (6, 7), (0, 2), (8, 8)])
def test_of_all_orders_at_most_the_level_is_decided_wrongly(
    sequence: ConfidenceSequence, low: int, high: int
) -> None:
    for m in range(SMALL + 1):
        orders = [
            [place in rights for place in range(SMALL)]
            for rights in itertools.combinations(range(SMALL), m)
        ]
        decisions = sequence.decisions(
            np.arange(1, SMALL + 1), np.cumsum(orders, axis=1), low, high
        )
        truth = 1 if low <= m <= high else -1
        assert (decisions == -truth).any(axis=1).mean() <= 0.2
        assert (decisions[:, -1] == truth).all()


def test_evidence_is_the_ratio_of_the_two_probabilities() -> None:
    sequence = PRIORS[2]
    expected = prior_chance(sequence, 5, 3) / hypergeom(SMALL, 4, 5).pmf(3)
    assert float(sequence.log_evidence(5, 3, 4)) == pytest.approx(math.log(expected), abs=1e-12)
    assert sequence.log_evidence(5, 3, [2, 7]).tolist() == [math.inf, math.inf]


# Whatever the numbers


@st.composite
def seen(draw: st.DrawFn) -> tuple[ConfidenceSequence, int, int]:
    """A sequence, with or without a claim, and n answers of which k are right."""
    population = draw(st.integers(1, 300))
    level = draw(st.sampled_from([0.001, 0.01, 0.3]))
    claim = draw(st.none() | st.decimals(0, 1, places=3))
    tolerance = draw(st.sampled_from([Decimal(0), Decimal("0.005"), Decimal("0.1")]))
    n = draw(st.integers(0, population))
    if claim is None:
        sequence = ConfidenceSequence.uniform(population, level)
    else:
        sequence = ConfidenceSequence.of_claim(population, claim, tolerance, level)
    return sequence, n, draw(st.integers(0, n))


def included(sequence: ConfidenceSequence, n: int, k: int) -> list[int]:
    """The counts that are not excluded, one by one."""
    evidence = sequence.log_evidence(n, k, np.arange(sequence.population + 1))
    return np.flatnonzero(evidence < -math.log(sequence.level)).tolist()


@unhurried
@given(seen())
def test_the_interval_is_what_is_not_excluded_and_holds_the_share_seen(
    case: tuple[ConfidenceSequence, int, int],
) -> None:
    sequence, n, k = case
    low, high = sequence.interval(n, k)
    assert list(range(low, high + 1)) == included(sequence, n, k)
    if n:
        assert (
            low
            <= max(k, min(k * (sequence.population + 1) // n, sequence.population - n + k))
            <= high
        )


@unhurried
@given(seen(), st.data())
def test_a_decision_is_about_what_is_not_excluded(
    case: tuple[ConfidenceSequence, int, int], data: st.DataObject
) -> None:
    sequence, n, k = case
    low = data.draw(st.integers(0, sequence.population))
    high = data.draw(st.integers(low, sequence.population))
    inside = [low <= m <= high for m in included(sequence, n, k)]
    expected = "holds" if all(inside) else None if any(inside) else "fails"
    assert sequence.decide(n, k, low, high) == expected


@unhurried
@given(seen(), st.data())
def test_all_images_decide_and_rightly(
    case: tuple[ConfidenceSequence, int, int], data: st.DataObject
) -> None:
    sequence, population = case[0], case[0].population
    k, low, high = (data.draw(st.integers(0, population)) for _ in range(3))
    assert sequence.interval(population, k) == (k, k)
    assert sequence.decide(population, k, low, high) == ("holds" if low <= k <= high else "fails")


@unhurried
@given(seen())
def test_no_image_says_nothing(case: tuple[ConfidenceSequence, int, int]) -> None:
    sequence = case[0]
    assert sequence.interval(0, 0) == (0, sequence.population)
    assert sequence.decide(0, 0, 0, sequence.population) == "holds"
    assert sequence.decide(0, 0, 1, sequence.population) is None
    assert sequence.decide(0, 0, 1, 0) == "fails"


@unhurried
@given(st.integers(1, 10**6), st.integers(0, 1000), st.integers(0, 1000))
def test_counts_near_a_claim_are_those_and_no_others(
    population: int, claim: int, tolerance: int
) -> None:
    low, high = counts_near(Fraction(claim, 1000), Fraction(tolerance, 1000), population)
    for m in (low - 1, low, high, high + 1):
        near = abs(1000 * m - claim * population) <= tolerance * population
        assert (near and 0 <= m <= population) == (low <= m <= high)


# Single cases


@pytest.mark.parametrize(
    ("claim", "tolerance", "population", "counts"),
    [
        ("0.8", "0.005", 50_000, (39_750, 40_250)),
        ("0.29", "0", 100, (29, 29)),  # 0.29 * 100 is 28.999999999999996 in floats
        ("0.7671", "0.005", 50_000, (38_105, 38_605)),
        ("0.998", "0.005", 1000, (993, 1000)),
        ("0.002", "0.005", 1000, (0, 7)),
        ("0.81", "0.005", 50, (41, 40)),
        ("1", "0", 1, (1, 1)),
    ],
)
def test_counts_near_a_claim_are_exact(
    claim: str, tolerance: str, population: int, counts: tuple[int, int]
) -> None:
    assert counts_near(Fraction(claim), Fraction(tolerance), population) == counts


def test_one_image() -> None:
    sequence = ConfidenceSequence.of_claim(1, Decimal(1))
    assert [sequence.interval(0, 0), sequence.interval(1, 0), sequence.interval(1, 1)] == [
        (0, 1),
        (0, 0),
        (1, 1),
    ]
    assert [sequence.decide(1, k, 1, 1) for k in (0, 1)] == ["fails", "holds"]


@pytest.mark.parametrize("claim", [Decimal(0), Decimal("0.5"), Decimal(1)])
def test_only_right_or_only_wrong_answers(claim: Decimal) -> None:
    sequence, mirror = (ConfidenceSequence.of_claim(50_000, c) for c in (claim, 1 - claim))
    for n in (1, 64, 5000, 49_999):
        low, high = sequence.interval(n, n)
        assert n <= low <= high == 50_000
        assert mirror.interval(n, 0) == (0, 50_000 - low)


def test_columns_of_32_bits_are_counted_in_64() -> None:
    sequence = ConfidenceSequence.of_claim(1_281_167, CLAIM)
    n, k = np.array([600_000], dtype=np.int32), np.array([480_000], dtype=np.int32)
    low, high = counts_near(Fraction(CLAIM), Fraction(TOLERANCE), 1_281_167)
    assert sequence.decisions(n, k, low, high).tolist() == [1]
    assert sequence.decide(600_000, 480_000, low, high) == "holds"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ConfidenceSequence.uniform(0), "expected at least one image, got 0"),
        (lambda: ConfidenceSequence.of_claim(0, CLAIM), "expected at least one image, got 0"),
        (lambda: ConfidenceSequence.uniform(5, 1.0), "expected a level between 0 and 1, got 1.0"),
        (lambda: ConfidenceSequence.uniform(5, 0.0), "expected a level between 0 and 1, got 0.0"),
        (
            lambda: ConfidenceSequence.of_claim(5, Decimal("80.1")),
            "expected a claim between 0 and 1, got 80.1",
        ),
        (
            lambda: ConfidenceSequence.of_claim(5, CLAIM, Decimal(-1)),
            "expected a tolerance between 0 and 1, got -1",
        ),
    ],
)
def test_what_cannot_be_asked(make: Any, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        make()
    assert str(raised.value) == message


def test_counts_that_cannot_be() -> None:
    sequence = ConfidenceSequence.uniform(5)
    for n, k in ((6, 1), (2, 3), (2, -1)):
        with pytest.raises(ValueError) as raised:
            sequence.decide(n, k, 1, 2)
        assert str(raised.value) == f"expected 0 <= k <= n <= 5, got n = {n}, k = {k}"
    with pytest.raises(ValueError, match=r"^expected 0 <= k <= n <= 5, got n = 3, k = 4$"):
        sequence.log_evidence([5, 3], [[1], [4]], 5)
    with pytest.raises(ValueError, match=r"^expected 0 <= m <= 5, got 6$"):
        sequence.log_evidence(2, 1, [5, 6])
    with pytest.raises(
        ValueError, match=r"^expected weights that add up to 1, got \[0\.5, 0\.6\]$"
    ):
        ConfidenceSequence(5, 0.1, (Component(0.5, 1.0, 1.0), Component(0.6, 2.0, 2.0)))


# The page


def test_the_page_has_the_rows_that_the_script_makes() -> None:
    script = benchmark()
    page = script.PAGE.read_text(encoding="utf-8")
    written = page.split(script.START)[1].split(script.END)[0]
    lines = written.strip().splitlines(keepends=True)
    assert "".join(lines[:2]) == script.HEADER
    assert len(lines) == 2 + len(script.POPULATIONS) * len(script.ACCURACIES) * len(script.POINTS)
    rows = list(script.rows(10_000, Decimal("0.95"), script.RUNS))
    assert [line.rstrip() for line in lines[-len(rows) :]] == [line.rstrip() for line in rows]


def test_the_script_prints_the_table_and_writes_it_when_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    script = benchmark()
    page = tmp_path / "page.md"
    page.write_text(f"before\n{script.START}\nold\n{script.END}\nafter\n", encoding="utf-8")
    monkeypatch.setattr(script, "PAGE", page)
    monkeypatch.setattr(script, "POPULATIONS", (500,))
    monkeypatch.setattr("sys.argv", ["checking.py", "--runs", "3"])
    script.main()
    table = capsys.readouterr().out
    assert table.startswith(script.HEADER + "| 500 | 75% | -5 | ")
    assert "old" in page.read_text(encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["checking.py", "--runs", "3", "--write"])
    script.main()
    assert (
        page.read_text(encoding="utf-8")
        == f"before\n{script.START}\n\n{table}\n{script.END}\nafter\n"
    )
