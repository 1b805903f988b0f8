"""Plots as data: points, the Pareto frontier, ticks, and where each label goes.

The picture in the page (`svg`) and the files for download (`figures`) draw the same layout, in which no
point is without a name: a label beside it, joined to it by a line where it had to move away.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from reporting.text import human
from reporting.view import Model

WIDTH, HEIGHT = 760, 500  # pixels; 100 to the inch in the files
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 34, 56  # margins
HEADING = 14  # where the legend stands
CHARACTER, LINE = 6.9, 15  # how much room a label takes, a character and a line
MARKER = 6
CLEARANCE = 30  # pixels around a marker that other points' labels should leave free
MANY = 40  # with more points than this, labels are numbers
LOGARITHMIC = 6  # from this ratio of largest to smallest on, the horizontal axis is logarithmic
RADII = (14, 22, 34, 48, 64, 82)
ANGLES = (0, 180, 90, 270, 45, 135, 225, 315, 20, 160, 200, 340)


@dataclass(frozen=True, slots=True)
class Point:
    """One model; `series` numbers its family, which decides marker and colour."""

    label: str
    series: int
    x: float
    y: float
    page: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """What is drawn; `series` are the families' numbers and names, `left_out` the models without both values."""

    key: str
    title: str
    x_label: str
    y_label: str
    series: tuple[tuple[int, str], ...]
    points: tuple[Point, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """A point in pixels, its label's text and centre, and whether a line joins the two."""

    point: Point
    x: float
    y: float
    text: str
    label_x: float
    label_y: float
    leader: bool
    best: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """A plot in pixels: ticks as (position, text), and the frontier as corners of a staircase."""

    plot: Plot
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    placed: tuple[Placed, ...]
    frontier: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """A measured quantity to plot accuracy against."""

    key: str
    label: str
    unit: str


AXES = (
    Axis("macs", "Multiply-adds", "measured at each model's own input size (operations)"),
    Axis("parameters", "Parameters", "measured (count)"),
)


def plots(key: str, name: str, models: Sequence[Model], families: Sequence[str]) -> list[Plot]:
    """Claimed top-1 accuracy against each axis, by the one publisher who states most of it.

    Accuracies of two publishers do not share a frontier: they come of two trainings and two evaluations.
    """
    publisher = _publisher(models)
    used = tuple((n, family) for n, family in enumerate(families) if any(m.family == family for m in models))
    made = []
    for axis in AXES:
        points, left_out = [], []
        for model in models:
            claim, x = model.claim("top1", publisher), getattr(model, axis.key)
            if claim is None or not x:
                left_out.append(model.name)
            else:
                points.append(Point(model.name, list(families).index(model.family), x, float(claim.value), model.page))
        data_set = next((c.dataset for m in models if (c := m.claim("top1", publisher)) and c.dataset), None)
        made.append(
            Plot(
                f"{key}-{axis.key}",
                f"{name}: top-1 accuracy against {axis.label.lower()}",
                f"{axis.label}, {axis.unit}",
                f"Top-1 accuracy{f' on {data_set}' if data_set else ''}, claimed by {publisher or 'nobody'} (%)",
                used,
                tuple(points),
                tuple(left_out),
            )
        )
    return made


def _publisher(models: Sequence[Model]) -> str | None:
    """Who claims a top-1 accuracy for most of the models; the first in reading order among equals."""
    counts: dict[str, int] = {}
    for model in models:
        for publisher in {c.publisher: 0 for c in model.entry.all_claims() if c.quantity == "top1"}:
            counts[publisher] = counts.get(publisher, 0) + 1
    return max(counts, key=lambda name: counts[name], default=None)


def pareto(points: Sequence[Point]) -> list[Point]:
    """The points no other beats: none costs as little and reaches more, or reaches as much and costs less.

    Points equal in both are on the frontier together.
    """
    frontier: list[Point] = []
    for point in sorted(points, key=lambda p: (p.x, -p.y)):
        last = frontier[-1] if frontier else None
        if last is None or point.y > last.y or (point.x, point.y) == (last.x, last.y):
            frontier.append(point)
    return frontier


@lru_cache(maxsize=256)  # the page, the files and their digest each ask for it
def layout(plot: Plot) -> Layout:
    """Everything in pixels, the origin at the top left."""
    if not plot.points:
        return Layout(plot, (), (), (), ())
    x_of, x_values = _x_scale([p.x for p in plot.points])
    y_of, y_values = _y_scale([p.y for p in plot.points])
    best = pareto(plot.points)
    corners: list[tuple[float, float]] = []
    for point in best:
        if corners:
            corners.append((x_of(point.x), corners[-1][1]))
        corners.append((x_of(point.x), y_of(point.y)))
    spots = [(x_of(p.x), y_of(p.y)) for p in plot.points]
    texts = [p.label for p in plot.points] if len(spots) <= MANY else [str(n) for n in range(1, len(spots) + 1)]
    on_frontier = {id(point) for point in best}
    placed = tuple(
        Placed(p, *spot, text, *place, id(p) in on_frontier)
        for p, spot, text, place in zip(plot.points, spots, texts, _labels(spots, texts, corners), strict=True)
    )
    return Layout(
        plot,
        tuple((x_of(v), _short(v)) for v in x_values),
        tuple((y_of(v), f"{v:g}") for v in y_values),
        placed,
        tuple(corners),
    )


def _x_scale(values: Sequence[float]):
    low, high = min(values), max(values)
    if high / low < LOGARITHMIC:
        ticks = _steps(low, high)
        return _linear(ticks[0], ticks[-1], LEFT, WIDTH - RIGHT), ticks
    low, high = low / 1.15, high * 1.15
    grid = [m * 10.0**e for e in range(-3, 30) for m in (1, 2, 5)]
    ticks = [v for v in grid if low <= v <= high]
    of = _linear(math.log(low), math.log(high), LEFT, WIDTH - RIGHT)
    return (lambda value: of(math.log(value))), ticks


def _y_scale(values: Sequence[float]):
    low, high = min(values), max(values)
    room = (high - low) * 0.12 or 1.0
    low, high = low - room, high + room
    return _linear(low, high, HEIGHT - BOTTOM, TOP), [v for v in _steps(low, high) if low <= v <= high]


def _short(value: float) -> str:
    """`500 M`, `2.5 G`: a tick's number without padding."""
    number, _, letter = human(value).partition(" ")
    return f"{number.rstrip('0').rstrip('.') if letter else number} {letter}".strip()


def _steps(low: float, high: float) -> list[float]:
    """Round numbers from below the lowest value to above the highest, five to ten of them."""
    span = (high - low) or abs(high) or 1.0
    rough = span / 6
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough)
    first = math.floor((low - span * 0.04) / step)
    last = math.ceil((high + span * 0.04) / step)
    return [round(n * step, 10) for n in range(first, last + 1)]


