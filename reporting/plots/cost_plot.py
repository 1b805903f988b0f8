"""Plot the metric that most models publish against their cost: measured multiply-adds where there
are any, else measured parameters, else what is published."""

from collections.abc import Sequence

from zoo.reporting.i18n.gettext import _
from zoo.reporting.plots.comparisons import Comparison, Comparisons
from zoo.reporting.plots.scatter import Look, Plot, Point, list_few, pareto
from zoo.reporting.views.catalogue import Model


def cost_plot(key: str, models: Sequence[Model], families: Sequence[str]) -> Plot | None:
    """Return the plot of some models; None where no two can be compared.

    Accuracies of two publishers do not share a frontier: they come of two trainings and two
    evaluations.
    """
    comparisons = Comparisons(models)
    group = comparisons.largest()
    if group is None:
        return None
    compared = comparisons.groups[group]
    numbers = {family: number for number, family in enumerate(families)}
    points = tuple(
        Point(
            label=c.model.name,
            series=numbers[c.model.family],
            x=c.x,
            y=c.y,
            page=c.model.page,
        )
        for c in compared
    )
    drawn = {c.model.slug for c in compared}
    absent = [model for model in models if model.slug not in drawn]
    wrong = tuple(model.name for model in absent if _is_wrong(model, group))
    row = compared[0].claim.row
    return Plot(
        key=f"{key}-{group.cost.key}",
        title=frontier_title(points, _(group.cost.words)),
        x_label=group.cost.x_label,
        y_label=group.metric.y_label(row),
        series=tuple((n, families[n]) for n in dict.fromkeys(point.series for point in points)),
        points=points,
        left_out=tuple(model.name for model in absent if model.name not in wrong),
        wrong=wrong,
        look=Look(x_unit=group.cost.unit, y_unit=row.unit),
    )


def frontier_title(points: Sequence[Point], cost: str) -> str:
    """Name the models that none beats for their cost, those that claim most first."""
    best = list(dict.fromkeys(point.label for point in reversed(pareto(points))))
    return _("Best for their %(cost)s: %(models)s", cost=cost, models=list_few(best))


def _is_wrong(model: Model, group: Comparison) -> bool:
    """Return whether a model has no point because its number is wrong or of another model."""
    judged = group.metric.metric.key, group.metric.publisher
    return bool(model.another) or any(
        check.usable is None
        for check in model.checks
        if (check.claim.quantity, check.claim.publisher) == judged
    )
