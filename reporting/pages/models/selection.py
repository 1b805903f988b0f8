"""Which columns the page of a leaderboard has, in which order, and which of them it shows at first:
name, standing of the claims, the metrics, the costs, what the model takes, whose it is."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from zoo.reporting.i18n.gettext import N_
from zoo.reporting.pages.columns import Column
from zoo.reporting.pages.metric_columns import BoardView
from zoo.reporting.views.catalogue import Catalogue, Model
from zoo.reporting.views.claim_lines import counts_of

MOST_METRICS = 3  # that are shown at first, with the first in front of the costs
COSTS = (("macs", "flops"), ("parameters", "parameters_claimed"))  # what is claimed if need be
ALWAYS = ("model", "family")  # columns that may be empty
COUNTS = ("wrong", "right", "unknown")  # one column, of signs
END = ("input", "family", "licence", "tasks", "zoo")
CLAIMS = "claims"
REFERENCE = "reference_"  # keys of metrics that a page cites of a paper


class Selection(NamedTuple):
    """The columns of a page: `primary` sorts it, "" where it has no metric; `latency` is the key of
    the first set-up that was timed, "" without any; `shown` are the keys at first."""

    columns: tuple[Column, ...]
    shown: frozenset[str]
    primary: str
    costs: tuple[str, ...]
    latency: str


def claims_column() -> Column:
    """Return the column of the counts of a model's claims; the wrong ones sort it."""
    return Column(
        key=CLAIMS,
        label=N_("Claims"),
        raw=lambda model: counts_of(model).wrong,
    )


def select_columns(
    every: Sequence[Column], view: BoardView | None, models: Sequence[Model], catalogue: Catalogue
) -> Selection:
    """Return the columns of a leaderboard that any of its models has a value for."""
    slug = view.slug if view else ""
    own = {
        column.key: column
        for column in every
        if column.key in ALWAYS or (column.board in (None, slug) and _is_filled(column, models))
    }
    metrics = [column.key for column in own.values() if column.board is not None and column.listed]
    metrics.sort(key=lambda key: key.startswith(REFERENCE))
    costs = tuple(next((k for k in keys if k in own), "") for keys in COSTS)
    latency = next((key for key in own if key.startswith("latency-")), "")
    many = {"tasks": catalogue.many_tasks and not slug, "zoo": catalogue.many_zoos}
    front = [
        "model",
        CLAIMS,
        *metrics[:1],
        *filter(None, (*costs, latency)),
        *(key for key in metrics[1:MOST_METRICS] if not key.startswith(REFERENCE)),
        *(key for key in END if key in own),
    ]
    own[CLAIMS] = claims_column()
    order = [*front, *(key for key in own if key not in front and key not in COUNTS)]
    return Selection(
        columns=tuple(replace(own[key], listed=key in front) for key in order),
        shown=frozenset(key for key in front if many.get(key, True)),
        primary=metrics[0] if metrics else "",
        costs=tuple(filter(None, costs)),
        latency=latency,
    )


def members_of(selection: Selection, models: Sequence[Model]) -> list[Model]:
    """Return the models that state a metric of the leaderboard; all where it has none."""
    metrics = [column for column in selection.columns if column.board is not None]
    if not metrics:
        return list(models)
    return [model for model in models if any(column.check(model) for column in metrics)]


def best_first(column: Column | None, models: Sequence[Model]) -> list[Model]:
    """Sort models by a metric, the best first; those without a number last, equal ones by their
    cost."""

    def order(model: Model) -> tuple[bool, float, int]:
        value = column.raw(model) if column else None
        number = value if isinstance(value, (int, float)) else None
        better = -(column.better or 1) if column else 1
        return number is None, better * (number or 0), model.macs or 0

    return sorted(models, key=order)


def _is_filled(column: Column, models: Sequence[Model]) -> bool:
    return any(column.raw(model) is not None for model in models)
