"""The table of quantities, one row each.

Adding a quantity is adding a row to a module of `zoo.model_index.quantities.rows`. Other modules
derive their tables from the rows.
"""

from functools import lru_cache

from zoo.model_index.quantities.parse import parse_amount, parse_text
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.rows import (
    accuracy,
    counts,
    detection,
    files,
    image_quality,
    pose,
    segmentation,
    settings,
    speed,
    text,
    training,
)
from zoo.model_index.quantities.rows.metrics import CHECK
from zoo.model_index.quantities.show import show_number

SUBJECTS = (
    counts,
    settings,
    speed,
    files,
    accuracy,
    detection,
    segmentation,
    pose,
    text,
    image_quality,
    training,
)
QUANTITIES = tuple(row for subject in SUBJECTS for row in subject.ROWS)

# A document of the ledger that an audit measured again; no index states it.
AUDIT = Quantity(key="audit", label="Audit", parse=parse_text, check="audit", write=None)
BY_KEY = {row.key: row for row in (*QUANTITIES, AUDIT)}
COUNTED = frozenset(row.key for row in QUANTITIES if row.counted)
EVALUATED = tuple(row.key for row in QUANTITIES if row.evaluated)
ACCURACIES = frozenset(row.key for row in QUANTITIES if row.check == "accuracy")
TRAINING = frozenset(row.key for row in training.ROWS)
OTHER = "other:"  # starts the key of a metric that no row knows


def row_of(key: str, label: str = "") -> Quantity:
    """Return the row of a key; of a metric that no row knows a row under its own name, `label`."""
    return BY_KEY.get(key) or _own_row(key, label or key.removeprefix(OTHER))


@lru_cache(maxsize=4096)
def _own_row(key: str, label: str) -> Quantity:
    return Quantity(
        key=key,
        label=label,
        parse=parse_amount,
        show=show_number,
        check=CHECK,
        metric=True,
        description="As published.",
        lenient=True,
    )
