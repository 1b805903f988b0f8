"""All columns of a site: those of every model, of each leaderboard, of each set-up of a benchmark,
and the owner's own. Downloads, plots and comparisons use them too."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from zoo.reporting.i18n.gettext import N_
from zoo.reporting.pages.base import Site
from zoo.reporting.pages.columns import (
    COLUMNS,
    END,
    Column,
    Raw,
    field_columns,
)
from zoo.reporting.pages.metric_columns import BoardTables
from zoo.reporting.pages.speed_columns import speed_columns
from zoo.reporting.views.catalogue import Model

ALWAYS = frozenset({"model", "family", "wrong", "right", "unknown"})  # columns that may be empty


def columns(site: Site, tables: BoardTables | None = None) -> tuple[Column, ...]:
    """Return all columns of a site that any model has a value for. Those that are the same for all
    models are not listed."""
    tables = tables or BoardTables(site.catalogue)
    shown = {"tasks": site.catalogue.many_tasks, "zoo": site.catalogue.many_zoos}
    metrics = tuple(tables.columns())
    every = (
        *(replace(column, listed=shown.get(column.key, column.listed)) for column in COLUMNS),
        *metrics,
        *tables.published_columns(),
        _publisher_column([column for column in metrics if not column.board]),
        *END,
        *speed_columns(site.records),
        *field_columns(site.settings),
    )
    return tuple(_list_present(every, site.catalogue.models))


def _list_present(listed: Sequence[Column], models: Sequence[Model]) -> Iterator[Column]:
    for column in listed:
        if column.key in ALWAYS or any(column.raw(model) is not None for model in models):
            yield column


def _publisher_column(metrics: Sequence[Column]) -> Column:
    return Column(
        key="publisher",
        label=N_("Claimed by"),
        note=N_("metrics"),
        raw=partial(_first_publisher, metrics),
        kind="text",
        facet="choice",
    )


def _first_publisher(metrics: Sequence[Column], model: Model) -> Raw:
    """Return the publisher of a model's first metric in the table."""
    checks = (column.check(model) for column in metrics)
    return next((check.claim.publisher for check in checks if check), None)
