"""Drafts of models and collections, as far as one text states them; records are made of them once
everything is read.

A model inherits from its collections: lists extend the collection's, mappings are joined key by
key, everything else overrides it. Which collections there are is known only when every file was
read.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from keyword import iskeyword

from zoo.model_index.dialects import openmmlab
from zoo.model_index.dialects.base.claims import FoundItem, Origin, Result, claims
from zoo.model_index.quantities.table import BY_KEY, find_with_unit
from zoo.model_index.reading.builder_arguments import Arguments
from zoo.model_index.reading.limits import MAX_INHERITED
from zoo.model_index.reading.reader import Item, Items, Reader
from zoo.model_index.reading.yaml_nodes import Mapping, Node, Scalar, children_of, is_empty, plain
from zoo.model_index.reading.yaml_nodes import Sequence as NodeList
from zoo.model_index.records.fields import Plain
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Builder, Claim, Collection, Entry, Report

NOBODY = "index"  # publishes what an index states that names no Library
BUILDER_KINDS = ("timm", "torchvision", "transformers")
ENTRY_KEYS = frozenset(
    {"name", "metadata", "results", "in collection"}
)  # fields that are not inherited as they stand


@dataclass(slots=True)
class Draft:
    """A model or a collection. `metadata` and `results` may stand in other files, so each has its
    reader."""

    reader: Reader
    items: Items
    path: str
    name: str
    place: Place
    origin: Origin
    metadata: list[tuple[Reader, Items]] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    _size: int = 0

    def size(self) -> int:
        """Count the values that a model inherits from it."""
        if not self._size:
            pieces = [items for _, items in self.metadata] + [
                result.items for result in self.results
            ]
            self._size = 1 + sum(map(_values, [self.items, *pieces]))
        return self._size

    def text(self, key: str) -> str | None:
        """Return a field that is text, by its folded key; a fault where it is something else."""
        item = self.items.get(key)
        return self.reader.text_of(item.node, item.path) if item else None

    def fields(self) -> dict[str, Plain]:
        return {item.key: plain(item.node) for item in self.items.values()}

    def collections(self) -> list[str]:
        """Return the names under In Collection, a text or a list of texts."""
        if (item := self.items.get("in collection")) is None:
            return []
        elements = self.reader.sequence(item.node, item.path, single_ok=True)
        return list(
            dict.fromkeys(
                name for node, path in elements if (name := self.reader.text_of(node, path))
            )
        )


class Heirs:
    """Count and limit what models inherit: a collection of a thousand values and a thousand
    models are a million values."""

    def __init__(self) -> None:
        self.left = MAX_INHERITED

    def take(self, draft: Draft, above: list[Draft]) -> None:
        """Count what a model inherits from its collections and from files that it names.

        Raises:
            TooMuch: where all models have too much.
        """
        self.left -= sum(part.size() for part in above)
        self.left -= sum(
            _values(items) for reader, items in draft.metadata if reader is not draft.reader
        )
        self.left -= sum(
            _values(part.items) for part in draft.results if part.reader is not draft.reader
        )
        if self.left < 0:
            item = draft.items.get("in collection") if above else None
            node, path = (item.node, item.path) if item else (draft.items["name"].node, draft.path)
            draft.reader.stop(
                node, path, f"models that inherit at most {MAX_INHERITED:,} values in all"
            )


def _values(items: Items) -> int:
    """Count the nodes below a mapping; nodes below an alias count each time."""
    left = [item.node for item in items.values()]
    for node in left:
        if type(node) is not Scalar:
            left += children_of(node)
    return len(left)


def name_of(reader: Reader, node: Node, items: Items, path: str) -> str | None:
    """Return the name of a model or a collection; a fault where there is none."""
    if (item := items.get("name")) is None:
        if isinstance(node, Mapping):
            reader.fault(node, f"{path}.Name" if path else "Name", "a name", "nothing")
        return None
    name = reader.text_of(item.node, item.path)
    if not name or not name.strip():
        reader.fault(item.node, f"{path}.Name" if path else "Name", "a name")
        return None
    return name.strip()


def collection_of(draft: Draft) -> Collection:
    return Collection(draft.name, draft.fields(), draft.place)


def entries_of(
    models: Iterable[Draft], collections: Sequence[Draft], heirs: Heirs
) -> Iterator[Entry]:
    """Yield every model's record. Of collections with one name, the one in the model's own file
    is meant, else the first."""
    by_name: dict[str, Draft] = {}
    for collection in collections:
        by_name.setdefault(collection.name, collection)
    beside = _by_file(collections)
    for draft in models:
        names = draft.collections()
        above = [
            match
            for name in names
            if (match := beside.get((draft.place.file, name)) or by_name.get(name))
        ]
        heirs.take(draft, above)
        yield _entry(draft, names[0] if names else None, above)


def settle_drafts(
    models: Iterable[Draft], collections: Sequence[Draft], heirs: Heirs
) -> list[Entry | Draft]:
    """Make the record of each model whose collections stand in its own file; keep the drafts of
    the others."""
    beside = _by_file(collections)
    done: list[Entry | Draft] = []
    for draft in models:
        names = draft.collections()
        above = [match for name in names if (match := beside.get((draft.place.file, name)))]
        if len(above) < len(names):
            done.append(draft)
            continue
        heirs.take(draft, above)
        done.append(_entry(draft, names[0] if names else None, above))
    return done


def _by_file(collections: Sequence[Draft]) -> dict[tuple[str, str], Draft]:
    return {
        (collection.place.file, collection.name): collection for collection in reversed(collections)
    }


def _entry(draft: Draft, collection: str | None, above: list[Draft]) -> Entry:
    fields = draft.fields()
    inherited: dict[str, Plain] = {}
    for draft_above in above:
        theirs = (
            item
            for key, item in draft_above.items.items()
            if key not in ENTRY_KEYS and key not in draft.items
        )
        inherited |= {item.key: plain(item.node) for item in theirs}
    publisher = draft.text("publisher")
    origin = Origin(publisher, draft.text("source"), {}) if publisher else draft.origin
    stated = fields[draft.items["metadata"].key] if "metadata" in draft.items else None
    merged, metadata = _merged(
        [piece for draft_above in (*above, draft) for piece in draft_above.metadata], stated
    )
    identity = next(
        (i.node.value for _, i in merged if i.key.lower() == "id" and type(i.node) is Scalar), ""
    )
    openmm = openmmlab.applies(draft.items) and not identity
    if openmm and origin.publisher == NOBODY:
        origin = Origin(openmmlab.PUBLISHER, None, {})
    results = [result for draft_above in (*above, draft) for result in draft_above.results]
    default, size = (
        openmmlab.parse_name(draft.name)
        if openmm
        else (Builder("timm", identity or draft.name), None)
    )
    return Entry(
        name=draft.name,
        collection=collection,
        publisher=origin.publisher,
        source=origin.source,
        builder=_builder(draft, default),
        claims=tuple(claims(draft.name, origin, merged, results)),
        reported=tuple(_reported(draft)),
        metadata=metadata,
        fields=fields,
        place=draft.place,
        library=draft.origin.library,
        named_size=size,
        inherited=inherited,
        links=tuple(_links(draft, above, origin)),
        gathered=() if _all_stand(results, draft) else tuple(map(_plainly, results)),
    )


def _links(draft: Draft, above: list[Draft], origin: Origin) -> Iterator[Claim]:
    """Return the references under Weights: the model's own, else those of the last collection
    that has some."""
    holder = next(
        (candidate for candidate in (draft, *reversed(above)) if "weights" in candidate.items), None
    )
    if holder is None:
        return
    item, row = holder.items["weights"], BY_KEY["weights"]
    for node, path in holder.reader.sequence(item.node, item.path, single_ok=True):
        if type(node) is not Scalar or is_empty(node):
            continue
        try:
            parsed = row.parse(node.value)
        except ValueError as error:
            holder.reader.fault(node, path, str(error))
            continue
        place = holder.reader.place(node)
        yield Claim(
            model=draft.name,
            publisher=origin.publisher,
            source=origin.source,
            quantity=row.key,
            label=item.key,
            raw=node.value,
            parsed=parsed,
            path=path,
            place=place,
        )


def _all_stand(results: list[Result], draft: Draft) -> bool:
    """Return whether all results stand in the model itself, not in other files or in its
    collections."""
    own_results = draft.items["results"].node if "results" in draft.items else None
    elements = own_results.items if isinstance(own_results, NodeList) else [own_results]
    inline = len(elements) == len(results) == len(draft.results) and all(
        isinstance(element, Mapping) for element in elements
    )
    return not results or (inline and all(result.reader is draft.reader for result in results))


def _plainly(result: Result) -> dict[str, Plain]:
    return {item.key: plain(item.node) for item in result.items.values()}


def _merged(
    pieces: list[tuple[Reader, Items]], stated: Plain
) -> tuple[list[FoundItem], dict[str, Plain]]:
    """Merge the metadata of several mappings: the last item of each key, values with lists and
    mappings joined.

    `stated` is the entry's own Metadata as plain values; it is the result where nothing is to be
    joined.
    """
    if len(pieces) == 1:
        reader, items = pieces[0]
        unchanged = isinstance(stated, dict) and len(stated) == len(items) and "<<" not in stated
        fields = stated if unchanged else {item.key: plain(item.node) for item in items.values()}
        return [(reader, item) for item in items.values()], fields if isinstance(
            fields, dict
        ) else {}
    items_by_key: dict[str, FoundItem] = {}
    values: dict[str, Plain] = {}
    for reader, items in pieces:
        for key in [
            key
            for key in items_by_key
            if key not in items and _quantity(items_by_key[key][1]) in set(_quantities(items))
        ]:
            del values[items_by_key.pop(key)[1].key]  # overridden under another spelling
        for key, item in items.items():
            value = plain(item.node)
            if key in items_by_key:
                value = _joined(values.pop(items_by_key[key][1].key), value)
            items_by_key[key] = (reader, item)
            values[item.key] = value
    return list(items_by_key.values()), values


def _quantity(item: Item) -> str:
    match = find_with_unit(item.key)
    return match[0].key if match else ""


def _quantities(items: Items) -> Iterator[str]:
    return (name for item in items.values() if (name := _quantity(item)))


def _joined(above: Plain, lower: Plain) -> Plain:
    if isinstance(above, list):
        return above + (lower if isinstance(lower, list) else [lower])
    return above | lower if isinstance(above, dict) and isinstance(lower, dict) else lower


def _reported(draft: Draft) -> Iterator[Report]:
    reader = draft.reader
    if (item := draft.items.get("reported")) is None:
        return
    for node, path in reader.sequence(item.node, item.path):
        items = reader.mapping(node, path)
        publisher = (
            reader.text_of(items["publisher"].node, items["publisher"].path)
            if "publisher" in items
            else None
        )
        if publisher is None:
            reader.fault(node, f"{path}.Publisher", "the publisher's name", "nothing")
            continue
        source = (
            reader.text_of(items["source"].node, items["source"].path)
            if "source" in items
            else None
        )
        metadata = items.get("metadata")
        reported_items = reader.mapping(metadata.node, metadata.path) if metadata else {}
        results = items.get("results")
        elements = reader.sequence(results.node, results.path) if results else ()
        read: list[Claim] = claims(
            draft.name,
            Origin(publisher, source, {}),
            [(reader, field) for field in reported_items.values()],
            [Result(reader, reader.mapping(below, at), at) for below, at in elements],
        )
        yield Report(
            publisher,
            source,
            {elements.key: plain(elements.node) for elements in items.values()},
            tuple(read),
        )


def _builder(draft: Draft, default: Builder) -> Builder:
    """Read `Builder: KIND:NAME` or `Builder: {Name: ..., Arguments: {...}}`; the default where
    it is absent."""
    reader = draft.reader
    if (item := draft.items.get("builder")) is None:
        return default
    node, arguments = item.node, {}
    if isinstance(node, Mapping):
        fields = reader.mapping(node, item.path)
        if "name" not in fields:
            reader.fault(node, f"{item.path}.Name", "a builder such as timm:resnet50", "nothing")
            return default
        node = fields["name"].node
        arguments = _arguments(reader, fields.get("arguments"))
    text = reader.text_of(node, item.path)
    prefix, _, remainder = (text or "").strip().partition(":")
    kind = prefix if prefix in BUILDER_KINDS else "callable"
    if not remainder or (kind == "callable" and not (_dotted(prefix) and _dotted(remainder))):
        reader.fault(node, item.path, "a builder such as timm:resnet50 or package.module:callable")
        return default
    return Builder(
        kind,
        f"{prefix}:{remainder}" if kind == "callable" else remainder,
        arguments,
        reader.place(node),
    )


def _dotted(name: str) -> bool:
    return all(part.isidentifier() and not iskeyword(part) for part in name.split("."))


def _arguments(reader: Reader, item: Item | None) -> dict[str, object]:
    return (
        {}
        if item is None or is_empty(item.node)
        else Arguments(reader).mapping(item.node, item.path)
    )


def set_publisher(drafts: Iterable[Draft], origin: Origin) -> list[Draft]:
    """Return the drafts with this Library, where their text names none."""
    return [
        replace(draft, origin=origin) if draft.origin.publisher == NOBODY else draft
        for draft in drafts
    ]
