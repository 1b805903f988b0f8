"""Counters: the ways to measure a count that the ledger lacks.

A counter measures one cell and puts the evidence into the ledger. A failed measurement is evidence
too, so that a second run does not spend its time again. Nothing here imports torch until something
has to be measured.
"""

import shlex
import sys
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from zoo.model_index.errors import LedgerError
from zoo.model_index.ledger.store import Cell, Evidence, Ledger, Outcome
from zoo.model_index.records.records import Builder, Entry
from zoo.models import builders, environment
from zoo.models.cells import Variant
from zoo.models.extras import require

if TYPE_CHECKING:
    from zoo.models.builders import BuiltModel

UNKNOWN_MODEL = "unknown model"  # the failure of a name that its library does not have
DEFAULT_SIZE = (224, 224)  # assumed where nothing states the input of a model


class Measurement(NamedTuple):
    """What came of measuring a cell.

    `evidence` is None where it was written to the ledger and not read again; `problem` says why
    the ledger could not take it.
    """

    evidence: Evidence | None
    problem: str = ""


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
    """A counter that measures in this process, one model after another."""

    live = True

    def __init__(self, ledger: Ledger, trusted: Collection[str] = (), flags: str = ""):
        self.ledger, self.trusted, self.flags = ledger, trusted, flags
        self._built: tuple[tuple[str, str, str], BuiltModel] | None = None

    def count(self, entry: Entry, cell: Cell, variant: Variant) -> Measurement:
        """Measure a cell now."""
        return save(self.ledger, self._measure(entry, cell, variant))

    def count_all(
        self, pairs: Iterable[tuple[Entry, Cell]]
    ) -> Iterator[tuple[Entry, Cell, Measurement | None]]:
        """Measure one cell after another."""
        for entry, cell in pairs:
            try:
                measurement = self.count(entry, cell, Variant(entry.image_size))
            except builders.BuilderMissing:
                yield entry, cell, None  # reported when the entry is verified
            else:
                yield entry, cell, measurement

    def _measure(self, entry: Entry, cell: Cell, variant: Variant) -> Evidence:
        require("live")
        start, clock = datetime.now(UTC), time.perf_counter()
        values: dict[str, Any] = {}
        error = None
        try:
            # a model that prints must not spoil what others read from standard output
            with redirect_stdout(sys.stderr):
                values = self._values(variant.builder or entry.builder, variant)
        except builders.BuilderMissing:
            raise
        except builders.UnknownModel as problem:
            values, error = {"failure": UNKNOWN_MODEL}, str(problem)
        except builders.BuildError as problem:
            error = str(problem)
        # a forward pass may raise anything: record it and go on with the next model
        except (Exception, SystemExit) as problem:
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
            command=verify_command(entry, self.flags),
            started_at=start.isoformat(timespec="seconds"),
            seconds=round(time.perf_counter() - clock, 4),
        ).as_stored()

    def _values(self, builder: Builder, variant: Variant) -> dict[str, Any]:
        from zoo.counting import tracer

        built = self._build(builder, variant.form)
        configured = built.configuration.get("input_size")
        channels = builders.input_channels(built, builder)
        height, width = variant.size or (configured[-2:] if configured else DEFAULT_SIZE)
        model = built.model
        if variant.size and built.arguments_at:
            arguments = builder.arguments | built.arguments_at(variant.size)
            model = self._build(replace(builder, arguments=arguments), variant.form).model
        trace, parts = tracer.count(model, (1, channels, height, width))
        return {
            "resolved": built.resolved,
            "configuration": {k: v for k, v in built.configuration.items() if v is not None},
            "registry": built.registry,
            "parts": [list(part) for part in parts],
            "trace": trace.to_lists(),
        }

    def _build(self, builder: Builder, form: str) -> "BuiltModel":
        key = (str(builder), repr(sorted(builder.arguments.items())), form)
        if self._built is None or self._built[0] != key:
            self._built = None  # release the last model before the next one is built
            self._built = (key, builders.build(builder, self.trusted, form))
        return self._built[1]


def save(ledger: Ledger, evidence: Evidence) -> Measurement:
    """Put evidence into the ledger; where that fails, the measurement says why."""
    try:
        ledger.put(evidence)
    except LedgerError as error:
        return Measurement(evidence, str(error))
    return Measurement(evidence)


def verify_command(entry: Entry, flags: str) -> str:
    """Return the command line that counts an entry again."""
    return f"zoo verify {shlex.quote(entry.name)}{flags} --fresh"
