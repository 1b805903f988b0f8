"""Benchmarks of many models as one column: of one set-up, as no two others may be compared."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from zoo.model_index.ledger.benchmark import IMAGE_RATE, Benchmark
from zoo.model_index.ledger.store import Evidence, Ledger
from zoo.model_index.load import RECORDS, is_embedded
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Entry

Setup = tuple[tuple[str, str], ...]
# How a mode is read: the value of a benchmark, and whether large batches come first.
MODES: dict[str, tuple[Callable[[Benchmark], float], bool]] = {
    "latency": (lambda benchmark: benchmark.seconds * 1000, False),
    "throughput": (lambda benchmark: benchmark.rate, True),
}
DIGITS = 4  # that a benchmark is good for


@dataclass(frozen=True)
class Speeds:
    """Values by the place of an entry, and the set-up that all of them were measured with."""

    values: Mapping[Place, Decimal] = field(default_factory=dict)
    setup: str = ""


def read_speeds(entries: Iterable[Entry], ledger: Ledger, mode: str) -> Speeds:
    """Read the benchmarks of a mode, of the set-up that most models have; of several such, that of
    the smallest batch, or for throughput the largest. Only rates of images are comparable."""
    value, large = MODES[mode]
    found: dict[Setup, dict[Place, Decimal]] = {}
    batches: dict[Setup, int] = {}
    labels: dict[Setup, str] = {}
    for entry in entries:
        for evidence, benchmark in _list_benchmarks(entry, ledger):
            if benchmark.mode != mode or (large and benchmark.rate_unit != IMAGE_RATE):
                continue
            setup = _setup(evidence, benchmark)
            number = Decimal(f"{value(benchmark):.{DIGITS}g}")
            found.setdefault(setup, {})[entry.place] = number
            batches[setup] = benchmark.batch_size
            labels[setup] = describe(evidence, benchmark)
    if not found:
        return Speeds()

    def preference(setup: Setup) -> tuple[int, int]:
        return len(found[setup]), batches[setup] if large else -batches[setup]

    best = max(found, key=preference)
    return Speeds(found[best], labels[best])


def _list_benchmarks(entry: Entry, ledger: Ledger) -> Iterator[tuple[Evidence, Benchmark]]:
    """Yield the benchmarks of an entry's model, old before new."""
    documents = ledger.of("bench", entry.name)
    if is_embedded(entry.place):
        documents += Ledger(RECORDS).of("bench", entry.name)
    for evidence in sorted(documents, key=lambda evidence: evidence.recency):
        if evidence.cell.builder == str(entry.builder) and (benchmark := evidence.benchmark):
            yield evidence, benchmark


def _setup(evidence: Evidence, benchmark: Benchmark) -> Setup:
    conditions = {name: str(value) for name, value in evidence.cell.conditions.items()}
    return tuple(sorted((conditions | {"key": str(sorted(benchmark.key.items()))}).items()))


def describe(evidence: Evidence, benchmark: Benchmark) -> str:
    """Describe the set-up of a benchmark: `eager, cpu (AMD EPYC), fp32, batch 1, 2 threads`."""
    conditions = evidence.cell.conditions
    device, model = str(conditions.get("device", "")), benchmark.key.get("device")
    threads = conditions.get("threads")
    parts = [
        str(conditions.get("engine", "")),
        f"{device} ({model})" if model and model != device else device,
        str(conditions.get("precision", "")),
        f"batch {benchmark.batch_size}",
        f"{threads} threads" if threads and device == "cpu" else "",
        "channels last" if conditions.get("channels_last") else "",
    ]
    return ", ".join(filter(None, parts))
