"""Count in processes of their own: a model that crashes, hangs or takes too much memory costs only
itself.

Each worker is forked from a server that has imported torch and timm, takes one cell after another
and writes the evidence to the ledger. Where a worker could not finish, the pool records a `failed`
count with the reason.
"""

import multiprocessing
import os
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TaskTimeout
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from signal import Signals
from typing import NamedTuple

from pebble import ProcessExpired, ProcessPool

from zoo.counting.counter import InProcess, Measurement, save, verify_command
from zoo.counting.measurer import Measurer
from zoo.model_index.ledger.store import Cell, Evidence, Ledger
from zoo.model_index.records.records import Entry
from zoo.models import search_path
from zoo.models.builders import BuilderMissing
from zoo.models.cells import Variant
from zoo.models.control_groups import usable_cpus

PRELOADED = ["torch", "torchvision", "timm", "zoo.counting.counter", "zoo.counting.tracer"]
GIB = 1 << 30
TRIES = 2  # workers that may die of a model before its count has failed
# models a worker takes before another replaces it, which frees what the models left behind
TASKS = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """The number of workers, and the limits of each for one model: bytes of memory beyond those of
    an idle worker, and seconds."""

    workers: int = field(default_factory=usable_cpus)
    memory: int = 4 * GIB
    seconds: float = 300.0


class Answer(NamedTuple):
    """A worker's answer: the evidence that the ledger could not take, with the reason, and the
    files of the ledger that were skipped. All other evidence is in the ledger."""

    measurement: Measurement
    skipped: dict[Path, str]


class Pool:
    """A counter of several worker processes."""

    live = True

    def __init__(
        self, ledger: Ledger, limits: Limits, trusted: Collection[str] = (), flags: str = ""
    ):
        self.ledger, self.limits, self.flags = ledger, limits, flags
        os.environ["PYTHONSAFEPATH"] = "1"  # the server imports nothing of the working folder
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOADED)
        self.pool = ProcessPool(
            max_workers=limits.workers,
            max_tasks=TASKS,
            initializer=_start_worker,
            initargs=(
                str(ledger.folder),
                sorted(trusted),
                search_path.folders(),
                flags,
                limits.memory,
            ),
            context=context,
        )

    def count(self, entry: Entry, cell: Cell, variant: Variant) -> Measurement:
        """Measure a cell in a worker and return its evidence."""
        measurement = self._wait(entry, cell, variant, self._schedule(entry, cell, variant))
        if measurement.evidence is None:
            measurement = Measurement(self.ledger.get(cell))
        # another program may have removed the document
        return (
            measurement if measurement.evidence else self._fail(entry, cell, "its document is gone")
        )

    def count_all(
        self, pairs: Iterable[tuple[Entry, Cell]]
    ) -> Iterator[tuple[Entry, Cell, Measurement | None]]:
        """Measure as many cells at once as there are workers."""
        tasks = [
            (entry, cell, variant, self._schedule(entry, cell, variant))
            for entry, cell in pairs
            for variant in [Variant(entry.image_size)]
        ]
        for entry, cell, variant, future in tasks:
            try:
                measurement = self._wait(entry, cell, variant, future)
            except BuilderMissing:
                yield entry, cell, None  # reported when the entry is verified
            else:
                yield entry, cell, measurement

    def _schedule(self, entry: Entry, cell: Cell, variant: Variant) -> "Future[Answer]":
        return self.pool.schedule(_count, args=[entry, cell, variant], timeout=self.limits.seconds)

    def _wait(
        self, entry: Entry, cell: Cell, variant: Variant, future: "Future[Answer]"
    ) -> Measurement:
        """Wait for a worker, and record a failure where it did not finish. A worker that died may
        have been killed because of other models, so another one tries again."""
        for tries_left in reversed(range(TRIES)):
            try:
                answer = future.result()
            except TaskTimeout:
                return self._fail(
                    entry, cell, f"it took longer than {self.limits.seconds:g} s and was stopped"
                )
            except ProcessExpired as problem:
                if not tries_left:
                    return self._fail(entry, cell, describe_exit(problem.exitcode))
                future = self._schedule(entry, cell, variant)
            else:
                self.ledger.skipped.update(answer.skipped)
                return answer.measurement
        raise AssertionError("every try returns or is followed by another one")

    def _fail(self, entry: Entry, cell: Cell, error: str) -> Measurement:
        evidence = Evidence(
            cell=cell,
            outcome="failed",
            values={},
            error=error,
            command=verify_command(entry, self.flags),
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        ).as_stored()
        return save(self.ledger, evidence)

    def close(self, *, at_once: bool = False) -> None:
        """Stop the workers, when they have finished or at once."""
        stop = self.pool.stop if at_once else self.pool.close
        stop()  # type: ignore[no-untyped-call]
        self.pool.join()


@contextmanager
def workers(measurer: Measurer, limits: Limits) -> Iterator[None]:
    """Let a measurer count in workers inside the `with` block; an exception stops them at once."""
    pool = Pool(measurer.ledger, limits, measurer.trusted, measurer.flags)
    try:
        with measurer.using(pool):
            yield
    except BaseException:
        pool.close(at_once=True)
        raise
    else:
        pool.close()


def describe_exit(code: int | None) -> str:
    """Say how a worker ended."""
    if code is None or code >= 0:
        return f"the process that counted it ended with exit code {code}"
    name = Signals(-code).name if -code in {s.value for s in Signals} else f"signal {-code}"
    hint = "; the system sends SIGKILL when memory runs out" if name == "SIGKILL" else ""
    return f"the process that counted it was ended by {name}{hint}"


# --- In a worker
_counter: InProcess | None = None


def _start_worker(
    folder: str, trusted: Collection[str], path: Sequence[str], flags: str, memory: int
) -> None:
    global _counter
    search_path.extend(path, trusted)
    _counter = InProcess(Ledger(folder), trusted, flags)
    import torch

    torch.set_num_threads(1)  # nothing is computed on the meta device
    _limit_memory(memory)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_exit_after, args=(parent,), daemon=True).start()


def _exit_after(parent: "multiprocessing.process.BaseProcess") -> None:
    """End this process when its parent has ended, however that happens."""
    parent.join()
    os._exit(1)


def _limit_memory(memory: int) -> None:
    """Let the system refuse more than `memory` bytes beyond those in use; do nothing where it
    cannot."""
    try:
        import resource

        status = Path("/proc/self/status").read_text(encoding="ascii")
        used = int(status.partition("VmData:")[2].split()[0]) * 1024
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (used + memory, hard))
    except (ImportError, OSError, ValueError, IndexError):
        pass


def _count(entry: Entry, cell: Cell, variant: Variant) -> Answer:
    """Count and write; what the model raises is in its evidence."""
    assert _counter is not None
    _counter.ledger.skipped.clear()
    measurement = _counter.count(entry, cell, variant)
    unkept = measurement if measurement.problem else Measurement(None)
    return Answer(unkept, dict(_counter.ledger.skipped))
