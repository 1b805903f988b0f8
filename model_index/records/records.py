"""Immutable records of claims, which every part of the project passes around.

An `Index` holds collections and entries; an `Entry` holds the claims about one model, its builder
and every field of the file under its own spelling. Records carry no behaviour beyond look-ups.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any, ClassVar

import msgspec

from zoo.model_index.errors import Fault, UnknownModel
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.table import row_of
from zoo.model_index.quantities.value import ParsedValue, Size, Value, to_plain
from zoo.model_index.records.fields import Plain, look_up
from zoo.model_index.records.input_spec import InputSpec, image_input
from zoo.model_index.records.page_tables import PageTable
from zoo.model_index.records.place import Place
from zoo.model_index.records.tabular import Tabular
from zoo.model_index.records.tasks import list_tasks

NO_BUILDER = "none"  # the kind of the builder of an entry that says it has none
# kinds of builders that an index may have and that make no live model here
IDLE_KINDS = frozenset({NO_BUILDER, "unreadable", "openmmlab", "huggingface", "transformers"})


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One published number or setting, and where it stands.

    `label` is the file's spelling, `raw` its characters, `parsed` the value in the quantity's unit.
    `input` is what the model is given, as the same publisher states it for this number.
    `conditions` are what else is stated about this one number, such as the hardware of a latency.
    `unit` is what its label says, `M` in `Params (M)`. `unclear` says why the claim cannot be
    judged: the input size stated beside it cannot be read, for example.
    """

    model: str
    publisher: str
    source: str | None
    quantity: str
    label: str
    raw: str
    parsed: ParsedValue
    path: str
    place: Place
    dataset: str | None = None
    task: str | None = None
    input: InputSpec | None = None
    conditions: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    unclear: str = ""

    @property
    def row(self) -> Quantity:
        return row_of(self.quantity, self.label)

    @property
    def size(self) -> Size | None:
        """The height and width that the publisher states for this number."""
        return self.input.image_size if self.input else None

    @property
    def printed(self) -> str:
        """Return the characters with the unit that the label implies: `25.6 M` of `Params (M):
        25.6`."""
        return f"{self.raw} {self.unit}" if self.unit else self.raw

    @property
    def value(self) -> Value:
        return self.parsed.value

    @property
    def number(self) -> Decimal:
        """Return the value of a quantity that is a number.

        Raises:
            TypeError: for one that is a text or a size.
        """
        if not isinstance(self.parsed.value, Decimal):
            raise TypeError(f"{self.label} is no number: {self.raw!r}")
        return self.parsed.value

    def to_dict(self) -> dict[str, Any]:
        """Return a row: `{model, publisher, quantity, key, value, unit, raw, dataset, task,
        conditions, file, line}`.

        `quantity` is the publisher's spelling, `key` that of the table of quantities; the value is
        in the quantity's unit.
        """
        return {
            "model": self.model,
            "publisher": self.publisher,
            "quantity": self.label,
            "key": self.quantity,
            "value": to_plain(self.value),
            "unit": self.row.unit,
            "raw": self.raw,
            "dataset": self.dataset,
            "task": self.task,
            "conditions": dict(self.conditions),
            "file": self.place.file,
            "line": self.place.line,
        }


