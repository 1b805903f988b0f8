"""Draw a model among its neighbours: its family and the nearest of others, accuracy against
cost."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from markupsafe import Markup

from zoo.reporting.i18n.gettext import _
from zoo.reporting.plots.axes import linear_axis, logarithmic_axis
from zoo.reporting.plots.canvas import SMALL
from zoo.reporting.plots.comparisons import Comparison, Comparisons, Contender
from zoo.reporting.plots.marks import COLOURS, OTHERS, mark, short, where
from zoo.reporting.plots.parts import axis_names, frame, grid, names
from zoo.reporting.plots.point_names import Wish, around, place
from zoo.reporting.views.accuracy_difference import tells_apart
from zoo.reporting.views.catalogue import Model
from zoo.reporting.views.dataset_sizes import SHARES, count_images

RELATIVES, STRANGERS = 7, 6  # of its family and of others, at most
FEWEST = 3  # points of a plot
LESS = 0.95  # of a cost, at most, is less in a sentence
RING = 9
LONGEST, HEAD, TAIL = 22, 11, 10  # letters of a name, and what stays of a longer one
WINDOW = 40  # models to either side by cost that are looked at


@dataclass(frozen=True, slots=True)
class NeighboursPlot:
    """The finished plot: `title` is what it shows, in a sentence, and `svg` the drawing."""

    title: str
    svg: Markup


class Neighbourhood:
    """All models by what can be compared; made once for a site.

    `Neighbourhood(catalogue.models).plot(model)` is what a page calls.
    """

    def __init__(self, models: Sequence[Model]):
        self._comparisons = Comparisons(models)

    def plot(self, model: Model) -> NeighboursPlot | None:
        """Return the plot of a model, with it ringed and named, in about 2 KB of SVG.

        The x axis is measured multiply-adds where there are any. None where fewer than two others
        have the same metric of the same publisher, and a cost of the same kind.
        """
        if chosen := self._choose(model):
            group, compared = chosen
            return _draw(group, compared[0], compared)
        return None

    def numbers(self, model: Model) -> list[tuple[str, str, float, float]]:
        """Return what the plot of a model is drawn from: name, family, cost and metric of each."""
        chosen = self._choose(model)
        compared = chosen[1] if chosen else []
        return [(c.model.name, c.model.family, c.x, c.y) for c in compared]

    def _choose(self, model: Model) -> tuple[Comparison, list[Contender]] | None:
        for group, own in self._comparisons.of(model):
            models = self._comparisons.groups[group]
            if len(models) >= FEWEST:
                return group, _near(own, models)
        return None


def _near(own: Contender, models: Sequence[Contender]) -> list[Contender]:
    """Return the nearest of its family and of others, with the model itself first."""
    middle = bisect_left(models, own.x, key=lambda contender: contender.x)
    while models[middle] is not own:
        middle += 1
    window = [*models[max(0, middle - WINDOW) : middle], *models[middle + 1 : middle + WINDOW + 1]]
    ys = [contender.y for contender in window]
    spread = (max(ys) - min(ys)) / 4 or 1.0
    far = [abs(math.log2(s.x / own.x)) + abs(s.y - own.y) / spread for s in window]
    nearest = [window[n] for n in sorted(range(len(window)), key=far.__getitem__)]
    family = own.model.family
    relatives = (s for s in nearest if s.model.family == family)
    strangers = (s for s in nearest if s.model.family != family)
    return [own, *islice(relatives, RELATIVES), *islice(strangers, STRANGERS)]


def _draw(group: Comparison, own: Contender, models: Sequence[Contender]) -> NeighboursPlot:
    canvas = SMALL
    x = logarithmic_axis([s.x for s in models], canvas.left + 12, canvas.rightmost - 12)
    y = linear_axis([s.y for s in models], canvas.lowest, canvas.top)
    places = [(x.pixel(s.x), y.pixel(s.y)) for s in models]
    families = list(dict.fromkeys(s.model.family for s in models))
    parts = [*grid(canvas, x, y)]
    for number, family in enumerate(families[: OTHERS + 1]):
        series = [where(p) for p, s in zip(places, models, strict=True) if s.model.family == family]
        parts.append(mark(min(number, OTHERS), series))
    left, top = places[0]
    parts.append(
        f'<circle cx="{short(left)}" cy="{short(top)}" r="{RING}" fill="none" '
        f'stroke="{COLOURS[0]}" stroke-width="1.5"/>'
    )
    texts = short_names([contender.model.name for contender in models])
    wishes = [Wish(p, t, not n) for n, (p, t) in enumerate(zip(places, texts, strict=True))]
    bounds = (canvas.left, 0, canvas.width, canvas.lowest)
    boxes = [around(places[0], RING), *map(around, places[1:])]
    labels = place(wishes, boxes, bounds)
    parts += names(labels[:1], " strong")
    parts += names(labels[1:])
    parts += axis_names(canvas, group.cost.x_label, group.metric.y_label(own.claim.row))
    title = _title(own, models, group)
    return NeighboursPlot(title, frame(canvas, f"{own.model.name}: {title}", parts, "small"))


def short_names(names: Sequence[str]) -> list[str]:
    """Leave out pretrained tags where the names differ without them, and the middle of long
    names."""
    bare = [name.partition(".")[0] for name in names]
    texts = bare if len(set(bare)) == len(set(names)) else names
    return [text if len(text) <= LONGEST else f"{text[:HEAD]}…{text[-TAIL:]}" for text in texts]


def _title(own: Contender, models: Sequence[Contender], group: Comparison) -> str:
    """Say which neighbour claims more for less, or that none does; a difference that the images of
    the data set cannot tell is none."""
    higher = [s for s in models if s.y > own.y and s.x < own.x * LESS]
    better = [s for s in higher if _differs(own, s, group)]
    if not better:
        if higher:
            return _("No neighbour is better for less, as far as the images tell")
        return _("No neighbour claims more for less")
    best = min(better, key=lambda s: (s.model.family != own.model.family, s.x))
    return _(
        "%(model)s claims more with %(share)s %% of the %(cost)s",
        model=best.model.name,
        share=f"{best.x / own.x * 100:.0f}",
        cost=_(group.cost.words),
    )


def _differs(own: Contender, other: Contender, group: Comparison) -> bool:
    """Return whether the images tell two accuracies apart; what is no accuracy differs."""
    if own.claim.quantity not in SHARES:
        return True
    return tells_apart(own.y, other.y, count_images(group.metric.board.dataset))
