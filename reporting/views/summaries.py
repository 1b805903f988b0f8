"""Put the claims of several publishers side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from zoo.model_index.quantities.table import QUANTITIES
from zoo.reporting.views.catalogue import Check, Model


@dataclass(frozen=True, slots=True)
class PublisherClaims:
    """A publisher's claims about a model, by quantity, for the table of a family."""

    model: Model
    publisher: str
    checks: dict[str, list[Check]]


def side_by_side(models: Sequence[Model]) -> tuple[list[str], list[PublisherClaims]]:
    """Return the claimed quantities in the table's order, and a row for each model and publisher.

    Benchmarks are not among them: each is of its own hardware and batch size.
    """
    rows = []
    for model in models:
        publishers: dict[str, dict[str, list[Check]]] = {}
        for check in (check for check in model.checks if check.claim.row.check != "benchmark"):
            publishers.setdefault(check.claim.publisher, {}).setdefault(
                check.claim.quantity, []
            ).append(check)
        rows += [
            PublisherClaims(model, publisher, checks) for publisher, checks in publishers.items()
        ]
    present = {quantity for row in rows for quantity in row.checks}
    return [row.key for row in QUANTITIES if row.key in present], rows
