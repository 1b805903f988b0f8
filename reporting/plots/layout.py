"""Compute a plot in the units of a canvas: points, ticks, the frontier, and where names stand.

Of many points the frontier alone is named, and with a family in focus that family.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from zoo.reporting.plots.axes import Axis
from zoo.reporting.plots.canvas import Canvas
from zoo.reporting.plots.geometry import PlacedPoint, geometry, segments
from zoo.reporting.plots.marks import OTHERS
from zoo.reporting.plots.point_names import CHARACTER, Label, Spot, Wish, place
from zoo.reporting.plots.scatter import Plot, pareto

MANY = 30  # with more points than this, only the frontier's and those in focus have a name
FEWER = 12  # and on a narrow screen


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotLayout:
    """A plot in units: its axes, the colour and shape of each series, the frontier as corners of a
    staircase, a line for each series, and the series that have a colour by their name."""

    plot: Plot
    canvas: Canvas
    x: Axis
    y: Axis
    placed: tuple[PlacedPoint, ...]
    colours: Mapping[int, int]
    labels: tuple[Label, ...]
    frontier: tuple[Spot, ...]
    lines: tuple[tuple[int, tuple[Spot, ...]], ...]
    legend: tuple[tuple[int, str], ...]

    def colour(self, placed: PlacedPoint) -> int:
        """Return the number of a point's colour and shape."""
        return self.colours[placed.point.series]


@lru_cache(maxsize=256)  # the page, the files and their digest each ask for it
def layout(plot: Plot, canvas: Canvas, focus: str = "") -> PlotLayout:
    """Compute a plot that has points; `focus` is the series to name and to colour, all others
    are grey then."""
    ground = geometry(plot, canvas)
    colours = _colours(plot, focus)
    frontier = ground.corners if not focus else ()
    wishes = _wishes(ground.placed, colours, canvas, focus)
    bounds = (canvas.left, 0.0, canvas.width, canvas.lowest)
    return PlotLayout(
        plot=plot,
        canvas=canvas,
        x=ground.x,
        y=ground.y,
        placed=ground.placed,
        colours=colours,
        labels=tuple(place(wishes, [*ground.boxes, *segments(frontier)], bounds)),
        frontier=frontier if len(frontier) > 1 else (),
        lines=tuple(_lines(ground.placed, colours, focus)) if plot.look.joined else (),
        legend=tuple(_legend(plot, colours)),
    )


def _colours(plot: Plot, focus: str) -> dict[int, int]:
    """Return the colour of each series by its number: in focus the first, else those on the
    frontier and with most points first, and grey for what no colour is left for."""
    sizes: dict[int, int] = {}
    for point in plot.points:
        sizes[point.series] = sizes.get(point.series, 0) + 1
    names = dict(plot.series)
    if focus:
        return {n: 0 if names.get(n) == focus else OTHERS for n in sizes}
    best = {point.series for point in pareto(plot.points)} if plot.look.frontier else set()
    largest = sorted(sizes, key=lambda n: (n not in best, -sizes[n]))
    return {n: min(rank, OTHERS) for rank, n in enumerate(largest)}


def _legend(plot: Plot, colours: dict[int, int]) -> Iterator[tuple[int, str]]:
    """Yield the names of the series that have a colour, and one for all others."""
    if not plot.look.legend or len(plot.series) < 2:
        return
    chosen = {
        colour: name for n, name in plot.series if (colour := colours.get(n, OTHERS)) < OTHERS
    }
    yield from sorted(chosen.items())
    if OTHERS in colours.values():
        yield OTHERS, ""


def _wishes(
    placed: Sequence[PlacedPoint], colours: Mapping[int, int], canvas: Canvas, focus: str
) -> list[Wish]:
    """Return the names to place, the most important first: in focus, on the frontier, others."""
    named = [p for p in placed if p.point.labelled]
    own = {series for series, colour in colours.items() if focus and colour != OTHERS}
    most = MANY if canvas.width > 400 else FEWER
    chosen = [p for p in named if p.best or p.point.series in own]
    if not chosen or (len(named) <= most and not focus):
        chosen = named
    order = sorted(chosen, key=lambda p: (bool(focus) and p.point.series not in own, not p.best))
    return list(dict.fromkeys(Wish(p.spot, p.point.label) for p in order))


def _lines(
    placed: Sequence[PlacedPoint], colours: Mapping[int, int], focus: str
) -> Iterator[tuple[int, tuple[Spot, ...]]]:
    """Yield the points of each series from left to right, for series of two points or more."""
    lines: dict[int, list[Spot]] = {}
    for p in placed:
        if not focus or colours[p.point.series] != OTHERS:
            lines.setdefault(p.point.series, []).append(p.spot)
    for series, spots in lines.items():
        if len(spots) > 1:
            yield colours[series], tuple(sorted(spots))


def legend_rows(layout_: PlotLayout, others: str) -> list[list[tuple[int, str, float]]]:
    """Return the legend in rows that fit the canvas: colour, name, and where each begins."""
    rows: list[list[tuple[int, str, float]]] = [[]]
    x = 0.0
    room = layout_.canvas.rightmost - layout_.canvas.left
    for colour, name in layout_.legend:
        shown = name or others
        width = 34 + len(shown) * CHARACTER
        if rows[-1] and x + width > room:
            rows.append([])
            x = 0.0
        rows[-1].append((colour, shown, layout_.canvas.left + x))
        x += width
    return rows if rows[0] else []
