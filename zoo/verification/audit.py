"""Audit evidence: measure counts that a run reused once more, and compare.

Whoever may write into a ledger may write any number into a document. Only a new measurement tells.
What is measured is what the index asks for, never what a document names, so that a document cannot
choose code. Evaluations, benchmarks and weights are not measured again.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from zoo.counting.measurer import Measurer
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.ledger.store import Cell, Evidence, Ledger, slug
from zoo.model_index.quantities.value import ParsedValue
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Builder, Claim, Entry
from zoo.models.builders import BuilderMissing
from zoo.models.cells import Variant, stated_input

MOST = 5  # differing values of a document that are named
PACKAGES = ("torch", "torchvision", "timm", "numpy", "zoo")  # whose versions may change a count
TABLES = {"parts": "modules", "trace": "operators"}


class CountRequest(NamedTuple):
    """What a document is about: an entry, and the variant of it that was counted."""

    entry: Entry
    variant: Variant


@dataclass(frozen=True, slots=True)
class Sample:
    """The counts that an audit measures again, drawn of `total` by `seed`."""

    requests: Mapping[str, CountRequest]
    total: int
    seed: int


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What an audit came to: how many counts were compared, and a finding for each document that
    differs (a mismatch) or that could not be measured again (an error)."""

    compared: int
    findings: tuple[Finding, ...]


def list_reused(entries: Iterable[Entry], measurer: Measurer) -> Iterator[Cell]:
    """Yield the cells of counts that a run took from the ledger; documents of the entries' own
    input size are not read for that."""
    keys = set(measurer.evidence.list_keys("count")) - measurer.written
    for entry in entries:
        cell = measurer.cell(entry, Variant(entry.stated_input))
        if cell.key in keys:
            keys.remove(cell.key)
            yield cell
    for key in keys:
        if document := measurer.evidence.get(key):
            yield document.cell


def list_requests(
    cells: Iterable[Cell], entries: Sequence[Entry], measurer: Measurer
) -> dict[str, CountRequest]:
    """Return what the index asks for of each count, by its key; a count that no entry asks for is
    left out."""
    named: dict[str, list[Entry]] = {}
    for entry in entries:
        named.setdefault(entry.name, []).append(entry)
    requests = {}
    for cell in cells:
        found = (_find_request(cell, entry, measurer) for entry in named.get(cell.model, ()))
        if request := next(filter(None, found), None):
            requests[cell.key] = request
    return requests


def _find_request(cell: Cell, entry: Entry, measurer: Measurer) -> CountRequest | None:
    """Return the variant of an entry that has this cell."""
    form, spec = cell.conditions.get("form", ""), stated_input(cell)
    kind, _, name = cell.builder.partition(":")
    # the model that a name of timm asks for, where another one is built
    requested = Builder(kind, name, cell.arguments) if kind == "timm" else None
    for builder in (None, requested):
        variant = Variant(spec, str(form), builder)
        if measurer.cell(entry, variant).key == cell.key:
            return CountRequest(entry, variant)
    return None


def draw(requests: Mapping[str, CountRequest], number: int, seed: int) -> Sample:
    """Draw so many counts; the same seed draws the same of the same documents."""
    keys = sorted(requests)
    chosen = random.Random(seed).sample(keys, min(number, len(keys)))
    return Sample({key: requests[key] for key in sorted(chosen)}, len(keys), seed)


def audit(
    requests: Mapping[str, CountRequest],
    ledger: Ledger,
    again: Measurer,
    watch: Callable[[Entry], None] = lambda entry: None,
) -> AuditResult:
    """Measure counts of a ledger with a measurer of another ledger, and compare."""
    findings, compared = [], 0
    for key, request in requests.items():
        watch(request.entry)
        path = ledger.folder / "count" / slug(request.entry.name) / f"{key}.json"
        stored, measured, problem = ledger.read(path), None, "the document is gone"
        if stored:
            measured, problem = _measure(request, again)
        if stored is None or measured is None:
            reason = f"could not be measured again: {problem}"
            findings.append(_finding(request.entry, key, path, Verdict.ERROR, reason))
            continue
        compared += 1
        if changes := list(list_differences(stored, measured)):
            reason = _describe_changes(stored, measured, changes)
            findings.append(_finding(request.entry, key, path, Verdict.MISMATCH, reason))
    return AuditResult(compared, tuple(findings))


