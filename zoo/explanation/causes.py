"""The table of causes: every reason the project knows why a published number differs from the
measured one.

A cause is of one of four kinds, a table each, and every row is a small pure function:

- `COUNT_RULES` (`zoo.explanation.count_rules`): what was added up (a counting convention, buffers,
  a tool that skips layers);
- `MODELS`: which model was counted, at which input (another size, no classifier, the fused form);
- `SLIPS`: what happened to the number on its way to the page (a power of ten, MB for MiB, error for
  accuracy);
- `ROWS`: a number that belongs elsewhere (FLOPs and parameters swapped, another model's row).

A hypothesis is one of them or two of different kinds together; see `zoo.explanation.search`. `rank`
is how far-fetched a cause is, and adds up. Each row says whether a claim that it explains is right
or wrong: another convention for the same model at the stated input is right; another input, another
model, another row or a slip is wrong. A counting convention is right unless the label of the
claim denies it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from zoo.counting.conventions import ANY
from zoo.explanation import model_variants
from zoo.explanation.case import Case, reproduces
from zoo.explanation.count_rules import COUNT_RULES
from zoo.explanation.model_variants import Choice
from zoo.model_index.quantities.table import ACCURACIES, BY_KEY, COUNTED, QUANTITIES
from zoo.model_index.records.records import Claim

SWAPPED_DIGITS = 3  # printed in each of two cells that changed places
NEED_INPUT = frozenset(row.key for row in QUANTITIES if row.counted and row.needs_input)
SIZES = frozenset(row.key for row in QUANTITIES if row.check == "file size")


def never(case: Case) -> bool:
    """Tell of a cause that a claim which it explains is wrong."""
    return False


def always(case: Case) -> bool:
    """Tell of a cause that a claim which it explains is right."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCause:
    """One row of `MODELS`: which other models or inputs may have been counted.

    It goes together with readings of a rank up to `most`. `right` tells whether a claim that it
    explains is right: by default it is wrong, since another model or input was counted. Readings
    with the word `implied` in their name leave the same out by themselves, and are right with it.
    """

    name: str
    rank: int
    choices: Callable[[Case], Iterator[Choice]]
    right: Callable[[Case], bool] = never
    most: int = ANY
    quantities: frozenset[str] = NEED_INPUT
    implied: str = ""

    def is_right(self, case: Case, reading: str) -> bool:
        """Tell whether a claim that it explains together with this reading is right."""
        return self.right(case) or (bool(self.implied) and self.implied in reading)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """One row of `SLIPS`: what was printed in place of a measured value."""

    name: str
    label: str
    rank: int
    printed: Callable[[Decimal], Decimal]
    quantities: frozenset[str]
    wrong: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MisplacedValue:
    """One row of `ROWS`: numbers that may stand in the wrong place."""

    name: str
    rank: int
    values: Callable[[Case], Iterator[tuple[str, Decimal]]]
    quantities: frozenset[str] = COUNTED
    wrong: bool = True


MODELS = (
    ModelCause(
        name="configured size",
        rank=1,
        choices=model_variants.configured_inputs,
        right=model_variants.has_no_stated_size,
    ),
    ModelCause(
        name="test-time size",
        rank=1,
        choices=model_variants.tested_inputs,
        right=model_variants.has_no_stated_size,
    ),
    ModelCause(
        name="fused",
        rank=1,
        choices=model_variants.list_fused_forms,
        right=always,
        quantities=COUNTED,
    ),
    ModelCause(name="stride in 1x1", rank=1, choices=model_variants.stride_first),
    ModelCause(
        name="5x5 branches",
        rank=1,
        choices=model_variants.googlenet_paper,
        quantities=COUNTED,
    ),
    ModelCause(name="photograph", rank=2, choices=model_variants.photographs),
    ModelCause(
        name="no classifier",
        rank=2,
        choices=model_variants.headless,
        most=3,
        implied="backbone",  # a model with two classifiers has none of them there
        quantities=COUNTED,
    ),
    ModelCause(name="auxiliary heads", rank=2, choices=model_variants.auxiliary, most=3),
    ModelCause(
        name="other classes",
        rank=3,
        choices=model_variants.other_classes,
        most=2,
        quantities=COUNTED,
    ),
    ModelCause(name="square", rank=7, choices=model_variants.squares, most=2),
)


def _times(power: int) -> Callable[[Decimal], Decimal]:
    return lambda value: value.scaleb(power)


def _ratio(top: int, bottom: int) -> Callable[[Decimal], Decimal]:
    return lambda value: value * top / bottom


