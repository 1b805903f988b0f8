"""Arrange the plots of benchmarks: accuracy against latency, latency against batch size, and
throughput against memory.

A plot holds records of one comparability key, or numbers that one publisher reports under the same
conditions; never both. It is made once for all families and stands on the page of each that has a
model in it, and on its machine's.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.plots.comparisons import remember_comparisons
from zoo.reporting.plots.scatter import Look, Plot, Point, Span
from zoo.reporting.plots.speed_plots import BY, Compare, Speed, group_by, speed_plots
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
MEMORY = Look(
    joined=True,
    legend=False,
    x_unit="B",
    x_count=True,
    y_log=True,
    reading=N_("Higher and further left is better; each line is a model as its batch grows."),
)
CORRECTION = N_("Conditions that a page lacks or mistakes are corrected.")
NO_ENGINE = N_("engine not stated")


@dataclass(frozen=True, slots=True)
class BenchmarkPlot:
    """A plot, and the machine it was measured on; None for what is reported."""

    plot: Plot
    machine: str | None = None


def benchmark_plots(catalogue: Catalogue, records: Sequence[Record]) -> list[BenchmarkPlot]:
    """Return all plots of benchmarks, the measured ones first; their keys are unique file names."""
    families = [family.name for family in catalogue.families]
    compare = remember_comparisons()
    plots_ = [
        *_measured_plots(records, families, compare),
        *_reported_plots(catalogue.models, families, compare),
    ]
    keys = slugs(hyphenate(drawn.plot.key) for drawn in plots_)
    return [
        replace(drawn, plot=replace(drawn.plot, key=key))
        for drawn, key in zip(plots_, keys, strict=True)
    ]


def of_family(drawn: BenchmarkPlot, family: Family) -> Plot | None:
    """Return the plot for a family's page; None where the family has no point."""
    pages = {model.page for model in family.models}
    return drawn.plot if any(point.page in pages for point in drawn.plot.points) else None


def _measured_plots(
    records: Sequence[Record], families: Sequence[str], compare: Compare
) -> Iterator[BenchmarkPlot]:
    """Yield the plots of each machine and set-up: latencies, and throughput from records of that
    mode, or else of latency."""
    for group in group_by(_newest(records), lambda r: r.setup).values():
        first = group[0]
        where = f"{first.machine}, {first.engine}, {first.precision}"
        note = _(
            "Measured here on %(where)s; bars are 95%% intervals between processes.", where=where
        )
        modes = group_by(group, lambda r: r.mode)
        speeds = [_speed(record) for record in modes.get("latency", ())]
        for plot in speed_plots(speeds, where, "measured latency", families, compare):
            yield BenchmarkPlot(replace(plot, group=MEASURED, notes=(note,)), first.machine)
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
        notes=(
            _("Measured here on %(where)s. Labels are models and their batch sizes.", where=where),
        ),
    )
    return BenchmarkPlot(plot, group[0].machine)


def _rates(batch: int, seconds: Span | None) -> Span | None:
    return (batch / seconds[1], batch / seconds[0]) if seconds else None


def _reported_plots(
    models: Sequence[Model], families: Sequence[str], compare: Compare
) -> Iterator[BenchmarkPlot]:
    """Yield the plots of what publishers report; a page whose numbers all stand on another page
    shares its plot."""
    claims = [
        (m, check) for m in models for check in m.checks if check.claim.row.check == BENCHMARK
    ]
    times = [
        (m, check)
        for m, check in claims
        if check.claim.quantity == "inference_time" and _batch(check) and check.usable is not None
    ]
    groups = group_by(times, lambda pair: (source_of(pair[1].claim), _conditions(pair[1])))
    plots_: list[tuple[BenchmarkPlot, Source]] = []
    for (source, _key), group in groups.items():
        conditions = dict(group[0][1].claim.conditions)
        where = _where(conditions)
        speeds = [Speed(m, _batch(check), float(check.claim.number)) for m, check in group]
        corrected = any(CORRECTED in dict(check.claim.conditions) for _, check in group)
        notes = [_("Reported by %(publisher)s, not measured here.", publisher=source.publisher)]
        notes += [_(CORRECTION)] if corrected else []
        for plot in speed_plots(
            speeds,
            where,
            f"{BY}{source.publisher}",
            families,
            compare,
            source.publisher,
        ):
            plot = replace(
                plot,
                # the name of a file is the same in every language
                key=plot.key.replace(f", {_(NO_ENGINE)}", ""),
                group=REPORTED,
                notes=tuple(map(one_line, notes)),
                sources=tuple(filter(None, [source.address])),
            )
            plots_.append((BenchmarkPlot(plot), source))
    yield from sorted(_merge(plots_), key=lambda drawn: drawn.plot.summary)


def _where(conditions: Mapping[str, str]) -> str:
    """Describe conditions: hardware, precision and engine, then those that no axis or title has."""
    first = ("hardware", "precision", "engine")
    unsaid = (*first, "batch size", "input size", "mode", CORRECTED)
    unnamed = [] if "engine" in conditions else [_(NO_ENGINE)]
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
        alike = [
            _("Another page has the same numbers as %(summary)s.", summary=plot.summary)
            for plot in parts
        ]
        theirs = [note for plot in parts for note in plot.notes if note == _(CORRECTION)]
        notes = tuple(dict.fromkeys([*drawn.plot.notes, *alike, *theirs]))
        yield replace(drawn, plot=replace(drawn.plot, sources=tuple(sources), notes=notes))


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
