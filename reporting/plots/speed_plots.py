"""Plot speeds of one set-up: accuracy against latency for each batch size, and latency against
batch size."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.plots.comparisons import Comparisons
from zoo.reporting.plots.cost_plot import frontier_title
from zoo.reporting.plots.scatter import Look, Plot, Point, Span
from zoo.reporting.views.catalogue import Model

SPEED = Look(joined=True, x_unit=" ms")
BATCHES = Look(
    joined=True,
    frontier=False,
    legend=False,
    y_unit=" ms",
    y_log=True,
    reading=N_("Lower is better; each line is a model."),
)
BY = "latency reported by "
Compare = Callable[[Sequence[Model]], Comparisons]
K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Speed:
    """A latency of a model at a batch size, in milliseconds."""

    model: Model
    batch: int
    milliseconds: float
    span: Span | None = None


def speed_plots(
    speeds: Sequence[Speed],
    where: str,
    how: str,
    families: Sequence[str],
    compare: Compare,
    publisher: str | None = None,
) -> Iterator[Plot]:
    """Yield accuracy against latency for each batch size, then latency against batch size, where
    there are enough points.

    `publisher` reports the speeds; of measured ones, None. `compare` is `remember_comparisons()` of
    all plots.
    """
    for batch, group in group_by(sorted(speeds, key=lambda s: s.batch), lambda s: s.batch).items():
        if plot := _accuracy(
            group, batch, where, how, families, compare=compare, publisher=publisher
        ):
            yield plot
    if publisher is None and (plot := _batches(speeds, where, how)):
        yield plot


def _accuracy(
    group: Sequence[Speed],
    batch: int,
    where: str,
    how: str,
    families: Sequence[str],
    compare: Compare,
    publisher: str | None,
) -> Plot | None:
    """Plot the metric that most of the models publish against latency; None where fewer than two
    models have both."""
    comparisons = compare([speed.model for speed in group])
    chosen = comparisons.most_claimed(publisher)
    if chosen is None:
        return None
    claims = comparisons.claims(chosen)
    points = tuple(
        Point(
            label=s.model.name,
            series=families.index(s.model.family),
            x=s.milliseconds,
            y=float(claims[s.model.slug].number),
            page=s.model.page,
            x_span=s.span,
        )
        for s in group
        if s.model.slug in claims
    )
    if len(points) < 2:
        return None
    size = _("batch %(batch)s", batch=batch)
    row = next(iter(claims.values())).row
    return Plot(
        key=f"{how}-{where}-batch-{batch}",
        title=f"{where}, {size}: {frontier_title(points, _('latency'))}",
        x_label=_("ms for a batch of %(batch)s", batch=batch),
        y_label=chosen.y_label(row),
        series=tuple((n, families[n]) for n in dict.fromkeys(point.series for point in points)),
        points=points,
        left_out=tuple(s.model.name for s in group if s.model.slug not in claims),
        look=replace(SPEED, y_unit=row.unit),
        summary=where,
        short=size,
        batch=batch,
    )


def _how(how: str) -> str:
    """Translate the source of speeds; the English words are part of a plot's key."""
    if how.startswith(BY):
        return _("latency reported by %(publisher)s", publisher=how.removeprefix(BY))
    return _("measured latency")


def _batches(speeds: Sequence[Speed], where: str, how: str) -> Plot | None:
    """Plot latency against batch size, a line a model; None where no model has two batch sizes."""
    lines = {
        page: group
        for page, group in group_by(speeds, lambda s: s.model.page).items()
        if len({speed.batch for speed in group}) > 1
    }
    if not lines:
        return None
    points = []
    for number, group in enumerate(lines.values()):
        last = max(speed.batch for speed in group)
        points += [
            Point(
                label=s.model.name,
                series=number,
                x=s.batch,
                y=s.milliseconds,
                page=s.model.page,
                y_span=s.span,
                labelled=s.batch == last,
            )
            for s in group
        ]
    fastest = min((p for p in points if p.labelled), key=lambda p: p.y / p.x)
    words = _how(how)
    return Plot(
        key=f"{how}-{where}-batches",
        title=_(
            "%(where)s: at batch %(batch)s %(model)s is the fastest",
            where=where,
            batch=f"{fastest.x:g}",
            model=fastest.label,
        ),
        x_label=_("batch size"),
        y_label=f"{words}, ms",
        series=(),
        points=tuple(points),
        look=replace(BATCHES, x_values=tuple(sorted({point.x for point in points}))),
        summary=where,
        short=_("Latency by batch size"),
    )


def group_by(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Group items by a key; keys and items keep their order."""
    groups: dict[K, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups
