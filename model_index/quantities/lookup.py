"""Find the quantity that a label of an index file means, and the unit that the label implies."""

import re
from functools import lru_cache

from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.table import BY_KEY, QUANTITIES

BY_SPELLING = {spelling: (row, "") for row in QUANTITIES for spelling in row.spellings} | {
    spelling: (row, unit) for row in QUANTITIES for spelling, unit in row.units.items()
}
# The task decides what a bare "Accuracy" is.
BY_TASK = {
    (spelling, "image classification"): (BY_KEY["top1"], "")
    for spelling in ("accuracy", "acc", "top 1 acc")
}

SEPARATORS = re.compile(r"[\s_-]+")


@lru_cache(maxsize=4096)
def _normalize(spelling: str) -> str:
    """Spell a label as the table does: `Top-1_Accuracy` is `top 1 accuracy`, `Params(M)` is
    `params (m)`."""
    return SEPARATORS.sub(" ", spelling.strip().lower().replace("(", " ("))


def find(spelling: str) -> Quantity | None:
    """Return the quantity of a field's name, in any case; None for a field that is no quantity."""
    match = find_with_unit(spelling)
    return match[0] if match else None


@lru_cache(maxsize=4096)
def find_with_unit(spelling: str, task: str | None = None) -> tuple[Quantity, str] | None:
    """Return the quantity of a label and the unit that the label implies: `M` for `Params (M)`.

    None: the label is no quantity.
    """
    normal = _normalize(spelling)
    match = BY_SPELLING.get(normal)
    return BY_TASK.get((normal, _normalize(task))) if match is None and task else match
