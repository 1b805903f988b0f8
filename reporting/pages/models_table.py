"""Plan the page with the table of all models, and make the rows that its downloads share."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from zoo.reporting.i18n.gettext import _
from zoo.reporting.i18n.vocabulary import task_labels
from zoo.reporting.pages.base import Page, Site
from zoo.reporting.pages.columns import LABELS, Column, Raw
from zoo.reporting.pages.metric_columns import BoardTables, BoardView
from zoo.reporting.pages.table_columns import columns
from zoo.reporting.text.escape import safe
from zoo.reporting.text.script_json import script_json
from zoo.reporting.views.catalogue import Check, Model

PAGE = "models/index.md"
FEW = 4  # leaderboards that are named at once, with the shown one


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


def rows(models: Iterable[Model], listed: Sequence[Column]) -> list[ModelRow]:
    """Return a row for each model."""
    return [ModelRow(m, tuple(Cell(c.raw(m), c.check(m)) for c in listed)) for m in models]


def pages(site: Site) -> Iterator[Page]:
    """Plan the page of the table of all models, and one of each other leaderboard, which has the
    models with a number on it."""
    tables = BoardTables(site.catalogue)
    every = columns(site, tables)
    for view in tables.views or (None,):
        yield _page(site, every, tables, view)


def page_of(view: BoardView | None) -> str:
    """Return the path of the page of a leaderboard."""
    return f"leaderboards/{view.slug}.md" if view and view.slug else PAGE


def _page(site: Site, every: Sequence[Column], tables: BoardTables, view: BoardView | None) -> Page:
    slug, models = view.slug if view else "", site.catalogue.models
    if view and slug:
        on_board = tables.models_of(view)
        models = tuple(model for model in models if model.slug in on_board)
    own = [column for column in every if column.board in (None, slug)]
    table = rows(models, own)
    present = [
        number
        for number, column in enumerate(own)
        if not slug or any(row.cells[number].raw is not None for row in table)
    ]
    listed = tuple(own[number] for number in present)
    table = [ModelRow(row.model, tuple(row.cells[n] for n in present)) for row in table]
    return Page(
        page_of(view),
        "models.md.j2",
        {
            "view": view,
            "views": tables.views,
            "page_of": page_of,
            "few": FEW,
            "columns": listed,
            "body": body(listed, table, "../../models/" if slug else ""),
            "hidden": [number for number, column in enumerate(listed, 2) if not column.listed],
            "words": Markup(script_json(_script_data(site, listed))),
            "plots": () if slug else site.drawn[PAGE],
            "count": len(models),
        },
    )


def body(listed: Sequence[Column], table: Sequence[ModelRow], base: str = "") -> Markup:
    """Return the rows as HTML; `base` leads to the folder of the models.

    Each cell is closed: the parser of Material's search takes quadratic time where the end of a
    cell is left out.
    """
    return Markup("\n".join(_row(listed, row, base) for row in table))


def _row(listed: Sequence[Column], row: ModelRow, base: str) -> str:
    page = base + row.model.slug
    cells = "".join(
        _cell(column, cell, page) for column, cell in zip(listed, row.cells, strict=True)
    )
    return f'<tr id="m-{row.model.slug}"><td></td>{cells}</tr>'


def _cell(column: Column, cell: Cell, page: str) -> str:
    shown = safe(column.show(cell.raw))
    if column.key == "model":
        return f'<th scope="row"><a href="{page}/">{shown}</a></th>'
    if column.key == "verdict":
        label = _verdict(str(cell.raw), shown) if cell.raw else ""
        return f'<td data-v="{cell.raw or ""}">{label}</td>'
    if cell.raw is None:
        return _wrong(cell.check, page) if cell.check and cell.check.usable is None else "<td></td>"
    if cell.check:
        key = cell.check.verdict_badge.key
        target = f"{page}/#{cell.check.anchor}"
        shown = Markup(f'<a class="v {key}" href="{target}" title="{_(LABELS[key])}">{shown}</a>')
    elif column.measured:
        shown = Markup(f'<a href="{page}/#zoo-evidence">{shown}</a>')
    if column.kind == "number":
        return f'<td class="n" data-v="{cell.raw}">{shown}</td>'
    return (
        f'<td data-v="{safe("|".join(cell.raw))}">{shown}</td>'
        if isinstance(cell.raw, tuple)
        else f"<td>{shown}</td>"
    )


def _wrong(check: Check, page: str) -> str:
    """Return the cell of a claim that is wrong: no number, which sorts and filters nothing."""
    key = check.verdict_badge.key
    link = f'<a class="v {key}" href="{page}/#{check.anchor}">{safe(_("wrong"))}</a>'
    return f"<td>{link}</td>"


def _verdict(key: str, shown: str) -> Markup:
    return Markup(f'<span class="v {key}">{shown}</span>')


def _describe(listed: Sequence[Column]) -> list[dict[str, Any]]:
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


def _script_data(site: Site, listed: Sequence[Column]) -> dict[str, Any]:
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
