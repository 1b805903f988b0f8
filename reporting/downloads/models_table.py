"""Write the table of all models as JSON for programs, and as CSV for spreadsheets."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from zoo.reporting.pages.base import File, Site
from zoo.reporting.pages.columns import Column, Raw
from zoo.reporting.pages.models_table import ModelRow, rows
from zoo.reporting.pages.table_columns import columns
from zoo.reporting.text.csv import escape_cell

# of models.json; 1 was a list of models without columns; in 3 values of wrong claims, and what was
# measured of another model, are left out
SCHEMA = 3
DESCRIBED = ("key", "label", "note", "unit", "kind", "better", "facet", "axis", "listed")


def files(site: Site) -> Iterator[File]:
    """Yield the table as JSON and as CSV."""
    table_columns = columns(site)
    table = rows(site.catalogue.models, table_columns)
    yield File("downloads/models.json", models_json(site, table_columns, table))
    yield File("downloads/models.csv", models_csv(table_columns, table))


def models_json(site: Site, listed: tuple[Column, ...], table: list[ModelRow]) -> str:
    """`{schema, columns, families, models}`: a model a line, its values by column, verdicts and
    anchors of its claims.

    Claims are those of `owner` but for the ones that `publishers` names; `datasets` are what
    accuracies are of. Values that are not known, or wrong, are left out; labels are English.
    Pages are addresses below the site's root.
    """
    descriptions = [{name: getattr(column, name) for name in DESCRIBED} for column in listed]
    lines = ",\n".join(_compact(_model(listed, row)) for row in table)
    families = [family.name for family in site.catalogue.families]
    head = f'"schema":{SCHEMA},"columns":{_compact(descriptions)},"families":{_compact(families)}'
    return f'{{{head},"models":[\n{lines}\n]}}\n'


def _model(listed: tuple[Column, ...], row: ModelRow) -> dict[str, Any]:
    pairs = list(zip(listed, row.cells, strict=True))
    values = {column.key: cell.raw for column, cell in pairs if cell.raw is not None}
    checks = {column.key: cell.check for column, cell in pairs if cell.check}
    owner = row.model.entry.publisher
    claims = {key: check.claim for key, check in checks.items()}
    return {
        **values,
        "slug": row.model.slug,
        "page": f"models/{row.model.slug}/",
        "owner": owner,
        "publishers": {
            key: claim.publisher for key, claim in claims.items() if claim.publisher != owner
        },
        "datasets": {key: claim.dataset for key, claim in claims.items() if claim.dataset},
        "verdicts": {key: check.verdict_badge.key for key, check in checks.items()},
        "standings": {key: str(check.finding.standing) for key, check in checks.items()},
        "anchors": {key: check.anchor for key, check in checks.items()},
    }


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def models_csv(listed: tuple[Column, ...], table: list[ModelRow]) -> str:
    """A line a model; a claim's verdict stands in a column behind it.

    A cell that a spreadsheet would run as a formula gets an apostrophe.
    """
    judged = {
        column.key for n, column in enumerate(listed) if any(row.cells[n].check for row in table)
    }
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [
            key
            for c in listed
            for key in ((c.key, f"{c.key}_verdict") if c.key in judged else (c.key,))
        ]
    )
    for row in table:
        line: list[Raw] = []
        for column, cell in zip(listed, row.cells, strict=True):
            line.append(cell_text(cell.raw))
            if column.key in judged:
                line.append(cell.check.verdict_badge.key if cell.check else None)
        writer.writerow(line)
    return out.getvalue()


def cell_text(value: Raw) -> Raw:
    """Return the cell for CSV: lists by commas, text so that no spreadsheet runs it."""
    text = ", ".join(value) if isinstance(value, tuple) else value
    return escape_cell(text) if isinstance(text, str) else text
