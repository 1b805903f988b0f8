"""Read the cell of a column as claims to be: each number with its conditions, or why it is none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from zoo.model_index.dialects.page_tables.cell_numbers import (
    DIGIT,
    NUMBER,
    SIZE,
    CellNumber,
    is_bound,
    read_numbers,
)
from zoo.model_index.dialects.page_tables.header import Meaning, Role
from zoo.model_index.quantities.lookup import normalize
from zoo.model_index.quantities.parse import MAX_LENGTH, is_bare, states_nothing
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.table import BY_KEY, OTHER, row_of
from zoo.model_index.quantities.value import ParsedValue
from zoo.model_index.reading.tables.grid import GridCell
from zoo.model_index.records.page_tables import LeftOut
from zoo.model_index.records.place import Place

# Quantities whose bare numbers say nothing without a unit: `4.1` FLOPs are none.
NEED_UNIT = frozenset(
    {"parameters", "flops", "activations", "file_size", "training_memory", "inference_time"}
)
FEWEST = 100_000  # a bare count from here on is printed in full
# A bare count of parameters below the first is one of millions, from the second on a full one.
MILLIONS, FULL = 2_000, 10_000
TWO_IN_ONE = "two numbers under a header of one meaning"
IN_BRACKETS = "the header does not say what the number in brackets is"
A_BOUND = "a bound is no value"
# Why numbers of a column that settings speak of are none.
BY_SETTINGS = {Role.IGNORED: "the settings ignore this column", Role.TEXT: "a text by the settings"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowNumber:
    """A number of a row that is to be a claim; `size` is which of a row's several sizes it is of,
    None for all."""

    meaning: Meaning
    row: Quantity
    unit: str
    raw: str
    parsed: ParsedValue
    place: Place
    conditions: tuple[tuple[str, str], ...] = ()
    part: int | None = None


Read = RowNumber | LeftOut


def read_cell(cell: GridCell, meanings: Sequence[Meaning], several: int) -> Iterator[Read]:
    """Yield the numbers of a cell. `several` is how many sizes or models the row is about."""
    meaning = meanings[0]
    if meaning.role in (Role.NAME, Role.LINKS) or states_nothing(cell.text):
        return
    numbers = read_numbers(cell.text, SIZE if meaning.is_image_size else NUMBER)
    if meaning.role in BY_SETTINGS:
        reason = BY_SETTINGS[meaning.role]
        yield from (_left_out(cell, meaning, number, reason) for number in numbers)
        return
    if not numbers:
        yield from _explain_text(cell, meaning)
        return
    width = 1 + numbers[-1].part
    pairs: list[tuple[CellNumber, Meaning, int | None]]
    if len(meanings) > 1 and width <= len(meanings):
        pairs = [(number, meanings[number.part], None) for number in numbers]
    elif width == 1:
        pairs = [(number, meaning, None) for number in numbers]
    elif width <= several:
        pairs = [(number, meaning, number.part) for number in numbers]
    elif meaning.row is None:
        return  # `2021/03` is a text
    else:
        yield from (_left_out(cell, meaning, number, TWO_IN_ONE) for number in numbers)
        return
    for number, of_number, part in pairs:
        yield _read_number(cell, number, of_number, part)
        if any(map(str.isdigit, number.rest)):
            yield LeftOut(
                place=cell.span, column=meaning.label, raw=number.rest, reason=IN_BRACKETS
            )


def _explain_text(cell: GridCell, meaning: Meaning) -> Iterator[LeftOut]:
    """Yield why a cell of a column of numbers is none, where it holds digits."""
    if meaning.role is not Role.QUANTITY or not DIGIT.search(cell.text):
        return
    if meaning.row and meaning.row.parse is BY_KEY["interpolation"].parse:
        return
    expected = _expected(meaning.row) if meaning.row else "a number"
    reason = A_BOUND if is_bound(cell.text) else f"expected {expected}"
    yield LeftOut(place=cell.span, column=meaning.label, raw=cell.text[:MAX_LENGTH], reason=reason)


def _expected(row: Quantity) -> str:
    try:
        row.parse("?")
    except ValueError as error:
        return str(error)
    return "a text"


def _read_number(
    cell: GridCell, number: CellNumber, meaning: Meaning, part: int | None
) -> RowNumber | LeftOut:
    row, unit = choose_row(meaning, number.raw)
    try:
        parsed = row.parse(number.raw + (unit if is_bare(number.raw) else ""))
    except ValueError as error:
        return _left_out(cell, meaning, number, f"expected {error}")
    stated = [
        ("approximate", "yes") if number.about else None,
        ("±", number.error) if number.error else None,
        ("footnote", ", ".join(cell.notes)) if cell.notes else None,
    ]
    return RowNumber(
        meaning=meaning,
        row=row,
        unit=unit if is_bare(number.raw) else "",
        raw=number.raw,
        parsed=parsed,
        place=_place(cell, number),
        conditions=tuple(filter(None, stated)),
        part=part,
    )


def choose_row(meaning: Meaning, raw: str) -> tuple[Quantity, str]:
    """Return the row of a number and its unit: a quantity of its own name where the header means
    none, or gives no unit to a bare number that needs one."""
    row, unit = meaning.row, meaning.unit
    if row is None:
        return own_row(meaning.label), ""
    if unit or row.key not in NEED_UNIT or not is_bare(raw):
        return row, unit
    number = _bare_number(raw)
    grouped = any(mark in raw for mark in ", '_")
    if row.key == "parameters" and not grouped and (number < MILLIONS or "." in raw):
        return row, "M"
    if number >= FEWEST or (row.key == "parameters" and (grouped or number >= FULL)):
        return row, ""
    return own_row(meaning.label), ""


def own_row(label: str) -> Quantity:
    """Return the row of a number that no quantity knows, under the header's own words."""
    return row_of(OTHER + normalize(label), label)


def _bare_number(raw: str) -> Decimal:
    value = BY_KEY["flops"].parse(raw.lstrip("+-\u2212")).value
    assert isinstance(value, Decimal)
    return value


def _place(cell: GridCell, number: CellNumber) -> Place:
    return cell.span_of(number.start, number.end) or cell.span


def _left_out(cell: GridCell, meaning: Meaning, number: CellNumber, reason: str) -> LeftOut:
    return LeftOut(place=_place(cell, number), column=meaning.label, raw=number.raw, reason=reason)
