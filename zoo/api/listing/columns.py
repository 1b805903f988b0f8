"""The columns of the table of models: those of the table below, and one for each quantity."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache

import msgspec

from zoo.api.listing.facts import Facts
from zoo.model_index.quantities.lookup import find_with_unit
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.show import show_number, show_size
from zoo.model_index.quantities.table import QUANTITIES
from zoo.model_index.quantities.value import Value
from zoo.model_index.records.records import Claim

GIGA, MEGA, ONE = Decimal(10**9), Decimal(10**6), Decimal(1)
SMALL = Decimal("0.005")  # would print as 0.00 or 0.01
# Of quantities by key or by unit: what is shown, and how many units that is.
SHOWN = {
    "training_memory": ("GB", GIGA),
    "operations": ("G", GIGA),
    "parameters": ("M", MEGA),
    "elements": ("M", MEGA),
    "bytes": ("MB", MEGA),
    **{unit: (unit, ONE) for unit in ("%", "ms", "images/s", "h", "mm", "px", "dB")},
}
PREFIXES = {"": ONE, "K": Decimal(1000), "M": MEGA, "G": GIGA, "T": Decimal(10**12)}
SEPARATORS = re.compile(r"[\s_.-]+")
SEVERAL = ", "  # between the values of a text that holds several


class Cell(msgspec.Struct, frozen=True):
    """A value of the table in the column's base unit, and whether it was measured."""

    value: Value
    measured: bool = False


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column of the table.

    key: its name in options, CSV and JSON; `names` are others.
    heading: what stands above it, with the unit that is shown.
    read: returns the cell of a model, None where the value is missing.
    number: its values are numbers or sizes; others are text.
    unit: how many base units its key means: 10^9 for gmacs.
    shown: how many base units are shown as 1.
    decimals: whether numbers are shown with `places` decimals.
    better: +1 where higher is better, -1 where lower is, 0 for neither.
    several: a text may hold several values, by commas; a comparison asks for one of them.
    """

    key: str
    heading: str
    read: Callable[[Facts], Cell | None]
    names: tuple[str, ...] = ()
    number: bool = False
    unit: Decimal = ONE
    shown: Decimal = ONE
    decimals: bool = False
    places: int = 2
    better: int = 0
    several: bool = False

    def show(self, value: Value) -> str:
        """Print a value for people, in the unit of the heading."""
        if isinstance(value, tuple):
            return show_size(value)
        if not isinstance(value, Decimal):
            return value
        if not self.decimals:
            return show_number(value)
        number = value / self.shown
        plain = not self.places or not number or abs(number) >= SMALL
        return f"{number:,.{self.places}f}" if plain else f"{number:.1g}"

    def to_plain(self, value: Value) -> str | int | float:
        """Return a value for programs, in the unit of the key."""
        if isinstance(value, tuple):
            return show_size(value)
        if not isinstance(value, Decimal):
            return value
        number = value / self.unit
        whole = number == number.to_integral_value()
        return int(number) if whole else float(number)


def _text(read: Callable[[Facts], str]) -> Callable[[Facts], Cell | None]:
    def read_cell(facts: Facts) -> Cell | None:
        text = read(facts)
        return Cell(text) if text else None

    return read_cell


def _measured(
    read: Callable[[Facts], Decimal | int | None], quantity: str = ""
) -> Callable[[Facts], Cell | None]:
    """Return what was measured, else what is claimed of the quantity."""

    def read_cell(facts: Facts) -> Cell | None:
        number = read(facts)
        if number is not None:
            return Cell(Decimal(number), measured=True)
        return _claimed(facts, quantity) if quantity else None

    return read_cell


def _claimed(facts: Facts, quantity: str) -> Cell | None:
    """Return the entry's own claim, else another publisher's."""
    claim = find_claim(facts, quantity)
    return Cell(claim.value) if claim else None


def find_claim(facts: Facts, quantity: str) -> Claim | None:
    """Return the first claim of a quantity, of the entry's own publisher where it has any."""
    claims = (claim for claim in facts.entry.all_claims() if claim.quantity == quantity)
    return next(claims, None)


def _standing(standing: str) -> Column:
    return Column(
        key=standing,
        heading=standing.capitalize(),
        read=_measured(lambda facts: facts.standings.get(standing, 0)),
        number=True,
        better={"right": 1}.get(standing, -1),
    )


