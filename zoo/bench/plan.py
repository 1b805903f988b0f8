"""From what a person asks for to cells, and how long they will take. Nothing here imports torch or
numpy."""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import msgspec

from zoo.bench.engines import ENGINES
from zoo.bench.machine import available, default_threads, pinned
from zoo.model_index.errors import UsageError
from zoo.model_index.ledger.benchmark import CONDITIONS, MODES, Mode
from zoo.model_index.ledger.store import Cell, Evidence, Ledger
from zoo.model_index.records.records import Entry
from zoo.models import builders

TOOL = "zoo-bench/1"
DEVICES = ("cpu", "cuda", "mps")
PRECISIONS = ("fp32", "fp16", "bf16", "amp", "tf32")
CACHES = ("none", "cold")
SINGLE = (
    "latency",
    "device",
)  # modes that time single calls, so that a cache can be emptied before each
# seconds of a process where the ledger knows nothing like it: import, build, warm up, sample
PROCESS = 10.0
PROBE = 5.0  # seconds of asking what a device and an engine are
COMPILE_MODES = ("default", "reduce-overhead", "max-autotune", "max-autotune-no-cudagraphs")


@dataclass(frozen=True, slots=True)
class Asked:
    """What to measure of each model: every combination. `threads` None is one for each core."""

    engines: Sequence[str] = ("eager",)
    devices: Sequence[str] = ("cpu",)
    precisions: Sequence[str] = ("fp32",)
    batch_sizes: Sequence[int] = (1,)
    modes: Sequence[str] = ("latency",)
    channels_last: bool = False
    threads: int | None = None
    l2: str = "none"
    input_size: tuple[int, int] | None = None
    compile_mode: str = "default"


@dataclass(frozen=True, slots=True)
class Item:
    """A cell to be measured, its entry, and the seconds that one process of it is expected to take.

    The cell lacks the key, which says where it was measured; `placed` adds it. `known` says that
    the expectation comes from evidence.
    """

    entry: Entry
    cell: Cell
    seconds: float
    known: bool

    def placed(self, key: dict[str, str | int | None]) -> Cell:
        """The cell on the machine, and with the versions, of this key."""
        return msgspec.structs.replace(self.cell, conditions=self.cell.conditions | {"key": key})

    @property
    def mode(self) -> Mode:
        return self.cell.conditions["mode"]

    @property
    def processes(self) -> int:
        """Processes besides the replicates: one for the memory, where that is measured."""
        return int(self.mode != "cold")


def checked(asked: Asked) -> Asked:
    """The same, with every name known and the threads counted.

    Raises:
        UsageError: a name that does not exist, naming those that do.
    """
    tables: tuple[tuple[str, Sequence[str], Iterable[str]], ...] = (
        ("--engine", asked.engines, ENGINES),
        ("--precision", asked.precisions, PRECISIONS),
        ("--mode", asked.modes, MODES),
        ("--l2", (asked.l2,), CACHES),
        ("--compile-mode", (asked.compile_mode,), COMPILE_MODES),
    )
    for option, values, known in tables:
        for value in values:
            if value not in known:
                raise UsageError(f"{option}: expected {', '.join(known)}, got {value!r}")
    for device in asked.devices:
        if not re.fullmatch(rf"(?:{'|'.join(DEVICES)})(?::\d+)?", device):
            raise UsageError(
                f"--device: expected {', '.join(DEVICES)}, or one with a number, got {device!r}"
            )
    for size in asked.batch_sizes:
        if size < 1:
            raise UsageError(f"--batch-size: expected whole numbers from 1, got {size}")
    threads = default_threads() if asked.threads is None else asked.threads
    if not 1 <= threads <= len(available()):
        raise UsageError(
            f"--threads: expected 1 to {len(available())}, the CPUs of this process, got {threads}"
        )
    return replace(asked, threads=threads)


def plan(entries: Sequence[Entry], asked: Asked, ledger: Ledger) -> list[Item]:
    """Every combination, models first; `asked` has been checked."""
    items = []
    for entry in entries:
        evidence = ledger.of("bench", entry.name)
        for conditions in combinations(asked):
            cell = cell_of(entry, conditions)
            seconds = expected(cell, evidence)
            items.append(
                Item(entry, cell, PROCESS if seconds is None else seconds, seconds is not None)
            )
    return items


def combinations(asked: Asked) -> Iterable[dict[str, Any]]:
    """The conditions of each cell of one model."""
    axes = (asked.engines, asked.devices, asked.precisions, asked.batch_sizes, asked.modes)
    for engine, device, precision, batch_size, mode in itertools.product(*axes):
        yield {
            "engine": engine,
            "engine_options": engine_options(engine, mode, asked),
            "device": device,
            "precision": precision,
            "batch_size": batch_size,
            "input_size": list(asked.input_size) if asked.input_size else "configured",
            "channels_last": asked.channels_last,
            "threads": asked.threads,
            "mode": mode,
            "l2": asked.l2 if mode in SINGLE else "none",
        }


def engine_options(engine: str, mode: str, asked: Asked) -> dict[str, Any]:
    """The options that an engine has beside the conditions of every cell."""
    hint = "throughput" if mode == "throughput" else "latency"
    table = {"compile": {"compile_mode": asked.compile_mode}, "openvino": {"hint": hint}}
    return table.get(engine, {})


def cell_of(entry: Entry, conditions: dict[str, Any]) -> Cell:
    """The cell of an entry under these conditions, without its key."""
    return Cell(
        kind="bench",
        model=entry.name,
        builder=str(entry.builder),
        arguments=entry.builder.arguments,
        builder_version=builders.version(entry.builder),
        conditions=conditions,
        tool=TOOL,
    )


def expected(cell: Cell, evidence: Sequence[Evidence]) -> float | None:
    """Seconds of one process of the cell: those of the same conditions, else of the model's cells;
    None for none."""
    walls = {each.cell.key: _walls(each) for each in evidence}
    same = [each for each in evidence if asked_alike(each.cell, cell)]
    for group in (same, evidence):
        if found := [wall for each in group for wall in walls[each.cell.key]]:
            return round(median(found), 1)
    return None


def asked_alike(one: Cell, other: Cell) -> bool:
    """Whether two cells were asked for under the same conditions, wherever they were measured."""
    return all(one.conditions.get(name) == other.conditions.get(name) for name in CONDITIONS)


def _walls(evidence: Evidence) -> list[float]:
    """Seconds of each process behind a record."""
    replicates = evidence.values.get("replicates") or ()
    return [wall for each in replicates if (wall := each.get("telemetry", {}).get("wall"))]


def total_seconds(items: Sequence[Item], replicates: int) -> float:
    """How long all items take with so many replicates each, and what has to be asked of devices and
    engines before."""
    pairs = {(item.cell.conditions["device"], item.cell.conditions["engine"]) for item in items}
    return len(pairs) * PROBE + sum(item.seconds * (replicates + item.processes) for item in items)


def cpus_of(threads: int, device: str) -> list[int] | None:
    """The CPUs that a worker is held to: those of its threads, all for one that drives another
    device."""
    return pinned(threads) if device == "cpu" else None
