"""Arrange the speeds of a family as small plots beside each other: a set-up each, by batch size."""

from collections.abc import Sequence
from dataclasses import dataclass

from zoo.reporting.i18n.gettext import _
from zoo.reporting.plots.scatter import Plot, Point

MOST = 3  # plots of a batch size
LESS = 0.95  # of a latency, at most, is less in a sentence


@dataclass(frozen=True, slots=True)
class Batch:
    """The plots of a batch size, and how many more set-ups there are."""

    label: str
    plots: tuple[Plot, ...]
    others: int


@dataclass(frozen=True, slots=True)
class SpeedPanels:
    """Plots by batch size, under a title that says what the first ones show, and their notes."""

    title: str
    batches: tuple[Batch, ...]
    notes: tuple[str, ...]
    sources: tuple[str, ...]


def speed_panels(plots: Sequence[Plot], family: str) -> SpeedPanels | None:
    """Return the plots of accuracy against latency for a family's page; None without any."""
    plots = [plot for plot in plots if plot.batch]
    batches = tuple(
        _batch([plot for plot in plots if plot.batch == batch])
        for batch in sorted({plot.batch for plot in plots})
    )
    if not batches:
        return None
    shown = [plot for batch in batches for plot in batch.plots]
    return SpeedPanels(
        _title(batches[0], family),
        batches,
        tuple(dict.fromkeys(note for plot in shown for note in plot.notes)),
        tuple(dict.fromkeys(source for plot in shown for source in plot.sources)),
    )


def _batch(plots: Sequence[Plot]) -> Batch:
    largest = sorted(plots, key=lambda plot: -len(plot.points))[:MOST]
    chosen = [plot for plot in plots if plot in largest]
    return Batch(plots[0].short, tuple(chosen), len(plots) - len(chosen))


def _title(batch: Batch, family: str) -> str:
    """Say which model of another family is as accurate in least of the time, or that none is."""
    pairs = [
        (other.x / own.x, own, other, plot)
        for plot in batch.plots
        for own in _points(plot, family, True)
        for other in _points(plot, family, False)
        if other.y >= own.y and other.x <= own.x * LESS
    ]
    if pairs:
        share, own, other, plot = min(pairs, key=lambda pair: pair[0])
        return _(
            "%(other)s claims as much as %(model)s in %(share)s %% of its time (%(where)s)",
            other=other.label,
            model=own.label,
            share=f"{share * 100:.0f}",
            where=f"{plot.summary}, {batch.label}",
        )
    if any(_points(plot, family, False) for plot in batch.plots):
        return _("No other family claims as much in less time (%(where)s)", where=batch.label)
    return _("Accuracy against latency")


def _points(plot: Plot, family: str, is_own: bool) -> list[Point]:
    names = dict(plot.series)
    return [point for point in plot.points if (names.get(point.series) == family) is is_own]
