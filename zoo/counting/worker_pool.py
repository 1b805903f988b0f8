"""Counting in processes of their own: a model that crashes, hangs or takes too much memory costs
itself alone.

Each worker is forked from a server that has imported torch and timm, takes one cell after another,
and writes what it measured to the ledger itself; whether it did comes back, and the evidence that
the ledger could not take. What a worker cannot say any more is said for it: the cell's evidence is
`failed`, and why.
"""

import multiprocessing
import os
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from signal import Signals

from pebble import ProcessExpired, ProcessPool

from zoo.counting.measurer import Measurer
from zoo.model_index.ledger.store import Cell, Evidence, Ledger
from zoo.model_index.records.records import Entry
from zoo.models.builders import BuilderMissing
from zoo.models.cells import Variant

PRELOADED = ["torch", "torchvision", "timm", "zoo.counting.measurer", "zoo.counting.tracer"]
GIB = 1 << 30
TRIES = 2  # processes that may die over a model until it is the model's fault
# models a worker takes before another takes its place, so that what models leave behind is let go
TASKS = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """How many processes, and how much each may take for one model: bytes beyond those of a worker
    that has imported everything, and seconds."""

    workers: int = os.cpu_count() or 1
    memory: int = 4 * GIB
    seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back from a worker: evidence that the ledger could not take, with the reason, and
    files of the ledger that were skipped. All other evidence is in the ledger."""

    unkept: list[tuple[Evidence, str]]
    skipped: dict[Path, str]


class Pool:
    """Workers that count for a measurer; `count` is what the measurer asks instead of measuring
    itself."""

    def __init__(self, measurer: Measurer, limits: Limits):
        self.measurer, self.limits = measurer, limits
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOADED)
        told = (
            str(measurer.ledger.folder),
            sorted(measurer.trusted),
            measurer.flags,
            limits.memory,
        )
        self.pool = ProcessPool(
            max_workers=limits.workers,
            max_tasks=TASKS,
            initializer=_begin,
            initargs=told,
            context=context,
        )

    def count_all(
        self, entries: Iterable[Entry], watch: Callable[[Entry], None] = lambda entry: None
    ) -> None:
        """Count every entry that the ledger has no evidence of, as many at once as there are
        workers."""
        due = self.measurer.uncounted(entries)
        asked = [(entry, cell, self._ask(entry, Variant(entry.image_size))) for entry, cell in due]
        for entry, cell, future in asked:
            try:
                self._answer(entry, cell, Variant(entry.image_size), future)
            except BuilderMissing:
                continue  # said when the entry is judged
            finally:
                watch(entry)
            self.measurer.written.add(cell.key)
            self.measurer.measured += 1

    def count(self, entry: Entry, cell: Cell, variant: Variant) -> Evidence:
        """The evidence of one cell, measured now and in the ledger.

        Raises:
            BuilderMissing: the model cannot be built on this machine; nothing is recorded.
            LedgerError: the ledger cannot be read.
        """
        self._answer(entry, cell, variant, self._ask(entry, variant))
        found = self.measurer.evidence.get(cell.key) or self.measurer.ledger.get(cell)
        if found is None:  # somebody took it away
            found = self._failed(entry, cell, "its document is gone")
        return found

    def _ask(self, entry: Entry, variant: Variant) -> "Future[Answer]":
        return self.pool.schedule(_count, args=[entry, variant], timeout=self.limits.seconds)

    def _answer(
        self,
        entry: Entry,
        cell: Cell,
        variant: Variant,
        future: "Future[Answer]",
        tries: int = TRIES,
    ) -> None:
        """Wait for a worker; where it did not come to an end, record that. One that died may have
        been killed for what others did, so another one tries again."""
        try:
            answer = future.result()
            self.measurer.ledger.skipped.update(answer.skipped)
            for evidence, reason in answer.unkept:
                self.measurer.unkept_because(evidence, reason)
        except Late:
            self._failed(
                entry, cell, f"it took longer than {self.limits.seconds:g} s and was ended"
            )
        except ProcessExpired as problem:
            if tries > 1:
                self._answer(entry, cell, variant, self._ask(entry, variant), tries - 1)
            else:
                self._failed(entry, cell, _ended(problem.exitcode))

    def _failed(self, entry: Entry, cell: Cell, error: str) -> Evidence:
        evidence = Evidence(
            cell=cell, outcome="failed", values={}, error=error,
            command=self.measurer.command(entry),
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )  # fmt: skip
        self.measurer.keep(evidence)
        return evidence

    def close(self, *, now: bool = False) -> None:
        """End the workers: when they are done, or now."""
        self.pool.stop() if now else self.pool.close()
        self.pool.join()


@contextmanager
def workers(measurer: Measurer, limits: Limits) -> Iterator[Pool]:
    """Workers that the measurer counts with while this lasts; an interruption ends them at once."""
    pool = Pool(measurer, limits)
    measurer.elsewhere = pool.count
    try:
        yield pool
    except BaseException:
        pool.close(now=True)
        raise
    else:
        pool.close()
    finally:
        measurer.elsewhere = None


def _ended(code: int | None) -> str:
    """What is known of a worker that is gone."""
    if code is None or code >= 0:
        return f"the process that counted it ended with exit code {code}"
    name = Signals(-code).name if -code in {s.value for s in Signals} else f"signal {-code}"
    memory = "; SIGKILL is what the system sends where memory runs out" if name == "SIGKILL" else ""
    return f"the process that counted it was ended by {name}{memory}"


# --- in a worker
# ------------------------------------------------------------------------------------------------------
_measurer: Measurer | None = None


def _begin(ledger: str, trusted: Collection[str], flags: str, memory: int) -> None:
    global _measurer
    _measurer = Measurer(Ledger(ledger), fresh=True, trusted=trusted, flags=flags)
    import torch

    torch.set_num_threads(1)  # nothing is computed on the meta device
    _limit(memory)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: "multiprocessing.process.BaseProcess") -> None:
    """End with the process that asks, however it ends."""
    parent.join()
    os._exit(1)


def _limit(memory: int) -> None:
    """Let the system refuse memory beyond what is in use now and so much; nothing where it
    cannot."""
    try:
        import resource

        used = (
            Path("/proc/self/status").read_text(encoding="ascii").partition("VmData:")[2].split()[0]
        )
        limit = int(used) * 1024 + memory
        resource.setrlimit(
            resource.RLIMIT_DATA, (limit, resource.getrlimit(resource.RLIMIT_DATA)[1])
        )
    except (ImportError, OSError, ValueError, IndexError):
        pass


def _count(entry: Entry, variant: Variant) -> Answer:
    """Count and write; what the model raises is in its evidence."""
    assert _measurer is not None
    _measurer.evidence.clear()
    _measurer.unkept.clear()
    _measurer.ledger.skipped.clear()
    _measurer.count(entry, variant)
    return Answer(
        [(_measurer.evidence[cell.key], reason) for cell, reason in _measurer.unkept],
        dict(_measurer.ledger.skipped),
    )
