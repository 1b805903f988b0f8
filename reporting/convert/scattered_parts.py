"""What has to be said where, once an index is written anew: a written file names no parts that
stand elsewhere.

Metadata and Results may stand in files of their own, and a model inherits those of its collections.
What such a file says of a collection is known of its models only, so the models say it; and a
collection whose models say all of theirs must not hand it down to them once more.
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
class Layout:
    """`above` has the collections of each entry by its place, `moved` the entries that say all of
    their parts."""

    above: dict[Place, list[Collection]]
    moved: frozenset[Place]

    @classmethod
    def of(cls, index: Index) -> "Layout":
        above = inherited(index)
        places = {at: {collection.place for collection in named} for at, named in above.items()}
        moved = {entry.place for entry in index.entries if scattered(entry.fields)}
        shared = {
            collection.place for collection in index.collections if scattered(collection.fields)
        }
        shared |= {place for at in moved for place in places[at]}
        while more := {at for at, named in places.items() if at not in moved and named & shared}:
            moved |= more
            shared |= {place for at in more for place in places[at]}
        return cls(above, frozenset(moved))

    def heirs(self, collection: Collection) -> list[Place]:
        """The places of the entries that inherit from a collection."""
        return [at for at, named in self.above.items() if any(one is collection for one in named)]

    def of_collection(self, collection: Collection, losses: Losses) -> dict[str, Plain]:
        """The collection's fields, without the parts that its models say themselves."""
        heirs = self.heirs(collection)
        if not (scattered(collection.fields) or any(at in self.moved for at in heirs)):
            return collection.fields
        for key in collection.fields if not heirs else ():
            if fold_key(key) in PARTS:
                losses(f"Collection.{key}", NO_HEIR)
        return {
            key: value for key, value in collection.fields.items() if fold_key(key) not in PARTS
        }

    def of_entry(self, entry: Entry) -> dict[str, object]:
        """The entry's fields, with all of its Metadata and Results where it has to say them
        itself."""
        written = fields(entry)
        if entry.place not in self.moved:
            return written
        listed = look_up(entry.fields, "results")
        inline = [
            one
            for one in (listed if isinstance(listed, list) else [listed])
            if isinstance(one, Mapping)
        ]
        keys = {fold_key(key): key for key in written}
        for part, value in zip(
            PARTS, (dict(entry.metadata), [*(entry.gathered or inline)]), strict=True
        ):
            if value or part in keys:
                written[keys.get(part, part.capitalize())] = value
        return written


def inherited(index: Index) -> dict[Place, list[Collection]]:
    """The collections of each entry: of those of one name that in its own file, else the first."""
    alike: dict[str, list[Collection]] = {}
    for collection in index.collections:
        alike.setdefault(collection.name, []).append(collection)
    return {entry.place: list(_above(entry, alike)) for entry in index.entries}


def _above(entry: Entry, alike: Mapping[str, list[Collection]]) -> Iterable[Collection]:
    for name in dict.fromkeys(texts(look_up(entry.fields, "in collection"))):
        if named := alike.get(name):
            yield next((one for one in named if one.place.file == entry.place.file), named[0])


def scattered(stated: dict[str, Plain]) -> bool:
    """Whether Metadata or Results stand in files that are named, in several pieces, or one below
    the other."""
    metadata, listed = look_up(stated, "metadata"), look_up(stated, "results")
    if isinstance(metadata, (str, list)) or (
        isinstance(metadata, dict) and [*map(fold_key, metadata)] == ["metadata"]
    ):
        return True
    each = listed if isinstance(listed, list) else [listed]
    return any(
        isinstance(one, str) or (isinstance(one, dict) and look_up(one, "results")) for one in each
    )
