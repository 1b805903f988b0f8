"""The columns of what was timed here: latency, throughput and memory of single images by set-up."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from zoo.model_index.ledger.benchmark import IMAGE_RATE, Benchmark
from zoo.reporting.i18n.gettext import N_
from zoo.reporting.pages.columns import Column, Interval, Raw
from zoo.reporting.views.benchmarks import Record, hyphenate, memory
from zoo.reporting.views.catalogue import Model

Setup = tuple[tuple[str, str], ...]
CPU_LATENCY, GPU_LATENCY = N_("CPU latency"), N_("GPU latency")
THROUGHPUT, MEMORY = N_("Throughput"), N_("Memory")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedRecords:
    """The newest record of each model in one set-up, by the slug of the model.

    `key` names the set-up in the keys of columns, `setup` says it in a line, `note` tells its
    columns from those of other set-ups on the same kind of device, empty where there are none.
    """

    key: str
    setup: str
    note: str
    records: Mapping[str, Record]

    @property
    def first(self) -> Record:
        return next(iter(self.records.values()))

    def read(self, value_of: Callable[[Benchmark], Raw]) -> Callable[[Model], Raw]:
        """Return the function that reads a value of a model's record."""

        def raw(model: Model) -> Raw:
            record = self.records.get(model.slug)
            return value_of(record.benchmark) if record and record.benchmark else None

        return raw

    def interval(self, model: Model) -> Interval:
        """Return the 95% interval of a model's latency in ms, between processes."""
        record = self.records.get(model.slug)
        ends = record.benchmark.interval if record and record.benchmark else None
        return (_milliseconds(ends[0]), _milliseconds(ends[1])) if ends else None


def newest_by_setup(records: Iterable[Record]) -> list[dict[str, Record]]:
    """Return the newest record of each model, by slug, in each set-up of single images; set-ups
    with most models first."""
    setups: dict[Setup, dict[str, Record]] = {}
    for record in records:
        if record.benchmark and record.mode == "latency" and record.batch == 1:
            newest = setups.setdefault(record.setup, {})
            old = newest.get(record.model.slug)
            if old is None or old.document.recency <= record.document.recency:
                newest[record.model.slug] = record
    return sorted(setups.values(), key=lambda by_slug: -len(by_slug))


def speed_columns(records: Iterable[Record]) -> Iterator[Column]:
    """Yield latency, throughput and memory of single images by set-up, of each model's newest
    record."""
    for speeds in _named(newest_by_setup(records)):
        yield from _setup_columns(speeds)


def _named(setups: list[dict[str, Record]]) -> Iterator[SpeedRecords]:
    firsts = [next(iter(by_slug.values())) for by_slug in setups]
    taken: set[str] = set()
    for by_slug, first in zip(setups, firsts, strict=True):
        base = key = hyphenate(f"{first.machine} {first.engine} {first.precision}")
        while key in taken:
            key = f"{base}-{len(taken)}"
        taken.add(key)
        alike = [other for other in firsts if other.on_cuda == first.on_cuda]
        yield SpeedRecords(
            key=key,
            setup=f"{first.machine}, {first.engine}, {first.precision}, batch size 1",
            note=_difference(first, alike),
            records=by_slug,
        )


def _difference(first: Record, alike: list[Record]) -> str:
    """Return in what a set-up differs from the others on the same kind of device."""
    parts = [[r.machine, r.engine, r.precision] for r in alike]
    own = [first.machine, first.engine, first.precision]
    return ", ".join(
        text
        for text, values in zip(own, zip(*parts, strict=True), strict=True)
        if len(set(values)) > 1
    )


def _setup_columns(speeds: SpeedRecords) -> Iterator[Column]:
    units = (record.benchmark.rate_unit for record in speeds.records.values() if record.benchmark)
    column = partial(
        Column,
        note=speeds.note,
        note_is_text=True,
        axis=True,
        measured=True,
        setup=speeds.setup,
    )
    yield column(
        key=f"latency-{speeds.key}",
        label=GPU_LATENCY if speeds.first.on_cuda else CPU_LATENCY,
        raw=speeds.read(lambda benchmark: _milliseconds(benchmark.seconds)),
        unit="ms",
        better=-1,
        facet="range",
        interval=speeds.interval,
    )
    yield column(
        key=f"throughput-{speeds.key}",
        label=THROUGHPUT,
        raw=speeds.read(lambda benchmark: float(f"{benchmark.rate:.6g}")),
        unit=next(units, IMAGE_RATE),
        better=1,
        listed=False,
    )
    yield column(
        key=f"memory-{speeds.key}",
        label=MEMORY,
        raw=speeds.read(lambda benchmark: memory(benchmark)[0]),
        unit="bytes",
        better=-1,
        listed=False,
    )


def _milliseconds(seconds: float) -> float:
    return float(f"{seconds * 1000:.6g}")
