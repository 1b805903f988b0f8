"""Write the table of all models as JSON for programs, and as CSV for spreadsheets."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from zoo.model_index.findings import Standing
from zoo.reporting.downloads.names import other_names
from zoo.reporting.pages.base import File, Site
from zoo.reporting.pages.columns import Column, Interval, Raw
from zoo.reporting.pages.metric_columns import BoardTables, BoardView
from zoo.reporting.pages.models.rows import Cell, ModelRow, rows
from zoo.reporting.pages.table_columns import columns
from zoo.reporting.text.csv import escape_cell
from zoo.reporting.text.escape import replace_invisible
from zoo.reporting.views.catalogue import Check, Model

# of models.json; 1 was a list of models without columns; in 3 values of wrong claims, and what was
# measured of another model, are left out; in 4 values stand by column, no longer by model
SCHEMA = 4
DESCRIBED = (
    "key",
    "label",
    "note",
    "unit",
    "kind",
    "better",
    "facet",
    "axis",
    "listed",
    "measured",
)
STATED = ("dataset", "images", "setup")  # of a column that has them
LETTERS = {Standing.RIGHT: "r", Standing.UNKNOWN: "u", Standing.WRONG: "w"}
NO_CLAIM = "-"


def files(site: Site) -> Iterator[File]:
    """Yield the table as JSON and as CSV."""
    tables = BoardTables(site.catalogue)
    table_columns = columns(site, tables)
    table = rows(site.catalogue.models, table_columns)
    yield File("downloads/models.json", models_json(site, tables, table_columns, table))
    yield File("downloads/models.csv", models_csv(table_columns, table))


def models_json(
    site: Site, tables: BoardTables, listed: Sequence[Column], table: Sequence[ModelRow]
) -> str:
    """`{schema, slugs, aliases, families, boards, columns}`: a column a line, its values by model
    in the order of `slugs`; labels are English.

    A value that is not known, or wrong, is null. A column of claims has `standing`, a letter a
    model: right, unknown, wrong, or - for no claim; and `publisher` and `anchor` of its claims, or
    `publishers` and `anchors` by model where these differ. `low` and `high` are the 95% interval of
    a benchmark, `images` how many images a metric is a share of. `board` is the slug of the
    leaderboard in `boards` that a metric is of. A model's page is `models/SLUG/`.
    """
    models = [row.model for row in table]
    head = {
        "schema": SCHEMA,
        "slugs": [model.slug for model in models],
        "aliases": [[replace_invisible(name) for name in other_names(model)] for model in models],
        "families": [family.name for family in site.catalogue.families],
        "boards": [_board(view) for view in tables.views],
    }
    lines = ",\n".join(
        _compact(_column(column, models, [row.cells[n] for row in table]))
        for n, column in enumerate(listed)
    )
    return f'{_compact(head)[:-1]},"columns":[\n{lines}\n]}}\n'


def _board(view: BoardView) -> dict[str, Any]:
    page = f"leaderboards/{view.slug}/" if view.slug else "models/"
    task, dataset = map(replace_invisible, view.board)
    return {
        "slug": view.slug,
        "task": task,
        "dataset": dataset,
        "models": view.models,
        "page": page,
    }


def _column(column: Column, models: Sequence[Model], cells: Sequence[Cell]) -> dict[str, Any]:
    intervals = [column.interval(model) for model in models]
    return {
        **{name: getattr(column, name) for name in DESCRIBED},
        **{name: value for name in STATED if (value := getattr(column, name)) not in ("", None)},
        **({"board": column.board} if column.board is not None else {}),
        "values": [cell.raw for cell in cells],
        **_ends(intervals),
        **_claims([cell.check for cell in cells]),
    }


def _ends(intervals: Sequence[Interval]) -> dict[str, list[float | None]]:
    """Return both ends of the intervals of a column that has any."""
    if not any(intervals):
        return {}
    return {
        name: [ends and ends[n] for ends in intervals] for n, name in enumerate(("low", "high"))
    }


def _claims(checks: Sequence[Check | None]) -> dict[str, Any]:
    """Return whose claims the values of a column are, how they stand, and where."""
    if not any(checks):
        return {}
    letters = (LETTERS[check.finding.standing] if check else NO_CLAIM for check in checks)
    return {
        "standing": "".join(letters),
        **_common("publisher", [check.claim.publisher if check else None for check in checks]),
        **_common("anchor", [check.anchor if check else None for check in checks]),
    }


def _common(name: str, texts: Sequence[str | None]) -> dict[str, Any]:
    """Return a text that all models of a column share, or the texts by model."""
    different = set(filter(None, texts))
    return {name: different.pop()} if len(different) == 1 else {f"{name}s": texts}


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def models_csv(listed: Sequence[Column], table: Sequence[ModelRow]) -> str:
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
