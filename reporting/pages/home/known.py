"""Choose the finding of several that readers know best: the one a start page shows."""

from collections.abc import Sequence
from decimal import Decimal

from zoo.reporting.views.catalogue import Check, Model

Pair = tuple[Model, Check]


def best_known(pairs: Sequence[Pair]) -> Pair:
    """Choose by the largest difference, in whole percent; then by how many publishers and claims
    the model has; of equal ones the model of middle size."""

    def order(pair: Pair) -> tuple[Decimal, int, int]:
        model, check = pair
        publishers = {other.claim.publisher for other in model.checks}
        return -_difference(check), -len(publishers), -len(model.checks)

    first = min(map(order, pairs))
    equals = sorted((p for p in pairs if order(p) == first), key=lambda p: p[0].macs or 0)
    return equals[(len(equals) - 1) // 2]


def _difference(check: Check) -> Decimal:
    """Return how many times the larger of claim and measurement is the smaller, in hundredths."""
    claimed, measured = check.claim.value, check.finding.measured
    if not isinstance(claimed, Decimal) or not isinstance(measured, Decimal):
        return Decimal(0)
    if not claimed or not measured:
        return Decimal(0)
    return round(max(claimed / measured, measured / claimed), 2)
