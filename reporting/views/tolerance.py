"""How far a claim may be from what was measured: half a unit of the last digit it was printed
with."""

from decimal import Decimal

from zoo.reporting.text.format import human
from zoo.reporting.views.catalogue import Check


def tolerance(check: Check) -> Decimal | None:
    """In the quantity's unit; None for what is equal or not, as a name is, and where no digits say
    it."""
    claim = check.claim
    if not isinstance(claim.value, Decimal) or claim.parsed.step is None:
        return None
    return claim.parsed.step / 2


def format_tolerance(check: Check) -> str:
    """`±5 k`, `±0.005`; empty where there is none."""
    half = tolerance(check)
    if half is None:
        return ""
    return f"±{human(half)}" if half >= 1000 else f"±{half.normalize():f}"
