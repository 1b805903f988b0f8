"""Plan the page where readers draw their own plot: any quantity as axis or size, within limits.

The page holds the first plot, its finding as the title and the frontier as a table, without a
script. The script reads `downloads/models.json` and draws the others.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.pages.base import Page, Site
from zoo.reporting.pages.columns import Column
from zoo.reporting.pages.explore.answer import BOARD, FirstPlot, Spot, first_plot
from zoo.reporting.pages.explore.axes import words_of
from zoo.reporting.pages.explore.words import script_words, word
from zoo.reporting.pages.metric_columns import BoardTables
from zoo.reporting.pages.models.notation import show_value, unit_of
from zoo.reporting.pages.table_columns import columns
from zoo.reporting.plots.marks import SERIES
from zoo.reporting.plots.scatter import Look, Plot, Point
from zoo.reporting.text.script_json import script_json
from zoo.reporting.views.dataset_sizes import SHARES

# What colours points: the column, and its name in the list to choose from.
COLOURS = {
    "family": N_("largest families"),
    "publisher": N_("publisher"),
    "licence": N_("licence"),
    "input": N_("input size"),
}


class Option(NamedTuple):
    """An entry of a list to choose from."""

    key: str
    label: str


def pages(site: Site) -> Iterator[Page]:
    """Plan the page."""
    tables = BoardTables(site.catalogue)
    listed = columns(site, tables)
    first = first_plot(listed, site.catalogue.models)
    boards = {view.slug: view.label for view in tables.views}
    axes = [column for column in listed if column.axis]
    colours = list(_colours(listed))
    usual = {
        "board": BOARD,
        "x": first.x.key if first else "",
        "y": first.y.key if first else "",
        "size": "",
        "colour": "family" if 1 < len(site.catalogue.families) <= SERIES else "none",
    }
    script_data = {
        "axes": {column.key: words_of(column).to_dict() for column in axes},
        "boards": boards,
        "colours": [choice.key for choice in colours],
        "shares": SHARES,
        "limits": [c.key for c in axes if c.facet == "range" and c.board is None and c.better],
        "usual": usual,
        "words": script_words(),
    }
    yield Page(
        "explore/index.md",
        "explore.md.j2",
        {
            "first": first,
            "words": word,
            "choices": _choices(axes, first, boards, colours),
            "usual": usual,
            "limit_units": {} if first is None else _units(first),
            "table": table_rows(first, listed) if first else (),
            "labels": [words_of(c).label for c in (first.y, first.x)] if first else (),
            "plot": static_plot(first) if first else None,
            "script_data": Markup(script_json(script_data)),
        },
    )


def _colours(listed: Sequence[Column]) -> Iterator[Option]:
    """Yield what may colour points: no column but the frontier, or a column of a few texts."""
    present = {column.key for column in listed}
    for key, label in COLOURS.items():
        if key in present:
            yield Option(key, _(label))
    yield Option("wrong", _("wrong numbers"))


def _choices(
    axes: Sequence[Column],
    first: FirstPlot | None,
    boards: Mapping[str, str],
    colours: Sequence[Option],
) -> dict[str, list[Option]]:
    """Return the lists to choose from, as they are before the script fills them."""
    own = [Option(c.key, words_of(c).label) for c in axes if c.board in (None, BOARD)]
    on_board = {column.key for column in axes if column.board == BOARD}
    metrics = [choice for choice in own if choice.key in on_board]
    rest = [choice for choice in own if choice.key not in on_board]
    return {
        "board": [Option(*pair) for pair in boards.items()] if len(boards) > 1 else [],
        "y": [*metrics, *rest] if first else [],
        "x": [*rest, *metrics] if first else [],
        "size": [Option("", word("equal")), *own],
        "colour": [Option("none", _("frontier only")), *colours],
    }


def _units(first: FirstPlot) -> dict[str, tuple[str, str, str]]:
    """Return of each axis the sign of its limit, the unit, and the words of the field."""
    signs = {}
    for axis, column in (("x", first.x), ("y", first.y)):
        least = column.better > 0
        said = word("atleast" if least else "atmost", what=words_of(column).label)
        signs[axis] = ("≥" if least else "≤", unit_of(column).sign, said)
    return signs


def static_plot(first: FirstPlot) -> Plot:
    """Return the first plot as a picture that needs no script."""
    x, y = unit_of(first.x), unit_of(first.y)
    families = list(dict.fromkeys(spot.model.family for spot in first.spots))
    numbers = {family: number for number, family in enumerate(families)}
    points = tuple(
        Point(
            label=spot.model.name,
            series=numbers[spot.model.family],
            x=spot.x / x.factor,
            y=spot.y / y.factor,
            page=spot.model.page,
        )
        for spot in first.spots
    )
    return Plot(
        key="explore",
        title=first.title,
        x_label=words_of(first.x).title,
        y_label=words_of(first.y).title,
        series=tuple(enumerate(families)),
        points=points,
        look=Look(
            x_unit=f" {x.sign}",
            y_unit=y.sign,
            frontier=first.x.better < 0 < first.y.better,
            y_log=first.y.better < 0,
        ),
    )


def table_rows(first: FirstPlot, listed: Sequence[Column]) -> list[dict[str, Any]]:
    """Return the frontier, the best first: numbers as printed, with their intervals."""
    by_key = {column.key: column for column in listed}
    return [
        {
            "model": spot.model,
            "numbers": [_number(first.y, spot.y, spot), _number(first.x, spot.x, spot)],
            "parameters": _fact(by_key.get("parameters"), spot),
            "family": _fact(by_key.get("family"), spot),
            "licence": _fact(by_key.get("licence"), spot),
        }
        for spot in reversed(first.frontier)
    ]


def _number(column: Column, value: float, spot: Spot) -> tuple[str, str]:
    ends = column.interval(spot.model)
    shown = " – ".join(show_value(column, end) for end in ends) if ends else ""
    return show_value(column, value), shown


def _fact(column: Column | None, spot: Spot) -> str:
    value = column.raw(spot.model) if column else None
    return "" if column is None or value is None else show_value(column, value)
