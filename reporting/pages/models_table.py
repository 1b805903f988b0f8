"""Plan the page with the table of all models, and make the rows that its downloads share."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from zoo.reporting.i18n.gettext import _
from zoo.reporting.i18n.vocabulary import task_labels
from zoo.reporting.pages.base import Page, Site
from zoo.reporting.pages.columns import LABELS, Column, Raw, columns
from zoo.reporting.text.escape import safe
from zoo.reporting.text.script_json import script_json
from zoo.reporting.views.catalogue import Check, Model

PAGE = "models/index.md"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, and the check of its claim, if it is a claim."""

    raw: Raw
    check: Check | None


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model with a cell for each column."""

    model: Model
    cells: tuple[Cell, ...]


def rows(site: Site, listed: tuple[Column, ...]) -> list[ModelRow]:
    """Return a row for each model, in the order of the site."""
    return [
        ModelRow(m, tuple(Cell(c.raw(m), c.check(m)) for c in listed))
        for m in site.catalogue.models
    ]


def pages(site: Site) -> Iterator[Page]:
    """Plan the page of the table."""
    listed = columns(site)
    yield Page(
        PAGE,
        "models.md.j2",
        {
            "columns": listed,
            "body": body(listed, rows(site, listed)),
            "hidden": [number for number, column in enumerate(listed, 2) if not column.listed],
            "words": Markup(script_json(_script_data(site, listed))),
            "plots": site.drawn[PAGE],
            "count": len(site.catalogue.models),
        },
    )


def body(listed: tuple[Column, ...], table: list[ModelRow]) -> Markup:
    """Return the rows as HTML, as short as possible, since there may be 1,500 of them."""
    return Markup("\n".join(_row(listed, row) for row in table))


def _row(listed: tuple[Column, ...], row: ModelRow) -> str:
    cells = "".join(
        _cell(column, cell, row.model) for column, cell in zip(listed, row.cells, strict=True)
    )
    return f'<tr id="m-{row.model.slug}"><td></td>{cells}</tr>'


def _cell(column: Column, cell: Cell, model: Model) -> str:
    shown = safe(column.show(cell.raw))
    if column.key == "model":
        return f'<th scope="row"><a href="{model.slug}/">{shown}</a></th>'
    if column.key == "verdict":
        label = _verdict(str(cell.raw), shown) if cell.raw else ""
        return f'<td data-v="{cell.raw or ""}">{label}</td>'
    if cell.raw is None:
        return "<td>"
    if cell.check:
        key = cell.check.verdict_badge.key
        target = f"{model.slug}/#{cell.check.anchor}"
        shown = Markup(f'<a class="v {key}" href="{target}" title="{_(LABELS[key])}">{shown}</a>')
    elif column.measured:
        shown = Markup(f'<a href="{model.slug}/#zoo-evidence">{shown}</a>')
    if column.kind == "number":
        return f'<td class="n" data-v="{cell.raw}">{shown}'
    return (
        f'<td data-v="{safe("|".join(cell.raw))}">{shown}'
        if isinstance(cell.raw, tuple)
        else f"<td>{shown}"
    )


def _verdict(key: str, shown: str) -> Markup:
    return Markup(f'<span class="v {key}">{shown}</span>')


def _describe(listed: tuple[Column, ...]) -> list[dict[str, Any]]:
    return [
        {
            "key": c.key,
            "label": _(c.label),
            "note": _(c.note) if c.note else "",
            "unit": c.unit,
            "kind": c.kind,
            "facet": c.facet,
            "listed": c.listed,
            "better": c.better,
        }
        for c in listed
    ]


def _script_data(site: Site, listed: tuple[Column, ...]) -> dict[str, Any]:
    """Return what the script gets: columns, texts, and the labels of verdicts and tasks."""
    return {
        "columns": _describe(listed),
        "words": words(),
        "verdict": _labels(),
        "tasks": task_labels(site.catalogue.tasks),
    }


def _labels() -> dict[str, str]:
    return {key: _(label) for key, label in LABELS.items()}


def words() -> dict[str, str]:
    """Return the texts of the script in the current language."""
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
