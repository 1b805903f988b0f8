"""Return the evidence of cells: from the ledger where it has any, else measured by a counter."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from typing import NamedTuple

from zoo.counting.counter import Counter, InProcess, Measurement
from zoo.model_index.ledger.documents import Documents
from zoo.model_index.ledger.store import Cell, Evidence, Ledger, Summary
from zoo.model_index.load import RECORDS, is_embedded
from zoo.model_index.records.records import Builder, Claim, Entry
from zoo.models import builders
from zoo.models.cells import Variant, count_cell, weights_cell
from zoo.models.extras import is_installed
from zoo.models.libraries import LIBRARIES


class Stats(NamedTuple):
    """How many counts were measured in this run, and how many reused from the ledger."""

    measured: int = 0
    reused: int = 0


class Measurer:
    """Answers cells from a ledger, and those it lacks by a counter (default: in this process).

    With `fresh` counts of earlier runs are measured again. Cells whose keys are in `withheld` are
    never measured. Only methods change a measurer: `evidence` holds every document of this run by
    key, `written` the keys of those that this run measured, and `unkept` the cells whose evidence
    the ledger could not take, each with the reason; a later run measures them again. `transient`
    are models of which this run has evidence, or has none, for reasons that a later one need not
    meet.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        counter: Counter | None = None,
        fresh: bool = False,
        trusted: Collection[str] = (),
        flags: str = "",
        withheld: Collection[str] = (),
    ):
        self._ledger, self._trusted, self._flags = ledger, trusted, flags
        self._counter: Counter = counter or InProcess(ledger, trusted, flags)
        self._fresh, self._withheld = fresh, frozenset(withheld)
        self._stats = Stats()
        self._evidence = Documents()
        self._written: set[str] = set()
        self._unkept: list[tuple[Cell, str]] = []
        self._transient: set[str] = set()
        self._versions: dict[str, str] = {}

    @property
    def ledger(self) -> Ledger:
        """The ledger that is read and written."""
        return self._ledger

    @property
    def trusted(self) -> Collection[str]:
        """The packages whose code may run."""
        return self._trusted

    @property
    def flags(self) -> str:
        """The options of `zoo verify` that reproduce the evidence."""
        return self._flags

    @property
    def live(self) -> bool:
        """Whether anything can be measured."""
        return self._counter.live

    @property
    def fresh(self) -> bool:
        """Whether counts of earlier runs are measured again."""
        return self._fresh

    @property
    def withheld(self) -> frozenset[str]:
        """The keys of cells that are never measured."""
        return self._withheld

    @property
    def stats(self) -> Stats:
        """The counts measured and reused until now."""
        return self._stats

    @property
    def evidence(self) -> Documents:
        """Every document of this run, by key."""
        return self._evidence

    @property
    def written(self) -> Set[str]:
        """The keys of the cells that this run measured."""
        return self._written

    @property
    def unkept(self) -> Sequence[tuple[Cell, str]]:
        """The cells whose evidence the ledger could not take, with the reasons."""
        return self._unkept

    @property
    def transient(self) -> Set[str]:
        """The names of models with evidence that is of this run only, or that lack some."""
        return self._transient

    def cell(self, entry: Entry, variant: Variant) -> Cell:
        """Return the cell of counting a variant of `entry`."""
        return count_cell(entry, variant, version=lambda builder: self.version(builder, entry.name))

    def version(self, builder: Builder, model: str) -> str:
        """Return the version of a builder's package, looked up once.

        Of a library that is not installed, it is that of the newest count of the model that the
        ledger has: evidence is judged without the library.
        """
        package = builders.package(builder)
        if package in self._versions:
            return self._versions[package]
        version = builders.version(builder)
        if package in LIBRARIES and not is_installed(package):
            counts = (e for e in self._ledger.of("count", model) if e.cell.builder == str(builder))
            newest = max(counts, key=lambda evidence: evidence.recency, default=None)
            if newest is None:
                return version
            version = newest.cell.builder_version
        self._versions[package] = version
        return version

    def list_uncounted(self, entries: Iterable[Entry]) -> list[tuple[Entry, Cell]]:
        """Return the entries to count, each cell once: all of them with `fresh`, else those that
        the ledger has no file of; none that is withheld."""
        cells = ((entry, self.cell(entry, Variant(entry.stated_input))) for entry in entries)
        due = {
            cell.key: (entry, cell)
            for entry, cell in cells
            if self._fresh or not self._ledger.path(cell).is_file()
        }
        return [pair for key, pair in due.items() if key not in self._withheld]

    def look_up(self, entry: Entry, variant: Variant) -> Evidence | None:
        """Return the evidence that this run or the ledger has, `fresh` or not; measure nothing."""
        return self._look_up(self.cell(entry, variant))

    def _look_up(self, cell: Cell) -> Evidence | None:
        return self._evidence.get(cell.key) or self._ledger.read(self._ledger.path(cell))

    def count(self, entry: Entry, variant: Variant) -> Evidence | None:
        """Return the evidence of a count, or None where the ledger has none and nothing may be
        measured.

        Raises:
            BuilderMissing: the model cannot be built on this machine; nothing is recorded.
            LedgerError: the ledger has a document that cannot be read, or that a later version
                wrote.
        """
        cell = self.cell(entry, variant)
        if evidence := self._evidence.get(cell.key):
            return evidence
        ours = cell.key in self._written
        evidence = None if self._fresh and not ours else self._ledger.get(cell)
        if evidence:
            self._add_stats(reused=not ours)
        elif cell.key not in self._withheld:
            try:
                measurement = self._counter.count(entry, cell, variant)
            except builders.BuilderMissing:
                self._transient.add(entry.name)
                raise
            if measurement:
                evidence = measurement.evidence
                self._record(measurement)
        if evidence:
            self._evidence.add(evidence)
        return evidence

    def count_all(
        self, entries: Iterable[Entry], watch: Callable[[Entry], None] = lambda entry: None
    ) -> None:
        """Count every entry that the ledger has no evidence of; call `watch` after each."""
        for entry, _, measurement in self._counter.count_all(self.list_uncounted(entries)):
            if measurement:
                self._record(measurement)
            watch(entry)

    def _record(self, measurement: Measurement) -> None:
        cell = measurement.evidence.cell
        self._written.add(cell.key)
        self._add_stats(measured=1)
        if measurement.problem:
            self.add_unkept(measurement.evidence, measurement.problem)
        elif not measurement.kept:
            self.add_transient(measurement.evidence)

    def _add_stats(self, measured: int = 0, reused: int = 0) -> None:
        before = self._stats
        self._stats = Stats(before.measured + measured, before.reused + reused)

    @contextmanager
    def using(self, counter: Counter) -> Iterator[None]:
        """Measure by another counter inside the `with` block."""
        before, self._counter = self._counter, counter
        try:
            yield
        finally:
            self._counter = before

    def reuse_jobs(self, entries: Iterable[Entry], failed: Collection[str]) -> None:
        """Reuse what jobs have counted of these entries, and measure no cell that a job failed at.

        `failed` are the keys of the cells of failed jobs.
        """
        self._fresh = False
        self._withheld = frozenset(
            cell.key for _, cell in self.list_uncounted(entries) if cell.key in failed
        )

    def recall(
        self,
        entry: Entry,
        documents: Collection[tuple[str, str]],
        key: str,
        summary: Summary | None,
    ) -> None:
        """Reuse documents of the ledger, each given by kind and key, without reading them.

        `key` is that of the entry's count, and `summary` what it says.
        """
        self._evidence.add_stored(self._ledger, entry.name, documents)
        self._evidence.add_summary(key, summary)
        self._add_stats(reused=sum(kind == "count" for kind, _ in documents))

    def add_unkept(self, evidence: Evidence, problem: str) -> None:
        """Use evidence that the ledger could not take, for the reason `problem`."""
        self._unkept.append((evidence.cell, problem))
        self._evidence.add(evidence)

    def add_transient(self, evidence: Evidence) -> None:
        """Use evidence in this run only: that a server did not answer, for example."""
        self._transient.add(evidence.cell.model)
        self._evidence.add(evidence)

    def weights(self, entry: Entry) -> list[tuple[Claim, Evidence]]:
        """Return the links of an entry whose weights were inspected, by this or an earlier run."""
        version = self.version(entry.builder, entry.name)
        cells = [(link, weights_cell(entry, link, version)) for link in entry.links]
        pairs = [(link, self._look_up(cell)) for link, cell in cells]
        inspected = [(link, evidence) for link, evidence in pairs if evidence]
        self._evidence.add(*(evidence for _, evidence in inspected))
        return inspected

    def evaluations(self, entry: Entry) -> list[Evidence]:
        """Return every evaluation in the ledger of a model of this name; evaluate nothing."""
        evaluations = self._ledger.of("eval", entry.name)
        self._evidence.add(*evaluations)
        return evaluations

    def benchmarks(self, entry: Entry) -> list[Evidence]:
        """Return every benchmark in the ledger of a model of this name, of all machines, and for
        the embedded index those that ship with it; run nothing."""
        shipped = Ledger(RECORDS).of("bench", entry.name) if is_embedded(entry.place) else []
        ours = self._ledger.of("bench", entry.name)
        benchmarks = {evidence.cell.key: evidence for evidence in (*shipped, *ours)}
        self._evidence.add(*benchmarks.values())
        return list(benchmarks.values())

    def digests(self, entry: Entry) -> dict[str, str]:
        """Return the SHA-256 of the entry's inspected weights, by their references."""
        digests = (
            (link.raw.strip(), evidence.values.get("sha256"))
            for link, evidence in self.weights(entry)
        )
        return {reference: sha256 for reference, sha256 in digests if sha256}
