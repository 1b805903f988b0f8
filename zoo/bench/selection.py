"""What is compared with what: the two sides of a comparison as a person names them, and which
records belong together.

A side is `[FOLDER:]NAME=VALUE,...` or a folder: its records are those of the folder that have every
value. A name is looked up in the cell's conditions, in the cell, in what decides comparability, and
in the environment, in this order; a dot leads into a mapping (`engine_options.mode`). What both
sides name, with unlike values, is the difference that is asked for. Records belong together where
all other conditions are the same.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import reduce
from itertools import islice
from pathlib import Path
from typing import Any

from zoo.model_index.errors import UsageError
from zoo.model_index.ledger.store import Evidence, Ledger

CELL = ("model", "arguments", "builder", "builder_version", "tool")
VERSIONS = (
    "builder_version",
    "tool",
)  # two folders may differ in these; within one folder they stay apart
TOGETHER = {
    "model": ("builder", "arguments"),
    "engine": ("engine_options",),
}  # what goes with a requested difference
KEYS_TOGETHER = {"engine": ("engine_version",)}
# the entry of the key that is a model of a device; the condition of that name is a kind
MODEL = "device"
RELEASE = "engine_version"  # the entry of the key that lists packages: `torch 2.11.0, triton 3.6.0`
COMES = {"torch": ("cuda", "cudnn", "triton")}  # what a package brings in versions of its own
ABBREVIATED = frozenset({"commit"})
MOST = 12  # names or values that a message lists


@dataclass(frozen=True, slots=True)
class Side:
    """One side: a folder of evidence, and the values that its records have to have."""

    text: str
    ledger: Ledger
    terms: dict[str, str]

    @classmethod
    def parse(cls, text: str, ledger: str, open_ledger: Callable[[str], Ledger] = Ledger) -> "Side":
        """Return the side that a text names; `ledger` is the folder where the text names none.

        Raises:
            UsageError: for what is neither a folder nor a selection.
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
        """The benchmarks of this side.

        Raises:
            UsageError: where there are none, with the term that none has.
            LedgerError: as `Ledger.all`.
        """
        records = list(self.ledger.all("bench"))
        if not records:
            raise UsageError(f"{self.text}: no benchmarks in {self.ledger.folder}")
        for name, value in self.terms.items():
            kept = [one for one in records if _has(one, name, value)]
            if not kept:
                raise UsageError(f"{self.text}: {_nothing(records, name, value)}")
            records = kept
        return records


@dataclass(frozen=True, slots=True)
class Match:
    """Two records of one cell, and the conditions that they share."""

    a: Evidence
    b: Evidence
    shared: dict[str, Any]

    @property
    def model(self) -> str:
        """The model; `A / B` where two are compared."""
        return " / ".join(dict.fromkeys((self.a.cell.model, self.b.cell.model)))


@dataclass(frozen=True, slots=True)
class Matches:
    """Which records belong together, how many have no partner, and what the sides were to differ
    in."""

    matched: tuple[Match, ...]
    only_a: int
    only_b: int
    requested: frozenset[str]


def match(a: Side, b: Side) -> Matches:
    """The records of both sides, by cell.

    Raises: UsageError: for a side without records, for sides that share some, where no cell is on
        both sides, and where several records of a side are the same cell but for what was not
        named.
    """
    requested = frozenset(
        name for name in a.terms.keys() & b.terms.keys() if a.terms[name] != b.terms[name]
    )
    one_folder = a.ledger.folder.resolve() == b.ledger.folder.resolve()
    dropped = {
        part for name in requested for part in (name.partition(".")[0], *TOGETHER.get(name, ()))
    }
    sides = [_by_cell(side, dropped.union(() if one_folder else VERSIONS)) for side in (a, b)]
    if one_folder and {one.cell.key for one in sides[0].values()} & {
        one.cell.key for one in sides[1].values()
    }:
        raise UsageError(
            f"{a.text} and {b.text} share benchmarks; name in both what they differ in"
        )
    both = sorted(sides[0].keys() & sides[1].keys(), key=_place)
    if not both:
        raise UsageError(f"no cell of {a.text} is in {b.text}: {_nearest(sides[0], sides[1])}")
    matched = tuple(Match(sides[0][key], sides[1][key], json.loads(key)) for key in both)
    return Matches(matched, len(sides[0]) - len(both), len(sides[1]) - len(both), requested)


