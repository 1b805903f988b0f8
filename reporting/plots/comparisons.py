"""Sort models by what can be compared: one metric of one publisher against one kind of cost.

A number that is wrong, and the cost of another model, is in no comparison.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.records.leaderboards import (
    Leaderboard,
    LeaderboardMetric,
    Leaderboards,
    conditions_of,
    metric_of,
)
from zoo.model_index.records.records import Claim
from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.plots.scatter import axis_label
from zoo.reporting.views.catalogue import Model

GIGA, MEGA = 10**9, 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """A cost on the x axis: its label with the unit, its name in a sentence, and its unit.

    `conditions` are those of a published one: numbers under others are another cost.
    """

    key: str
    label: str
    words: str
    unit: str
    conditions: str = ""

    @property
    def x_label(self) -> str:
        """Return the label of the x axis, with the conditions."""
        return axis_label(_(self.label), "", self.conditions)


COSTS = (
    Cost(key="macs", label=N_("GMACs, measured"), words=N_("multiply-adds"), unit=" GMACs"),
    Cost(key="parameters", label=N_("parameters, M, measured"), words=N_("parameters"), unit=" M"),
    Cost(key="inference_time", label=N_("latency, ms, published"), words=N_("latency"), unit=" ms"),
    Cost(key="flops", label=N_("GFLOPs, published"), words=N_("FLOPs"), unit=" GFLOPs"),
)
MEASURED_COSTS = ("macs", "parameters")
RANKS = {cost.key: rank for rank, cost in enumerate(COSTS)}


class PublishedMetric(NamedTuple):
    """What is on the y axis: a metric of a leaderboard, by a publisher."""

    board: Leaderboard
    metric: LeaderboardMetric
    publisher: str

    def y_label(self, row: Quantity) -> str:
        """Return the label of the y axis: `Top-1, % (ImageNet, timm)`."""
        heading = row.column.heading if row.column else row.label
        conditions = (f"{name} {value}" for name, value in self.metric.conditions)
        return axis_label(_(heading), row.unit, self.board.dataset, *conditions, self.publisher)


class Comparison(NamedTuple):
    """What is compared: a metric against a cost."""

    metric: PublishedMetric
    cost: Cost


@dataclass(frozen=True, slots=True)
class Contender:
    """A model in a comparison: its cost in the unit of the axis, its published metric, and that
    as a number."""

    model: Model
    x: float
    claim: Claim
    y: float


class Comparisons:
    """All comparisons of some models, each with its models by cost."""

    def __init__(self, models: Sequence[Model]):
        self._boards = Leaderboards(model.entry for model in models)
        self._first = cache(self._boards.metrics)
        self._published = [(m, what, claim) for m in models for what, claim in self._metrics(m)]
        self._claims: dict[PublishedMetric, dict[str, Claim]] = {}
        for model, what, claim in self._published:
            self._claims.setdefault(what, {})[model.slug] = claim

    @cached_property
    def groups(self) -> dict[Comparison, list[Contender]]:
        """Return the models of each comparison, by cost."""
        groups: dict[Comparison, list[Contender]] = {}
        for of_model in self._of.values():
            for group, compared in of_model:
                groups.setdefault(group, []).append(compared)
        for models in groups.values():
            models.sort(key=lambda compared: compared.x)
        return groups

    @cached_property
    def _of(self) -> dict[str, list[tuple[Comparison, Contender]]]:
        """Return the comparisons of each model by its slug."""
        costs: dict[str, dict[Cost, float]] = {}
        of: dict[str, list[tuple[Comparison, Contender]]] = {}
        for model, what, claim in self._published:
            if model.slug not in costs:
                costs[model.slug] = dict(_costs(model))
            of.setdefault(model.slug, []).extend(
                (Comparison(what, cost), Contender(model, amount, claim, float(claim.number)))
                for cost, amount in costs[model.slug].items()
            )
        return of

    def of(self, model: Model) -> Sequence[tuple[Comparison, Contender]]:
        """Return the comparisons that a model is in."""
        return self._of.get(model.slug, ())

    @staticmethod
    def _fewest(cost: Cost, most: int) -> float:
        """Return how many models a plot needs: of a measured cost a few, else half of the most."""
        return max(2, min(4, most / 2) if cost.key in MEASURED_COSTS else most / 2)

    def most_claimed(self, publisher: str | None) -> PublishedMetric | None:
        """Return the metric that most models have, of a publisher where two have one of theirs."""
        own = [m for m in self._claims if m.publisher == publisher and len(self._claims[m]) > 1]
        return max(own or self._claims, key=lambda m: len(self._claims[m]), default=None)

    def claims(self, metric: PublishedMetric) -> dict[str, Claim]:
        """Return the claims of a metric by the slug of their model."""
        return self._claims[metric]

    def largest(self) -> Comparison | None:
        """Return the comparison with most models of the best kind of cost; None where no two
        models can be compared."""
        most = max((len(models) for models in self.groups.values()), default=0)
        enough = [g for g in self.groups if len(self.groups[g]) >= self._fewest(g.cost, most)]
        return min(enough, key=lambda g: (RANKS[g.cost.key], -len(self.groups[g])), default=None)

    def _metrics(self, model: Model) -> Iterator[tuple[PublishedMetric, Claim]]:
        """Yield the claims of the first metric of each leaderboard of a model, one a publisher;
        those of the model's own publisher first."""
        seen: set[tuple[Leaderboard, str]] = set()
        usable = {id(check.claim) for check in model.checks if check.usable is not None}
        claims = [claim for claim in model.entry.all_claims() if claim.row.metric]
        boards = [self._boards.board_of(model.entry, claim) for claim in claims]
        for board in dict.fromkeys(boards):
            of_board = [c for c, own in zip(claims, boards, strict=True) if own == board]
            by_metric: dict[LeaderboardMetric, list[Claim]] = {}
            for claim in of_board:
                by_metric.setdefault(metric_of(model.entry, claim), []).append(claim)
            for metric in self._first(board):
                for claim in by_metric.get(metric, ()):
                    is_new = id(claim) in usable and (board, claim.publisher) not in seen
                    if is_new and isinstance(claim.value, Decimal) and claim.row.better > 0:
                        seen.add((board, claim.publisher))
                        yield PublishedMetric(board, metric, claim.publisher), claim


def remember_comparisons() -> Callable[[Sequence[Model]], Comparisons]:
    """Return a function that compares models, the same ones only once."""
    known: dict[tuple[str, ...], Comparisons] = {}

    def compare(models: Sequence[Model]) -> Comparisons:
        slugs = tuple(model.slug for model in models)
        if slugs not in known:
            known[slugs] = Comparisons(models)
        return known[slugs]

    return compare


def _costs(model: Model) -> Iterator[tuple[Cost, float]]:
    """Yield what is known of the cost of a model, in the units of `COSTS`, the measured first."""
    if model.macs:
        yield COSTS[0], model.macs / GIGA
    if model.parameters:
        yield COSTS[1], model.parameters / MEGA
    published = {"inference_time": (COSTS[2], 1), "flops": (COSTS[3], GIGA)}
    for claim in (check.claim for check in model.checks if check.usable is not None):
        if claim.quantity in published and isinstance(claim.value, Decimal) and claim.value > 0:
            cost, scale = published[claim.quantity]
            stated = ", ".join(value for _name, value in conditions_of(claim))
            yield _under(cost, stated), float(claim.number) / scale


@lru_cache(maxsize=1024)
def _under(cost: Cost, conditions: str) -> Cost:
    return replace(cost, conditions=conditions)
