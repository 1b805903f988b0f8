"""The first plot in words: the best of all models, the frontier, and what is not drawn.

`explore.js` says the same of other axes and limits, by the same rules.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zoo.model_index.findings import Standing
from zoo.reporting.pages.columns import Column
from zoo.reporting.pages.explore.axes import show_unit, words_of
from zoo.reporting.pages.explore.words import count_word, word
from zoo.reporting.plots.scatter import list_few
from zoo.reporting.views.accuracy_difference import tells_apart
from zoo.reporting.views.catalogue import Model
from zoo.reporting.views.dataset_sizes import SHARES

MOST_TIES = 2  # equal models that the sentence names
NAMED = 3  # models that a note, or what is as good as the best, names
BOARD = ""  # of the table of all models, which most models have a number on


@dataclass(frozen=True, slots=True)
class Spot:
    """A model with its numbers, in the units of the columns."""

    model: Model
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPlot:
    """What is drawn at first: a metric against a cost.

    `spots` are sorted by cost, `pool` counts the models that have a y value, `wrong` are those left
    out because their number is wrong.
    """

    x: Column
    y: Column
    spots: tuple[Spot, ...]
    pool: int
    wrong: tuple[Model, ...]

    @property
    def up(self) -> int:
        """Return -1 where lower is better on the y axis, else 1."""
        return -1 if self.y.better < 0 else 1

    @property
    def has_best(self) -> bool:
        """Return whether a model can beat others: by a gain for its cost, not by two costs."""
        return bool(self.x.better and self.y.better) and max(self.x.better, self.y.better) > 0

    @property
    def frontier(self) -> list[Spot]:
        """Return the spots that no cheaper one beats; equal ones are on the frontier together."""
        best: list[Spot] = []
        up = self.up
        for spot in self.spots if self.has_best else ():
            last = best[-1] if best else None
            if last is None or up * spot.y > up * last.y or (spot.x, spot.y) == (last.x, last.y):
                best.append(spot)
        return best

    @property
    def title(self) -> str:
        """Return the finding in a sentence: the best model, and what it reaches."""
        if not self.spots:
            return word("empty")
        if not self.has_best:
            y, x = words_of(self.y).goal, words_of(self.x).goal
            return count_word("plain", len(self.spots), y=y[:1].upper() + y[1:], x=x)
        best = self.best
        return word(
            "highall" if self.alike else "bestall",
            goal=words_of(self.y).full,
            models=_join([spot.model.name for spot in best]),
            value=show_unit(self.y, best[0].y),
            how=word("measured" if self.y.measured else "published"),
        )

    @property
    def best(self) -> list[Spot]:
        """Return the best spot, the cheapest of equal ones; of equal cost all of them."""
        top = max(self.up * spot.y for spot in self.spots) * self.up
        least = next(spot for spot in self.spots if spot.y == top)
        return [spot for spot in self.spots if (spot.x, spot.y) == (least.x, least.y)]

    @property
    def alike(self) -> str:
        """Say from which models the images of the data set cannot tell the best one, those of
        least cost first; "" from none."""
        if not self.has_best or self.y.key.partition("--")[0] not in SHARES:
            return ""
        best = self.best[0]
        near = [
            spot.model.name
            for spot in self.spots
            if (spot.x, spot.y) != (best.x, best.y)
            and not tells_apart(best.y, spot.y, self.y.images)
        ]
        more = [f"+ {len(near) - NAMED:,}"] if len(near) > NAMED else []
        others = ", ".join([*near[:NAMED], *more])
        key = "alike" if self.y.images else "near"
        return word(key, images=f"{self.y.images or 0:,}", others=others) if near else ""

    @property
    def subtitle(self) -> str:
        """Return what is drawn, how much of it is on the frontier, and what is as good as the
        best."""
        said = f"{word('against', y=words_of(self.y).title, x=words_of(self.x).title)}."
        count = len(self.frontier)
        more = count_word("front", count, all=f"{len(self.spots):,}") if count else ""
        return " ".join(filter(None, (said, more, self.alike)))

    @property
    def notes(self) -> str:
        """Return what is not drawn, and what the numbers rest on."""
        return " ".join(self._notes())

    def _notes(self) -> Iterator[str]:
        lost = self.pool - len(self.spots) - sum(self.y.raw(m) is not None for m in self.wrong)
        if lost > 0:
            yield count_word("lost", lost, all=f"{self.pool:,}", what=words_of(self.x).noun)
        if self.wrong:
            names = list_few([model.name for model in self.wrong], NAMED)
            yield count_word("leftout", len(self.wrong), models=names)
        if self.y.board is not None and self.spots:
            checked = sum(_standing(self.y, spot.model) is Standing.RIGHT for spot in self.spots)
            counts = {"count": f"{checked:,}", "all": f"{len(self.spots):,}"}
            yield word("checked", goal=words_of(self.y).goal, **counts)
            if names := self._publishers():
                yield word("by", names=names)
        for column in (self.x, self.y):
            if column.setup:
                yield f"{words_of(column).label}: {column.setup}."

    def _publishers(self) -> str:
        """Return the publishers of the metric where they are several, those of most models first:
        `timm (18), PaddleClas (6)`."""
        checks = (self.y.check(spot.model) for spot in self.spots)
        counted = Counter(check.claim.publisher for check in checks if check)
        listed = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
        return ", ".join(f"{name} ({count:,})" for name, count in listed if len(listed) > 1)


def first_plot(listed: Sequence[Column], models: Sequence[Model]) -> FirstPlot | None:
    """Return the first metric of the table of all models against the first cost that models have
    with it, measured costs first; None where no two columns share a model."""
    axes = [column for column in listed if column.axis and column.board in (None, BOARD)]
    metrics = [column for column in axes if column.board == BOARD]
    costs = sorted(
        (column for column in axes if column.board is None and column.better < 0),
        key=lambda column: not (column.measured and not column.setup),
    )
    others = [column for column in axes if column.board is None]
    pairs = ((x, y) for ys in (metrics, others) for y in ys for x in (*costs, *others) if x != y)
    plots = (_plot(x, y, models, metrics) for x, y in pairs)
    return next((plot for plot in plots if plot.spots), None)


def _plot(x: Column, y: Column, models: Sequence[Model], metrics: Sequence[Column]) -> FirstPlot:
    on_board = [
        model
        for model in models
        if not metrics or any(c.raw(model) is not None or _is_wrong(c, model) for c in metrics)
    ]
    spots = [
        Spot(model, left, up)
        for model in on_board
        if isinstance(left := x.raw(model), (int, float))
        and isinstance(up := y.raw(model), (int, float))
        and left > 0
    ]
    sign = -1 if y.better < 0 else 1
    return FirstPlot(
        x=x,
        y=y,
        spots=tuple(sorted(spots, key=lambda spot: (spot.x, -sign * spot.y))),
        pool=sum(y.raw(model) is not None for model in on_board),
        wrong=tuple(m for m in on_board if _is_wrong(x, m) or _is_wrong(y, m)),
    )


def _is_wrong(column: Column, model: Model) -> bool:
    return column.raw(model) is None and _standing(column, model) is Standing.WRONG


def _standing(column: Column, model: Model) -> Standing | None:
    check = column.check(model)
    return check.finding.standing if check else None


def _join(names: Sequence[str]) -> str:
    """Return the names of equal models, the first few of many."""
    if len(names) > MOST_TIES:
        return list_few(names, MOST_TIES)
    *first, last = names
    return word("and", names=", ".join(first), last=last) if first else last
