"""Plan the page of all models, and one of each other leaderboard: one task on one data set.

A page holds its best models as rows. The script takes all models from `downloads/models.json`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from markupsafe import Markup

from zoo.reporting.i18n.gettext import n_
from zoo.reporting.i18n.vocabulary import task_labels
from zoo.reporting.pages.base import Page, Site
from zoo.reporting.pages.columns import Column
from zoo.reporting.pages.metric_columns import BoardTables, BoardView
from zoo.reporting.pages.models.filters import Filter, list_filters
from zoo.reporting.pages.models.notation import (
    aside_of,
    full_title,
    lower_title,
    title_of,
)
from zoo.reporting.pages.models.rows_html import body
from zoo.reporting.pages.models.selection import (
    CLAIMS,
    Selection,
    best_first,
    members_of,
    select_columns,
)
from zoo.reporting.pages.models.words import words
from zoo.reporting.pages.table_columns import columns
from zoo.reporting.text.escape import replace_invisible
from zoo.reporting.text.script_json import script_json
from zoo.reporting.views.catalogue import Model

PAGE = "models/index.md"
MOST_ROWS = 100  # in the page itself, for readers without a script
SHORT = 12  # rows that all have room on a screen
NAMED = 12  # models without a metric that a line names


def pages(site: Site) -> Iterator[Page]:
    """Plan the page of all models, whose leaderboard is the one with most models, and one of each
    other leaderboard."""
    tables = BoardTables(site.catalogue)
    every = columns(site, tables)
    for view in tables.views or (None,):
        yield _page(site, every, tables, view)


def page_of(view: BoardView | None) -> str:
    """Return the path of the page of a leaderboard."""
    return f"leaderboards/{view.slug}.md" if view and view.slug else PAGE


def _page(site: Site, every: Sequence[Column], tables: BoardTables, view: BoardView | None) -> Page:
    slug, models = view.slug if view else "", list(site.catalogue.models)
    if view and slug:
        on_board = tables.models_of(view)
        models = [model for model in models if model.slug in on_board]
    selection = select_columns(every, view, models, site.catalogue)
    members = members_of(selection, models)
    by_key = {column.key: column for column in selection.columns}
    ranked = best_first(by_key.get(selection.primary), members)
    listed = [column for column in selection.columns if column.key in selection.shown]
    filters = list_filters(selection, models)
    return Page(
        page_of(view),
        "models.md.j2",
        {
            "view": view,
            "views": tables.views,
            "page_of": page_of,
            "columns": listed,
            "primary": selection.primary,
            "measured": any(by_key[key].measured for key in selection.costs),
            "title_of": title_of,
            "aside_of": aside_of,
            "filters": filters,
            "body": body(listed, ranked[:MOST_ROWS], "../../models/" if slug else ""),
            "count": say_count(len(members), view, by_key.get(selection.primary)),
            "total": len(members),
            "rows": min(len(members), MOST_ROWS),
            "others": _others(site, members, slug),
            "named": NAMED,
            "short": SHORT,
            "notes": _notes(selection, models),
            "script_data": Markup(script_json(_script_data(site, selection, filters, slug))),
        },
    )


def say_count(members: int, view: BoardView | None, primary: Column | None) -> str:
    """Say how many models there are: `24 models with published top-1 on ImageNet`."""
    if view is None or primary is None or not view.board.dataset:
        return n_("%(count)s model", "%(count)s models", members)
    return n_(
        "%(count)s model with published %(metric)s on %(data)s",
        "%(count)s models with published %(metric)s on %(data)s",
        members,
        metric=lower_title(primary),
        data=replace_invisible(view.board.dataset),
    )


def _others(site: Site, members: Sequence[Model], slug: str) -> list[Model]:
    """Return the models of the zoo that the leaderboard of the first page leaves out."""
    own = {model.slug for model in members}
    return [] if slug else [model for model in site.catalogue.models if model.slug not in own]


def _notes(selection: Selection, models: Sequence[Model]) -> list[str]:
    """Return a line on the set-up of each benchmark whose latencies are shown, and how many models
    were timed."""
    timed = [c for c in selection.columns if c.setup and c.key in selection.shown]
    return [
        n_(
            "%(device)s: %(setup)s; %(count)s model was timed.",
            "%(device)s: %(setup)s; %(count)s models were timed.",
            sum(column.raw(model) is not None for model in models),
            device=title_of(column),
            setup=column.setup,
        )
        for column in timed
    ]


def _script_data(
    site: Site, selection: Selection, filters: Sequence[Filter], slug: str
) -> dict[str, Any]:
    """Return what the script gets: columns, filters, texts, and the labels of tasks."""
    by_key = {column.key: column for column in selection.columns}
    return {
        "columns": [_describe(column, selection) for column in selection.columns],
        "filters": [asdict(each) for each in filters],
        "primary": selection.primary,
        "metric": lower_title(by_key[selection.primary]) if selection.primary else "",
        "board": slug,
        "words": words(),
        "tasks": task_labels(site.catalogue.tasks),
    }


def _describe(column: Column, selection: Selection) -> dict[str, Any]:
    return {
        "key": column.key,
        "title": title_of(column),
        "aside": aside_of(column),
        "label": full_title(column),
        "kind": column.kind,
        "better": 1 if column.key == CLAIMS else column.better,
        "member": column.board is not None,
        "shown": column.key in selection.shown,
    }
