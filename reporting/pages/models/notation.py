"""How the table of models prints numbers: one unit for all of a column, in its header.

`choose.js` prints the same way; a browser test holds the two together.
"""

from dataclasses import dataclass

from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.pages.columns import Column, Raw
from zoo.reporting.pages.speed_columns import CPU_LATENCY, GPU_LATENCY

# By the unit of a column: its sign, what one of it is, and digits behind the point.
SCALES: dict[str, tuple[str, float, int]] = {
    "operations": ("G", 1e9, 2),
    "parameters": ("M", 1e6, 2),
    "elements": ("M", 1e6, 2),
    "bytes": ("MB", 1e6, 1),
    "%": ("%", 1, 2),
    "ms": ("ms", 1, 1),
    "fraction": ("", 1, 3),
    "layers": ("", 1, 0),
}
SIGNS = {"macs": "GMACs", "flops": "GFLOPs"}  # by the key of a column
SMALL, SMALL_DIGITS = 0.0995, 4  # costs below this have four digits: 0.0013
# Short titles, by the key or the label of a column; others have their label.
TITLES = {
    "macs": "GMACs",
    "parameters": N_("Params"),
    "parameters_claimed": N_("Params"),
    "reference_top1": N_("Top-1 of the paper"),
    "reference_top5": N_("Top-5 of the paper"),
    CPU_LATENCY: "CPU",
    GPU_LATENCY: "GPU",
}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its sign, what one of it is, and digits behind the point; None where numbers have as
    many as they need."""

    sign: str
    factor: float
    digits: int | None


def unit_of(column: Column) -> Unit:
    """Return the unit in which a column is printed."""
    sign, factor, digits = SCALES.get(column.unit, (column.unit, 1, None))
    return Unit(SIGNS.get(column.key, sign), factor, digits)


def show_value(column: Column, value: Raw) -> str:
    """Print a value in the unit of its column, without the unit."""
    if not isinstance(value, (int, float)):
        text = column.show(value)
        return text.replace("x", "×") if column.key == "input" else text
    unit = unit_of(column)
    amount = value / unit.factor
    if unit.digits is None:
        return f"{amount:,.{_digits(abs(amount))}f}"
    is_small = unit.factor > 1 and 0 < abs(amount) < SMALL
    return f"{amount:,.{SMALL_DIGITS if is_small else unit.digits}f}"


def _digits(amount: float) -> int:
    """Return how many digits behind the point a number without a known unit gets."""
    return 0 if amount == int(amount) else 3 if amount < 1 else 2 if amount < 10 else 1


def title_of(column: Column) -> str:
    """Return the title of a column in its header, in the current language."""
    return _(TITLES.get(column.key) or TITLES.get(column.label) or column.label)


def lower_title(column: Column) -> str:
    """Return the title as a sentence has it: `top-1`; names in capitals stay."""
    title = title_of(column)
    return title.lower() if title.startswith("Top") else title


def aside_of(column: Column) -> str:
    """Return what stands beside the title in grey: the unit, and that a cost is claimed."""
    if column.key == "macs":
        return ""
    sign = "px" if column.key == "input" else "G" if column.key == "flops" else unit_of(column).sign
    claimed = _("claimed") if column.key in ("flops", "parameters_claimed") else ""
    return ", ".join(filter(None, (sign, claimed)))


def full_title(column: Column) -> str:
    """Return label, note and unit of a column, for menus and for those who hear the page."""
    label = _(column.label)
    note = column.note if column.note_is_text else _(column.note) if column.note else ""
    return ", ".join(filter(None, (label, note, unit_of(column).sign)))
