"""Compute how far a claim may be from the measurement: half a unit of its last printed digit."""

from decimal import Decimal

from zoo.model_index.quantities.show import human
from zoo.reporting.views.catalogue import Check


def tolerance(check: Check) -> Decimal | None:
    """Return the tolerance in the quantity's unit; None for text, and where the last digit is
    unknown."""
    claim = check.claim
    if not isinstance(claim.value, Decimal) or claim.parsed.step is None:
        return None
    return claim.parsed.step / 2


def format_tolerance(check: Check) -> str:
    """Format the tolerance, `±5 k` or `±0.005`; empty where there is none."""
    half = tolerance(check)
    if half is None:
        return ""
    return f"±{human(half)}" if half >= 1000 else f"±{half.normalize():f}"
