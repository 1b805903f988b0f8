"""Summarize findings in tables: verdicts by name, and claims of several publishers side by
side."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zoo.model_index.quantities.table import QUANTITIES
from zoo.reporting.views.catalogue import Check, Model
from zoo.reporting.views.verdicts import VERDICT_BADGES


@dataclass(frozen=True, slots=True)
class Count:
    """A row of the coverage table: the number of findings by verdict, and how many of them
    fail."""

    name: str
    total: int
    verdicts: dict[str, int]
    failing: int


def coverage(named: Iterable[tuple[str, Check]]) -> list[Count]:
    """Count findings by name; names keep the order of their first occurrence."""
    groups: dict[str, list[Check]] = {}
    for name, check in named:
        groups.setdefault(name, []).append(check)
    return [_count_of(name, checks) for name, checks in groups.items()]


def _count_of(name: str, checks: Sequence[Check]) -> Count:
    number = Counter(check.verdict_badge.key for check in checks)
    return Count(
        name,
        len(checks),
        {s.key: number[s.key] for s in VERDICT_BADGES},
        sum(c.finding.fails() for c in checks),
    )


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
