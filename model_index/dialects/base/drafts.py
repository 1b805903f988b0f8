"""Drafts of models and collections, as far as one text states them; `entries` makes records of
them once everything is read."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from zoo.model_index.dialects.base.claims import Origin
from zoo.model_index.dialects.base.result_claims import Result
from zoo.model_index.reading.limits import MAX_INHERITED
from zoo.model_index.reading.reader import Items, Reader
from zoo.model_index.reading.yaml_nodes import (
    Mapping,
    Node,
    Scalar,
    children_of,
    is_empty,
    plain,
)
from zoo.model_index.records.fields import Plain
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Collection

NOBODY = ""  # publishes what names no Library, till its collection and its file are asked


@dataclass(slots=True, kw_only=True)
class Draft:
    """A model or a collection. `metadata` and `results` may stand in other files, so each has its
    reader.

    `unclear` says which part could not be read that others of its claims depend on.
    """

    reader: Reader
    items: Items
    path: str
    name: str
    place: Place
    origin: Origin
    metadata: list[tuple[Reader, Items]] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    unclear: str = ""
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
        names = [(node, self.reader.text_of(node, path)) for node, path in elements]
        if any(name is None and not is_empty(node) for node, name in names):
            self.unclear = "its In Collection cannot be read"
        return list(dict.fromkeys(name for _, name in names if name))


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
    return Collection(draft.name, draft.fields() or {"Name": draft.name}, draft.place)


def set_publisher(drafts: Iterable[Draft], origin: Origin) -> list[Draft]:
    """Return the drafts with this Library, where their text names none."""
    return [
        replace(draft, origin=origin) if draft.origin.publisher == NOBODY else draft
        for draft in drafts
    ]
