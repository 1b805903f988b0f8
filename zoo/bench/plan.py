"""Plan a benchmark: from a grid of options to cells, and the seconds that they will take.

Nothing here imports torch or numpy.
"""

import itertools
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, cast

import msgspec

from zoo.bench.availability import explain_cell, explain_entry
from zoo.bench.conditions import CONDITIONS, BenchConditions
from zoo.bench.engines import ENGINES
from zoo.bench.machine import available_cpus, cpus_for_threads, default_threads
from zoo.model_index.errors import UsageError
from zoo.model_index.errors.suggestions import describe_unknown
from zoo.model_index.ledger.benchmark import MODES, Mode
from zoo.model_index.ledger.store import Cell, Evidence, Ledger
from zoo.model_index.records.input_spec import PROPOSED, InputSpec
from zoo.model_index.records.records import Entry
from zoo.models import builders

TOOL = "zoo-bench/2"
DEVICES = ("cpu", "cuda", "mps")
PRECISIONS = ("fp32", "fp16", "bf16", "amp", "tf32")
CACHES = ("none", "cold")
# modes that time single calls, so that a cache can be emptied before each
SINGLE_CALLS = ("latency", "device")
# expected seconds of a process where the ledger has no similar one: import, build, warm up, sample
PROCESS_SECONDS = 10.0
FEWEST_FOR_INTERVAL = 2  # processes of a cell
PROBE_SECONDS = 5.0  # of the process that describes a device and an engine
COMPILE_MODES = ("default", "reduce-overhead", "max-autotune", "max-autotune-no-cudagraphs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Every combination to measure of each model. `threads` None is one for each core; `input` is
    what a person states, None for each model's own."""

    engines: Sequence[str] = ("eager",)
    devices: Sequence[str] = ("cpu",)
    precisions: Sequence[str] = ("fp32",)
    batch_sizes: Sequence[int] = (1,)
    modes: Sequence[str] = ("latency",)
    channels_last: bool = False
    threads: int | None = None
    l2: str = "none"
    input: InputSpec | None = None
    compile_mode: str = "default"


@dataclass(frozen=True, slots=True)
class Item:
    """A cell to measure, its entry, and the seconds that one process of it is expected to take.

    The cell lacks the key, which says where it was measured; `with_key` adds it. `estimated` says
    that the expectation comes from evidence and is not a guess. `obstacle` says why it cannot run
    here, and what to type.
    """

    entry: Entry
    cell: Cell
    seconds: float
    estimated: bool
    obstacle: str = ""

    def with_key(self, key: dict[str, str | int | None]) -> Cell:
        """Return the cell on the machine, and with the versions, of this key."""
        return msgspec.structs.replace(self.cell, conditions=self.cell.conditions | {"key": key})

    @property
    def mode(self) -> Mode:
        return cast(Mode, self.cell.conditions["mode"])

    @property
    def processes(self) -> int:
        """Processes besides the replicates: one for the memory, where that is measured."""
        return int(self.mode != "cold")


def validate(grid: Grid) -> Grid:
    """Check every name and return the grid with its threads counted.

    Raises:
        UsageError: a name that does not exist; the message lists those that do.
    """
    tables: tuple[tuple[str, Sequence[str], Iterable[str]], ...] = (
        ("--engine", grid.engines, ENGINES),
        ("--precision", grid.precisions, PRECISIONS),
        ("--mode", grid.modes, MODES),
        ("--l2", (grid.l2,), CACHES),
        ("--compile-mode", (grid.compile_mode,), COMPILE_MODES),
    )
    for option, values, choices in tables:
        for value in values:
            if value not in choices:
                raise UsageError(describe_unknown(f"{option}: no", value, choices))
    for device in grid.devices:
        if not re.fullmatch(rf"(?:{'|'.join(DEVICES)})(?::\d+)?", device):
            raise UsageError(describe_unknown("--device: no", device, DEVICES))
    for size in grid.batch_sizes:
        if size < 1:
            raise UsageError(f"--batch-size: expected whole numbers from 1, got {size}")
    threads = default_threads() if grid.threads is None else grid.threads
    most = len(available_cpus())
    if not 1 <= threads <= most:
        raise UsageError(
            f"--threads: expected 1 to {most}, the CPUs of this process, got {threads}"
        )
    return replace(grid, threads=threads)


def plan(entries: Sequence[Entry], grid: Grid, ledger: Ledger) -> list[Item]:
    """Return every combination of a validated grid, models first."""
    items = []
    for entry in entries:
        evidence = ledger.of("bench", entry.name)
        for conditions in combinations(grid, stated_input(entry, grid.input)):
            cell = cell_of(entry, conditions)
            seconds = expected_seconds(cell, evidence)
            estimated = seconds is not None
            items.append(
                Item(entry, cell, PROCESS_SECONDS if seconds is None else seconds, estimated)
            )
    return items


def stated_input(entry: Entry, given: InputSpec | None) -> InputSpec | None:
    """Return the input that a person or the index states of a model; None for what its builder
    proposes.

    An image's size alone counts where a callable builds the model: it proposes nothing. Of a
    library's model it is a claim.
    """
    own = entry.stated_input if entry.builder.kind == "callable" else entry.input
    return own.adapt(given) if own else given


def combinations(grid: Grid, stated: InputSpec | None) -> Iterable[BenchConditions]:
    """Yield the conditions of each cell of one model, whose input is stated so."""
    axes = (grid.engines, grid.devices, grid.precisions, grid.batch_sizes, grid.modes)
    for engine, device, precision, batch_size, mode in itertools.product(*axes):
        yield BenchConditions(
            engine=engine,
            engine_options=engine_options(engine, mode, grid),
            device=device,
            precision=precision,
            batch_size=batch_size,
            input=str(stated) if stated else PROPOSED,
            channels_last=grid.channels_last,
            threads=grid.threads or default_threads(),
            mode=cast(Mode, mode),
            l2=grid.l2 if mode in SINGLE_CALLS else "none",
        )


def engine_options(engine: str, mode: str, grid: Grid) -> dict[str, Any]:
    """Return the values of the options that the engine's row names."""
    values = {
        "compile_mode": grid.compile_mode,
        "hint": "throughput" if mode == "throughput" else "latency",
    }
    return {name: values[name] for name in ENGINES[engine].options}


def cell_of(entry: Entry, conditions: BenchConditions) -> Cell:
    """Return the cell of an entry under these conditions, without its key."""
    return Cell(
        kind="bench",
        model=entry.name,
        builder=str(entry.builder),
        arguments=entry.builder.arguments,
        builder_version=builders.version(entry.builder),
        conditions=msgspec.to_builtins(conditions),
        tool=TOOL,
    )


def expected_seconds(cell: Cell, evidence: Sequence[Evidence]) -> float | None:
    """Return the median seconds of earlier processes: of the same conditions, else of any cell of
    the model; None where there are none."""
    walls = {document.cell.key: _wall_times(document) for document in evidence}
    same = [document for document in evidence if same_conditions(document.cell, cell)]
    for group in (same, evidence):
        if seconds := [wall for document in group for wall in walls[document.cell.key]]:
            return round(median(seconds), 1)
    return None


def same_conditions(left: Cell, right: Cell) -> bool:
    """Whether two cells have the same conditions, wherever they were measured."""
    return all(left.conditions.get(name) == right.conditions.get(name) for name in CONDITIONS)


def _wall_times(evidence: Evidence) -> list[float]:
    """Return the seconds of each process behind a record."""
    replicates = evidence.values.get("replicates") or ()
    walls = (replicate.get("telemetry", {}).get("wall") for replicate in replicates)
    return [wall for wall in walls if wall]


def find_obstacles(items: Sequence[Item], trusted: Collection[str]) -> list[Item]:
    """Return the items with what keeps them from running on this machine."""
    return [
        replace(
            item,
            obstacle=explain_entry(item.entry, trusted) or explain_cell(item.cell.conditions),
        )
        for item in items
    ]


def total_seconds(items: Sequence[Item], replicates: int) -> float:
    """Return the expected seconds of the items that can run, with so many replicates each, their
    memory, and a probe of each device and engine before."""
    running = [item for item in items if not item.obstacle]
    memory = sum(item.seconds * item.processes for item in running)
    return seconds_of_rounds(items, replicates) + memory


def seconds_of_rounds(items: Sequence[Item], rounds: int) -> float:
    """Return the expected seconds of so many processes of each item that can run, without memory,
    with a probe of each device and engine before."""
    running = [item for item in items if not item.obstacle]
    pairs = {(item.cell.conditions["device"], item.cell.conditions["engine"]) for item in running}
    return len(pairs) * PROBE_SECONDS + rounds * sum(item.seconds for item in running)


def cpus_of(threads: int, device: str) -> list[int] | None:
    """Return the CPUs that a worker is pinned to; None for a worker that drives another device."""
    return cpus_for_threads(threads) if device == "cpu" else None
