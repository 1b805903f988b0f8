"""Parse the two sides of a comparison and match their records.

A side is `[FOLDER:]NAME=VALUE,...` or a folder: its records are those of the folder that have every
value. A name is looked up in the cell's conditions, in the cell, in the comparability key, and in
the environment, in this order; a dot leads into a mapping (`engine_options.mode`). A name that both
sides have, with different values, is the requested difference. Two records match where all other
conditions are the same.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Any

from zoo.model_index.errors import UsageError
from zoo.model_index.errors.suggestions import describe_unknown
from zoo.model_index.ledger.store import Evidence, Ledger

CELL = ("model", "arguments", "builder", "builder_version", "tool")
# two folders may differ in these; within one folder they are different cells
VERSIONS = ("builder_version", "tool")
# conditions, and entries of the key, that may differ along with a requested difference
IMPLIED_CONDITIONS = {"model": ("builder", "arguments"), "engine": ("engine_options",)}
IMPLIED_KEYS = {"engine": ("engine_version",)}
# the entry of the key that is a model of a device; the condition of that name is a kind
DEVICE_MODEL = "device"
# the entry of the key that lists packages: `torch 2.11.0, triton 3.6.0`
ENGINE_VERSION = "engine_version"
BUNDLES = {"torch": ("cuda", "cudnn", "triton")}  # packages that come with another one
ABBREVIATED = frozenset({"commit"})
MOST = 12  # names or values that a message lists


@dataclass(frozen=True, slots=True)
class Selection:
    """One side of a comparison: a folder of evidence, and the values that its records must have."""

    text: str
    ledger: Ledger
    terms: dict[str, str]

    @classmethod
    def parse(
        cls, text: str, ledger: str, open_ledger: Callable[[str], Ledger] = Ledger
    ) -> "Selection":
        """Parse a side; `ledger` is the folder where the text names none.

        Raises:
            UsageError: the text is neither a folder nor a selection.
        """
        if Path(text).is_dir():
            return cls(text, open_ledger(text), {})
        head, equals, value = text.partition("=")
        folder, colon, name = head.rpartition(":")
        terms = [term.partition("=") for term in re.split(r",(?=[\w.]+=)", name + equals + value)]
        if not all(name and value for name, _, value in terms):
            raise UsageError(f"{text}: expected a folder of evidence or [FOLDER:]NAME=VALUE,...")
        folder = folder if colon else ledger
        if not Path(folder).is_dir():
            raise UsageError(f"{text}: there is no folder {folder}")
        return cls(text, open_ledger(folder), {name: value for name, _, value in terms})

    def select(self) -> list[Evidence]:
        """Return the benchmarks of this side.

        Raises:
            UsageError: there are none; the message has the term that matches none.
            LedgerError: as `Ledger.all`.
        """
        records = list(self.ledger.all("bench"))
        if not records:
            raise UsageError(f"{self.text}: no benchmarks in {self.ledger.folder}")
        for name, value in self.terms.items():
            matching = [evidence for evidence in records if _has(evidence, name, value)]
            if not matching:
                raise UsageError(f"{self.text}: {_explain_empty(records, name, value)}")
            records = matching
        return records


@dataclass(frozen=True, slots=True)
class Match:
    """Two records of one cell, and their common conditions."""

    a: Evidence
    b: Evidence
    shared: dict[str, Any]

    @property
    def model(self) -> str:
        """Return the model; `A / B` where two are compared."""
        return " / ".join(dict.fromkeys((self.a.cell.model, self.b.cell.model)))


@dataclass(frozen=True, slots=True)
class Matches:
    """Matching records, how many have no partner, and what the sides should differ in."""

    matched: tuple[Match, ...]
    only_a: int
    only_b: int
    requested: frozenset[str]


def match(a: Selection, b: Selection) -> Matches:
    """Match the records of both sides by cell.

    Raises:
        UsageError: a side without records, sides that share some, no cell on both sides, or several
            records of a side that are the same cell but for what was not named.
    """
    common = a.terms.keys() & b.terms.keys()
    requested = frozenset(name for name in common if a.terms[name] != b.terms[name])
    one_folder = a.ledger.folder.resolve() == b.ledger.folder.resolve()
    ignored: set[str] = set() if one_folder else set(VERSIONS)
    for name in requested:
        ignored |= {name.partition(".")[0], *IMPLIED_CONDITIONS.get(name, ())}
    left, right = (_index_by_cell(side, ignored) for side in (a, b))
    if one_folder and _cell_keys(left) & _cell_keys(right):
        raise UsageError(
            f"{a.text} and {b.text} share benchmarks; name in both what they differ in"
        )
    both = sorted(left.keys() & right.keys(), key=_sort_key)
    if not both:
        raise UsageError(f"no cell of {a.text} is in {b.text}: {_nearest_difference(left, right)}")
    matched = tuple(Match(left[key], right[key], json.loads(key)) for key in both)
    return Matches(matched, len(left) - len(both), len(right) - len(both), requested)


def _cell_keys(records: Mapping[str, Evidence]) -> set[str]:
    return {evidence.cell.key for evidence in records.values()}


def may_differ(match: Match, requested: frozenset[str], entry: str) -> bool:
    """Whether an entry of the comparability key may differ, because that difference was requested.

    The entry is named, it belongs to the engine that is named, or it is the engine's version and
    only packages that are named, or come with them, differ in it.
    """
    names = {f"key.{entry}"} if entry == DEVICE_MODEL else {entry, f"key.{entry}"}
    if names & requested or any(entry in IMPLIED_KEYS.get(name, ()) for name in requested):
        return True
    allowed = requested.union(*(BUNDLES.get(name, ()) for name in requested))
    return entry == ENGINE_VERSION and _differing_packages(match) <= allowed


def _differing_packages(match: Match) -> set[str]:
    """Return the packages of the engine's version that differ between the sides."""
    a, b = (
        set((lookup(side, f"key.{ENGINE_VERSION}") or "").split(", "))
        for side in (match.a, match.b)
    )
    return {part.partition(" ")[0] for part in a ^ b}


