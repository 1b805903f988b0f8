"""Find the quantity that a label of an index file means, and the unit that the label implies."""

import re
from functools import lru_cache

from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.rows.metrics import CHECK
from zoo.model_index.quantities.table import QUANTITIES

# Words such as `precision` and `is` are names of metrics among metrics only: see `metric_names`.
ANYWHERE = tuple(row for row in QUANTITIES if not (row.metric and row.check == CHECK))
BY_SPELLING = {spelling: (row, "") for row in ANYWHERE for spelling in row.spellings} | {
    spelling: (row, unit) for row in ANYWHERE for spelling, unit in row.units.items()
}
_COUNTS = {
    **dict.fromkeys(("k", "thousand", "thousands"), "K"),
    **dict.fromkeys(("m", "mn", "million", "millions"), "M"),
    **dict.fromkeys(("g", "b", "bn", "billion", "billions"), "G"),
    **dict.fromkeys(("t", "trillion", "trillions"), "T"),
}
# What may stand in brackets behind the label of a quantity, by the quantity's unit.
LABEL_UNITS = {
    "operations": _COUNTS,
    "parameters": _COUNTS,
    "elements": _COUNTS,
    "bytes": {unit.lower(): unit for unit in ("B", "KB", "MB", "GB", "KiB", "MiB", "GiB")},
    "ms": {"us": "us", "ms": "ms", "s": "s"},
    "%": {"%": "%", "percent": "%"},
}
PREFIXED = re.compile(r"([kmgt])(flops|macs|madds)")  # `mflops` counts millions of flops
IN_BRACKETS = re.compile(r"(.+?) ?[(\[] ?([a-z%]+) ?[)\]]")
COUNTED = re.compile(r"(?:# ?|(?:number of|num of|no of|num|no|n|total) )(.+)")
SEPARATORS = re.compile(r"[\s_-]+")


@lru_cache(maxsize=4096)
def normalize(spelling: str) -> str:
    """Spell a label as the table does: `Top-1_Accuracy` is `top 1 accuracy`, `Params(M)` is
    `params (m)`."""
    return SEPARATORS.sub(" ", spelling.strip().lower().replace("(", " ("))


def find(spelling: str) -> Quantity | None:
    """Return the quantity of a field's name, in any case; None for a field that is no quantity."""
    match = find_with_unit(spelling)
    return match[0] if match else None


@lru_cache(maxsize=4096)
def find_with_unit(spelling: str) -> tuple[Quantity, str] | None:
    """Return the quantity of a label and the unit that the label implies: `M` for `Params (M)`.

    A label that stands in no row is read by its parts: `#Params`, `MFLOPs`, `Param. (Million)`.
    None: the label is no quantity.
    """
    normal = normalize(spelling)
    return BY_SPELLING.get(normal) or _find_by_parts(normal)


def _find_by_parts(normal: str) -> tuple[Quantity, str] | None:
    label, unit = normal.replace(".", ""), ""
    if match := IN_BRACKETS.fullmatch(label):
        label, unit = match[1], match[2]
    if match := PREFIXED.fullmatch(label):
        label, unit = match[2], unit or match[1]
    counted = COUNTED.fullmatch(label)
    found = BY_SPELLING.get(label) or (BY_SPELLING.get(counted[1]) if counted else None)
    if found is None or found[1]:
        return None
    row = found[0]
    if counted and label not in BY_SPELLING and row.check != "count":
        return None
    if not unit:
        return row, ""
    implied = LABEL_UNITS.get(row.unit, {}).get(unit)
    return (row, implied) if implied else None