SLIPS = (
    Slip(
        name="ten times too many",
        label="with the decimal point one place too far right",
        rank=2,
        printed=_times(1),
        quantities=COUNTED | SIZES,
    ),
    Slip(
        name="ten times too few",
        label="with the decimal point one place too far left",
        rank=2,
        printed=_times(-1),
        quantities=COUNTED | SIZES,
    ),
    Slip(
        name="G for M",
        label="in a unit a thousand times too large",
        rank=2,
        printed=_times(3),
        quantities=COUNTED | SIZES,
    ),
    Slip(
        name="M for G",
        label="in a unit a thousand times too small",
        rank=2,
        printed=_times(-3),
        quantities=COUNTED | SIZES,
    ),
    Slip(
        name="hundred times too many",
        label="with the decimal point two places too far right",
        rank=4,
        printed=_times(2),
        quantities=COUNTED,
    ),
    Slip(
        name="hundred times too few",
        label="with the decimal point two places too far left",
        rank=4,
        printed=_times(-2),
        quantities=COUNTED,
    ),
    Slip(
        name="million times too many",
        label="in a unit a million times too large",
        rank=4,
        printed=_times(6),
        quantities=COUNTED,
    ),
    Slip(
        name="million times too few",
        label="in millions, the unit left out",
        rank=3,
        printed=_times(-6),
        quantities=COUNTED,
    ),
    Slip(
        name="billion times too few",
        label="in billions, the unit left out",
        rank=3,
        printed=_times(-9),
        quantities=COUNTED,
    ),
    Slip(
        name="M is 2^20",
        label="in units of 2^20 named as millions",
        rank=3,
        printed=_ratio(10**6, 2**20),
        quantities=COUNTED,
        wrong=False,
    ),
    Slip(
        name="G is 2^30",
        label="in units of 2^30 named as billions",
        rank=3,
        printed=_ratio(10**9, 2**30),
        quantities=COUNTED,
        wrong=False,
    ),
    Slip(
        name="M for 2^20",
        label="in millions named as units of 2^20",
        rank=3,
        printed=_ratio(2**20, 10**6),
        quantities=COUNTED,
        wrong=False,
    ),
    Slip(
        name="MiB named MB",
        label="in MiB named MB",
        rank=1,
        printed=_ratio(10**6, 2**20),
        quantities=SIZES,
        wrong=False,
    ),
    Slip(
        name="MB named MiB",
        label="in MB named MiB",
        rank=1,
        printed=_ratio(2**20, 10**6),
        quantities=SIZES,
        wrong=False,
    ),
    Slip(
        name="fraction for percent",
        label="as a fraction where percent are meant",
        rank=1,
        printed=_times(-2),
        quantities=ACCURACIES,
    ),
    Slip(
        name="error for accuracy",
        label="as the error, not the accuracy",
        rank=1,
        printed=lambda value: 100 - value,
        quantities=ACCURACIES,
    ),
)


def predict_swap(case: Case) -> Iterator[tuple[str, Decimal]]:
    """Yield the value of another counted quantity that stands in the claim's cell.

    The claim's own quantity has to stand in the other cell; the units are kept or not.
    """
    for quantity in COUNT_RULES:
        if quantity != case.claim.quantity:
            yield from _swapped_with(case, quantity)


def _swapped_with(case: Case, quantity: str) -> Iterator[tuple[str, Decimal]]:
    publisher = case.claim.publisher
    cells = [
        claim
        for claim in case.entry.all_claims()
        if (claim.quantity, claim.publisher) == (quantity, publisher)
    ]
    if any((claim.parsed.digits or 0) < SWAPPED_DIGITS for claim in (*cells, case.claim)):
        return
    if not _stands_in(case, case.claim.quantity, quantity, cells):
        return
    for label, power, value in _printed_values(case, quantity, case.claim.quantity):
        if reproduces(case.claim, value):
            units = f", times 10^{power}" if power else ""
            yield f"the {BY_KEY[quantity].label} of this model ({label}{units})", value
            return


def _stands_in(case: Case, quantity: str, cell: str, claims: list[Claim]) -> bool:
    """Tell whether a quantity's value stands in a claim about another quantity."""
    return any(
        reproduces(claim, value)
        for claim in claims
        for _, _, value in _printed_values(case, quantity, cell)
    )


def _printed_values(case: Case, quantity: str, cell: str) -> Iterator[tuple[str, int, Decimal]]:
    """Yield a quantity's values as printed in the cell of another: (label, power of ten, value).

    A number keeps its unit in the cell, or gets the cell's usual one.
    """
    shift = COUNT_RULES[cell].usual_power - COUNT_RULES[quantity].usual_power
    for label, value in _likely_values(case, quantity).items():
        for power in range(min(0, shift), max(0, shift) + 1):
            yield label, power, value.scaleb(power)


def _likely_values(case: Case, quantity: str) -> dict[str, Decimal]:
    rule = COUNT_RULES[quantity]
    vouched = case.vouched.get(quantity)
    values = {} if vouched is None else {"by the convention of its family": vouched}
    known = rule.find_total(case.counts) is not None
    readings = rule.readings(case.counts, rule.swap_rank) if known else []
    return values | {
        reading.label: Decimal(reading.total)
        for reading in readings
        if reading.rank <= rule.swap_rank
    }


def predict_copy(case: Case) -> Iterator[tuple[str, Decimal]]:
    """Yield the values of other models that are the claim's, which may be thousands."""
    measured = COUNT_RULES[case.claim.quantity].total(case.counts)
    number, half = case.claim.number, (case.claim.parsed.step or Decimal(0)) / 2
    for name, value in case.other_models.between(number - half, number + half):
        if value != measured:
            yield f"the value {name}", value


COPIED = MisplacedValue(name="copied row", rank=4, values=predict_copy)
ROWS = (MisplacedValue(name="swapped", rank=1, values=predict_swap), COPIED)