def _linear(low: float, high: float, start: float, end: float):
    return lambda value: start + (value - low) / ((high - low) or 1) * (end - start)


Spot = tuple[float, float]
Box = tuple[float, float, float, float]


def _labels(spots: Sequence[Spot], texts: Sequence[str], corners: Sequence[Spot]) -> list[tuple[float, float, bool]]:
    """For every point the centre of its label and whether it needs a line; crowded points choose first.

    A label must not cover a marker or another label, and should keep off the frontier and away from
    markers that it could be taken to name.
    """
    markers = [_box(x, y, MARKER * 2 + 2, MARKER * 2 + 2) for x, y in spots]
    lines = [_line(a, b) for a, b in pairwise(corners)]
    order = sorted(range(len(spots)), key=lambda i: -sum(math.dist(spots[i], other) < 50 for other in spots))
    taken: list[Box] = []
    result: dict[int, tuple[float, float, bool]] = {}
    for i in order:
        width = len(texts[i]) * CHARACTER + 4
        near = (_box(x, y, CLEARANCE, CLEARANCE) for j, (x, y) in enumerate(spots) if j != i)
        reach = _box(*spots[i], 2 * (RADII[-1] + width), 2 * (RADII[-1] + LINE))
        hard, soft = ([box for box in boxes if _shared(box, reach)] for boxes in ((*markers, *taken), (*lines, *near)))
        places = _candidates(spots[i], width, hard, soft)
        _, place, box = min(places, key=lambda c: c[0])
        taken.append(box)
        result[i] = place
    return [result[i] for i in range(len(spots))]


def _candidates(spot: Spot, width: float, hard: Sequence[Box], soft: Sequence[Box]):
    """Places around a point with their cost: what is covered first, then what is close, then distance."""
    for radius in RADII:
        for rank, angle in enumerate(ANGLES):
            dx, dy = math.cos(math.radians(angle)), -math.sin(math.radians(angle))
            x = spot[0] + dx * (radius + width / 2 * abs(dx))
            y = spot[1] + dy * (radius + LINE / 2 * abs(dy))
            box = _box(x, y, width, LINE)
            covered = sum(_shared(box, other) for other in hard) + _outside(box)
            close = sum(_shared(box, other) for other in soft)
            yield covered * 1000 + close * 5 + radius * 10 + rank, (x, y, radius > RADII[1]), box


def _line(a: Spot, b: Spot) -> Box:
    return min(a[0], b[0]) - 1, min(a[1], b[1]) - 1, max(a[0], b[0]) + 1, max(a[1], b[1]) + 1


def _box(x: float, y: float, width: float, height: float) -> Box:
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _shared(a: Box, b: Box) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return width * height if width > 0 and height > 0 else 0.0


def _outside(box: Box) -> float:
    over = max(0, LEFT - box[0]) + max(0, box[2] - WIDTH + 2) + max(0, TOP - box[1]) + max(0, box[3] - HEIGHT + BOTTOM)
    return over * LINE
