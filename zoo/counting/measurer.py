"""From cells to evidence: what the ledger has is reused, what it lacks is measured now.

A failed measurement is evidence too and is kept, so a second run does not spend its time again;
`fresh` measures anew. Nothing here imports torch until something has to be measured.
"""

import shlex
import sys
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import redirect_stdout
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from zoo.model_index.errors import LedgerError
from zoo.model_index.ledger.documents import Documents
from zoo.model_index.ledger.store import Cell, Evidence, Ledger, Outcome
from zoo.model_index.load import RECORDS, is_embedded
from zoo.model_index.records.records import Builder, Claim, Entry
from zoo.models import builders, environment
from zoo.models.cells import Variant, count_cell, weights_cell

if TYPE_CHECKING:
    from zoo.models.builders import Built

Elsewhere = Callable[[Entry, Cell, Variant], Evidence]


class Measurer:
    """Answers cells from a ledger and, unless `live` is False, by measuring them.

    `reused` and `measured` count the cells; `evidence` holds every document seen, by key, and
    `written` the keys of those that were put into the ledger by this one. `elsewhere` measures a
    cell in another process, where one is there, and puts it into the ledger. `unkept` are the cells
    whose evidence the ledger could not take, each with the reason: it is in `evidence` alone, and a
    later run measures it again. `withheld` are the keys of cells that are not to be measured here.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        live: bool = True,
        fresh: bool = False,
        trusted: Collection[str] = (),
        flags: str = "",
    ):
        self.ledger, self.live, self.fresh, self.trusted, self.flags = (
            ledger,
            live,
            fresh,
            trusted,
            flags,
        )
        self.reused = self.measured = 0
        self.evidence = Documents()
        self.written: set[str] = set()
        self.unkept: list[tuple[Cell, str]] = []
        self.withheld: frozenset[str] = frozenset()
        self.elsewhere: Elsewhere | None = None
        self._built: tuple[tuple[str, str, str], Built] | None = None
        self._versions: dict[str, str] = {}

    def cell(self, entry: Entry, variant: Variant) -> Cell:
        """Return the cell of counting a variant of `entry`."""
        return count_cell(entry, variant, version=self.version)

    def version(self, builder: Builder) -> str:
        """The version of a builder's package, looked up once."""
        package = builders.package(builder)
        if package not in self._versions:
            self._versions[package] = builders.version(builder)
        return self._versions[package]

    def uncounted(self, entries: Iterable[Entry]) -> list[tuple[Entry, Cell]]:
        """The entries that have to be counted, each cell once: those the ledger has no file of, all
        where measuring is to be fresh; not those that are withheld."""
        cells = ((entry, self.cell(entry, Variant(entry.image_size))) for entry in entries)
        due = {
            cell.key: (entry, cell)
            for entry, cell in cells
            if self.fresh or not self.ledger.path(cell).is_file()
        }
        return [pair for key, pair in due.items() if key not in self.withheld]

    def command(self, entry: Entry) -> str:
        """What a person types to count the entry again."""
        return f"zoo verify {shlex.quote(entry.name)}{self.flags} --fresh"

    def known(self, entry: Entry, variant: Variant) -> Evidence | None:
        """The evidence this run or the ledger already has, also where measuring is to be fresh;
        never measures."""
        return self._seen(self.cell(entry, variant))

    def _seen(self, cell: Cell) -> Evidence | None:
        return self.evidence.get(cell.key) or self.ledger.read(self.ledger.path(cell))

    def count(self, entry: Entry, variant: Variant) -> Evidence | None:
        """Evidence of the count, or None where the ledger has none and nothing may be measured.

        Raises: BuilderMissing: the model cannot be built on this machine; nothing is recorded.
            LedgerError: the ledger has a document that cannot be read, or that a later version
            wrote.
        """
        cell = self.cell(entry, variant)
        if known := self.evidence.get(cell.key):
            return known
        ours = cell.key in self.written
        evidence = None if self.fresh and not ours else self.ledger.get(cell)
        if evidence:
            self.reused += not ours
        elif self.live and cell.key not in self.withheld:
            if self.elsewhere:
                evidence = self.elsewhere(entry, cell, variant)
            else:
                evidence = self._measure(entry, cell, variant)
                self.keep(evidence)
            self.written.add(cell.key)
            self.measured += 1
        if evidence:
            self.evidence.add(evidence)
        return evidence

    def keep(self, evidence: Evidence) -> None:
        """Put evidence into the ledger; where it cannot take it, this run has it all the same."""
        try:
            self.ledger.put(evidence)
        except LedgerError as error:
            self.unkept_because(evidence, str(error))

    def unkept_because(self, evidence: Evidence, reason: str) -> None:
        """Evidence that is not in the ledger, and why."""
        self.unkept.append((evidence.cell, reason))
        self.evidence.add(evidence)

    def weights(self, entry: Entry) -> list[tuple[Claim, Evidence]]:
        """The links of an entry whose weights were looked at, by this or by an earlier run; nothing
        is looked at."""
        found = [(link, self._seen(weights_cell(entry, link))) for link in entry.links]
        seen = [(link, evidence) for link, evidence in found if evidence]
        self.evidence.add(*(evidence for _, evidence in seen))
        return seen

    def evaluations(self, entry: Entry) -> list[Evidence]:
        """Every evaluation of a model of this name that the ledger has; nothing is evaluated."""
        found = self.ledger.of("eval", entry.name)
        self.evidence.add(*found)
        return found

    def benchmarks(self, entry: Entry) -> list[Evidence]:
        """Every benchmark of a model of this name that the ledger has, of all machines, and for the
        embedded index those that ship with it; nothing is run."""
        shipped = Ledger(RECORDS).of("bench", entry.name) if is_embedded(entry.place) else []
        found = {
            evidence.cell.key: evidence
            for evidence in (*shipped, *self.ledger.of("bench", entry.name))
        }
        self.evidence.add(*found.values())
        return list(found.values())

    def digests(self, entry: Entry) -> dict[str, str]:
        """The SHA-256 of the entry's weights, as far as they were seen, by their references."""
        seen = (
            (link.raw.strip(), evidence.values.get("sha256"))
            for link, evidence in self.weights(entry)
        )
        return {reference: sha256 for reference, sha256 in seen if sha256}

    def _measure(self, entry: Entry, cell: Cell, variant: Variant) -> Evidence:
        started, clock = datetime.now(UTC), time.perf_counter()
        values: dict[str, Any] = {}
        error = None
        try:
            with redirect_stdout(
                sys.stderr
            ):  # a model that prints must not spoil what is read from standard output
                values = self._values(variant._replace(builder=variant.builder or entry.builder))
        except builders.BuilderMissing:
            raise
        except builders.BuildError as problem:
            error = str(problem)
        except (
            Exception,
            SystemExit,
        ) as problem:  # a forward may raise anything: it is recorded, the rest goes on
            error = f"{type(problem).__name__}: {problem}"
        outcome: Outcome = (
            "failed" if error else "incomplete" if values["trace"]["uncounted"] else "measured"
        )
        return Evidence(
            cell=cell,
            outcome=outcome,
            values=values,
            error=error,
            environment=environment.describe(),
            command=self.command(entry),
            started_at=started.isoformat(timespec="seconds"),
            seconds=round(time.perf_counter() - clock, 4),
        )

    def _values(self, variant: Variant) -> dict[str, Any]:
        from zoo.counting import tracer

        assert variant.builder is not None
        built = self._model(variant.builder, variant.form)
        configured = built.configuration.get("input_size")
        channels = builders.channels(built, variant.builder)
        height, width = variant.size or (configured[-2:] if configured else (224, 224))
        trace, parts = tracer.count(built.model, (1, channels, height, width))
        return {
            "resolved": built.resolved,
            "configuration": {k: v for k, v in built.configuration.items() if v is not None},
            "registry": built.registry,
            "parts": [list(part) for part in parts],
            "trace": trace.to_lists(),
        }

    def _model(self, builder: Builder, form: str) -> "Built":
        key = (str(builder), repr(sorted(builder.arguments.items())), form)
        if self._built is None or self._built[0] != key:
            self._built = None  # let go of the last model before the next one is built
            self._built = (key, builders.build(builder, self.trusted, form))
        return self._built[1]
