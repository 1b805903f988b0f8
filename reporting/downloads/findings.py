"""Write all findings as files to download: as JSON, as `zoo verify --format json` prints them, and
as CSV."""

import csv
import io
from collections.abc import Iterator, Sequence

import msgspec

from zoo.model_index.findings import Finding
from zoo.model_index.schema import json_schema
from zoo.reporting.pages.base import File, Site
from zoo.reporting.text.csv import escape_cell
from zoo.reporting.views.places import PublicPlaces

COLUMNS = (
    "standing",
    "verdict",
    "model",
    "publisher",
    "quantity",
    "key",
    "dataset",
    "conditions",
    "claimed",
    "use",
    "measured",
    "unit",
    "cause",
    "reason",
)


def files(site: Site) -> Iterator[File]:
    """Yield both files, and the schema of an index."""
    findings = site.catalogue.zoo.findings
    places = PublicPlaces(site.catalogue.zoo.index.files)
    yield File("downloads/findings.json", findings_json(findings, places))
    yield File("downloads/findings.csv", findings_csv(findings))
    yield File("downloads/model-index.schema.json", json_schema.text())


def findings_json(findings: Sequence[Finding], places: PublicPlaces) -> str:
    """Return every finding as `zoo verify --format json` prints it, its file relative to the
    index."""
    rows = [f.to_dict() | {"file": places.file(f.claim.place.file)} for f in findings]
    data = msgspec.json.encode(rows)
    return f"{msgspec.json.format(data, indent=1).decode()}\n"


def findings_csv(findings: Sequence[Finding]) -> str:
    """Return a line for each finding, its numbers unrounded."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for finding in findings:
        cells = finding.to_dict()
        writer.writerow([_cell(cells[name]) for name in COLUMNS])
    return out.getvalue()


def _cell(value: object) -> str:
    """Return a value as the text of a cell: a size as `224x285`, conditions by semicolons."""
    if value is None:
        return ""
    if isinstance(value, dict):
        value = "; ".join(f"{name}: {text}" for name, text in value.items())
    elif isinstance(value, list):
        value = "x".join(map(str, value))
    return escape_cell(str(value))
