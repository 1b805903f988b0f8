"""What a dialect returns for a page, and how it gets at other files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from zoo.model_index.dialects.base.claims import Origin
from zoo.model_index.dialects.base.drafts import NOBODY, Draft
from zoo.model_index.dialects.base.page import Page
from zoo.model_index.reading.reader import Reader
from zoo.model_index.reading.yaml_nodes import Node
from zoo.model_index.records.page_tables import PageTable
from zoo.model_index.records.records import Entry

NO_LIBRARY = Origin(NOBODY, None, {})


@dataclass(slots=True, kw_only=True)
class IndexPart:
    """The contribution of a page and of all that it names to an index.

    `keys` counts its top-level keys and cards. `collections` and `models` may inherit from each
    other once everything is read; `entries` are complete.
    """

    keys: int = 0
    origin: Origin = NO_LIBRARY
    collections: list[Draft] = field(default_factory=list)
    models: list[Draft] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    tables: list[PageTable] = field(default_factory=list)

    def of(self, kind: str) -> list[Draft]:
        """Return the drafts of `collections` or `models`."""
        return self.collections if kind == "collections" else self.models

    def add(self, part: "IndexPart") -> None:
        """Add what another text states; a text without a Library is published by what it
        imports."""
        if self.origin is NO_LIBRARY and not part.models and not part.collections:
            self.origin = part.origin
        self.keys += part.keys
        self.collections += part.collections
        self.models += part.models
        self.entries += part.entries
        self.tables += part.tables


class Files(Protocol):
    """Access of a dialect to the files that a text names; faults are reported where they are
    named."""

    def pages_of(
        self, reader: Reader, node: Node, path: str, *, once: bool = False
    ) -> Iterator[Page]:
        """Yield the page of each file that a node names; with `once` only files that were not read
        yet."""

    def indexes(self, reader: Reader, node: Node, path: str) -> Iterator[IndexPart]:
        """Yield the part of each index file that a node names, each file once."""

    def beside(self, page: Page, folder: str, patterns: tuple[str, ...]) -> Iterator[Page]:
        """Yield the files of a folder beside a page, by pattern."""