@dataclass(frozen=True, slots=True)
class Builder:
    """How the live model is made: `kind` (timm, torchvision, callable), its name and keyword
    arguments.

    `named` is False where the index names no builder, and the name of the model was taken for one.
    """

    kind: str
    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    place: Place | None = None
    named: bool = field(default=True, compare=False)

    @property
    def makes_models(self) -> bool:
        """Return whether anything here makes the live model."""
        return self.kind not in IDLE_KINDS

    def __str__(self) -> str:
        if self.kind == NO_BUILDER:
            return self.kind
        return self.name if self.kind == "callable" else f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Report:
    """The claims of another publisher about the same model."""

    publisher: str
    source: str | None
    fields: dict[str, Plain]
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class UnknownKey:
    """A key that nothing reads: its spelling, where it stands (`Metadata`), its path and place."""

    label: str
    where: str
    path: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One model of the index. `fields`, `metadata` and the file's `library` keep every key as text.

    `links` are the references under Weights, each as a claim that a checkpoint of this model is
    there. `input` is what stands under Input, at `input_place`. `fields` is what stands in the
    entry itself; `metadata` has what its collection states too, and `inherited` the collection's
    other fields that the entry does not have. `named_size` is the input size, as (height, width),
    that the model's name states by its publisher's rules.
    `gathered` has all results, inherited ones first, where not all of them stand in the entry
    itself. `unknown_keys` are those that nothing reads. `unclear` says why none of its claims can
    be judged: its Builder cannot be read, for example.
    """

    name: str
    collection: str | None
    publisher: str
    source: str | None
    builder: Builder
    claims: tuple[Claim, ...]
    reported: tuple[Report, ...]
    metadata: dict[str, Plain]
    fields: dict[str, Plain]
    place: Place
    library: dict[str, Plain] = field(default_factory=dict)
    named_size: Size | None = None
    inherited: dict[str, Plain] = field(default_factory=dict)
    links: tuple[Claim, ...] = ()
    input: InputSpec | None = None
    input_place: Place | None = None
    gathered: tuple[dict[str, Plain], ...] = ()
    unclear: str = ""
    unknown_keys: tuple[UnknownKey, ...] = ()
    row_name: str = ""

    def all_claims(self) -> Iterator[Claim]:
        """Yield the entry's own claims, then every other publisher's."""
        yield from self.claims
        for report in self.reported:
            yield from report.claims

    def claim(self, quantity: str) -> Claim | None:
        """Return the entry's own claim of a quantity, the first where a file states several."""
        return next((claim for claim in self.claims if claim.quantity == quantity), None)

    @property
    def image_size(self) -> Size | None:
        """Return the claimed input size as (height, width), else the one in the name."""
        claim = self.claim("image_size")
        return claim.value if claim and isinstance(claim.value, tuple) else self.named_size

    @property
    def stated_input(self) -> InputSpec | None:
        """Return what the entry says its model takes: its Input, else an image of its size."""
        size = self.image_size
        return self.input or (image_input(size) if size else None)

    @property
    def tasks(self) -> tuple[str, ...]:
        """Return the tasks that its Metadata and its results state, each once."""
        return list_tasks(self.metadata, (claim.task for claim in self.all_claims()))

    @property
    def former_names(self) -> tuple[str, ...]:
        """Return the names that it states under Formerly."""
        value = look_up(self.fields, "formerly")
        names = value if isinstance(value, list) else [value]
        return tuple(name for name in names if isinstance(name, str) and name.strip())

    @property
    def zoo(self) -> str:
        """Return the name of the zoo that it is of: its file's Library, else its publisher."""
        return _text(self.library, "name") or self.publisher

    def text(self, key: str) -> str | None:
        """A top-level field that is plain text, by its lower-case key; the collection's where it
        has none."""
        return _text(self.fields, key) or _text(self.inherited, key)

    @property
    def weights(self) -> tuple[str, ...]:
        """Return the weights' addresses as the file gives them; they are never followed here."""
        value = look_up(self.fields, "weights") or look_up(self.inherited, "weights")
        return tuple(
            v for v in (value if isinstance(value, list) else [value]) if isinstance(v, str)
        )


