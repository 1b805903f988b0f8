"""Arrange the plots of benchmarks: accuracy against latency, latency against batch size, and
throughput against memory.

A plot holds records of one comparability key, or numbers that one publisher reports under the same
conditions; never both. It is made once for all families and stands on the page of each that has a
model in it, and on its machine's.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.plots.scatter import (
    MANY,
    Look,
    Plot,
    Point,
    Span,
    accuracies,
    accuracy_by,
    accuracy_label,
    is_wrong,
)
from zoo.reporting.text.escape import one_line
from zoo.reporting.views.benchmarks import (
    BENCHMARK,
    CORRECTED,
    Record,
    Source,
    hyphenate,
    memory,
    source_of,
)
from zoo.reporting.views.catalogue import Catalogue, Check, Family, Model
from zoo.reporting.views.names import slugs

MEASURED, REPORTED = "measured", "reported"
SPEED = Look(joined=True, x_unit=" ms", x_count=False)
BATCHES = Look(
    joined=True,
    frontier=False,
    legend=False,
    x_count=False,
    y_unit=" ms",
    y_log=True,
    reading=N_("Lower is better; each line is a model."),
)
MEMORY = Look(
    joined=True,
    legend=False,
    x_unit="B",
    y_log=True,
    reading=N_("Higher and further left is better; each line is a model as its batch grows."),
)
CORRECTION = N_("Conditions that a page lacks or mistakes are corrected.")
BY = "latency reported by "
K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Speed:
    """A latency of a model at a batch size, in milliseconds."""

    model: Model
    batch: int
    milliseconds: float
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class BenchmarkPlot:
    """A plot, and the machine it was measured on; None for what is reported."""

    plot: Plot
    machine: str | None = None


def benchmark_plots(catalogue: Catalogue, records: Sequence[Record]) -> list[BenchmarkPlot]:
    """Return all plots of benchmarks, the measured ones first; their keys are unique file names."""
    families = [family.name for family in catalogue.families]
    plots_ = [*_measured_plots(records, families), *_reported_plots(catalogue.models, families)]
    keys = slugs(hyphenate(drawn.plot.key) for drawn in plots_)
    return [
        replace(drawn, plot=replace(drawn.plot, key=key))
        for drawn, key in zip(plots_, keys, strict=True)
    ]


def of_family(drawn: BenchmarkPlot, family: Family) -> Plot | None:
    """Return the plot for a family's page: the whole plot, or the family's points where there are
    many; None where the family has no point."""
    pages = {model.page for model in family.models}
    points = tuple(point for point in drawn.plot.points if point.page in pages)
    if len(drawn.plot.points) <= MANY or len(points) == len(drawn.plot.points):
        return drawn.plot if points else None
    used = {point.series for point in points}
    series = tuple((number, label) for number, label in drawn.plot.series if number in used)
    part = replace(
        drawn.plot,
        key=f"{family.slug}-{drawn.plot.key}",
        points=points,
        series=series,
        left_out=(),
        wrong=(),
    )
    return part if points else None


def _measured_plots(records: Sequence[Record], families: Sequence[str]) -> Iterator[BenchmarkPlot]:
    """Yield the plots of each machine and set-up: latencies, and throughput from records of that
    mode, or else of latency."""
    for group in _group_by(_newest(records), lambda r: r.setup).values():
        first = group[0]
        where = f"{first.machine}, {first.engine}, {first.precision}"
        note = _(
            "Measured here on %(where)s; bars are 95%% intervals between processes.", where=where
        )
        modes = _group_by(group, lambda r: r.mode)
        speeds = [_speed(record) for record in modes.get("latency", ())]
        for plot in _speed_plots(speeds, where, "measured latency", families):
            yield BenchmarkPlot(replace(plot, group=MEASURED, note=note), first.machine)
        if drawn := _throughput(modes.get("throughput") or modes.get("latency", []), where):
            yield drawn


def _newest(records: Iterable[Record]) -> list[Record]:
    """Keep the last record of each cell; versions of its builder make several."""
    newest: dict[tuple[object, ...], Record] = {}
    for record in sorted(records, key=lambda r: r.document.recency):
        if record.benchmark:
            newest[record.model.page, record.setup, record.mode, record.batch] = record
    return [record for record in records if record in newest.values()]


def _speed(record: Record) -> Speed:
    assert record.benchmark is not None
    span = record.benchmark.interval
    low_high = (span[0] * 1000, span[1] * 1000) if span else None
    return Speed(record.model, record.batch, record.benchmark.seconds * 1000, low_high)


def _throughput(group: Sequence[Record], where: str) -> BenchmarkPlot | None:
    """Plot samples a second against memory, a line a model; None where fewer than two records have
    memory."""
    with_memory = [(r, amount) for r in group if r.benchmark and (amount := memory(r.benchmark)[0])]
    kinds = {memory(r.benchmark)[1] for r, _ in with_memory if r.benchmark}
    if len(with_memory) < 2 or len(kinds) != 1:
        return None
    (unit,) = {r.benchmark.rate_unit for r, _ in with_memory if r.benchmark}
    numbers = {
        page: number
        for number, page in enumerate(dict.fromkeys(r.model.page for r, _ in with_memory))
    }
    points = tuple(
        Point(
            label=f"{r.model.name}, {r.batch}",
            series=numbers[r.model.page],
            x=amount,
            y=r.benchmark.rate,
            page=r.model.page,
            y_span=_rates(r.batch, r.benchmark.interval),
        )
        for r, amount in with_memory
        if r.benchmark
    )
    plot = Plot(
        key=f"measured-{where}-throughput-memory",
        title=_("Throughput against memory: %(where)s", where=where),
        x_label=_("Memory, %(kind)s (bytes)", kind=kinds.pop()),
        y_label=_("Throughput (%(unit)s)", unit=unit),
        series=(),
        points=points,
        left_out=(),
        look=replace(MEMORY, y_unit=f" {unit}"),
        group=MEASURED,
        summary=where,
        short=_("Throughput against memory"),
        note=_("Measured here on %(where)s. Labels are models and their batch sizes.", where=where),
    )
    return BenchmarkPlot(plot, group[0].machine)


def _rates(batch: int, seconds: Span | None) -> Span | None:
    return (batch / seconds[1], batch / seconds[0]) if seconds else None


def _reported_plots(models: Sequence[Model], families: Sequence[str]) -> Iterator[BenchmarkPlot]:
    """Yield the plots of what publishers report; a page whose numbers all stand on another page
    shares its plot."""
    claims = [
        (m, check) for m in models for check in m.checks if check.claim.row.check == BENCHMARK
    ]
    times = [
        (m, check)
        for m, check in claims
        if check.claim.quantity == "inference_time" and _batch(check)
    ]
    groups = _group_by(times, lambda pair: (source_of(pair[1].claim), _conditions(pair[1])))
    plots_: list[tuple[BenchmarkPlot, Source]] = []
    for (source, _key), group in groups.items():
        conditions = dict(group[0][1].claim.conditions)
        where = _where(conditions)
        speeds = [Speed(m, _batch(check), float(check.claim.number)) for m, check in group]
        corrected = any(CORRECTED in dict(check.claim.conditions) for _, check in group)
        note = _("Reported by %(publisher)s, not measured here.", publisher=source.publisher)
        note += f" {_(CORRECTION)}" if corrected else ""
        for plot in _speed_plots(
            speeds,
            where,
            f"{BY}{source.publisher}",
            families,
            source.publisher,
        ):
            plot = replace(
                plot,
                group=REPORTED,
                note=one_line(note),
                sources=tuple(filter(None, [source.address])),
            )
            plots_.append((BenchmarkPlot(plot), source))
    yield from sorted(_merge(plots_), key=lambda drawn: drawn.plot.summary)


def _where(conditions: Mapping[str, str]) -> str:
    """Describe conditions: hardware, precision and engine, then those that no axis or title has."""
    first = ("hardware", "precision", "engine")
    unsaid = (*first, "batch size", "input size", "mode", CORRECTED)
    unnamed = [] if "engine" in conditions else ["engine not stated"]
    others = (f"{key} {value}" for key, value in conditions.items() if key not in unsaid)
    return one_line(
        ", ".join([*(conditions[key] for key in first if key in conditions), *unnamed, *others])
    )


def _merge(plots_: Sequence[tuple[BenchmarkPlot, Source]]) -> Iterator[BenchmarkPlot]:
    """Drop the plots whose points all are in another plot of the publisher, which then names their
    page too."""
    for number, (drawn, source) in enumerate(plots_):
        others = [
            (n, o)
            for n, (o, by) in enumerate(plots_)
            if n != number and by.publisher == source.publisher
        ]
        if any(
            _contains_all(drawn, o) and (not _contains_all(o, drawn) or n < number)
            for n, o in others
        ):
            continue
        parts = [o.plot for _, o in others if _contains_all(o, drawn)]
        sources = dict.fromkeys(
            [*drawn.plot.sources, *(address for plot in parts for address in plot.sources)]
        )
        alike = "".join(
            f" {_('Another page has the same numbers as %(summary)s.', summary=plot.summary)}"
            for plot in parts
        )
        corrected = (
            any(CORRECTION in plot.note for plot in parts) and CORRECTION not in drawn.plot.note
        )
        note = f"{drawn.plot.note}{alike}{f' {_(CORRECTION)}' if corrected else ''}"
        yield replace(drawn, plot=replace(drawn.plot, sources=tuple(sources), note=note))


def _contains_all(inner: BenchmarkPlot, outer: BenchmarkPlot) -> bool:
    """Return whether a plot of the same axes has all points of another."""
    same = (inner.plot.x_label, inner.plot.y_label) == (outer.plot.x_label, outer.plot.y_label)
    return same and {_spot(p) for p in inner.plot.points} <= {_spot(p) for p in outer.plot.points}


def _spot(point: Point) -> tuple[str, float, float]:
    return point.page, point.x, point.y


def _batch(check: Check) -> int:
    """Return the batch size stated beside a number; 0 where none is."""
    size = dict(check.claim.conditions).get("batch size", "")
    return int(size) if size.isascii() and size.isdigit() else 0


def _conditions(check: Check) -> tuple[tuple[str, str], ...]:
    """Return the conditions that reported numbers of one plot share: all but batch size and
    correction."""
    return tuple(
        (k, v) for k, v in sorted(check.claim.conditions) if k not in ("batch size", CORRECTED)
    )


def _speed_plots(
    speeds: Sequence[Speed],
    where: str,
    how: str,
    families: Sequence[str],
    publisher: str | None = None,
) -> Iterator[Plot]:
    """Yield accuracy against latency for each batch size, then latency against batch size, where
    there are enough points."""
    for batch, group in _group_by(sorted(speeds, key=lambda s: s.batch), lambda s: s.batch).items():
        if plot := _accuracy(group, batch, where, how, families, publisher):
            yield plot
    if plot := _batches(speeds, where, how):
        yield plot


def _accuracy(
    group: Sequence[Speed],
    batch: int,
    where: str,
    how: str,
    families: Sequence[str],
    publisher: str | None,
) -> Plot | None:
    """Plot claimed top-1 accuracy against latency; None where fewer than two models have both."""
    models = [speed.model for speed in group]
    own_claims = sum(m.claim("top1", publisher) is not None for m in models) if publisher else 0
    by = publisher if own_claims > 1 else accuracy_by(models)
    data_set, claims = accuracies(models, by)
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
    wrong = [m for m in models if is_wrong(m, "top1", by)]
    used = tuple((n, name) for n, name in enumerate(families) if any(p.series == n for p in points))
    size = _("batch size %(batch)s", batch=batch)
    words = _how(how)
    title = _(
        "Top-1 accuracy against %(how)s: %(where)s, %(size)s", how=words, where=where, size=size
    )
    return Plot(
        key=f"{how}-{where}-batch-{batch}",
        title=title,
        x_label=f"{_capital(words)}, {size} (ms)",
        y_label=accuracy_label(data_set, by),
        series=used,
        points=points,
        left_out=tuple(m.name for m in models if m.slug not in claims and m not in wrong),
        wrong=tuple(m.name for m in wrong),
        look=SPEED,
        summary=where,
        short=_("Accuracy against latency, %(size)s", size=size),
    )


def _how(how: str) -> str:
    """Translate the source of speeds; the English words are part of a plot's key."""
    if how.startswith(BY):
        return _("latency reported by %(publisher)s", publisher=how.removeprefix(BY))
    return _("measured latency")


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def _batches(speeds: Sequence[Speed], where: str, how: str) -> Plot | None:
    """Plot latency against batch size, a line a model; None where no model has two batch sizes."""
    lines = {
        page: group
        for page, group in _group_by(speeds, lambda s: s.model.page).items()
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
    values = tuple(sorted({point.x for point in points}))
    return Plot(
        key=f"{how}-{where}-batches",
        title=_("%(how)s against batch size: %(where)s", how=_capital(_how(how)), where=where),
        x_label=_("Batch size (images)"),
        y_label=f"{_capital(_how(how))} (ms)",
        series=(),
        points=tuple(points),
        left_out=(),
        look=replace(BATCHES, x_values=values),
        summary=where,
        short=_("Latency against batch size"),
    )


def _group_by(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Group items by a key; keys and items keep their order."""
    groups: dict[K, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups
