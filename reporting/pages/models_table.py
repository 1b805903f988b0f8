"""The table of all models: as a page, as JSON for scripts and programs, and as CSV for
spreadsheets."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from zoo.reporting.i18n.gettext import _
from zoo.reporting.pages.base import Page, Site
from zoo.reporting.pages.columns import LABELS, Column, Raw, columns
from zoo.reporting.text.csv import escape_cell
from zoo.reporting.text.escape import safe
from zoo.reporting.text.script_json import script_json
from zoo.reporting.views.catalogue import Check, Model

SCHEMA = 2  # of models.json; 1 was a list of models without columns
PAGE = "models/index.md"
SIGNS = ("exact", "rounded", "consistent", "explained", "mistake", "mismatch", "unchecked", "error")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, and the check of the claim it is, if it is one."""

    raw: Raw
    check: Check | None


@dataclass(frozen=True, slots=True)
class Row:
    """One model with a cell for each column."""

    model: Model
    cells: tuple[Cell, ...]


def rows(site: Site, listed: tuple[Column, ...]) -> list[Row]:
    """All models in the order of the site."""
    return [
        Row(m, tuple(Cell(c.raw(m), c.about(m)) for c in listed)) for m in site.catalogue.models
    ]


def pages(site: Site) -> Iterator[Page]:
    """The page of the table."""
    listed = columns(site)
    yield Page(
        PAGE,
        "models.md.j2",
        {
            "columns": listed,
            "body": body(listed, rows(site, listed)),
            "hidden": [number for number, column in enumerate(listed, 2) if not column.listed],
            "words": Markup(
                script_json(
                    {"columns": _described(listed), "words": words(), "verdicts": _labels()}
                )
            ),
            "plots": site.drawn[PAGE],
            "count": len(site.catalogue.models),
        },
    )


def files(site: Site) -> Iterator[tuple[str, str]]:
    """The same for programs."""
    listed = columns(site)
    made = rows(site, listed)
    yield "downloads/models.json", models_json(site, listed, made)
    yield "downloads/models.csv", models_csv(listed, made)


def body(listed: tuple[Column, ...], made: list[Row]) -> Markup:
    """The rows as HTML, in as few characters as they can be: there may be 1,500 of them."""
    return Markup("\n".join(_row(listed, row) for row in made))


def _row(listed: tuple[Column, ...], row: Row) -> str:
    cells = "".join(
        _cell(column, cell, row.model) for column, cell in zip(listed, row.cells, strict=True)
    )
    return f'<tr id="m-{row.model.slug}"><td></td>{cells}</tr>'


def _cell(column: Column, cell: Cell, model: Model) -> str:
    shown = safe(column.show(cell.raw))
    if column.key == "model":
        return f'<th scope="row"><a href="{model.slug}/">{shown}</a></th>'
    if column.key == "verdict":
        return f'<td data-v="{cell.raw or ""}">{_standing(str(cell.raw), shown) if cell.raw else ""}</td>'
    if cell.raw is None:
        return "<td>"
    if cell.check:
        key = cell.check.standing.key
        shown = Markup(
            f'<a class="v {key}" href="{model.slug}/#{cell.check.anchor}" title="{_(LABELS[key])}">{shown}</a>'
        )
    elif column.measured:
        shown = Markup(f'<a href="{model.slug}/#zoo-evidence">{shown}</a>')
    if column.kind == "number":
        return f'<td class="n" data-v="{cell.raw}">{shown}'
    return (
        f'<td data-v="{safe("|".join(cell.raw))}">{shown}'
        if isinstance(cell.raw, tuple)
        else f"<td>{shown}"
    )


def _standing(key: str, shown: str) -> Markup:
    return Markup(f'<span class="v {key}">{shown}</span>')


def _described(listed: tuple[Column, ...]) -> list[dict[str, Any]]:
    return [
        {"key": c.key, "label": _(c.label), "note": _(c.note) if c.note else "", "unit": c.unit, "kind": c.kind,
         "facet": c.facet, "listed": c.listed, "better": c.better}
        for c in listed
    ]  # fmt: skip


def _labels() -> dict[str, str]:
    return {key: _(label) for key, label in LABELS.items()}


def words() -> dict[str, str]:
    """What the script says."""
    return {
        "shown": _("%(shown)s of %(all)s models"),
        "none": _("No model fits. Take a choice away, or clear them all."),
        "all": _("Show all %(count)s"),
        "clear": _("Clear all"),
        "search": _("Search"),
        "columns": _("Columns"),
        "filters": _("Filters"),
        "from": _("from"),
        "to": _("to"),
        "compare": _("Compare"),
        "choose": _("Compare %(model)s"),
        "choose2": _("Tick two to four models to compare them."),
        "download": _("These rows as"),
        "failed": _("The file could not be made: %(reason)s"),
        "more": _("%(count)s more"),
        "unknown": _("not stated"),
    }


def models_json(site: Site, listed: tuple[Column, ...], made: list[Row]) -> str:
    """`{schema, columns, families, models}`: a model a line, its values by column, verdicts and
    anchors of its claims.

    Claims are those of `owner` but for the ones that `publishers` names; `datasets` are what
    accuracies are of. Values that are not known are left out; labels are English. Pages are
    addresses below the site's root.
    """
    about = [
        {"key": c.key, "label": c.label, "note": c.note, "unit": c.unit, "kind": c.kind, "better": c.better,
         "facet": c.facet, "axis": c.axis, "listed": c.listed}
        for c in listed
    ]  # fmt: skip
    lines = ",\n".join(_compact(_model(listed, row)) for row in made)
    families = [family.name for family in site.catalogue.families]
    head = f'{{"schema":{SCHEMA},"columns":{_compact(about)},"families":{_compact(families)},"models":['
    return f"{head}\n{lines}\n]}}\n"


def _model(listed: tuple[Column, ...], row: Row) -> dict[str, Any]:
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
        "verdicts": {key: check.standing.key for key, check in checks.items()},
        "anchors": {key: check.anchor for key, check in checks.items()},
    }


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def models_csv(listed: tuple[Column, ...], made: list[Row]) -> str:
    """A line a model; a claim's verdict stands in a column behind it.

    A cell that a spreadsheet would run as a formula gets an apostrophe.
    """
    judged = {
        column.key for n, column in enumerate(listed) if any(row.cells[n].check for row in made)
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
    for row in made:
        line: list[Raw] = []
        for column, cell in zip(listed, row.cells, strict=True):
            line.append(cell_text(cell.raw))
            if column.key in judged:
                line.append(cell.check.standing.key if cell.check else None)
        writer.writerow(line)
    return out.getvalue()


def cell_text(value: Raw) -> Raw:
    """Return the cell for CSV: lists by commas, text so that no spreadsheet runs it."""
    text = ", ".join(value) if isinstance(value, tuple) else value
    return escape_cell(text) if isinstance(text, str) else text