def _measure(request: CountRequest, again: Measurer) -> tuple[Evidence | None, str]:
    """Measure a count; return its evidence, or why it could not be measured here."""
    try:
        measured = again.count(request.entry, request.variant)
    except BuilderMissing as error:
        return None, str(error)
    if measured is None:
        return None, "nothing may be measured"
    # an error that says nothing about the model is no evidence, so the ledger does not keep it
    if measured.error and not again.ledger.path(measured.cell).is_file():
        return None, measured.error
    return measured, ""


def list_differences(stored: Evidence, measured: Evidence) -> Iterator[str]:
    """Yield each value in which a document differs from a new measurement: `Parameters: 11 in the
    document, 12 now`."""
    if stored.outcome != measured.outcome:
        yield f"{_outcome(stored)} in the document, {_outcome(measured)} now"
        return
    if stored.outcome == "failed" or stored.values == measured.values:
        return
    totals = {
        "Parameters": (stored.parameters, measured.parameters),
        "multiply-adds": (_macs(stored), _macs(measured)),
    }
    for name, (before, now) in totals.items():
        if before != now:
            yield f"{name}: {before:,} in the document, {now:,} now"
    for key in sorted(stored.values.keys() | measured.values.keys()):
        old, new = stored.values.get(key), measured.values.get(key)
        if old != new:
            yield from _differ(key, old, new)


def _differ(key: str, old: Any, new: Any) -> Iterator[str]:
    """Yield the rows of a table, the members of a mapping, or the value that differs."""
    if key in TABLES:
        rows = (old or {}).get("rows") if key == "trace" else old
        others = (new or {}).get("rows") if key == "trace" else new
        pairs = list(zip_longest(rows or (), others or ()))
        lines = [number for number, (row, other) in enumerate(pairs, 1) if row != other]
        if lines:
            yield f"{len(lines)} of {len(pairs)} {TABLES[key]} (the first in row {lines[0]})"
            return
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                yield f"{key} {name}: {_shorten(old.get(name))}, {_shorten(new.get(name))} now"
        return
    yield f"{key}: {_shorten(old)}, {_shorten(new)} now"


def _shorten(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _outcome(evidence: Evidence) -> str:
    return f"{evidence.outcome} ({evidence.error})" if evidence.error else evidence.outcome


def _macs(evidence: Evidence) -> int:
    return evidence.trace.macs if evidence.trace else 0


def describe_versions(stored: Evidence, measured: Evidence) -> str:
    """Say which packages had other versions when a document was measured; empty for none."""
    pairs = (
        (name, stored.environment.get(name), measured.environment.get(name)) for name in PACKAGES
    )
    changes = [f"{name} {old}, now {new}" for name, old, new in pairs if old and new and old != new]
    return "; ".join(changes)


def _describe_changes(stored: Evidence, measured: Evidence, changes: Sequence[str]) -> str:
    more = [f"{len(changes) - MOST} more"] if len(changes) > MOST else []
    versions = describe_versions(stored, measured)
    note = f"; it says that it comes of other versions: {versions}" if versions else ""
    return f"not what is measured now: {'; '.join([*changes[:MOST], *more])}{note}"


def _finding(entry: Entry, key: str, path: Path, verdict: Verdict, reason: str) -> Finding:
    """Return the finding of a document; its place is the document's."""
    claim = Claim(
        model=entry.name,
        publisher="ledger",
        source=None,
        quantity="audit",
        label="Audit",
        raw=key,
        parsed=ParsedValue(key),
        path="count",
        place=Place(str(path), 1),
    )
    return Finding(claim=claim, verdict=verdict, reason=reason, evidence=(key,))
