"""Compute how far a claim may be from the measurement: half a unit of its last printed digit."""

from decimal import Decimal

from zoo.model_index.quantities.rows.metrics import CHECK
from zoo.reporting.views.catalogue import Check


def tolerance(check: Check) -> Decimal | None:
    """Return the tolerance in the quantity's unit; None for text, where the last digit is unknown,
    and where nothing is measured."""
    claim = check.claim
    if not isinstance(claim.value, Decimal) or claim.parsed.step is None:
        return None
    if claim.row.check == CHECK:  # nothing is measured that could be compared
        return None
    return claim.parsed.step / 2
