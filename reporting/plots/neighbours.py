"""Draw a model among its neighbours: its family and the nearest of others, accuracy against
cost."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from zoo.model_index.records.leaderboards import Leaderboard, LeaderboardMetric, Leaderboards
from zoo.model_index.records.records import Claim
from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.plots.axes import linear_axis, logarithmic_axis
from zoo.reporting.plots.canvas import SMALL
from zoo.reporting.plots.marks import COLOURS, OTHERS, mark, short
from zoo.reporting.plots.parts import axis_names, frame, grid, names
from zoo.reporting.plots.point_names import Wish, place
from zoo.reporting.views.catalogue import Model

GIGA, MEGA = 10**9, 10**6
RELATIVES, STRANGERS = 7, 6  # of its family and of others, at most
FEWEST = 3  # points of a plot
LESS = 0.95  # of a cost, at most, is less in a sentence
WINDOW = 40  # models to either side by cost that are looked at


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost on the x axis: its name with the unit, and what stands in a sentence."""

    key: str
    label: str
    words: str


COSTS = (
    Cost("macs", N_("GMACs, measured"), N_("multiply-adds")),
    Cost("parameters", N_("parameters, M, measured"), N_("parameters")),
    Cost("inference_time", N_("latency, ms, published"), N_("latency")),
    Cost("flops", N_("GFLOPs, published"), N_("FLOPs")),
)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A model in a plot: its cost in the unit of the axis and its published metric."""

    model: Model
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class NeighboursPlot:
    """The finished plot: `title` is what it shows, in a sentence, and `svg` the drawing."""

    title: str
    svg: Markup


# What one plot compares: metric, publisher and cost.
_Group = tuple[Leaderboard, LeaderboardMetric, str, Cost]


class Neighbourhood:
    """All models by what can be compared; made once for a site.

    `Neighbourhood(catalogue.models).plot(model)` is what a page calls. Numbers that are wrong, and
    the costs of another model, are not in it.
    """

    def __init__(self, models: Sequence[Model]):
        self._boards = Leaderboards(model.entry for model in models)
        self._groups: dict[_Group, list[Neighbour]] = {}
        self._of: dict[str, list[tuple[_Group, Neighbour]]] = {}
        for model in models:
            costs = dict(_costs(model))
            for board, metric, claim in self._metrics(model):
                for cost in (cost for cost in COSTS if cost.key in costs):
                    group = board, metric, claim.publisher, cost
                    spot = Neighbour(model, costs[cost.key], float(claim.number))
                    self._groups.setdefault(group, []).append(spot)
                    self._of.setdefault(model.slug, []).append((group, spot))
        for spots in self._groups.values():
            spots.sort(key=lambda spot: spot.x)

    def plot(self, model: Model) -> NeighboursPlot | None:
        """Return the plot of a model, with it ringed and named, in about 3 KB of SVG.

        The axis is measured multiply-adds where there are any. None where fewer than two others
        have the same metric of the same publisher, and a cost of the same kind.
        """
        if chosen := self._choose(model):
            group, spots = chosen
            return _draw(group, spots[0], spots)
        return None

    def numbers(self, model: Model) -> list[tuple[str, str, float, float]]:
        """Return what the plot of a model is drawn from: name, family, cost and metric of each."""
        chosen = self._choose(model)
        spots = chosen[1] if chosen else []
        return [(spot.model.name, spot.model.family, spot.x, spot.y) for spot in spots]

    def _choose(self, model: Model) -> tuple[_Group, list[Neighbour]] | None:
        for group, own in self._of.get(model.slug, ()):
            if len(self._groups[group]) >= FEWEST:
                return group, _near(own, self._groups[group])
        return None

    def _metrics(self, model: Model) -> Iterator[tuple[Leaderboard, LeaderboardMetric, Claim]]:
        """Yield the claims of the first metric of each leaderboard of a model, one a publisher;
        those of the model's own publisher first."""
        seen: set[tuple[Leaderboard, str]] = set()
        usable = {id(check.claim) for check in model.checks if check.usable is not None}
        for board in dict.fromkeys(
            self._boards.board_of(model.entry, claim)
            for claim in model.entry.all_claims()
            if claim.row.metric
        ):
            for metric in self._boards.metrics(board):
                for claim in self._boards.claims_on(model.entry, board, metric):
                    is_new = id(claim) in usable and (board, claim.publisher) not in seen
                    if is_new and isinstance(claim.value, Decimal) and claim.row.better > 0:
                        seen.add((board, claim.publisher))
                        yield board, metric, claim


