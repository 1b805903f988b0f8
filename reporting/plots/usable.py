"""The numbers of a model that may stand in a plot: none that is wrong, none of another model."""

from collections.abc import Iterator

from zoo.model_index.findings import ANOTHER_MODEL, Standing
from zoo.model_index.records.records import Claim
from zoo.reporting.views.catalogue import Model


def builds_another(model: Model) -> bool:
    """Return whether the name of the model builds another one, whose cost is not its own."""
    return any(ANOTHER_MODEL in check.finding.causes for check in model.checks)


def usable_macs(model: Model) -> int | None:
    """Return the measured multiply-adds; None for what builds another model."""
    return None if builds_another(model) else model.macs or None


def usable_parameters(model: Model) -> int | None:
    """Return the measured number of parameters; None for what builds another model."""
    return None if builds_another(model) else model.parameters or None


def usable_claims(model: Model) -> Iterator[Claim]:
    """Yield the claims that are not wrong, in their order."""
    for check in model.checks:
        if check.finding.standing is not Standing.WRONG:
            yield check.claim
