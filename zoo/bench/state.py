"""The state of a cell while it is measured, and its document in the ledger.

The document is written after every process, so a killed run loses only the process in flight.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from zoo.bench.messages import MISSING, WorkerAnswer
from zoo.bench.plan import Item
from zoo.model_index.ledger.benchmark import Benchmark, Replicate, interval
from zoo.model_index.ledger.store import Cell, Evidence
from zoo.model_index.records.input_spec import PROPOSED

COMPLETE = ("precise", "maximum")
# failures that are tried again: packages may have been installed since, and trying takes seconds
RETRIED = ("unsupported", MISSING)


@dataclass(kw_only=True)
class State:
    """One cell of a run. It is over once `stopped` or `failure` says why.

    `fewest_seconds` are those that a process takes at least: starting and importing.
    `known_replicates` are those that were in the cell's document when it was last read. `reused`:
    the ledger had all of it. `saved`: the ledger has its document.
    """

    item: Item
    cell: Cell
    fewest_seconds: float = 0.0
    replicates: list[Replicate] = field(default_factory=list)
    memory: dict[str, int | None] = field(default_factory=dict)
    energy: dict[str, float | None] = field(default_factory=dict)
    output: dict[str, float | None] = field(default_factory=dict)
    environment: dict[str, Any] = field(default_factory=dict)
    resolved: str = ""
    weights: str = ""
    given: str = ""
    shapes: list[list[int]] = field(default_factory=list)
    stopped: str | None = None
    failure: str | None = None
    error: str | None = None
    known_replicates: list[Replicate] = field(default_factory=list)
    reused: bool = False
    saved: bool = False

    @property
    def over(self) -> bool:
        return self.stopped is not None or self.failure is not None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The running 95% interval of the seconds of one call."""
        return interval([replicate.median for replicate in self.replicates])

    @property
    def seconds(self) -> float:
        """Expected seconds of one process: the mean of the last three, else as planned, and no
        guess below what starting alone takes."""
        latest = (replicate.telemetry.get("wall") for replicate in self.replicates[-3:])
        walls = [float(wall) for wall in latest if wall]
        if walls:
            return sum(walls) / len(walls)
        planned = self.item.seconds
        return planned if self.item.estimated else max(planned, self.fewest_seconds)

    def forget(self, evidence: Evidence | None) -> None:
        """Replace what an earlier run measured, so that `join` does not bring it back."""
        self.known_replicates = _replicates(evidence)

    def join(self, evidence: Evidence | None) -> None:
        """Add the processes that another run has added to the cell's document since it was last
        read."""
        stored = _replicates(evidence)
        known = [*self.known_replicates, *self.replicates]
        self.replicates += [replicate for replicate in stored if replicate not in known]
        self.known_replicates = stored

    def resume(self, evidence: Evidence | None) -> None:
        """Continue from an earlier run's document; a failure that may have passed is tried
        again."""
        if evidence is None:
            return
        self.known_replicates = _replicates(evidence)
        self.environment = dict(evidence.environment)
        if record := evidence.benchmark:
            self.replicates = list(record.replicates)
            self.memory, self.energy = record.memory, record.energy
            self.output, self.resolved = record.output, record.resolved
            self.weights = record.weights
            self.given, self.shapes = record.input, record.shapes
            self.stopped = record.stopped if record.stopped in COMPLETE else None
        elif evidence.values.get("failure") not in RETRIED:
            self.failure, self.error = evidence.values.get("failure"), evidence.error
        self.reused = self.saved = self.over

    def add_answer(self, answer: WorkerAnswer, run: str, number: int, start: str) -> None:
        """Add what a process measured, or why it failed."""
        if answer.failure:
            self.failure, self.error = answer.failure, answer.error
            return
        if replicate := answer.replicate:
            placed = msgspec.structs.replace(
                replicate,
                telemetry=replicate.telemetry | {"wall": answer.wall},
                started_at=start,
                run=run,
                round=number,
            )
            self.replicates.append(placed)
        self.memory, self.energy = answer.memory or self.memory, answer.energy or self.energy
        self.output = answer.output or self.output
        if answer.settings:
            self.environment["settings"] = answer.settings
            self.resolved, self.weights = answer.resolved, answer.weights
            self.given, self.shapes = answer.given, answer.shapes

    def evidence(self, flags: str = "") -> Evidence | None:
        """Return the document so far; None where nothing was learned."""
        if self.failure == MISSING or not (self.failure or self.replicates):
            return None
        return Evidence(
            cell=self.cell,
            outcome="failed" if self.failure else "measured",
            values=self._failure_values() if self.failure else msgspec.to_builtins(self.record),
            error=self.error,
            environment=self.environment,
            command=f"zoo bench {shlex.quote(self.cell.model)}{command_options(self.cell)}{flags}",
            started_at=self.replicates[0].started_at if self.replicates else "",
            seconds=self._total_wall() or None,
        ).as_stored()

    def _failure_values(self) -> dict[str, Any]:
        """Return a failure, with what was measured before it."""
        conditions = self.cell.conditions
        values: dict[str, Any] = {
            "failure": self.failure,
            "mode": conditions["mode"],
            "batch_size": conditions["batch_size"],
        }
        if self.replicates:
            values["replicates"] = msgspec.to_builtins(self.replicates)
        return values

    def _total_wall(self) -> float:
        walls = [float(replicate.telemetry.get("wall", 0)) for replicate in self.replicates]
        return round(sum(walls), 3)

    @property
    def record(self) -> Benchmark:
        """The measurement so far, of at least one replicate."""
        conditions = self.cell.conditions
        return Benchmark(
            mode=conditions["mode"],
            batch_size=conditions["batch_size"],
            replicates=self.replicates,
            key=conditions["key"]
            | {"precision": conditions["precision"], "threads": conditions["threads"]},
            stopped=self.stopped or "interrupted",
            output=self.output,
            memory=self.memory,
            energy=self.energy,
            resolved=self.resolved,
            weights=self.weights,
            input=self.given,
            shapes=self.shapes,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return a row: the cell's conditions, and the statistics or the failure.

        Times are in seconds of one call, `memory` is in bytes, `energy` in joules. What was not
        measured is None.
        """
        row = {"model": self.cell.model, **self.cell.conditions, "key": self.cell.key}
        record = self.record if self.replicates and not self.failure else None
        return row | {
            "failure": self.failure,
            "error": self.error,
            "seconds": record and record.seconds,
            "interval": record and record.interval,
            "p90": record and record.quantile(0.9),
            "p99": record and record.quantile(0.99),
            "samples_a_second": record and record.rate,
            "memory": record and record.memory,
            "energy": record and record.energy,
            "output": record and record.output,
            "medians": record and record.medians,
            "outliers": record and dict(zip(("mild", "severe"), record.outliers, strict=True)),
            "stopped": record.stopped if record else self.stopped,
            "flags": record.flags if record else [],
            "comparable_by": record and record.key,
        }


def _replicates(evidence: Evidence | None) -> list[Replicate]:
    """Return the processes in a document, those before a failure too."""
    data = evidence.values.get("replicates", []) if evidence else []
    return msgspec.convert(data, list[Replicate])


def command_options(cell: Cell) -> str:
    """Return the options of `zoo bench` that measure this cell alone."""
    conditions = cell.conditions
    given = conditions["input"]
    pairs: Sequence[tuple[str, Any]] = (
        ("--engine", conditions["engine"]),
        ("--device", conditions["device"]),
        ("--precision", conditions["precision"]),
        ("--batch-size", conditions["batch_size"]),
        ("--mode", conditions["mode"]),
        ("--threads", conditions["threads"]),
        ("--l2", conditions["l2"] if conditions["l2"] != "none" else None),
        ("--input", None if given == PROPOSED else shlex.quote(given)),
        ("--compile-mode", conditions["engine_options"].get("compile_mode")),
    )
    text = "".join(f" {name} {value}" for name, value in pairs if value is not None)
    return text + (" --channels-last" if conditions["channels_last"] else "")
