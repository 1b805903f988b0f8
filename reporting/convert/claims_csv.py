"""To a table of claims: one row a claim, comma-separated as RFC 4180 has it.

A value is in the quantity's base unit. A spreadsheet runs a cell that begins with = + - @ as a
formula, so a text that does, or that begins with an apostrophe, a tab or a line break, gets an
apostrophe in front; taking one away gives the text back. Numbers stay numbers.
"""

import csv
import io
from decimal import Decimal

from zoo.model_index.reading.yaml_nodes import folded, looked_up
from zoo.model_index.records.records import Claim, Entry
from zoo.reporting.convert.losses import Converted, Losses
from zoo.reporting.text.csv import escape_cell
from zoo.reporting.views.catalogue import Catalogue
from zoo.reporting.views.results import Result, results, unclaimed

TABLE = "claims.csv"
COLUMNS = (
    "model", "collection", "publisher", "source", "quantity", "value", "unit", "raw", "conditions", "dataset", "task",
    "file", "line",
)  # fmt: skip
WHY = "a table of claims has no column for it"
NO_QUANTITY = "it is none of the quantities that claims are about"


def convert(catalogue: Catalogue, folder: bool) -> Converted:
    """Every claim of the index in reading order."""
    index, losses = catalogue.zoo.index, Losses()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in index.entries:
        writer.writerows(_row(entry, claim) for claim in entry.all_claims())
        if not any(entry.all_claims()):
            losses(f"Model {entry.name}", "it claims nothing")
        _leave(entry, losses)
    for collection in index.collections:
        for key in collection.fields:
            if folded(key) != "name":
                losses(f"Collection.{key}", WHY)
    return Converted({TABLE: out.getvalue()}, losses)


def _row(entry: Entry, claim: Claim) -> list[str | int]:
    value = (
        f"{claim.value.normalize():f}"
        if isinstance(claim.value, Decimal)
        else claim.row.show(claim.value)
    )
    conditions = "; ".join(f"{key}={told}" for key, told in claim.conditions)
    cells = (
        claim.model, entry.collection or "", claim.publisher, claim.source or "", claim.row.label, value,
        claim.row.unit, claim.printed, conditions, claim.dataset or "", claim.task or "", claim.place.file,
    )  # fmt: skip
    return [*map(escape_cell, cells), claim.place.line]


def _leave(entry: Entry, losses: Losses) -> None:
    """Name everything that is no claim."""
    claimed = {claim.label for claim in entry.claims if not claim.row.metric}
    own = looked_up(entry.fields, "metadata")
    metadata = (
        own if isinstance(own, dict) else entry.metadata
    )  # all of it where it stands in other files
    fields = {key: value for key, value in entry.fields.items() if folded(key) != "metadata"}
    for name in unclaimed({"Metadata": metadata, **fields}):
        if name not in claimed:
            losses(name, WHY)
    for name in (name for report in entry.reported for name in unclaimed(report.fields)):
        losses(f"Reported.{name}", WHY)
    for key, value in entry.library.items():
        if folded(key) not in ("name", "docs") and value is not None:
            losses(f"Library.{key}", WHY)
    for result in results(entry):
        _leave_result(result, losses)


def _leave_result(result: Result, losses: Losses) -> None:
    """Name the metrics that are no quantities, and what is known of a result, its data set and its
    metrics."""
    named = {"Type": result.dataset.type if result.dataset.name else None}
    for key, value in {**named, **result.dataset.details}.items():
        if value:
            losses(f"Dataset.{key}", WHY)
    for key in result.more:
        losses(f"Results.{key}", WHY)
    for metric in result.metrics:
        held = {key for key, _ in metric.claim.conditions} if metric.claim else set()
        if metric.claim is None:
            losses(f"Metrics.{metric.label}", NO_QUANTITY)
        elif metric.name and metric.kind:
            losses(
                f"Metrics.{metric.claim.label}.{'name' if metric.claim.label == metric.kind else 'type'}",
                WHY,
            )
        for key, value in metric.more.items() if metric.claim else ():
            if key not in held and value is not None:
                losses(f"Metrics.{metric.label}.{key}", WHY)
