"""The number that stands for how good a model is: top-1 of an image classifier, else the first
metric that somebody states of it."""

from decimal import Decimal

from zoo.model_index.findings import Standing
from zoo.reporting.views.catalogue import Check, Model

FIRST = "top1"


def headline_check(model: Model) -> Check | None:
    """Return the claim of the metric that a page shows first; one that is wrong only where the
    number to use is known. None without a metric."""
    checks = [check for check in model.checks if _is_shown(check)]
    order = {id(check): _rank(model, check) for check in checks}
    return min(checks, key=lambda check: order[id(check)], default=None)


def _rank(model: Model, check: Check) -> tuple[bool, bool]:
    """Return what sorts the headline first: top-1, then what the entry states itself."""
    return check.claim.quantity != FIRST, check.claim.publisher != model.entry.publisher


def _is_shown(check: Check) -> bool:
    finding, claim = check.finding, check.claim
    if not claim.row.metric or not isinstance(claim.value, Decimal):
        return False
    if claim.quantity.startswith("reference_"):  # of the paper, which is another model
        return False
    return finding.standing is not Standing.WRONG or isinstance(finding.use, Decimal)
