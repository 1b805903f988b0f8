"""Arrange benchmarks for the pages: records measured here by machine, and apart from them the
numbers that publishers report.

Nothing here puts a reported number beside a measured one. Two measured ones stand on one axis only
where all of `Record.key` is the same: machine, driver, protocol, engine and its version, quota,
precision and threads.
"""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from zoo.model_index.ledger.benchmark import MODES, Benchmark
from zoo.model_index.ledger.store import Evidence
from zoo.model_index.quantities.show import human
from zoo.model_index.records.input_spec import PROPOSED
from zoo.model_index.records.input_text import parse_input
from zoo.model_index.records.records import Claim
from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.text.escape import one_line
from zoo.reporting.views.catalogue import Catalogue, Check, Model

BENCHMARK = "benchmark"  # the check of quantities that are reported and not verified
# Conditions that numbers of several pages are lined up by, and the words before them.
CONDITION_WORDS = {
    "hardware": "",
    "precision": "",
    "batch size": "batch size ",
    "input size": "input ",
}
CORRECTED = (
    "corrected"  # the condition that says what a page printed in the place of the true conditions
)
USUAL = {"mode": "latency"}  # what need not be said beside a number
DIGITS = 4
CUDA = re.compile(r", cuda [\d.]+")


@dataclass(frozen=True, slots=True)
class Record:
    """A benchmark document of a model; `benchmark` is None where the cell failed."""

    model: Model
    document: Evidence
    benchmark: Benchmark | None

    @property
    def conditions(self) -> dict[str, Any]:
        return self.document.cell.conditions

    @property
    def device_key(self) -> dict[str, Any]:
        key = self.benchmark.key if self.benchmark else self.conditions.get("key")
        return key if isinstance(key, dict) else {}

    @property
    def machine(self) -> str:
        """Return the device's model, or the kind of device where the record has no model."""
        name = (
            self.device_key.get("device")
            or self.document.environment.get("cpu")
            or self.conditions.get("device")
        )
        return one_line(name or "unknown")

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        """Return what two records must share to be compared."""
        conditions = {name: self.conditions.get(name) for name in ("precision", "threads")}
        return tuple(
            sorted((name, str(value)) for name, value in (self.device_key | conditions).items())
        )

    @property
    def setup(self) -> tuple[tuple[str, str], ...]:
        """Return the key and all other conditions but mode and batch size; of images that have the
        configured size, the sizes differ."""
        others = ("engine", "engine_options", "channels_last", "l2")
        values = ((name, str(self.conditions.get(name))) for name in others)
        return (*self.key, *values, ("input", self.given))

    @property
    def engine(self) -> str:
        """Format engine, version and options: `eager, torch 2.11, channels last`."""
        options = self.conditions.get("engine_options") or {}
        parts = [
            self.conditions.get("engine") or "",
            self._engine_version,
            "channels last" if self.conditions.get("channels_last") else "",
            *(f"{key} {value}" for key, value in sorted(options.items())),
            self.given,
            "cold L2" if self.conditions.get("l2") == "cold" else "",
        ]
        return one_line(", ".join(str(part) for part in parts if part))

    @property
    def _engine_version(self) -> str:
        """Return the version; of a measurement on the CPU without the CUDA that torch came with."""
        version = str(self.device_key.get("engine_version") or "")
        is_cuda = str(self.conditions.get("device")).startswith("cuda")
        return version if is_cuda else CUDA.sub("", version)

    @property
    def given(self) -> str:
        """Return `at 224x285`, `with 16x112x112 clip`: what the model was given, where that is
        stated, or no image; "" for an image of the configured size."""
        stated = self.conditions.get("input")
        text = self.benchmark.input if self.benchmark and stated == PROPOSED else str(stated or "")
        try:
            spec = parse_input(text)
        except ValueError:
            return ""
        if not spec.is_image:
            return f"with {spec}"
        return "" if stated == PROPOSED else f"at {spec.show()}"

    @property
    def precision(self) -> str:
        return one_line(self.conditions.get("precision") or "")

    @property
    def batch(self) -> int:
        size = self.conditions.get("batch_size")
        return self.benchmark.batch_size if self.benchmark else size if isinstance(size, int) else 0

    @property
    def mode(self) -> str:
        return (
            self.benchmark.mode if self.benchmark else one_line(self.conditions.get("mode") or "")
        )

    @property
    def on_cuda(self) -> bool:
        return self.benchmark is not None and str(self.conditions.get("device")).startswith("cuda")


