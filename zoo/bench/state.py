"""What is known of a cell while it is measured, and the ledger document it is kept as.

The document is written after every process, so that a killed run loses the process in flight and
nothing else.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from zoo.bench.messages import MISSING, Answer
from zoo.bench.plan import Item
from zoo.model_index.ledger.benchmark import Benchmark, Replicate, interval
from zoo.model_index.ledger.store import Cell, Evidence

COMPLETE = ("precise", "maximum")
RETRIED = (
    "unsupported",
    MISSING,
)  # what is installed since then may support it; to find out takes a few seconds


@dataclass
class State:
    """One cell of a run. `stopped` is why it is over, None while it is not; so is `failure`, where
    it failed."""

    item: Item
    cell: Cell
    replicates: list[Replicate] = field(default_factory=list)
    memory: dict[str, int | None] = field(default_factory=dict)
    energy: dict[str, float | None] = field(default_factory=dict)
    output: dict[str, float | None] = field(default_factory=dict)
    environment: dict[str, Any] = field(default_factory=dict)
    resolved: str = ""
    weights: str = ""
    shape: list[int] = field(default_factory=list)
    stopped: str | None = None
    failure: str | None = None
    error: str | None = None
    seen: list[Replicate] = field(
        default_factory=list
    )  # in the cell's document when it was last looked at
    reused: bool = False
    kept: bool = False

    @property
    def over(self) -> bool:
        return self.stopped is not None or self.failure is not None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The running 95% interval of the seconds of one call."""
        return interval([replicate.median for replicate in self.replicates])

    @property
    def seconds(self) -> float:
        """What one process is expected to take: as the last ones did, else as planned."""
        walls = [
            each.telemetry["wall"] for each in self.replicates[-3:] if each.telemetry.get("wall")
        ]
        return sum(walls) / len(walls) if walls else self.item.seconds

    def forget(self, evidence: Evidence | None) -> None:
        """What an earlier run measured is to be replaced, so that `join` does not bring it back."""
        self.seen = _replicates(evidence)

    def join(self, evidence: Evidence | None) -> None:
        """Add the processes that another run has put into the cell's document since it was last
        seen."""
        there = _replicates(evidence)
        self.replicates += [
            each for each in there if each not in self.seen and each not in self.replicates
        ]
        self.seen = there

    def resume(self, evidence: Evidence | None) -> None:
        """Take over what an earlier run measured or found; a failure that may have passed is tried
        again."""
        if evidence is None:
            return
        self.seen = _replicates(evidence)
        self.environment = dict(evidence.environment)
        if record := evidence.benchmark:
            self.replicates, self.memory, self.energy = (
                list(record.replicates),
                record.memory,
                record.energy,
            )
            self.output, self.resolved = record.output, record.resolved
            self.weights, self.shape = record.weights, record.shape
            self.stopped = record.stopped if record.stopped in COMPLETE else None
        elif evidence.values.get("failure") not in RETRIED:
            self.failure, self.error = evidence.values.get("failure"), evidence.error
        self.reused = self.kept = self.over

    def take(self, answer: Answer, run: str, number: int, started: str) -> None:
        """Keep what a process measured, or why it failed."""
        if answer.failure:
            self.failure, self.error = answer.failure, answer.error
            return
        if replicate := answer.replicate:
            telemetry = replicate.telemetry | {"wall": answer.wall}
            self.replicates.append(
                msgspec.structs.replace(
                    replicate, telemetry=telemetry, started_at=started, run=run, round=number
                )
            )
        self.memory, self.energy = answer.memory or self.memory, answer.energy or self.energy
        self.output = answer.output or self.output
        if answer.settings:
            self.environment["settings"] = answer.settings
            self.resolved, self.weights, self.shape = answer.resolved, answer.weights, answer.shape

    def evidence(self, flags: str = "") -> Evidence | None:
        """The document of what is known so far; None where nothing was learned."""
        if self.failure == MISSING or not (self.failure or self.replicates):
            return None
        return Evidence(
            cell=self.cell,
            outcome="failed" if self.failure else "measured",
            values=self._failed() if self.failure else msgspec.to_builtins(self.record),
            error=self.error,
            environment=self.environment,
            command=f"zoo bench {shlex.quote(self.cell.model)}{options(self.cell)}{flags}",
            started_at=self.replicates[0].started_at if self.replicates else "",
            seconds=round(sum(each.telemetry.get("wall", 0) for each in self.replicates), 3)
            or None,
        )

    def _failed(self) -> dict[str, Any]:
        """A failure, with what was measured before it."""
        asked = self.cell.conditions
        values = {"failure": self.failure, "mode": asked["mode"], "batch_size": asked["batch_size"]}
        return values | (
            {"replicates": msgspec.to_builtins(self.replicates)} if self.replicates else {}
        )

    @property
    def record(self) -> Benchmark:
        """What was measured; there is at least one replicate."""
        asked = self.cell.conditions
        return Benchmark(
            mode=asked["mode"],
            batch_size=asked["batch_size"],
            replicates=self.replicates,
            key=asked["key"] | {"precision": asked["precision"], "threads": asked["threads"]},
            stopped=self.stopped or "interrupted",
            output=self.output,
            memory=self.memory,
            energy=self.energy,
            resolved=self.resolved,
            weights=self.weights,
            shape=self.shape,
        )


def _replicates(evidence: Evidence | None) -> list[Replicate]:
    """The processes in a document, those before a failure too."""
    data = evidence.values.get("replicates", []) if evidence else []
    return msgspec.convert(data, list[Replicate])


def options(cell: Cell) -> str:
    """The options of `zoo bench` that ask for this cell alone."""
    asked = cell.conditions
    size = asked["input_size"]
    pairs: Sequence[tuple[str, Any]] = (
        ("--engine", asked["engine"]),
        ("--device", asked["device"]),
        ("--precision", asked["precision"]),
        ("--batch-size", asked["batch_size"]),
        ("--mode", asked["mode"]),
        ("--threads", asked["threads"]),
        ("--l2", asked["l2"] if asked["l2"] != "none" else None),
        ("--input-size", None if size == "configured" else "x".join(map(str, size))),
        ("--compile-mode", asked["engine_options"].get("compile_mode")),
    )
    text = "".join(f" {name} {value}" for name, value in pairs if value is not None)
    return text + (" --channels-last" if asked["channels_last"] else "")