def passed_over(match: Match, requested: frozenset[str], entry: str) -> bool:
    """Whether an entry of the comparability key may differ, because that is the difference asked
    for.

    It is named, it goes with the engine that is named, or it is the engine's version and no
    packages differ in it but those that are named and what comes with them.
    """
    named = {f"key.{entry}"} if entry == MODEL else {entry, f"key.{entry}"}
    if named & requested or any(entry in KEYS_TOGETHER.get(name, ()) for name in requested):
        return True
    return entry == RELEASE and _packages(match) <= requested.union(
        *(COMES.get(name, ()) for name in requested)
    )


def _packages(match: Match) -> set[str]:
    """The packages of an engine's version that are not the same on both sides."""
    a, b = (set((fact(side, f"key.{RELEASE}") or "").split(", ")) for side in (match.a, match.b))
    return {part.partition(" ")[0] for part in a ^ b}


def fact(evidence: Evidence, name: str) -> str | None:
    """What a record says under a name, as text; None where it says nothing."""
    for source in _sources(evidence):
        try:
            value = (
                source[name]
                if name in source
                else reduce(lambda at, part: at[part], name.split("."), source)
            )
        except (KeyError, TypeError, IndexError):
            continue
        return printed(value)
    return None


def printed(value: object) -> str:
    """A value as it is written on the command line and in messages."""
    if isinstance(value, list) and all(isinstance(part, int) for part in value):
        return "x".join(map(str, value))
    return (
        value
        if isinstance(value, str)
        else json.dumps(value, sort_keys=True, separators=(",", ":"))
    )


def _sources(evidence: Evidence) -> Iterator[Mapping[str, Any]]:
    yield evidence.cell.conditions
    yield {name: getattr(evidence.cell, name) for name in CELL}
    key = evidence.values.get("key") or evidence.cell.conditions.get("key") or {}
    yield {"key": key}
    yield key
    yield evidence.environment
    yield evidence.environment.get("versions") or {}


def _has(evidence: Evidence, name: str, wanted: str) -> bool:
    value = fact(evidence, name)
    if value is None:
        return False
    if value == wanted or fnmatchcase(value, wanted):
        return True
    if name in evidence.cell.conditions or name in CELL:
        return False
    return value.startswith((wanted + ".", wanted + "+") if name not in ABBREVIATED else wanted)


def _nothing(records: Sequence[Evidence], name: str, value: str) -> str:
    """Why no record has a term: nobody knows the name, or which values there are."""
    values = sorted({text for one in records if (text := fact(one, name)) is not None})
    if values:
        return f"no benchmark has {name}={value}; there are {_listed(values)}"
    names = sorted({known for one in records for source in _sources(one) for known in source})
    return f"no benchmark says {name!r}; they say {', '.join(names)}"


def _listed(values: Sequence[str]) -> str:
    return ", ".join(values[:MOST]) + (
        f" and {len(values) - MOST} more" if len(values) > MOST else ""
    )


def _by_cell(side: Side, dropped: set[str]) -> dict[str, Evidence]:
    found: dict[str, Evidence] = {}
    for one in side.select():
        key = json.dumps(_shared(one, dropped), sort_keys=True)
        if other := found.get(key):
            known = (
                *CELL,
                *one.cell.conditions,
                *(f"key.{name}" for name in one.cell.conditions.get("key") or ()),
            )
            apart = [
                name for name in known if name != "key" and fact(one, name) != fact(other, name)
            ]
            more = (
                f"they differ in {', '.join(apart)}; name one"
                if apart
                else "they differ in nothing it says"
            )
            raise UsageError(
                f"{side.text}: several benchmarks of one cell of {one.cell.model}: {more}"
            )
        found[key] = one
    return found


def _shared(evidence: Evidence, dropped: set[str]) -> dict[str, Any]:
    """All that makes a cell but where it was measured, which the comparability key says as well."""
    facts = {name: getattr(evidence.cell, name) for name in CELL} | evidence.cell.conditions
    return {name: value for name, value in facts.items() if name not in dropped and name != "key"}


def _place(key: str) -> list[str]:
    """Where a cell stands among others: by model and conditions, numbers by their size."""
    facts = json.loads(key)
    values = [facts.pop("model", ""), *facts.values()]
    return [f"{value:012}" if isinstance(value, int) else printed(value) for value in values]


def _nearest(a: Mapping[str, Evidence], b: Mapping[str, Evidence]) -> str:
    """What the most alike cells of both sides differ in."""
    pairs = (
        (json.loads(left), json.loads(right))
        for left in islice(a, MOST)
        for right in islice(b, MOST)
    )
    differing = [
        [name for name in left | right if left.get(name) != right.get(name)]
        for left, right in pairs
    ]
    nearest = min(differing, key=len)
    return f"the nearest differ in {', '.join(nearest)}"
