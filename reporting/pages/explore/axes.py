"""The words of a column as an axis: its name with the unit, and what it is called in a sentence."""

from dataclasses import asdict, dataclass

from zoo.reporting.i18n.gettext import _
from zoo.reporting.pages.columns import Column
from zoo.reporting.pages.models.notation import show_value, unit_of
from zoo.reporting.text.escape import one_line

# Columns whose unit alone says what they are: `GMACs, measured`.
UNIT_IS_NAME = {"macs": "GMACs", "flops": "GFLOPs"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisWords:
    """What a column is called: `label` in a list to choose from (`Top-1, %`), `title` on the axis
    (`Top-1, %, published (ImageNet)`), `goal` in a sentence (`top-1`), `full` with its data set,
    `noun` where models lack it (`measured GMACs`), and `limit` with a `%(value)s` in it."""

    label: str
    title: str
    goal: str
    full: str
    noun: str
    limit: str

    def to_dict(self) -> dict[str, str]:
        """Return the words by name, for the script."""
        return asdict(self)


def show_unit(column: Column, value: float) -> str:
    """Print a number with its unit: `11.67 GMACs`."""
    return f"{show_value(column, value)} {unit_of(column).sign}".strip()


def words_of(column: Column) -> AxisWords:
    """Return the words of a column in the current language."""
    unit, name, note = unit_of(column).sign, _(column.label), _note(column)
    bare = UNIT_IS_NAME.get(column.key)
    goal = bare or _lower(name)
    label = bare or (f"{name}, {unit}" if unit else name)
    how = _("measured") if column.measured else _("published")
    aside = ", ".join(filter(None, (column.dataset, note)))
    data = _("%(metric)s on %(data)s", metric=goal, data=column.dataset)
    noun = (
        _("measured %(what)s", what=goal) if column.measured else _("published %(what)s", what=goal)
    )
    return AxisWords(
        label=one_line(f"{label} ({note})" if note else label),
        title=one_line(f"{label}, {how}" + (f" ({aside})" if aside else "")),
        goal=one_line(goal),
        full=one_line(data if column.dataset else goal),
        noun=one_line(noun),
        limit=one_line(_limit(unit, goal, bare)),
    )


def _limit(unit: str, goal: str, bare: str | None) -> str:
    """Return the message of a limit: `%(value)s GMACs`, `%(value)s ms CPU latency`."""
    value = f"%(value)s {unit.replace('%', '%%')}".strip()
    return value if bare else _("%(value)s %(quantity)s", value=value, quantity=goal)


def _lower(name: str) -> str:
    """Return a name inside a sentence: `top-1`, `inference time`, but `CPU latency`."""
    words = name.split()
    return " ".join(word.lower() if word[1:] == word[1:].lower() else word for word in words)


def _note(column: Column) -> str:
    """Return the note of a column beside its data set and how its numbers came about."""
    if not column.note_is_text:
        return ""
    return column.note.removeprefix(column.dataset).removeprefix(", ")
