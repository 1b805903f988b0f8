"""To a table of claims: one row a claim, comma-separated as RFC 4180 has it.

A value is in the quantity's base unit. A spreadsheet runs a cell that begins with = + - @ as a formula, so a
text that does, or that begins with an apostrophe, a tab or a line break, gets an apostrophe in front; taking
one away gives the text back. Numbers stay numbers.
"""

import csv
import io
import re
from decimal import Decimal

from model_index.nodes import Plain, looked_up
from model_index.records import Claim, Entry
from reporting.convert.outcome import Converted, Losses
from reporting.view import Catalogue

TABLE = "claims.csv"
COLUMNS = (
    "model", "collection", "publisher", "quantity", "value", "unit", "raw", "dataset", "task", "file", "line",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "'", "\t", "\r", "\n")
NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?%?")
HELD = frozenset({"name", "in collection", "metadata", "results", "reported", "publisher"})
WHY = "a table of claims has no column for it"


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
            if key.lower() != "name":
                losses(f"Collection.{key}", WHY)
    return Converted({TABLE: out.getvalue()}, losses)


def _row(entry: Entry, claim: Claim) -> list[str | int]:
    value = f"{claim.value.normalize():f}" if isinstance(claim.value, Decimal) else claim.row.show(claim.value)
    cells = (
        claim.model, entry.collection or "", claim.publisher, claim.row.label, value, claim.row.unit, claim.raw,
        claim.dataset or "", claim.task or "", claim.place.file,
    )  # fmt: skip
    return [*map(inert, cells), claim.place.line]


def inert(text: str) -> str:
    """A cell that no spreadsheet runs."""
    return f"'{text}" if text.startswith(FORMULA) and not NUMBER.fullmatch(text) else text


def _leave(entry: Entry, losses: Losses) -> None:
    """Name every field that is no claim."""
    stated = {claim.label for claim in entry.claims}
    own = looked_up(entry.fields, "metadata")
    metadata = own if isinstance(own, dict) else entry.metadata
    fields: dict[str, Plain] = {f"Metadata.{key}": value for key, value in metadata.items() if key not in stated}
    fields |= {key: value for key, value in entry.fields.items() if key.lower() not in HELD}
    fields |= {f"Library.{key}": value for key, value in entry.library.items() if key.lower() != "name"}
    for key, value in fields.items():
        if value is not None:
            losses(key, WHY)
