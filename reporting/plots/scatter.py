"""Compute plots as data: points, the Pareto frontier, ticks, and the place of each label.

The picture in the page (`svg`) and the files for download (`figures`) draw the same layout, in
which no point is without a name: a label beside it, joined to it by a line where it had to move
away.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from zoo.model_index.quantities.show import human
from zoo.model_index.records.records import Claim
from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.plots.label_placement import place
from zoo.reporting.views.catalogue import Model
from zoo.reporting.views.measured_quantities import MEASURED

WIDTH, HEIGHT = 760, 500  # pixels; 100 to the inch in the files
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 34, 56  # margins
HEADING = 14  # where the legend stands
MANY = 40  # with more points than this, labels are numbers
# with more than this, only the frontier's are drawn: the others' numbers would cover each other
CROWD = 150
LOGARITHMIC = 12  # from this ratio of largest to smallest on, the horizontal axis is logarithmic


READING = N_("Higher and further left is better; ringed points are on the frontier.")

Spot = tuple[float, float]
Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A model in a plot; `series`, mostly its family, decides marker, colour and line.

    `x_span` and `y_span` are the intervals of its values where they were measured. A point that is
    not `labelled` is named by its neighbours on the line, by its tooltip, and in the table.
    """

    label: str
    series: int
    x: float
    y: float
    page: str = ""
    x_span: Span | None = None
    y_span: Span | None = None
    labelled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The style of a plot and the explanation of its axes.

    `joined` draws a line through the points of a series, `frontier` the Pareto frontier of costs
    and gains, `legend` the names of the series. `x_values` are the only values with a tick, on a
    logarithmic axis. Units stand behind numbers in tooltips; `x_count` says that x is a large whole
    number. `y_log` allows a logarithmic axis.
    """

    joined: bool = False
    frontier: bool = True
    legend: bool = True
    x_values: tuple[float, ...] = ()
    x_unit: str = ""
    y_unit: str = "%"
    x_count: bool = True
    y_log: bool = False
    reading: str = READING

    def show_x(self, value: float) -> str:
        """Format an x value for readers."""
        return human(value) if self.x_count else f"{value:,.5g}"

    def show_y(self, value: float) -> str:
        """Format a y value for readers: percentages in two decimals."""
        return f"{value:.2f}" if self.y_unit == "%" else f"{value:,.5g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """The data of a plot; `series` are numbers and names, `left_out` the models without both
    values, `wrong` those of which one is wrong, or is another model's.

    `group` says under which heading of a page it stands, `summary` what it shares with the others
    of its set-up, `short` what it is among those, `note` and `sources` what is said below it.
    """

    key: str
    title: str
    x_label: str
    y_label: str
    series: tuple[tuple[int, str], ...]
    points: tuple[Point, ...]
    left_out: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    look: Look = Look()
    group: str = "cost"
    summary: str = ""
    short: str = ""
    note: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedPoint:
    """A point in pixels, the text and centre of its label, and whether a line joins the two.

    `labelled` is False where the label is not drawn, in a crowd. `spans` are its intervals as
    lines.
    """

    point: Point
    x: float
    y: float
    text: str
    label_x: float
    label_y: float
    leader: bool
    best: bool
    labelled: bool = True
    spans: tuple[tuple[Spot, Spot], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotLayout:
    """A plot in pixels: ticks as (position, text), the frontier as corners of a staircase, a line
    for each series."""

    plot: Plot
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    placed: tuple[PlacedPoint, ...]
    frontier: tuple[Spot, ...]
    lines: tuple[tuple[int, tuple[Spot, ...]], ...] = ()


def plots(key: str, name: str, models: Sequence[Model], families: Sequence[str]) -> list[Plot]:
    """Plot claimed top-1 accuracy against each axis, by the publisher with the most accuracies, on
    the data set that most of them are on.

    Accuracies of two publishers do not share a frontier: they come of two trainings and two
    evaluations. No accuracy that is wrong and no cost of another model is drawn.
    """
    publisher = accuracy_by(models)
    data_set, claims = accuracies(models, publisher)
    used = tuple(
        (n, family) for n, family in enumerate(families) if any(m.family == family for m in models)
    )
    result = []
    for axis in MEASURED:
        points, left_out, wrong = [], [], []
        for model in models:
            claim, x = claims.get(model.slug), axis.value(model)
            if model.another or is_wrong(model, "top1", publisher):
                wrong.append(model.name)
            elif claim is None or not x or x < 0:
                left_out.append(model.name)
            else:
                points.append(
                    Point(
                        label=model.name,
                        series=list(families).index(model.family),
                        x=x,
                        y=float(claim.number),
                        page=model.page,
                    )
                )
        result.append(
            Plot(
                key=f"{key}-{axis.key}",
                title=_(
                    "%(name)s: top-1 accuracy against %(axis)s",
                    name=name,
                    axis=_(axis.label).lower(),
                ),
                x_label=f"{_(axis.label)}, {_(axis.axis_note)}",
                y_label=accuracy_label(data_set, publisher),
                series=used,
                points=tuple(points),
                left_out=tuple(left_out),
                wrong=tuple(wrong),
            )
        )
    return result


def accuracies(
    models: Sequence[Model], publisher: str | None
) -> tuple[str | None, dict[str, Claim]]:
    """Return the data set that most top-1 accuracies of a publisher are on, and these, by the slug
    of their model; wrong ones are not among them."""
    every = [
        (model, claim)
        for model in models
        for claim in model.entry.all_claims()
        if claim.quantity == "top1"
        and claim.publisher == publisher
        and isinstance(claim.value, Decimal)
        and claim not in model.wrong_claims
    ]
    counts = Counter(claim.dataset for _, claim in every)
    usual = counts.most_common(1)[0][0] if counts else None
    own = ((model.slug, claim) for model, claim in reversed(every) if claim.dataset == usual)
    return usual, dict(own)


def is_wrong(model: Model, quantity: str, publisher: str | None) -> bool:
    """Return whether a publisher claims a quantity of a model, and no such claim is usable."""
    wrong = any(
        claim.quantity == quantity and claim.publisher == publisher for claim in model.wrong_claims
    )
    return wrong and model.claim(quantity, publisher) is None


def accuracy_label(data_set: str | None, publisher: str | None) -> str:
    """Return the label of an axis of claimed accuracies."""
    if data_set:
        return _(
            "Top-1 accuracy on %(data)s, claimed by %(publisher)s (%%)",
            data=data_set,
            publisher=publisher or "–",
        )
    return _("Top-1 accuracy, claimed by %(publisher)s (%%)", publisher=publisher or "–")


def accuracy_by(models: Sequence[Model]) -> str | None:
    """Return the publisher with top-1 accuracies of most models; the first in reading order among
    equals."""
    counts: dict[str, int] = {}
    for model in models:
        claims = (c for c in model.entry.all_claims() if c.quantity == "top1")
        for publisher in {c.publisher: 0 for c in claims if c not in model.wrong_claims}:
            counts[publisher] = counts.get(publisher, 0) + 1
    return max(counts, key=lambda name: counts[name], default=None)


def pareto(points: Sequence[Point]) -> list[Point]:
    """Return the points that no other point dominates by lower cost or higher gain.

    Points equal in both are on the frontier together.
    """
    frontier: list[Point] = []
    for point in sorted(points, key=lambda p: (p.x, -p.y)):
        last = frontier[-1] if frontier else None
        if last is None or point.y > last.y or (point.x, point.y) == (last.x, last.y):
            frontier.append(point)
    return frontier


@lru_cache(maxsize=256)  # the page, the files and their digest each ask for it
def layout(plot: Plot) -> PlotLayout:
    """Compute a plot in pixels, with the origin at the top left."""
    if not plot.points:
        return PlotLayout(plot=plot, x_ticks=(), y_ticks=(), placed=(), frontier=())
    x_of, x_values = _x_scale(_reach((p.x, p.x_span) for p in plot.points), plot.look)
    y_of, y_values = _y_scale(_reach((p.y, p.y_span) for p in plot.points), plot.look)
    best = pareto(plot.points) if plot.look.frontier else []
    corners: list[Spot] = []
    for point in best:
        if corners:
            corners.append((x_of(point.x), corners[-1][1]))
        corners.append((x_of(point.x), y_of(point.y)))
    on_frontier = {id(point) for point in best}
    placed = [
        PlacedPoint(
            point=p,
            x=x_of(p.x),
            y=y_of(p.y),
            text="",
            label_x=0,
            label_y=0,
            leader=False,
            best=id(p) in on_frontier,
            spans=tuple(_spans(p, x_of, y_of)),
        )
        for p in plot.points
    ]
    return PlotLayout(
        plot=plot,
        x_ticks=tuple((x_of(v), _short(v)) for v in x_values),
        y_ticks=tuple((y_of(v), _short(v)) for v in y_values),
        placed=tuple(_add_labels(placed, corners)),
        frontier=tuple(corners),
        lines=tuple(_lines(placed)) if plot.look.joined else (),
    )


def _reach(values: Iterable[tuple[float, Span | None]]) -> list[float]:
    """Return the values and the ends of their intervals."""
    return [number for value, span in values for number in (value, *(span or ()))]


def _spans(
    point: Point, x_of: Callable[[float], float], y_of: Callable[[float], float]
) -> Iterator[tuple[Spot, Spot]]:
    x, y = x_of(point.x), y_of(point.y)
    if point.x_span:
        yield (x_of(point.x_span[0]), y), (x_of(point.x_span[1]), y)
    if point.y_span:
        yield (x, y_of(point.y_span[0])), (x, y_of(point.y_span[1]))


def _lines(placed: Sequence[PlacedPoint]) -> Iterator[tuple[int, tuple[Spot, ...]]]:
    """Return the points of each series from left to right, for series of two points or more."""
    for series in dict.fromkeys(p.point.series for p in placed):
        spots = sorted((p.x, p.y) for p in placed if p.point.series == series)
        if len(spots) > 1:
            yield series, tuple(spots)


def _add_labels(placed: list[PlacedPoint], corners: Sequence[Spot]) -> list[PlacedPoint]:
    """Label the points: all of them by name, in a crowd by number, in a larger one the frontier
    only."""
    chosen = [number for number, p in enumerate(placed) if p.point.labelled]
    texts = [p.point.label if len(chosen) <= MANY else str(n) for n, p in enumerate(placed, 1)]
    if len(chosen) > CROWD:  # of points in one place, the first stands for all
        chosen = sorted(
            {(placed[n].x, placed[n].y): n for n in reversed(chosen) if placed[n].best}.values()
        )
    spots = [(placed[n].x, placed[n].y) for n in chosen]
    places = place(
        spots, [texts[n] for n in chosen], corners, (LEFT, TOP, WIDTH - 2, HEIGHT - BOTTOM)
    )
    labels = dict(zip(chosen, places, strict=True))
    result = []
    for n, point in enumerate(placed):
        x, y, leader = labels.get(n, (point.x, point.y, False))
        result.append(
            replace(point, text=texts[n], label_x=x, label_y=y, leader=leader, labelled=n in labels)
        )
    return result


# A function from a value to its pixel, and the values with a tick.
Scale = tuple[Callable[[float], float], list[float]]


def _x_scale(values: Sequence[float], look: Look) -> Scale:
    low, high = min(values), max(values)
    if look.x_values:
        low, high = min(look.x_values) / 1.2, max(look.x_values) * 1.3
        return _logarithmic(low, high, LEFT, WIDTH - RIGHT), list(look.x_values)
    if high / low < LOGARITHMIC:
        ticks = _steps(low, high)
        return _linear(ticks[0], ticks[-1], LEFT, WIDTH - RIGHT), ticks
    low, high = low / 1.15, high * 1.15
    return _logarithmic(low, high, LEFT, WIDTH - RIGHT), _powers(low, high)


def _y_scale(values: Sequence[float], look: Look) -> Scale:
    low, high = min(values), max(values)
    if look.y_log and high / low >= LOGARITHMIC:
        low, high = low / 1.2, high * 1.2
        return _logarithmic(low, high, HEIGHT - BOTTOM, TOP), _powers(low, high)
    room = (high - low) * 0.12 or 1.0
    low, high = low - room, high + room
    return _linear(low, high, HEIGHT - BOTTOM, TOP), [
        v for v in _steps(low, high) if low <= v <= high
    ]


def _powers(low: float, high: float) -> list[float]:
    """Return round numbers between two values, at least four where there are enough."""
    ticks: list[float] = []
    for multiples in ((1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7)):
        ticks = [
            m * 10.0**e for e in range(-6, 31) for m in multiples if low <= m * 10.0**e <= high
        ]
        if len(ticks) >= 4:
            break
    return ticks


def _logarithmic(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    scale = _linear(math.log(low), math.log(high), start, end)
    return lambda value: scale(math.log(value))


def _short(value: float) -> str:
    """Format the number of a tick without padding: `500 M`, `2.5 G`, `0.02`."""
    if abs(value) < 1000:
        return f"{value:g}"
    number, _, letter = human(value).partition(" ")
    return f"{number.rstrip('0').rstrip('.') if letter else number} {letter}".strip()


def _steps(low: float, high: float) -> list[float]:
    """Return five to ten round numbers from below the lowest value to above the highest."""
    span = (high - low) or abs(high) or 1.0
    rough = span / 6
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough)
    first = math.floor((low - span * 0.04) / step)
    last = math.ceil((high + span * 0.04) / step)
    return [round(n * step, 10) for n in range(first, last + 1)]


def _linear(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    return lambda value: start + (value - low) / ((high - low) or 1) * (end - start)
