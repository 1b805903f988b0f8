"""Compute where the points of a plot stand on a canvas: what stays the same whatever is in focus,
so a plot that many families share is computed once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from zoo.reporting.plots.axes import LOGARITHMIC, Axis, linear_axis, logarithmic_axis, value_axis
from zoo.reporting.plots.canvas import Canvas
from zoo.reporting.plots.marks import where
from zoo.reporting.plots.point_names import Box, Spot, around
from zoo.reporting.plots.scatter import Plot, Point, Span, pareto

CAP = 5  # units to either side of an interval's ends
EDGE = 10  # units between the outermost points and the edge


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedPoint:
    """A point in units, with the origin at the top left; `where` is its spot as a path has it, and
    `spans` are its intervals as lines."""

    point: Point
    spot: Spot
    where: str
    best: bool
    spans: tuple[tuple[Spot, Spot], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """A plot in units: its axes and points, the frontier as corners of a staircase, and the boxes
    of points and intervals, each box once."""

    x: Axis
    y: Axis
    placed: tuple[PlacedPoint, ...]
    corners: tuple[Spot, ...]
    boxes: tuple[Box, ...]


@lru_cache(maxsize=256)
def geometry(plot: Plot, canvas: Canvas) -> Geometry:
    """Compute the geometry of a plot that has points."""
    x, y = _axes(plot, canvas)
    best = pareto(plot.points) if plot.look.frontier else []
    on_frontier = {id(point) for point in best}
    placed = tuple(_place(point, x, y, best=id(point) in on_frontier) for point in plot.points)
    return Geometry(
        x=x,
        y=y,
        placed=placed,
        corners=tuple(_corners([(x.pixel(p.x), y.pixel(p.y)) for p in best])),
        boxes=tuple(dict.fromkeys([*(around(p.spot) for p in placed), *_lines_as_boxes(placed)])),
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


def _place(point: Point, x: Axis, y: Axis, *, best: bool) -> PlacedPoint:
    spot = x.pixel(point.x), y.pixel(point.y)
    spans = tuple(_spans(point, x, y)) if point.x_span or point.y_span else ()
    return PlacedPoint(point=point, spot=spot, where=where(spot), best=best, spans=spans)


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


def segments(corners: Sequence[Spot]) -> Iterator[Box]:
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
