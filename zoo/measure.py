"""From cells to evidence: what the ledger has is reused, what it lacks is measured now.

A failed measurement is evidence too and is kept, so a second run does not spend its time again;
`fresh` measures anew. Nothing here imports torch until something has to be measured.
"""

import shlex
import sys
import time
from collections.abc import Collection
from contextlib import redirect_stdout
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from model_index.ledger import Cell, Evidence, Ledger, Outcome
from model_index.quantities import Size
from model_index.records import Entry
from zoo import builders, environment

if TYPE_CHECKING:
    from zoo.builders import Built

COUNTER = "zoo-count/1"


class Measurer:
    """Answers cells from a ledger and, unless `live` is False, by measuring them.

    `reused` and `measured` count the cells; `evidence` holds every document seen, by key.
    """

    def __init__(
        self, ledger: Ledger, *, live: bool = True, fresh: bool = False, trusted: Collection[str] = (), flags: str = ""
    ):
        self.ledger, self.live, self.fresh, self.trusted, self.flags = ledger, live, fresh, trusted, flags
        self.reused = self.measured = 0
        self.evidence: dict[str, Evidence] = {}
        self._built: tuple[Entry, Built] | None = None
        self._versions: dict[str, str] = {}
        self._environment: dict[str, object] | None = None

    def cell(self, entry: Entry, size: Size | None, counter: str = COUNTER) -> Cell:
        """The cell of counting `entry` at (height, width); None stands for the configured size."""
        package = builders.package(entry.builder)
        if package not in self._versions:
            self._versions[package] = builders.version(entry.builder)
        return Cell(
            kind="count",
            model=entry.name,
            builder=str(entry.builder),
            arguments=entry.builder.arguments,
            builder_version=self._versions[package],
            conditions={"image_size": list(size) if size else "configured"},
            tool=counter,
        )

    def count(self, entry: Entry, size: Size | None) -> Evidence | None:
        """Evidence of the count, or None where the ledger has none and nothing may be measured.

        Raises:
            BuilderMissing: the model cannot be built on this machine; nothing is recorded.
            LedgerError: the ledger cannot be read or written.
        """
        cell = self.cell(entry, size)
        if known := self.evidence.get(cell.key):
            return known
        evidence = None if self.fresh else self.ledger.get(cell)
        if evidence:
            self.reused += 1
        elif self.live:
            evidence = self._measure(entry, cell, size)
            self.ledger.put(evidence)
            self.measured += 1
        if evidence:
            self.evidence[cell.key] = evidence
        return evidence

    def _measure(self, entry: Entry, cell: Cell, size: Size | None) -> Evidence:
        started, clock = datetime.now(UTC), time.perf_counter()
        values: dict[str, Any] = {}
        error = None
        try:
            with redirect_stdout(sys.stderr):  # a model that prints must not spoil what is read from standard output
                values = self._values(entry, size)
        except builders.BuilderMissing:
            raise
        except builders.BuildError as problem:
            error = str(problem)
        except (Exception, SystemExit) as problem:  # a forward may raise anything: it is recorded, the rest goes on
            error = f"{type(problem).__name__}: {problem}"
        outcome: Outcome = "failed" if error else "incomplete" if values["trace"]["uncounted"] else "measured"
        return Evidence(
            cell=cell,
            outcome=outcome,
            values=values,
            error=error,
            environment=self._described(),
            command=f"zoo verify {shlex.quote(entry.name)}{self.flags} --fresh",
            started_at=started.isoformat(timespec="seconds"),
            seconds=round(time.perf_counter() - clock, 4),
        )

    def _values(self, entry: Entry, size: Size | None) -> dict[str, Any]:
        from zoo import counting

        built = self._model(entry)
        configured = built.configuration.get("input_size")
        channels = getattr(built.model, "in_chans", None) or entry.builder.arguments.get("in_chans")
        channels = channels or (configured[0] if configured else 3)
        height, width = size or (configured[-2:] if configured else (224, 224))
        trace = counting.count(built.model, (1, channels, height, width))
        return {
            "resolved": built.resolved,
            "parameters": counting.parameters(built.model),
            "configuration": {k: v for k, v in built.configuration.items() if v is not None},
            "trace": trace.to_lists(),
        }

    def _model(self, entry: Entry) -> "Built":
        if self._built is None or self._built[0] is not entry:
            self._built = None  # let go of the last model before the next one is built
            self._built = (entry, builders.build(entry.builder, self.trusted))
        return self._built[1]

    def _described(self) -> dict[str, object]:
        if self._environment is None:
            self._environment = environment.describe()
        return self._environment
