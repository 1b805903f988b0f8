"""Plot a published metric against a published cost: for models of which nothing was measured."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from zoo.model_index.records.leaderboards import Conditions, Leaderboards, conditions_of
from zoo.model_index.records.records import Claim
from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.plots.scatter import Look, Plot, Point
from zoo.reporting.text.escape import printable
from zoo.reporting.views.catalogue import Model

COSTS = ("inference_time", "flops", "parameters", "training_memory")  # the first with points is x
READING = N_("Each point is a model; both numbers are as published.")
FEWEST = 2


@dataclass(frozen=True, slots=True)
class _Cost:
    """A published cost under the conditions that most models state."""

    claims: dict[str, Claim]  # by the slug of a model
    conditions: Conditions


def claim_plot(
    key: str, name: str, models: Sequence[Model], families: Sequence[str]
) -> Plot | None:
    """Return the plot of the metric that most models publish; None where fewer than two publish it
    and a cost."""
    leaderboards = Leaderboards(model.entry for model in models)
    board = leaderboards.choose()
    metrics = leaderboards.metrics(board)
    if board is None or not metrics:
        return None
    numbers: dict[str, Claim] = {}
    for model in models:
        for claim in leaderboards.claims_on(model.entry, board, metrics[0]):
            if claim not in model.wrong_claims:
                numbers.setdefault(model.slug, claim)
    costs = (_cost(models, quantity) for quantity in COSTS)
    cost = next((c for c in costs if len(c.claims.keys() & numbers.keys()) >= FEWEST), None)
    if cost is None:
        return None
    drawn = [model for model in models if model.slug in cost.claims and model.slug in numbers]
    points = [
        Point(
            label=model.name,
            series=list(families).index(model.family),
            x=_number(cost.claims[model.slug]),
            y=_number(numbers[model.slug]),
            page=model.page,
        )
        for model in drawn
    ]
    x_row, y_row = cost.claims[drawn[0].slug].row, numbers[drawn[0].slug].row
    shown = {model.slug for model in drawn}
    keys = {x_row.key, y_row.key}
    mistaken = {
        model.slug
        for model in models
        if model.slug not in shown and any(c.quantity in keys for c in model.wrong_claims)
    }
    return Plot(
        key=f"{key}-published",
        title=_(
            "%(name)s: %(metric)s against %(cost)s",
            name=name,
            metric=_(y_row.label),
            cost=_(x_row.label),
        ),
        x_label=_label(x_row.label, "", cost.conditions, x_row.unit),
        y_label=_label(y_row.label, board.dataset, metrics[0].conditions, y_row.unit),
        series=tuple((n, families[n]) for n in sorted({point.series for point in points})),
        points=tuple(points),
        left_out=tuple(m.name for m in models if m.slug not in shown | mistaken),
        wrong=tuple(m.name for m in models if m.slug in mistaken),
        look=Look(
            frontier=y_row.better > 0,
            x_unit=x_row.unit,
            x_count=x_row.unit != "ms",
            y_unit=y_row.unit,
            reading=READING,
        ),
    )


def _cost(models: Sequence[Model], quantity: str) -> _Cost:
    claims = [
        (model.slug, claim)
        for model in models
        for claim in model.entry.all_claims()
        if claim.quantity == quantity and isinstance(claim.value, Decimal) and claim.value > 0
        if claim not in model.wrong_claims
    ]
    counts = Counter(conditions_of(claim) for _slug, claim in claims)
    usual = counts.most_common(1)[0][0] if counts else ()
    own = {slug: claim for slug, claim in reversed(claims) if conditions_of(claim) == usual}
    return _Cost(own, usual)


def _number(claim: Claim) -> float:
    return float(claim.number)


def _label(label: str, dataset: str, conditions: Conditions, unit: str) -> str:
    texts = [_(label), dataset, *(f"{name} {value}" for name, value in conditions)]
    text = printable(", ".join(filter(None, texts)))
    return f"{text} ({unit})" if unit else text