@dataclass(frozen=True, slots=True)
class Collection:
    """A family of models; `fields` keeps every key of the file as text."""

    name: str
    fields: dict[str, Plain]
    place: Place

    def text(self, key: str) -> str | None:
        """A field that is plain text, by its lower-case key."""
        return _text(self.fields, key)

    @property
    def paper(self) -> dict[str, Plain]:
        """Return title and URL of the paper, as far as the file gives them."""
        value = look_up(self.fields, "paper")
        return value if isinstance(value, dict) else {"URL": value} if value else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Index(Tabular):
    """All collections and entries in reading order, and the files they came from.

    `passed` are files found in a folder that were not read: they look like no index, or are links
    out of it. `faults` are what could not be read; all else is here. `paths` are what was asked
    for; none for the embedded index. `tables` are those of pages, with their numbers that are no
    claims. `name` is what messages call it.
    """

    collections: tuple[Collection, ...] = ()
    entries: tuple[Entry, ...] = ()
    files: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    paths: tuple[str, ...] = ()
    tables: tuple[PageTable, ...] = ()
    name: str = "this index"
    html_columns: ClassVar = ("model", "publisher", "quantity", "value", "unit", "dataset")

    def __str__(self) -> str:
        claims = sum(1 for entry in self.entries for _ in entry.all_claims())
        return f"{len(self.entries):,} models, {claims:,} claims, {len(self.files):,} files"

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row for each claim of each model."""
        return [claim.to_dict() for entry in self.entries for claim in entry.all_claims()]

    def extend(self, other: "Index") -> "Index":
        """Return this index with what another one holds behind its own; files of folders that were
        not read stay its own."""
        return replace(
            self,
            collections=(*self.collections, *other.collections),
            entries=(*self.entries, *other.entries),
            files=(*self.files, *other.files),
            faults=(*self.faults, *other.faults),
            tables=(*self.tables, *other.tables),
        )

    def faults_of(self, models: Iterable[str]) -> tuple[Fault, ...]:
        """Return the faults that may be about these models: theirs, and those of no model."""
        names = {"", *models}
        return tuple(fault for fault in self.faults if fault.model in names)

    def collection_of(self, entry: Entry) -> Collection | None:
        """Return the collection that an entry names: of several with this name the one in its own
        file, else the first."""
        named = [c for c in self.collections if c.name == entry.collection]
        beside = (c for c in named if c.place.file == entry.place.file)
        return next(beside, None) or next(iter(named), None)

    def former_names(self) -> dict[str, str]:
        """Return models by their former names, which their entries state under Formerly."""
        former: dict[str, str] = {}
        for entry in self.entries:
            former |= dict.fromkeys(entry.former_names, entry.name)
        names_now = {entry.name for entry in self.entries}
        return {old: new for old, new in former.items() if old not in names_now}

    def families(self) -> list[tuple[str, list[Entry]]]:
        """Return entries by collection, collections in reading order; entries without one come
        under `Other`.

        Collections of one name are one family, unless files of two zoos state them.
        """
        zoos = {entry.place.file: _text(entry.library, "name") or "" for entry in self.entries}
        stated: dict[str, dict[str, str]] = {}  # the zoo by name and file
        families: dict[tuple[str, str], list[Entry]] = {}
        for collection in self.collections:
            zoo = zoos.get(collection.place.file, "")
            stated.setdefault(collection.name, {}).setdefault(collection.place.file, zoo)
            families.setdefault((collection.name, zoo), [])
        for entry in self.entries:
            by_file = stated.get(entry.collection or "", {})
            first = next(iter(by_file.values()), "")
            zoo = by_file.get(entry.place.file, first)
            families.setdefault((entry.collection or "Other", zoo), []).append(entry)
        return [(name, entries) for (name, _), entries in families.items() if entries]

    def select(self, patterns: Sequence[str] = ()) -> list[Entry]:
        """Return entries whose name equals or matches a pattern (`dpn98`, `dla*`); all of them for
        no pattern.

        Raises:
            UnknownModel: where a pattern matches nothing; close names are suggested.
        """
        for pattern in patterns:
            if not any(_matches(entry.name, pattern) for entry in self.entries):
                raise UnknownModel(pattern, self.name, [entry.name for entry in self.entries])
        return [
            e for e in self.entries if not patterns or any(_matches(e.name, p) for p in patterns)
        ]


def _text(fields: dict[str, Plain], key: str) -> str | None:
    value = look_up(fields, key)
    return value if isinstance(value, str) else None


def _matches(name: str, pattern: str) -> bool:
    return name == pattern or fnmatchcase(name.lower(), pattern.lower())