def lookup(evidence: Evidence, name: str) -> str | None:
    """Return a record's value under a name as text; None where it has none."""
    for source in _sources(evidence):
        try:
            value = source[name] if name in source else _descend(source, name)
        except (KeyError, TypeError, IndexError):
            continue
        return format_value(value)
    return None


def _descend(source: Mapping[str, Any], name: str) -> object:
    """Return the value at a dotted name."""
    value: Any = source
    for part in name.split("."):
        value = value[part]
    return value


def format_value(value: object) -> str:
    """Format a value as on the command line and in messages."""
    if isinstance(value, list) and all(isinstance(part, int) for part in value):
        return "x".join(map(str, value))
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _sources(evidence: Evidence) -> Iterator[Mapping[str, Any]]:
    yield evidence.cell.conditions
    yield {name: getattr(evidence.cell, name) for name in CELL}
    key = evidence.values.get("key") or evidence.cell.conditions.get("key") or {}
    yield {"key": key}
    yield key
    yield evidence.environment
    yield evidence.environment.get("versions") or {}


def _has(evidence: Evidence, name: str, wanted: str) -> bool:
    value = lookup(evidence, name)
    if value is None:
        return False
    if value == wanted or fnmatchcase(value, wanted):
        return True
    if name in evidence.cell.conditions or name in CELL:
        return False
    return value.startswith((wanted + ".", wanted + "+") if name not in ABBREVIATED else wanted)


def _explain_empty(records: Sequence[Evidence], name: str, value: str) -> str:
    """Say why no record has a term: other values exist, or no record has the name."""
    values = {lookup(evidence, name) for evidence in records} - {None}
    if values:
        present = sorted(map(str, values))
        return describe_unknown(f"no benchmark with {name}", value, present, _list(present))
    names: set[str] = set()
    for evidence in records:
        names.update(*_sources(evidence))
    return describe_unknown("no benchmark has", name, sorted(names), ", ".join(sorted(names)))


def _list(values: Sequence[str]) -> str:
    more = f" and {len(values) - MOST} more" if len(values) > MOST else ""
    return ", ".join(values[:MOST]) + more


def _index_by_cell(side: Selection, ignored: set[str]) -> dict[str, Evidence]:
    by_cell: dict[str, Evidence] = {}
    for evidence in side.select():
        key = json.dumps(_conditions_but(evidence, ignored), sort_keys=True)
        if key in by_cell:
            message = f"several benchmarks of one cell of {evidence.cell.model}"
            raise UsageError(f"{side.text}: {message}: {_tell_apart(evidence, by_cell[key])}")
        by_cell[key] = evidence
    return by_cell


def _tell_apart(evidence: Evidence, other: Evidence) -> str:
    """Name the values in which two records of one cell differ."""
    keys = (f"key.{name}" for name in evidence.cell.conditions.get("key") or ())
    names = [name for name in (*CELL, *evidence.cell.conditions, *keys) if name != "key"]
    differing = [name for name in names if lookup(evidence, name) != lookup(other, name)]
    if not differing:
        return "all their values are equal"
    return f"they differ in {', '.join(differing)}; name one"


def _conditions_but(evidence: Evidence, ignored: set[str]) -> dict[str, Any]:
    """Return everything that makes a cell, without the key and the ignored names."""
    values = {name: getattr(evidence.cell, name) for name in CELL} | evidence.cell.conditions
    return {name: value for name, value in values.items() if name not in ignored and name != "key"}


def _sort_key(key: str) -> list[str]:
    """Return the order of a cell among others: by model and conditions, numbers by their size."""
    conditions = json.loads(key)
    values = [conditions.pop("model", ""), *conditions.values()]
    return [f"{value:012}" if isinstance(value, int) else format_value(value) for value in values]


def _nearest_difference(a: Mapping[str, Evidence], b: Mapping[str, Evidence]) -> str:
    """Name the difference between the most similar cells of both sides."""
    pairs = (
        (json.loads(left), json.loads(right))
        for left in islice(a, MOST)
        for right in islice(b, MOST)
    )
    differences: list[list[str]] = [
        [name for name in left | right if left.get(name) != right.get(name)]
        for left, right in pairs
    ]
    nearest = min(differences, key=len)
    return f"the most similar cells differ in {', '.join(nearest)}"
