"""Counters: the ways to measure a count that the ledger lacks.

A counter measures one cell and puts the evidence into the ledger. What a model raised is evidence
too, so that a second run does not spend its time again. Nothing here imports torch until something
has to be measured.
"""

import shlex
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

from zoo.counting.model_count import Count, ModelCounter
from zoo.model_index.errors import LedgerError
from zoo.model_index.ledger.store import Cell, Evidence, Ledger, Outcome
from zoo.model_index.records.records import Entry
from zoo.models import environment
from zoo.models.builders import BuilderMissing
from zoo.models.cells import Variant
from zoo.models.extras import require


class Measurement(NamedTuple):
    """What came of measuring a cell: the evidence, and whether the ledger has it now.

    `problem` says why the ledger could not take it. Without a problem, evidence that is not kept
    says something about this run only, and a later run measures again.
    """

    evidence: Evidence
    problem: str = ""
    kept: bool = True


class Counter(Protocol):
    """A way to measure cells; `live` is False for one that measures nothing."""

    live: bool

    def count(self, entry: Entry, cell: Cell, variant: Variant) -> Measurement | None:
        """Measure a cell and put the evidence into the ledger; None where nothing is measured.

        Raises:
            BuilderMissing: the model cannot be built on this machine; nothing is recorded.
            MissingExtra: what every model needs is not installed.
            LedgerError: the ledger cannot be read.
        """

    def count_all(
        self, pairs: Iterable[tuple[Entry, Cell]]
    ) -> Iterator[tuple[Entry, Cell, Measurement | None]]:
        """Measure cells at the entries' own input size; None for those that cannot be built."""


class LedgerOnly:
    """A counter that measures nothing: the ledger's evidence is all there is."""

    live = False

    def count(self, entry: Entry, cell: Cell, variant: Variant) -> Measurement | None:
        """Return None."""
        return None

    def count_all(
        self, pairs: Iterable[tuple[Entry, Cell]]
    ) -> Iterator[tuple[Entry, Cell, Measurement | None]]:
        """Yield nothing."""
        yield from ()


class InProcess:
    """A counter that measures in this process, one model after another, without limits."""

    live = True

    def __init__(self, ledger: Ledger, trusted: Collection[str] = (), flags: str = ""):
        self.ledger, self.flags = ledger, flags
        self._models = ModelCounter(trusted)

    def count(self, entry: Entry, cell: Cell, variant: Variant) -> Measurement:
        """Measure a cell now."""
        require("live")
        count = self._models.count(variant.builder or entry.builder, variant)
        return store(self.ledger, cell, count, verify_command(entry, self.flags))

    def count_all(
        self, pairs: Iterable[tuple[Entry, Cell]]
    ) -> Iterator[tuple[Entry, Cell, Measurement | None]]:
        """Measure one cell after another."""
        for entry, cell in pairs:
            try:
                measurement = self.count(entry, cell, Variant(entry.stated_input))
            except BuilderMissing:
                yield entry, cell, None  # reported when the entry is verified
            else:
                yield entry, cell, measurement


def store(ledger: Ledger, cell: Cell, count: Count, command: str) -> Measurement:
    """Put what came of counting into the ledger; an error that says nothing about the model is not
    kept.

    Raises:
        BuilderMissing: the model cannot be built on this machine.
    """
    if count.missing:
        raise BuilderMissing(count.missing, count.gap)
    now = datetime.now(UTC) - timedelta(seconds=count.seconds or 0)
    evidence = Evidence(
        cell=cell,
        outcome=_outcome(count),
        values=count.values,
        error=count.error or None,
        environment=environment.describe(),
        command=command,
        started_at=now.isoformat(timespec="seconds"),
        seconds=count.seconds,
    ).as_stored()
    if not count.lasting:
        return Measurement(evidence, kept=False)
    try:
        ledger.put(evidence)
    except LedgerError as error:
        return Measurement(evidence, str(error), kept=False)
    return Measurement(evidence)


def _outcome(count: Count) -> Outcome:
    """Return the outcome: what the model holds may be known where its forward pass failed."""
    if "parts" not in count.values:
        return "failed"
    return "incomplete" if count.error or count.values["trace"]["uncounted"] else "measured"


def verify_command(entry: Entry, flags: str) -> str:
    """Return the command line that counts an entry again."""
    return f"zoo verify {shlex.quote(entry.name)}{flags} --fresh"
