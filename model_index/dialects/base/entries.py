"""Make the records of models of their drafts, with what they inherit from their collections.

Lists extend the collection's, mappings are joined key by key, everything else overrides it. Which
collections there are is known only when every file was read.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Table
from dataclasses import replace

from zoo.model_index.dialects import openmmlab
from zoo.model_index.dialects.base.claims import FoundItem, Origin, claims
from zoo.model_index.dialects.base.drafts import NOBODY, Draft, Heirs
from zoo.model_index.dialects.base.entry_fields import read_builder, read_reports, read_weights
from zoo.model_index.dialects.base.input_field import KEY as INPUT
from zoo.model_index.dialects.base.input_field import read_input
from zoo.model_index.dialects.base.keys import find_unknown_keys
from zoo.model_index.dialects.base.result_claims import Result
from zoo.model_index.quantities.lookup import find_with_unit
from zoo.model_index.quantities.parse import MAX_LENGTH
from zoo.model_index.reading.reader import Item, Items, Reader
from zoo.model_index.reading.repository import publisher_from_source
from zoo.model_index.reading.yaml_nodes import Mapping, Scalar, is_empty, plain
from zoo.model_index.reading.yaml_nodes import Sequence as NodeList
from zoo.model_index.records.fields import Plain
from zoo.model_index.records.input_spec import InputSpec
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Builder, Entry

Publishers = Table[str, str]  # by file, what publishes an index there that names no publisher
TIMM = "timm"
UNREADABLE = "unreadable"  # the kind of a builder, which makes nothing
# Fields that are not inherited as they stand.
ENTRY_KEYS = frozenset({"name", "metadata", "results", "in collection"})


def entries_of(
    models: Iterable[Draft],
    collections: Sequence[Draft],
    heirs: Heirs,
    publishers: Publishers,
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
        yield _entry(draft, names[0] if names else None, above, publishers)


def settle_drafts(
    models: Iterable[Draft],
    collections: Sequence[Draft],
    heirs: Heirs,
    publishers: Publishers,
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
        done.append(_entry(draft, names[0] if names else None, above, publishers))
    return done


def _by_file(collections: Sequence[Draft]) -> dict[tuple[str, str], Draft]:
    return {
        (collection.place.file, collection.name): collection for collection in reversed(collections)
    }


def _entry(
    draft: Draft, collection: str | None, above: list[Draft], publishers: Publishers
) -> Entry:
    fields = draft.fields()
    inherited: dict[str, Plain] = {}
    for draft_above in above:
        theirs = (
            item
            for key, item in draft_above.items.items()
            if key not in ENTRY_KEYS and key not in draft.items
        )
        inherited |= {item.key: plain(item.node) for item in theirs}
    origin = _origin(draft, above)
    stated = fields[draft.items["metadata"].key] if "metadata" in draft.items else None
    merged, metadata = _merged(
        [piece for draft_above in (*above, draft) for piece in draft_above.metadata], stated
    )
    identity, unclear = _identity(merged)
    before = len(draft.reader.faults)
    openmm = openmmlab.applies(draft.items) and not identity
    if openmm and origin.publisher == NOBODY:
        origin = replace(origin, publisher=openmmlab.PUBLISHER)
    if origin.publisher == NOBODY:
        origin = replace(origin, publisher=publishers.get(draft.place.file, NOBODY))
    results = [result for draft_above in (*above, draft) for result in draft_above.results]
    default, size = (
        openmmlab.parse_name(draft.name)
        if openmm
        else (_from_registry(draft.name, identity, origin.publisher), None)
    )
    builder = read_builder(draft, default)
    if len(draft.reader.faults) > before:
        unclear = "its Builder cannot be read"
    spec, place, refused = _read_input(draft, above)
    if unclear:
        # no other model is measured in its place
        builder = Builder(UNREADABLE, draft.name, named=False)
    unclear = next(filter(None, (unclear, *(part.unclear for part in (draft, *above)))), "")
    return Entry(
        name=draft.name,
        collection=collection,
        publisher=origin.publisher,
        source=origin.source,
        builder=builder,
        claims=tuple(claims(draft.name, origin, merged, results, refused=refused)),
        reported=tuple(read_reports(draft)),
        metadata=metadata,
        fields=fields,
        place=draft.place,
        library=draft.origin.library,
        named_size=size,
        inherited=inherited,
        links=tuple(read_weights(draft, above, origin)),
        input=spec,
        input_place=place,
        gathered=() if _all_stand(results, draft) else tuple(map(_plainly, results)),
        unclear=unclear,
        unknown_keys=tuple(find_unknown_keys(draft, merged, results)),
    )


def _origin(draft: Draft, above: list[Draft]) -> Origin:
    """Return the publisher that a model names, else that of its file's Library, else that of
    the page it stands on, or that its collections do."""
    if publisher := draft.text("publisher"):
        return Origin(publisher, draft.text("source"), {})
    if draft.origin.publisher != NOBODY:
        return draft.origin
    for part in (draft, *above):
        publisher, source = (_text(part, key) for key in ("publisher", "source"))
        if publisher := publisher or publisher_from_source(source or ""):
            return Origin(publisher, source, draft.origin.library)
    return draft.origin


def _text(part: Draft, key: str) -> str | None:
    item = part.items.get(key)
    return item.node.value if item and type(item.node) is Scalar else None


def _read_input(
    draft: Draft, above: list[Draft]
) -> tuple[InputSpec | None, Place | None, tuple[str, ...]]:
    """Return the Input of a model, else of its last collection that has one, its place, and its
    key where it cannot be read."""
    holder = next((part for part in (draft, *reversed(above)) if INPUT in part.items), None)
    if holder is None or is_empty((item := holder.items[INPUT]).node):
        return None, None, ()
    spec = read_input(holder.reader, item, draft.name)
    return spec, holder.reader.place(item.node), () if spec else (INPUT,)


def _from_registry(name: str, identity: str, publisher: str) -> Builder:
    """Return timm's model of an entry without a Builder: its ID, or its name, which an index of
    timm's names and any other may happen to share."""
    named = bool(identity) or publisher.casefold() == TIMM
    return Builder(TIMM, identity or name, named=named)


def _identity(metadata: Iterable[FoundItem]) -> tuple[str, str]:
    """Return the ID, and why it cannot be read; empty where there is none."""
    item = next((item for _, item in metadata if item.key.lower() == "id"), None)
    if item is None or is_empty(item.node):
        return "", ""
    if type(item.node) is Scalar and len(item.node.value) <= MAX_LENGTH:
        return item.node.value, ""
    return "", "its ID cannot be read"


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