def records(model: Model) -> list[Record]:
    """Return the benchmarks of a model, sorted by machine, engine, precision, mode and batch size;
    the newest of a cell last."""
    unsorted = [Record(model, document, document.benchmark) for document in model.benchmarks]
    modes: dict[str, int] = {mode: place for place, mode in enumerate(MODES)}
    return sorted(
        unsorted,
        key=lambda r: (
            r.machine,
            r.engine,
            r.precision,
            modes.get(r.mode, len(modes)),
            r.batch,
            r.document.started_at,
        ),
    )


def all_records(catalogue: Catalogue) -> list[Record]:
    """Return the benchmarks of all models, in their order."""
    return [record for model in catalogue.models for record in records(model)]


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkRow:
    """A record as texts. Times are of one call, in milliseconds; unknown values are empty."""

    record: Record
    latency: str
    interval: str
    p90: str
    p99: str
    rate: str
    rate_unit: str
    memory: str
    memory_kind: str
    flags: str
    failure: str
    facts: tuple[tuple[str, str], ...]

    @property
    def date(self) -> str:
        return self.record.document.started_at[:10]


def benchmark_row(record: Record) -> BenchmarkRow:
    """Format a record as a row of a table."""
    benchmark, document = record.benchmark, record.document
    if benchmark is None:
        kind = document.values.get("failure") or "failed"
        failure = f"{kind}: {document.error}" if document.error else str(kind)
        return BenchmarkRow(
            record=record,
            latency="",
            interval="",
            p90="",
            p99="",
            rate="",
            rate_unit="",
            memory="",
            memory_kind="",
            flags="",
            failure=one_line(failure),
            facts=(),
        )
    low_high = benchmark.interval
    amount, memory_kind = format_memory(benchmark)
    return BenchmarkRow(
        record=record,
        latency=milliseconds(benchmark.seconds),
        interval=f"{milliseconds(low_high[0])} to {milliseconds(low_high[1])}" if low_high else "",
        p90=milliseconds(benchmark.quantile(0.9)),
        p99=milliseconds(benchmark.quantile(0.99)),
        rate=significant(benchmark.rate) if benchmark.mode != "cold" else "",
        rate_unit=benchmark.rate_unit,
        memory=amount,
        memory_kind=memory_kind,
        flags=", ".join(flag.replace("_", " ") for flag in benchmark.flags),
        failure="",
        facts=tuple(_facts(benchmark)),
    )


def memory(benchmark: Benchmark) -> tuple[int | None, str]:
    """Return the bytes that torch allocated on the device, else the first known amount, and its
    kind."""
    order = ["allocated", *(name for name in benchmark.memory if name != "allocated")]
    amounts = (
        (benchmark.memory[name], name.replace("_", " "))
        for name in order
        if benchmark.memory.get(name)
    )
    return next(amounts, (None, ""))


def format_memory(benchmark: Benchmark) -> tuple[str, str]:
    """Format the memory and its kind; empty where it is unknown."""
    amount, kind = memory(benchmark)
    return (f"{human(amount)}B", kind) if amount else ("", "")


def _facts(benchmark: Benchmark) -> Iterator[tuple[str, str]]:
    """Yield further facts of a record, as name and text."""
    samples = sum(len(replicate.samples) for replicate in benchmark.replicates)
    yield (
        N_("Processes"),
        _(
            "%(count)s, %(samples)s samples; stopped by: %(reason)s",
            count=len(benchmark.replicates),
            samples=f"{samples:,}",
            reason=_(benchmark.stopped),
        ),
    )
    if parts := _parts(benchmark):
        yield (
            N_("Parts"),
            ", ".join(f"{name} {milliseconds(seconds)} ms" for name, seconds in parts.items()),
        )
    amounts = {name: amount for name, amount in benchmark.memory.items() if amount}
    if amounts:
        yield (
            N_("Memory"),
            ", ".join(
                f"{_(name.replace('_', ' '))} {human(amount)}B" for name, amount in amounts.items()
            ),
        )
    for name, values in (
        (N_("Energy"), benchmark.energy),
        (N_("Output against float32 on the CPU"), benchmark.output),
    ):
        if text := ", ".join(
            f"{_(key.replace('_', ' '))} {v:.4g}" for key, v in values.items() if v is not None
        ):
            yield name, text
    if benchmark.weights or benchmark.resolved:
        weights = benchmark.weights and _("weights: %(name)s", name=_weights(benchmark.weights))
        yield N_("Model"), ", ".join(filter(None, (benchmark.resolved, weights)))


def _weights(text: str) -> str:
    """Say where weights are from: `initialised, seed 0`, or the name of a file."""
    return text.replace("initialised", _("initialised"), 1).replace("seed", _("seed"), 1)