OWN = (
    Column(
        key="name", heading="Model", names=("model",), read=_text(lambda facts: facts.entry.name)
    ),
    Column(
        key="family",
        heading="Family",
        names=("collection",),
        read=_text(lambda facts: facts.entry.collection or ""),
    ),
    Column(
        key="task",
        heading="Task",
        names=("tasks",),
        read=_text(lambda facts: SEVERAL.join(facts.entry.tasks)),
        several=True,
    ),
    Column(key="publisher", heading="Publisher", read=_text(lambda facts: facts.entry.publisher)),
    Column(key="builder", heading="Builder", read=_text(lambda facts: str(facts.entry.builder))),
    Column(
        key="license",
        heading="License",
        names=("licence",),
        read=_text(lambda facts: facts.license),
    ),
    Column(key="file", heading="File", read=_text(lambda facts: facts.entry.place.file)),
    Column(
        key="gmacs",
        heading="GMACs",
        read=_measured(lambda facts: facts.count.macs if facts.count else None, "flops"),
        number=True,
        unit=GIGA,
        shown=GIGA,
        decimals=True,
        better=-1,
    ),
    Column(
        key="params",
        heading="Params (M)",
        read=_measured(lambda facts: facts.count.parameters if facts.count else None, "parameters"),
        number=True,
        shown=MEGA,
        decimals=True,
        better=-1,
    ),
    Column(
        key="latency",
        heading="Latency (ms)",
        read=_measured(lambda facts: facts.latency),
        number=True,
        decimals=True,
        better=-1,
    ),
    Column(
        key="throughput",
        heading="Images/s",
        read=_measured(lambda facts: facts.throughput),
        number=True,
        decimals=True,
        better=1,
    ),
    *map(_standing, ("wrong", "right", "unknown")),
)
# Columns of the table above that are about a quantity, by its key.
ABOUT = {
    "flops": "gmacs",
    "parameters": "params",
    "throughput": "throughput",
    "builder": "builder",
}


def shown_unit(row: Quantity) -> tuple[str, Decimal]:
    """Return the unit in which a quantity is shown, and how many base units that is."""
    return SHOWN.get(row.key) or SHOWN.get(row.unit, ("", ONE))


def _of_quantity(row: Quantity) -> Column:
    """Return the column of a quantity, as claimed."""
    unit, shown = shown_unit(row)
    heading = row.column.heading if row.column else row.label
    number = row.unit != ""
    return Column(
        key=row.key,
        heading=f"{heading} ({unit})" if unit else heading,
        read=lambda facts: _claimed(facts, row.key),
        number=number,
        shown=shown,
        decimals=unit != "",
        better=row.better,
    )


@cache
def _columns() -> dict[str, Column]:
    """Return all columns by key."""
    own = {column.key: column for column in OWN}
    return own | {row.key: _of_quantity(row) for row in QUANTITIES if row.key not in ABOUT}


def _fold(name: str) -> str:
    return SEPARATORS.sub("", name.lower())


@cache
def _by_name() -> dict[str, Column]:
    return {
        _fold(name): column
        for column in _columns().values()
        for name in (column.key, *column.names)
    }


def find_column(name: str) -> Column | None:
    """Return the column of a name, in any spelling that an index may use."""
    match = find_with_unit(name)
    return _by_name().get(_fold(name)) or (
        _columns()[ABOUT.get(match[0].key, match[0].key)] if match else None
    )


def find_unit(name: str) -> Decimal:
    """Return the unit of numbers beside the name of a column: 10^9 for `gmacs`, 10^6 for
    `mflops`."""
    if column := _by_name().get(_fold(name)):
        return column.unit
    match = find_with_unit(name)
    return PREFIXES.get(match[1], ONE) if match else ONE


def describe_unknown(name: str) -> str:
    """Return the message about a name that no column has: the nearest ones, or all."""
    from zoo.model_index.errors.suggestions import find_close, join_alternatives

    columns = _columns()
    names = [spelling for column in columns.values() for spelling in (column.key, *column.names)]
    if close := find_close(name, names):
        return f"no column {name!r}: did you mean {join_alternatives(close)}?"
    return f"no column {name!r} (columns: {', '.join(columns)})"


def split_names(text: str | Sequence[str]) -> list[str]:
    """Split names at commas."""
    parts = text.split(",") if isinstance(text, str) else text
    return [name.strip() for name in parts if name.strip()]
