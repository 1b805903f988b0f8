"""Inspect the weights that an index names, and store evidence about them in the ledger.

All files are requested at once, a few at a time from each host. Comparing with the live model comes
after, one model after the other, in another process. An unchanged file is not read again; its
evidence gets a new date.
"""

import shlex
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from zoo.isolation.limits import Limits
from zoo.isolation.pool import CallRequest, Pool
from zoo.model_index.errors import LedgerError
from zoo.model_index.ledger.store import Cell, Evidence, Ledger, Outcome
from zoo.model_index.records.records import Claim, Entry
from zoo.models import builders, environment
from zoo.models.cells import weights_cell
from zoo.weights.compare import compare_facts
from zoo.weights.describe import TRANSIENT, CheckpointFacts, InspectOptions, describe_reference
from zoo.weights.http.client import Client
from zoo.weights.references import index_folder, is_comparison_due, local_file

PASSING = "unreachable"  # the gap of a comparison that a later run makes again
MAX_THREADS = 8  # files that are read at the same time
Watch = Callable[[str], None]


class Inspection(NamedTuple):
    """One link to inspect, with the evidence that the ledger has of it."""

    entry: Entry
    link: Claim
    cell: Cell
    previous: Evidence | None


class Inspector:
    """Answer weights cells from a ledger and, unless offline, by reading the files."""

    def __init__(self, ledger: Ledger, options: InspectOptions = InspectOptions()):
        self.ledger, self.options = ledger, options
        self.evidence: dict[str, Evidence] = {}
        self.unkept: list[tuple[Evidence, str]] = []  # what the ledger could not store, and why
        # what no server answered and no process compared; it is of this run only
        self.unanswered: list[Evidence] = []
        self._pool = Pool(Limits(workers=1), ("zoo.weights.compare",), options.trusted)
        self.looked = self.unchanged = self.transferred = 0

    def inspect(
        self, entries: Iterable[Entry], watch: Watch = lambda name: None, *, local: bool = False
    ) -> None:
        """Inspect all weights of these entries, or with `local` the files on this machine only, and
        store the evidence."""
        if self.options.offline:
            return
        inspections = list(self._inspections(entries, local))
        with (
            Client(self.options.allow_hosts, patience=self.options.patience) as client,
            ThreadPoolExecutor(MAX_THREADS) as pool,
            closing(self._pool),
        ):
            jobs = [pool.submit(self._describe, client, row) for row in inspections]
            for inspection, job in zip(inspections, jobs, strict=True):
                watch(inspection.entry.name)
                self._store(inspection, job.result())

    def _inspections(self, entries: Iterable[Entry], local: bool) -> Iterable[Inspection]:
        """Yield what to inspect; a link whose document a later version wrote is left out."""
        for entry in entries:
            for link in entry.links:
                if local and not local_file(link):
                    continue
                cell = weights_cell(entry, link)
                try:
                    evidence = self.ledger.get(cell)
                except LedgerError as error:
                    self.ledger.skip(self.ledger.path(cell), error)
                    continue
                stale = evidence and is_comparison_due(evidence, entry, self.options.trusted)
                previous = None if self.options.fresh or stale else evidence
                yield Inspection(entry, link, cell, previous)

    def _describe(self, client: Client, inspection: Inspection) -> CheckpointFacts:
        link, previous = inspection.link, inspection.previous
        values = previous.values if previous else None
        return describe_reference(
            link.raw.strip(), index_folder(link), client, self.options, values
        )

    def _store(self, inspection: Inspection, facts: CheckpointFacts) -> None:
        self.looked += 1
        self.transferred += facts.values.get("transferred", 0)
        if facts.failure == "elsewhere":  # another machine may have the file
            return
        evidence = self._evidence(inspection, facts)
        self.evidence[evidence.cell.key] = evidence
        comparison = evidence.values.get("comparison") or {}
        if facts.failure in TRANSIENT or comparison.get("gap") == PASSING:
            self.unanswered.append(evidence)
            return
        try:
            self.ledger.put(evidence)
        except LedgerError as error:
            self.unkept.append((evidence, str(error)))

    def _evidence(self, inspection: Inspection, facts: CheckpointFacts) -> Evidence:
        entry, _, cell, previous = inspection
        time = datetime.now(UTC).isoformat(timespec="seconds")
        if previous:
            values = previous.values
            if facts.unchanged:
                self.unchanged += 1
                return msgspec.structs.replace(previous, values=values | {"seen": time})
            if previous.outcome == "measured" and facts.failure in TRANSIENT:
                return msgspec.structs.replace(previous, values=values | {"lost": facts.error})
        values = facts.values | ({} if facts.failure in TRANSIENT else {"seen": time})
        if facts.error is None and facts.tensors:
            values["comparison"] = self._compare(entry, facts)
        if facts.failure:
            values["failure"] = facts.failure
        outcome: Outcome = "failed" if facts.error else "measured"
        flags = f"{self.options.flags} --weights --fresh"
        return Evidence(
            cell=cell,
            outcome=outcome,
            values=values,
            error=facts.error,
            environment=environment.describe(),
            command=f"zoo verify {shlex.quote(entry.name)}{flags}",
            started_at=time,
        ).as_stored()

    def _compare(self, entry: Entry, facts: CheckpointFacts) -> dict[str, Any]:
        """Return the comparison with the live model, made in another process.

        Where that process ended, the error says nothing about the model.
        """
        builder, trusted = entry.builder, tuple(self.options.trusted)
        if not (builder.named or builders.find_kind(builder)):
            return {"error": "no builder is named"}
        arguments = (facts.tensors, builder, trusted, facts.tied, facts.ordered)
        request = CallRequest(compare_facts, arguments, *builders.origin(builder, trusted))
        outcome = self._pool.call(request)
        if outcome.error:
            return {"error": outcome.error, "gap": PASSING}
        fields: dict[str, Any] = msgspec.json.decode(outcome.result)
        return fields
