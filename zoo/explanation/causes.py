"""The table of causes: every reason the project knows why a published number differs from the
measured one.

A cause is of one of four kinds, a table each, and every row is a small pure function:

- `RULES`: what was added up (a counting convention, buffers, a tool that skips layers);
- `MODELS`: which model was counted, at which input (another size, no classifier, the fused form);
- `SLIPS`: what happened to the number on its way to the page (a power of ten, MB for MiB, error for
  accuracy);
- `ROWS`: a number that belongs elsewhere (FLOPs and parameters swapped, another model's row).

A hypothesis is one of them or two of different kinds together; see `zoo.explanation.search`. `rank`
is how far-fetched a cause is, and adds up. `mistake` marks causes that make the page wrong, not
differently counted.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Protocol

from zoo.counting import conventions, parameter_rules
from zoo.counting.conventions import ANY, Reading
from zoo.counting.counts import Counts
from zoo.explanation import model_variants
from zoo.explanation.case import Case, reproduces
from zoo.explanation.model_variants import Choice
from zoo.model_index.quantities.table import BY_KEY

SWAPPED_DIGITS = 3  # printed in each of two cells that changed places


@dataclass(frozen=True, slots=True)
class Model:
    """One row of `MODELS`: which other models or inputs may have been counted.

    It goes together with rules of a rank up to `rules`.
    """

    name: str
    rank: int
    choices: Callable[[Case], Iterator[Choice]]
    rules: int
    quantities: frozenset[str] = frozenset({"flops"})


@dataclass(frozen=True, slots=True)
class Slip:
    """One row of `SLIPS`: what was printed in place of a measured value."""

    name: str
    label: str
    rank: int
    printed: Callable[[Decimal], Decimal]
    quantities: frozenset[str]
    mistake: bool = True


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """One row of `ROWS`: numbers that may stand in the wrong place."""

    name: str
    rank: int
    values: Callable[[Case], Iterator[tuple[str, Decimal]]]
    quantities: frozenset[str] = frozenset({"flops", "parameters"})
    mistake: bool = True


def _flops(counts: Counts, most: int = ANY) -> list[Reading]:
    return conventions.readings(counts.trace, most)


class Rules(Protocol):
    """What can be meant by a quantity of a model, simplest first, ranks about up to `most`."""

    def __call__(self, counts: Counts, most: int = ANY) -> list[Reading]: ...


RULES: dict[str, Rules] = {"flops": _flops, "parameters": parameter_rules.readings}


BOTH = frozenset({"flops", "parameters"})
MODELS = (
    Model("configured size", 1, model_variants.stated("input_size"), ANY),
    Model("test-time size", 1, model_variants.stated("test_input_size"), ANY),
    Model("fused", 1, model_variants.fused, ANY, BOTH),
    Model("photograph", 2, model_variants.photographs, ANY),
    Model("no classifier", 2, model_variants.headless, 3, BOTH),
    Model("auxiliary heads", 2, model_variants.auxiliary, 3),
    Model("other classes", 3, model_variants.other_classes, 2, BOTH),
    Model("square", 7, model_variants.squares, 2),
)


def _times(power: int) -> Callable[[Decimal], Decimal]:
    return lambda value: value.scaleb(power)


def _ratio(top: int, bottom: int) -> Callable[[Decimal], Decimal]:
    return lambda value: value * top / bottom


COUNTED = frozenset({"flops", "parameters"})
SIZE = frozenset({"file_size"})
ACCURACY = frozenset({"top1", "top5", "reference_top1", "reference_top5"})
SLIPS = (
    Slip(
        "ten times too many",
        "with the decimal point one place too far right",
        2,
        _times(1),
        COUNTED | SIZE,
    ),
    Slip(
        "ten times too few",
        "with the decimal point one place too far left",
        2,
        _times(-1),
        COUNTED | SIZE,
    ),
    Slip("G for M", "in a unit a thousand times too large", 2, _times(3), COUNTED | SIZE),
    Slip("M for G", "in a unit a thousand times too small", 2, _times(-3), COUNTED | SIZE),
    Slip(
        "hundred times too many",
        "with the decimal point two places too far right",
        4,
        _times(2),
        COUNTED,
    ),
    Slip(
        "hundred times too few",
        "with the decimal point two places too far left",
        4,
        _times(-2),
        COUNTED,
    ),
    Slip("million times too many", "in a unit a million times too large", 4, _times(6), COUNTED),
    Slip("million times too few", "in millions, the unit left out", 3, _times(-6), COUNTED),
    Slip("billion times too few", "in billions, the unit left out", 3, _times(-9), COUNTED),
    Slip(
        "M is 2^20",
        "in units of 2^20 named as millions",
        3,
        _ratio(10**6, 2**20),
        COUNTED,
        mistake=False,
    ),
    Slip(
        "G is 2^30",
        "in units of 2^30 named as billions",
        3,
        _ratio(10**9, 2**30),
        COUNTED,
        mistake=False,
    ),
    Slip(
        "M for 2^20",
        "in millions named as units of 2^20",
        3,
        _ratio(2**20, 10**6),
        COUNTED,
        mistake=False,
    ),
    Slip("MiB named MB", "in MiB named MB", 1, _ratio(10**6, 2**20), SIZE, mistake=False),
    Slip("MB named MiB", "in MB named MiB", 1, _ratio(2**20, 10**6), SIZE, mistake=False),
    Slip("fraction for percent", "as a fraction where percent are meant", 1, _times(-2), ACCURACY),
    Slip(
        "error for accuracy",
        "as the error, not the accuracy",
        1,
        lambda value: 100 - value,
        ACCURACY,
    ),
)


def swapped(case: Case) -> Iterator[tuple[str, Decimal]]:
    """FLOPs where parameters belong and the other way round, their units kept or not; both cells
    have to agree."""
    quantity = "parameters" if case.claim.quantity == "flops" else "flops"
    claims = [
        c
        for c in case.entry.all_claims()
        if (c.quantity, c.publisher) == (quantity, case.claim.publisher)
    ]
    if any((claim.parsed.digits or 0) < SWAPPED_DIGITS for claim in (*claims, case.claim)):
        return
    if any(
        reproduces(claim, value)
        for claim in claims
        for _, _, value in _digits(case, case.claim.quantity)
    ):
        here = (
            (label, power)
            for label, power, value in _digits(case, quantity)
            if reproduces(case.claim, value)
        )
        for label, power in islice(here, 1):
            in_units = f", times 10^{power}" if power else ""
            name = f"the {BY_KEY[quantity].label} of this model ({label}{in_units})"
            yield name, _values(case, quantity)[label].scaleb(power)


def _digits(case: Case, quantity: str) -> Iterator[tuple[str, int, Decimal]]:
    """The values of a quantity in the units of the other one: (what, power of ten, value)."""
    for label, value in _values(case, quantity).items():
        for power in range(4) if quantity == "parameters" else range(-3, 1):
            yield label, power, value.scaleb(power)


def _values(case: Case, quantity: str) -> dict[str, Decimal]:
    plain = 0 if quantity == "parameters" else 4
    vouched = (
        {"as its siblings": case.vouched}
        if quantity == "flops" and case.vouched is not None
        else {}
    )
    known = (one for one in RULES[quantity](case.counts, plain) if one.rank <= plain)
    return vouched | {one.label: Decimal(one.total) for one in known}


def copied(case: Case) -> Iterator[tuple[str, Decimal]]:
    """The value of another model in this row: those that are the claim's, which may be of
    thousands."""
    own = RULES[case.claim.quantity](case.counts, 0)[0].total
    number, half = case.claim.number, (case.claim.parsed.step or Decimal(0)) / 2
    for name, value in case.others.between(number - half, number + half):
        if value != own:
            yield f"the value {name}", value


COPIED = Elsewhere("copied row", 4, copied)
ROWS = (Elsewhere("swapped", 1, swapped), COPIED)
