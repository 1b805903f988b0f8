"""What a family vouches for: a shared cause needs no majority, but more fits than an accident
gives."""

from collections.abc import Callable
from dataclasses import replace
from math import comb
from pathlib import Path

import pytest

from zoo.counting.measurer import Measurer
from zoo.explanation.families import SharedCause, bound_tail
from zoo.model_index.findings import Finding
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.records.records import Entry
from zoo.verification.verify import verify

WIDTHS = tuple(range(20_008, 20_008 + 16 * 4_003, 4_003))
MACS = {width: 64 * 27 * width + 10 * width for width in WIDTHS}  # the toy at 8x8
FVCORE = {width: MACS[width] + 2 * 64 * width + 64 * width for width in WIDTHS}
PARAMETERS = {width: 40 * width + 10 for width in WIDTHS}
MILLIONS = WIDTHS[2:]  # of at least a million parameters
Family = Callable[[dict[int, object], str], dict[int, Finding]]


@pytest.fixture
def family(toy: Path, read: Callable[[str], list[Entry]]) -> Family:
    """Findings on toys of these widths in one collection."""

    def findings(values: dict[int, object], quantity: str) -> dict[int, Finding]:
        lines = ["Collections: [{Name: Toys}]", "Models:"]
        for width, value in values.items():
            builder = f"{{Name: 'toyzoo:Toy', Arguments: {{width: {width}}}}}"
            lines += [f"- {{Name: toy{width}, In Collection: Toys, Builder: {builder},"]
            lines += [f"   Metadata: {{{quantity}: {value}, Image Size: 8}}}}"]
        entries = read("\n".join(lines))
        measurer = Measurer(Ledger(toy / "ledger"), trusted=("toyzoo",))
        judged = verify(entries, measurer, entries)
        return {width: found[0] for width, (_, found) in zip(values, judged, strict=True)}

    return findings


def rounded(value: int, digits: int) -> int:
    return int(float(f"{value:.{digits - 1}e}"))


def cut(value: int) -> str:
    """Print millions without a fraction, cut off."""
    return f"{value // 10**6} M"


def test_a_quarter_of_a_table_vouches_for_its_convention(family: Family) -> None:
    """Four of sixteen rows are fvcore's, to three digits; the others are multiply-adds. No majority
    says so, and no row proves it alone."""
    few = WIDTHS[1::4]
    values = {w: rounded((FVCORE if w in few else MACS)[w], 3) for w in WIDTHS}
    found = family(values, "FLOPs")
    assert {found[width].cause for width in few} == {"fvcore"}
    assert {found[width].standing for width in WIDTHS} == {"right"}
    assert "fvcore explains 3 of 15 siblings" in found[few[0]].reason
    alone = family({few[0]: values[few[0]]}, "FLOPs")
    assert alone[few[0]].verdict == "mismatch"


def test_one_sibling_vouches_for_nothing(family: Family) -> None:
    values = {w: rounded((FVCORE if w in WIDTHS[:2] else MACS)[w], 3) for w in WIDTHS}
    found = family(values, "FLOPs")
    assert found[WIDTHS[0]].verdict == "mismatch"


def test_one_digit_is_cut_off_where_all_siblings_are(family: Family) -> None:
    """One digit says little, but a page that cuts digits off does so in each row."""
    values = {width: cut(PARAMETERS[width]) for width in MILLIONS}
    found = family(values, "Parameters")
    cuts = {w for w in MILLIONS if values[w] != f"{PARAMETERS[w] / 1e6:.0f} M"}
    assert cuts and {found[width].cause for width in cuts} == {"cut off"}
    assert {found[width].standing for width in MILLIONS} == {"right"}
    lone = min(cuts)
    assert family({lone: values[lone]}, "Parameters")[lone].verdict == "mismatch"


def test_one_digit_is_not_cut_off_where_siblings_are_rounded(family: Family) -> None:
    values = {w: f"{PARAMETERS[w] / 1e6:.0f} M" for w in MILLIONS}
    odd = max(w for w in MILLIONS if cut(PARAMETERS[w]) != values[w])
    found = family(values | {odd: cut(PARAMETERS[odd])}, "Parameters")
    assert found[odd].verdict == "mismatch"


@pytest.mark.parametrize(("trials", "chance", "successes"), [(20, 0.02, 3), (80, 0.01, 6)])
def test_the_bound_is_above_the_exact_tail(trials: int, chance: float, successes: int) -> None:
    exact = sum(
        comb(trials, k) * chance**k * (1 - chance) ** (trials - k)
        for k in range(successes, trials + 1)
    )
    bound = bound_tail([chance] * trials, successes)
    assert exact <= bound <= 20 * exact
    assert bound_tail([chance] * trials, 0) == 1


def test_a_rare_cause_needs_more_digits() -> None:
    def shared(explained: int) -> SharedCause:
        return SharedCause(
            causes=("fvcore",),
            name="fvcore",
            rank=2,
            explained=explained,
            siblings=80,
            alone=0,
            joint_chance=1e-9,
        )

    assert shared(3).is_vouched and not shared(3).is_majority
    assert not replace(shared(3), explained=1).is_vouched
    assert not replace(shared(3), causes=("fvcore", "other classes")).is_vouched
    assert replace(shared(41), causes=("fvcore", "other classes")).is_vouched
