"""List an index's claims as rows, one a claim, and count what such a table cannot hold.

Every target with one row a claim is made of these: CSV here, other spellings of the same table
elsewhere. A value is in the quantity's base unit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from zoo.model_index.records.fields import fold_key, look_up
from zoo.model_index.records.records import Claim, Entry, Index
from zoo.reporting.convert.losses import Losses
from zoo.reporting.views.results import Result, results, unclaimed_fields

NO_COLUMN = "a table of claims has no column for it"
NO_QUANTITY = "it is none of the quantities that claims are about"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRow:
    """One claim, its fields as text; `line` is that of the claim in `file`."""

    model: str
    collection: str
    publisher: str
    source: str
    quantity: str
    key: str
    value: str
    unit: str
    raw: str
    conditions: str
    dataset: str
    task: str
    file: str
    line: int


def claim_rows(index: Index) -> Iterator[ClaimRow]:
    """Every claim of the index, in reading order."""
    for entry in index.entries:
        for claim in entry.all_claims():
            yield _row(entry, claim)


def _row(entry: Entry, claim: Claim) -> ClaimRow:
    number = claim.value if isinstance(claim.value, Decimal) else None
    return ClaimRow(
        model=claim.model,
        collection=entry.collection or "",
        publisher=claim.publisher,
        source=claim.source or "",
        quantity=claim.label,
        key=claim.quantity,
        value=claim.row.show(claim.value) if number is None else f"{number.normalize():f}",
        unit=claim.row.unit,
        raw=claim.printed,
        conditions="; ".join(f"{key}={value}" for key, value in claim.conditions),
        dataset=claim.dataset or "",
        task=claim.task or "",
        file=claim.place.file,
        line=claim.place.line,
    )


def count_losses(index: Index) -> Losses:
    """Count everything in the index that is not a claim."""
    losses = Losses()
    for entry in index.entries:
        if not any(entry.all_claims()):
            losses(f"Model {entry.name}", "it claims nothing")
        _count_fields(entry, losses)
    for collection in index.collections:
        for key in collection.fields:
            if fold_key(key) != "name":
                losses(f"Collection.{key}", NO_COLUMN)
    return losses


def _count_fields(entry: Entry, losses: Losses) -> None:
    labels = {claim.label for claim in entry.claims if not claim.row.metric}
    stated = look_up(entry.fields, "metadata")
    # All of the metadata where it stands in other files.
    metadata = stated if isinstance(stated, dict) else entry.metadata
    fields = {key: value for key, value in entry.fields.items() if fold_key(key) != "metadata"}
    for name in unclaimed_fields({"Metadata": metadata, **fields}):
        if name not in labels:
            losses(name, NO_COLUMN)
    for report in entry.reported:
        for name in unclaimed_fields(report.fields):
            losses(f"Reported.{name}", NO_COLUMN)
    for key, value in entry.library.items():
        if fold_key(key) not in ("name", "docs") and value is not None:
            losses(f"Library.{key}", NO_COLUMN)
    for result in results(entry):
        _count_result(result, losses)


def _count_result(result: Result, losses: Losses) -> None:
    """Count metrics that are not quantities, and the details of a result, its data set and its
    metrics."""
    kind = {"Type": result.dataset.type if result.dataset.name else None}
    for key, value in {**kind, **result.dataset.details}.items():
        if value:
            losses(f"Dataset.{key}", NO_COLUMN)
    stated = {
        fold_key(key)
        for metric in result.metrics
        if metric.claim
        for key, _ in metric.claim.conditions
    }
    for key in result.more:
        if fold_key(key) in stated:
            continue
        losses(f"Results.{key}", NO_COLUMN)
    for metric in result.metrics:
        claim = metric.claim
        if claim is None:
            losses(f"Metrics.{metric.label}", NO_QUANTITY)
            continue
        if metric.name and metric.kind:
            spelling = "name" if claim.label == metric.kind else "type"
            losses(f"Metrics.{claim.label}.{spelling}", NO_COLUMN)
        conditions = {key for key, _ in claim.conditions}
        for key, value in metric.more.items():
            if key not in conditions and value is not None:
                losses(f"Metrics.{metric.label}.{key}", NO_COLUMN)
