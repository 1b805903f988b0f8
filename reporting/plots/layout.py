"""Compute a plot in the units of a canvas: points, ticks, the frontier, and where names stand.

Of many points the frontier alone is named, and with a family in focus that family.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from zoo.reporting.plots.axes import LOGARITHMIC, Axis, linear_axis, logarithmic_axis, value_axis
from zoo.reporting.plots.canvas import Canvas
from zoo.reporting.plots.marks import OTHERS
from zoo.reporting.plots.point_names import CHARACTER, Box, Label, Spot, Wish, around, place
from zoo.reporting.plots.scatter import Plot, Point, Span, pareto

MANY = 30  # with more points than this, only the frontier's and those in focus have a name
FEWER = 12  # and on a narrow screen
CAP = 5  # units to either side of an interval's ends
EDGE = 10  # units between the outermost points and the edge


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedPoint:
    """A point in units, with the origin at the top left; `series` is its colour and shape, and
    `spans` are its intervals as lines."""

    point: Point
    spot: Spot
    series: int
    best: bool
    spans: tuple[tuple[Spot, Spot], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotLayout:
    """A plot in units: its axes, the frontier as corners of a staircase, a line for each series,
    and the series that have a colour by their name."""

    plot: Plot
    canvas: Canvas
    x: Axis
    y: Axis
    placed: tuple[PlacedPoint, ...]
    labels: tuple[Label, ...]
    frontier: tuple[Spot, ...]
    lines: tuple[tuple[int, tuple[Spot, ...]], ...]
    legend: tuple[tuple[int, str], ...]


@lru_cache(maxsize=256)  # the page, the files and their digest each ask for it
def layout(plot: Plot, canvas: Canvas, focus: str = "") -> PlotLayout:
    """Compute a plot that has points; `focus` is the series to name and to colour, all others
    are grey then."""
    x, y = _axes(plot, canvas)
    colours = _colours(plot, focus)
    best = pareto(plot.points) if plot.look.frontier else []
    on_frontier = {id(point) for point in best}
    placed = tuple(
        PlacedPoint(
            point=point,
            spot=(x.pixel(point.x), y.pixel(point.y)),
            series=colours[point.series],
            best=id(point) in on_frontier,
            spans=tuple(_spans(point, x, y)),
        )
        for point in plot.points
    )
    corners = tuple(_corners([(x.pixel(p.x), y.pixel(p.y)) for p in best]))
    boxes = [*(around(p.spot) for p in placed), *_lines_as_boxes(placed)]
    boxes += _segments(corners if not focus else ())
    bounds = (canvas.left, 0.0, canvas.width, canvas.lowest)
    return PlotLayout(
        plot=plot,
        canvas=canvas,
        x=x,
        y=y,
        placed=placed,
        labels=tuple(place(_wishes(placed, canvas, focus), boxes, bounds)),
        frontier=corners if len(best) > 1 and not focus else (),
        lines=tuple(_lines(placed, focus)) if plot.look.joined else (),
        legend=tuple(_legend(plot, colours)),
    )


def _axes(plot: Plot, canvas: Canvas) -> tuple[Axis, Axis]:
    xs = _reach((p.x, p.x_span) for p in plot.points)
    ys = _reach((p.y, p.y_span) for p in plot.points)
    start, end = canvas.left + EDGE, canvas.rightmost - EDGE
    look = plot.look
    x = value_axis(look.x_values, start, end) if look.x_values else logarithmic_axis(xs, start, end)
    if look.y_log and min(ys) > 0 and max(ys) / min(ys) >= LOGARITHMIC:
        return x, logarithmic_axis(ys, canvas.lowest, canvas.top)
    return x, linear_axis(ys, canvas.lowest, canvas.top)


def _reach(values: Iterable[tuple[float, Span | None]]) -> list[float]:
    """Return the values and the ends of their intervals."""
    return [number for value, span in values for number in (value, *(span or ()))]


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


def _wishes(placed: Sequence[PlacedPoint], canvas: Canvas, focus: str) -> list[Wish]:
    """Return the names to place, the most important first: in focus, on the frontier, others."""
    named = [p for p in placed if p.point.labelled]
    most = MANY if canvas.width > 400 else FEWER
    chosen = [p for p in named if p.best or (focus and p.series != OTHERS)]
    if not chosen or (len(named) <= most and not focus):
        chosen = named
    order = sorted(chosen, key=lambda p: (bool(focus) and p.series == OTHERS, not p.best))
    seen: set[tuple[Spot, str]] = set()
    wishes = []
    for p in order:
        if (p.spot, p.point.label) not in seen:
            seen.add((p.spot, p.point.label))
            wishes.append(Wish(p.spot, p.point.label))
    return wishes


def _spans(point: Point, x: Axis, y: Axis) -> Iterator[tuple[Spot, Spot]]:
    left, top = x.pixel(point.x), y.pixel(point.y)
    if point.x_span:
        yield (x.pixel(point.x_span[0]), top), (x.pixel(point.x_span[1]), top)
    if point.y_span:
        yield (left, y.pixel(point.y_span[0])), (left, y.pixel(point.y_span[1]))


def _lines_as_boxes(placed: Sequence[PlacedPoint]) -> Iterator[Box]:
    """Yield the boxes of intervals with their ends, which no name may cover."""
    for p in placed:
        for (x1, y1), (x2, y2) in p.spans:
            across = (0, CAP) if y1 == y2 else (CAP, 0)
            left, right = min(x1, x2) - across[0], max(x1, x2) + across[0]
            yield left, min(y1, y2) - across[1], right, max(y1, y2) + across[1]


def _segments(corners: Sequence[Spot]) -> Iterator[Box]:
    """Yield the boxes of the parts of the frontier, which names keep off."""
    for (x1, y1), (x2, y2) in pairwise(corners):
        yield min(x1, x2), min(y1, y2) - 1, max(x1, x2), max(y1, y2) + 1


def _corners(best: Sequence[Spot]) -> Iterator[Spot]:
    """Yield the corners of the staircase through the frontier's points."""
    height = None
    for x, y in best:
        if height is not None:
            yield x, height
        yield x, y
        height = y


def _lines(placed: Sequence[PlacedPoint], focus: str) -> Iterator[tuple[int, tuple[Spot, ...]]]:
    """Yield the points of each series from left to right, for series of two points or more."""
    lines: dict[int, list[Spot]] = {}
    colours = {p.point.series: p.series for p in placed}
    for p in placed:
        lines.setdefault(p.point.series, []).append(p.spot)
    for series, spots in lines.items():
        if len(spots) > 1 and not (focus and colours[series] == OTHERS):
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