def _costs(model: Model) -> Iterator[tuple[str, float]]:
    """Yield what is known of the cost of a model, in the units of `COSTS`."""
    if model.macs:
        yield "macs", model.macs / GIGA
    if model.parameters:
        yield "parameters", model.parameters / MEGA
    scales = {"inference_time": 1, "flops": GIGA}
    for claim in (check.claim for check in model.checks if check.usable is not None):
        scale = scales.pop(claim.quantity, 0)
        if scale and isinstance(claim.value, Decimal) and claim.value > 0:
            yield claim.quantity, float(claim.number) / scale


def _near(own: Neighbour, spots: Sequence[Neighbour]) -> list[Neighbour]:
    """Return the nearest of its family and of others, with the model itself first."""
    middle = next(n for n, spot in enumerate(spots) if spot is own)
    window = [s for s in spots[max(0, middle - WINDOW) : middle + WINDOW + 1] if s is not own]
    spread = (max(s.y for s in window) - min(s.y for s in window)) / 4 or 1.0
    window.sort(key=lambda s: abs(math.log2(s.x / own.x)) + abs(s.y - own.y) / spread)
    family = [s for s in window if s.model.family == own.model.family][:RELATIVES]
    return [own, *family, *[s for s in window if s.model.family != own.model.family][:STRANGERS]]


def _draw(group: _Group, own: Neighbour, spots: Sequence[Neighbour]) -> NeighboursPlot:
    _board, metric, publisher, cost = group
    canvas = SMALL
    x = logarithmic_axis([s.x for s in spots], canvas.left + 12, canvas.rightmost - 12)
    y = linear_axis([s.y for s in spots], canvas.lowest, canvas.top)
    places = [(x.pixel(s.x), y.pixel(s.y)) for s in spots]
    families = list(dict.fromkeys(s.model.family for s in spots))
    row = next(claim.row for claim in own.model.entry.all_claims() if claim.quantity == metric.key)
    parts = [*grid(canvas, x, y)]
    for number, family in enumerate(families[: OTHERS + 1]):
        series = [p for p, s in zip(places, spots, strict=True) if s.model.family == family]
        parts.append(mark(min(number, OTHERS), series))
    left, top = places[0]
    parts.append(
        f'<circle cx="{short(left)}" cy="{short(top)}" r="9" fill="none" stroke="{COLOURS[0]}" '
        'stroke-width="1.5"/>'
    )
    wishes = [Wish(p, s.model.name, s is own) for p, s in zip(places, spots, strict=True)]
    bounds = (canvas.left, 0, canvas.width, canvas.lowest)
    labels = place(wishes, [*places, *_ring(places[0])], bounds)
    parts += names(labels[:1], " strong")
    parts += names(labels[1:])
    heading = row.column.heading if row.column else row.label
    unit = f", {row.unit}" if row.unit else ""
    parts += axis_names(canvas, _(cost.label), f"{_(heading)}{unit} ({publisher})")
    title = _title(own, spots, cost)
    return NeighboursPlot(title, frame(canvas, f"{own.model.name}: {title}", parts, "small"))


def _ring(spot: tuple[float, float]) -> list[tuple[float, float]]:
    """Return places around a ringed point that names keep off."""
    return [(spot[0] + dx, spot[1] + dy) for dx in (-5, 5) for dy in (-5, 5)]


def _title(own: Neighbour, spots: Sequence[Neighbour], cost: Cost) -> str:
    """Say which neighbour claims more for less, or that none does."""
    better = [s for s in spots if s.y > own.y and s.x < own.x * LESS]
    if not better:
        return _("No neighbour claims more for less")
    best = min(better, key=lambda s: (s.model.family != own.model.family, s.x))
    return _(
        "%(model)s claims more with %(share)s %% of the %(cost)s",
        model=best.model.name,
        share=f"{best.x / own.x * 100:.0f}",
        cost=_(cost.words),
    )
