"""Plot parameters against multiply-adds: for models of which nobody claims an accuracy."""

from collections.abc import Sequence

from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.plots.scatter import Look, Plot, Point
from zoo.reporting.views.catalogue import Model

MILLION = 10**6
READING = N_("Each point is a model; both numbers were measured.")
LOOK = Look(frontier=False, y_unit="M", y_log=True, reading=READING)


def size_plot(key: str, name: str, models: Sequence[Model], families: Sequence[str]) -> Plot | None:
    """Return the plot of the models that were counted; None for fewer than two."""
    points = [
        Point(
            label=model.name,
            series=list(families).index(model.family),
            x=model.macs,
            y=model.parameters / MILLION,
            page=model.page,
        )
        for model in models
        if model.macs and model.parameters
    ]
    if len(points) < 2:
        return None
    used = sorted({point.series for point in points})
    drawn = {point.label for point in points}
    missing = [model for model in models if model.name not in drawn]
    return Plot(
        key=f"{key}-sizes",
        title=_("%(name)s: parameters against multiply-adds", name=name),
        x_label=_("Multiply-adds, measured at each model's own input size (operations)"),
        y_label=_("Parameters, measured (millions)"),
        series=tuple((number, families[number]) for number in used),
        points=tuple(points),
        left_out=tuple(model.name for model in missing if not model.another),
        wrong=tuple(model.name for model in missing if model.another),
        look=LOOK,
    )
