"""Decide which record of a written index has which Metadata and Results: a written file refers to
no other files.

Metadata and Results may be in files of their own, and a model inherits those of its collections.
The content of a collection's file is only known of its models, so the models are written with it;
and a collection whose models have all of theirs is written without it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from zoo.model_index.records.fields import Plain, fold_key, look_up
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Collection, Entry, Index
from zoo.reporting.convert.losses import Losses
from zoo.reporting.text.yaml_block import fields
from zoo.reporting.views.results import texts

PARTS = ("metadata", "results")
NO_HEIR = "it stands in another file, and no model inherits it"


@dataclass(frozen=True, slots=True)
class PartsLayout:
    """`collections` are those of each entry by its place; entries in `complete` are written with
    all of their parts."""

    collections: dict[Place, list[Collection]]
    complete: frozenset[Place]

    @classmethod
    def from_index(cls, index: Index) -> "PartsLayout":
        """Find the entries that must be written with all of their parts."""
        collections = parent_collections(index)
        parents = {place: {part.place for part in parts} for place, parts in collections.items()}
        complete = {entry.place for entry in index.entries if is_scattered(entry.fields)}
        bare = {part.place for part in index.collections if is_scattered(part.fields)}
        for place in complete:
            bare |= parents[place]
        # an entry below a collection without parts is complete, and its other collections are bare
        while more := {at for at, above in parents.items() if at not in complete and above & bare}:
            complete |= more
            for place in more:
                bare |= parents[place]
        return cls(collections, frozenset(complete))

    def heirs(self, collection: Collection) -> list[Place]:
        """Return the places of the entries that inherit from a collection."""
        return [
            place
            for place, parents in self.collections.items()
            if any(parent is collection for parent in parents)
        ]

    def of_collection(self, collection: Collection, losses: Losses) -> dict[str, Plain]:
        """Return the collection's fields, without the parts that its models have themselves."""
        heirs = self.heirs(collection)
        if not (is_scattered(collection.fields) or any(at in self.complete for at in heirs)):
            return collection.fields
        for key in collection.fields if not heirs else ():
            if fold_key(key) in PARTS:
                losses(f"Collection.{key}", NO_HEIR)
        return {
            key: value for key, value in collection.fields.items() if fold_key(key) not in PARTS
        }

    def of_entry(self, entry: Entry) -> dict[str, object]:
        """Return the entry's fields, with all Metadata and Results where the entry is complete."""
        written = fields(entry)
        if entry.place not in self.complete:
            return written
        inline = [part for part in _as_list(entry.fields) if isinstance(part, Mapping)]
        keys = {fold_key(key): key for key in written}
        values = (dict(entry.metadata), [*(entry.gathered or inline)])
        for part, value in zip(PARTS, values, strict=True):
            if value or part in keys:
                written[keys.get(part, part.capitalize())] = value
        return written


def parent_collections(index: Index) -> dict[Place, list[Collection]]:
    """Return the collections of each entry: of several with one name that of its own file, else the
    first."""
    by_name: dict[str, list[Collection]] = {}
    for collection in index.collections:
        by_name.setdefault(collection.name, []).append(collection)
    return {entry.place: list(_parents(entry, by_name)) for entry in index.entries}


def _parents(entry: Entry, by_name: Mapping[str, list[Collection]]) -> Iterable[Collection]:
    for name in dict.fromkeys(texts(look_up(entry.fields, "in collection"))):
        if collections := by_name.get(name):
            same_file = (part for part in collections if part.place.file == entry.place.file)
            yield next(same_file, collections[0])


def is_scattered(stated: dict[str, Plain]) -> bool:
    """Whether Metadata or Results are in other files, in several pieces, or nested."""
    metadata = look_up(stated, "metadata")
    if isinstance(metadata, (str, list)):
        return True
    if isinstance(metadata, dict) and [*map(fold_key, metadata)] == ["metadata"]:
        return True
    return any(
        isinstance(part, str) or (isinstance(part, dict) and look_up(part, "results"))
        for part in _as_list(stated)
    )


def _as_list(stated: dict[str, Plain]) -> list[Plain]:
    """Return the Results of a record as a list."""
    listed = look_up(stated, "results")
    return listed if isinstance(listed, list) else [listed]
