"""The record of a library's registry: its models as entries of an index."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Fields = dict[str, Any]  # of an entry, as in an index file


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """A library whose models are an index.

    headline: what the library calls itself.
    docs: the address of its pages.
    format: of the file; a new number makes it be written again.
    names: lists what can be named: models, and their published weights where these have names.
    has: tells whether a name, with or without weights, is in the registry.
    describe: returns the fields of one entry, but for its name, builder and collection.
    entries: yields the entries of the whole index.
    """

    headline: str
    docs: str
    format: int
    names: Callable[[], Sequence[str]]
    has: Callable[[str], bool]
    describe: Callable[[str], Fields]
    entries: Callable[[], Iterator[Fields]]
