"""Run benchmark cells in rounds: each replicate is a fresh process, the order of each round is
random.

This process only starts others and waits. It imports neither torch nor numpy, so it holds no memory
and starts no threads that would disturb the measurements.
"""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from zoo.bench.availability import explain_engine, explain_entry, explain_input
from zoo.bench.conditions import CONDITIONS
from zoo.bench.messages import MISSING, Purpose, WorkerAnswer, WorkerJob
from zoo.bench.plan import FEWEST_FOR_INTERVAL, Item, cpus_of, same_conditions
from zoo.bench.protocol import Sampling, Stopping, shuffle
from zoo.bench.state import State
from zoo.bench.subprocess_runner import run_worker
from zoo.model_index.ledger.store import Evidence, Ledger
from zoo.models import search_path
from zoo.models.extras import require

RunWorker = Callable[[WorkerJob, float], WorkerAnswer]
TIMEOUT = 600.0


@dataclass(frozen=True, slots=True)
class BenchmarkProgress:
    """Cells that are over, of how many, the seconds that are left, and the current cell."""

    done: int
    cells: int
    left: float
    state: State


Watch = Callable[[BenchmarkProgress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLimits:
    """How long a run takes. `budget` are seconds for all of it, None for as long as it needs;
    `timeout` are those of one process."""

    stopping: Stopping = field(default_factory=Stopping)
    sampling: Sampling = field(default_factory=Sampling)
    budget: float | None = None
    timeout: float = TIMEOUT
    seed: int = 0
    energy: bool = False


@dataclass(kw_only=True)
class BenchmarkRun:
    """Measures the items of a plan. `run_worker` starts a process and waits for its answer."""

    ledger: Ledger
    limits: RunLimits = field(default_factory=RunLimits)
    fresh: bool = False
    trusted: tuple[str, ...] = ()
    flags: str = ""
    watch: Watch = lambda progress: None
    run_worker: RunWorker = field(default_factory=lambda: run_worker)
    clock: Callable[[], float] = time.monotonic
    identity: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    states: list[State] = field(default_factory=list)
    _probes: dict[tuple[str, str], WorkerAnswer] = field(default_factory=dict)
    _start: float = 0.0

    def measure(self, items: Sequence[Item]) -> list[State]:
        """Measure every item until it is precise enough, has all its processes, or time is up.

        Raises:
            MissingExtra: what every engine needs is not installed.
            LedgerError: evidence cannot be read or written; documents written before stay.
            KeyboardInterrupt: as it came; only the process in flight is lost.
        """
        require("live")
        self._start = self.clock()
        self.states = [self._state(item) for item in items]
        number = 0
        while any(not state.over for state in self.states):
            for state in shuffle(self.states, number, self.limits.seed):
                if not state.over and len(state.replicates) <= number:
                    self._replicate(state, number)
                    self.watch(self._progress(state))
            number += 1
        if self.limits.energy:
            self._measure_energies()
        return self.states

    def _state(self, item: Item) -> State:
        """Return a cell as the ledger has it; it is over where its model may not be built, or its
        device or engine is missing."""
        if reason := explain_entry(item.entry, self.trusted):
            return State(item=item, cell=item.cell, failure=MISSING, error=reason)
        probe = self._probe(item)
        state = State(item=item, cell=item.with_key(probe.key), fewest_seconds=probe.wall)
        evidence = self.ledger.get(state.cell)
        state.forget(evidence) if self.fresh else state.resume(evidence)
        if not state.over:
            state.environment = probe.environment | state.environment
            reason = explain_input(item.cell.conditions["engine"], item.cell.conditions["input"])
            if probe.failure or reason:
                state.failure = probe.failure or "unsupported"
                state.error = probe.error or reason
                self._write(state)
            else:
                self._stop_if_done(state)
        return state

    def _probe(self, item: Item) -> WorkerAnswer:
        device, engine = item.cell.conditions["device"], item.cell.conditions["engine"]
        if (device, engine) not in self._probes:
            if reason := explain_engine(engine, device):
                answer = WorkerAnswer(failure="unsupported", error=reason)
            else:
                job = WorkerJob(purpose="probe", device=device, engine=engine)
                answer = self.run_worker(job, self.limits.timeout)
            self._probes[device, engine] = answer
        return self._probes[device, engine]

    def _replicate(self, state: State, number: int) -> None:
        if self._out_of_time(state):
            state.stopped = "budget"
        else:
            start = _now()
            state.add_answer(self._run(state, "replicate"), self.identity, number, start)
            self._stop_if_done(state)
            self._measure_memory(state, number)
        self._write(state)

    def _measure_memory(self, state: State, number: int) -> None:
        """Measure the memory, once the times have an interval or no process follows: with little
        time, times come first."""
        due = state.item.processes and not (state.memory or state.failure)
        enough = state.stopped or len(state.replicates) >= FEWEST_FOR_INTERVAL
        if due and enough and not self._out_of_time(state):
            state.add_answer(self._run(state, "memory"), self.identity, number, _now())

    def _stop_if_done(self, state: State) -> None:
        if not state.over and state.replicates:
            state.stopped = self.limits.stopping.reason(state.replicates)

    def _measure_energies(self) -> None:
        loops = self.limits.sampling.idle + self.limits.sampling.steady
        for state in self.states:
            if state.stopped and not state.energy and not self._out_of_time(state, loops):
                state.energy = self._run(state, "energy").energy
                self._write(state)

    def _run(self, state: State, purpose: Purpose) -> WorkerAnswer:
        return self.run_worker(self.job(state, purpose), self.limits.timeout)

    def job(self, state: State, purpose: Purpose) -> WorkerJob:
        """Return a worker's job for a cell; the first replicate compares the output too."""
        conditions: dict[str, Any] = state.cell.conditions
        builder = state.item.entry.builder
        return WorkerJob(
            purpose=purpose,
            model=state.cell.model,
            place=str(state.item.entry.input_place or ""),
            builder=(builder.kind, builder.name),
            arguments=builder.arguments,
            trusted=list(self.trusted),
            path=list(search_path.folders()),
            cpus=cpus_of(conditions["threads"], conditions["device"]),
            seed=self.limits.seed,
            check=purpose == "replicate" and not state.output,
            sampling=self.limits.sampling,
            **{name: conditions[name] for name in CONDITIONS},
        )

    def _write(self, state: State) -> None:
        """Write the cell's document, with the processes that another run has added meanwhile."""
        if state.evidence(self.flags) is None:
            return

        def merge(current: Evidence | None) -> Evidence | None:
            state.join(current)
            return state.evidence(self.flags)

        evidence = self.ledger.update(state.cell, merge)
        if evidence and evidence.outcome == "measured" and not state.saved:
            self._forget_unsupported(state)
        state.saved = True

    def _forget_unsupported(self, state: State) -> None:
        """Remove documents that call the same cell unsupported, here or on a machine without the
        device."""
        device = state.cell.conditions["key"]["device"]
        for document in self.ledger.of("bench", state.cell.model):
            unsupported = document.values.get("failure") == "unsupported"
            model = (document.cell.conditions.get("key") or {}).get("device")
            same = same_conditions(document.cell, state.cell)
            if unsupported and same and model in (None, device):
                self.ledger.forget(document.cell)

    def _out_of_time(self, state: State, more: float = 0.0) -> bool:
        """Whether another process of the cell, and so many seconds more, would end after the time
        is up."""
        budget, seconds = self.limits.budget, state.seconds + more
        return budget is not None and self.clock() - self._start + seconds > budget

    def _progress(self, state: State) -> BenchmarkProgress:
        done = sum(other.over for other in self.states)
        planned = self.limits.stopping.planned
        left = 0.0
        for other in self.states:
            if not other.over:
                left += other.seconds * max(1, planned - len(other.replicates))
        if self.limits.budget is not None:
            left = min(left, max(0.0, self.limits.budget - (self.clock() - self._start)))
        return BenchmarkProgress(done, len(self.states), left, state)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