def _parts(benchmark: Benchmark) -> dict[str, float]:
    """Return the seconds of each part of a call: the median of the processes' medians."""
    names = dict.fromkeys(name for replicate in benchmark.replicates for name in replicate.parts)
    return {
        name: median(
            median(replicate.parts[name]) / replicate.calls
            for replicate in benchmark.replicates
            if replicate.parts.get(name)
        )
        for name in names
    }


def milliseconds(seconds: float | None) -> str:
    """Format seconds as milliseconds in four digits, `12.35`; empty for None."""
    return "" if seconds is None else significant(seconds * 1000)


def hyphenate(text: str) -> str:
    """Turn a text into a part of a file name: `NVIDIA H100, fp16` into `nvidia-h100-fp16`."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.")


def significant(value: float) -> str:
    """Format a number in four digits, with all digits before the point: `0.01235`, `123,456`."""
    if not value or not math.isfinite(value):
        return f"{value:g}"
    decimals = max(0, DIGITS - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{decimals}f}"


@dataclass(frozen=True, slots=True)
class Source:
    """A publisher's page; `name` is the last part of its address, which distinguishes two pages of
    one publisher."""

    publisher: str
    address: str | None

    @property
    def name(self) -> str:
        return last_part(self.address or "")


def last_part(address: str) -> str:
    """Return the file or folder that an address ends with: a short name of the page."""
    return one_line(address.split("?")[0].rstrip("/").rpartition("/")[2])


@dataclass(frozen=True, slots=True)
class ReportedNumber:
    """A reported number: its check, its other conditions, and the conditions that the page printed
    before a correction."""

    check: Check
    others: str
    corrected: str


@dataclass(frozen=True, slots=True)
class Line:
    """The numbers of all pages for one quantity, hardware, precision, batch size and input size.

    `disagree` says that pages of one publisher have different numbers for what each calls the same.
    """

    quantity: str
    conditions: str
    cells: dict[Source, list[ReportedNumber]]
    disagree: bool


@dataclass(frozen=True, slots=True)
class Table:
    """The reported benchmarks of a model, with a column for each page."""

    sources: tuple[Source, ...]
    lines: tuple[Line, ...]


def reported_table(model: Model) -> Table | None:
    """Return what publishers report about the speed of a model; None where nobody does."""
    checks = [check for check in model.checks if check.claim.row.check == BENCHMARK]
    sources = tuple(dict.fromkeys(source_of(check.claim) for check in checks))
    lines: dict[tuple[str, str], dict[Source, list[ReportedNumber]]] = {}
    for check in checks:
        conditions = dict(check.claim.conditions)
        words = [
            f"{before}{conditions[name]}"
            for name, before in CONDITION_WORDS.items()
            if name in conditions
        ]
        cells = lines.setdefault((check.claim.row.label, one_line(", ".join(words))), {})
        cells.setdefault(source_of(check.claim), []).append(
            ReportedNumber(check, _others(conditions), conditions.get(CORRECTED, ""))
        )
    rows = tuple(Line(*key, cells, _disagree(cells)) for key, cells in lines.items())
    return Table(sources, rows) if rows else None


def source_of(claim: Claim) -> Source:
    return Source(claim.publisher, claim.source)


def _others(conditions: dict[str, str]) -> str:
    """Format conditions without a column of their own: the engine by its name alone, others as
    `name value`."""
    unnamed = {
        k: v
        for k, v in conditions.items()
        if k not in (*CONDITION_WORDS, CORRECTED) and USUAL.get(k) != v
    }
    return one_line(
        ", ".join(value if key == "engine" else f"{key} {value}" for key, value in unnamed.items())
    )


def _disagree(cells: dict[Source, list[ReportedNumber]]) -> bool:
    """Return whether two pages of one publisher differ under conditions that do not differ."""
    stated = [
        (source, reported_number.check.claim)
        for source, numbers in cells.items()
        for reported_number in numbers
    ]
    return any(
        source.publisher == earlier.publisher
        and source != earlier
        and a.value != b.value
        and _alike(a, b)
        for number, (source, a) in enumerate(stated)
        for earlier, b in stated[:number]
    )


def _alike(a: Claim, b: Claim) -> bool:
    first, second = dict(a.conditions), dict(b.conditions)
    return all(second.get(key, value) == value for key, value in first.items() if key != CORRECTED)


def no_cuda(records_: Iterable[Record]) -> bool:
    """Return whether no record was measured on a CUDA device."""
    return not any(record.on_cuda for record in records_)
