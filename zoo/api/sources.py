"""Load an index, or take one that was loaded."""

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from zoo.model_index.errors import UsageError
from zoo.model_index.errors.suggestions import describe_unknown
from zoo.model_index.quantities.lookup import find
from zoo.model_index.quantities.metric_words import read_name
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.table import OTHER, QUANTITIES, row_of
from zoo.model_index.records.records import Entry, Index
from zoo.models.libraries import LIBRARIES

if TYPE_CHECKING:
    from zoo.model_index.ledger.store import Ledger

Paths = str | PathLike[str] | Sequence[str | PathLike[str]]
Source = Paths | Index | None
Store: TypeAlias = "str | PathLike[str] | Ledger"


def load(source: Source = None) -> Index:
    """Read an index.

    Args:
        source: a file, a folder, a glob, or several of them; `timm` and `torchvision` are the
            registries of these libraries, `-` is standard input, `demo` and None the embedded
            index.

    Returns:
        The index: its entries with their claims, and the faults of what could not be read.

    Raises:
        UsageError: a path that does not exist, or that is no index.
        IndexFaults: no model could be read.
    """
    from zoo.model_index import load as reading

    if isinstance(source, Index):
        return source
    paths = list_paths(source)
    files = [path for path in paths if path != "-"]
    index = reading.load(_resolve(files)) if files or not paths else Index()
    if len(files) < len(paths):
        from zoo.api.standard_input import add_standard_input

        index = add_standard_input(index)
    return replace(index, paths=paths)


def _resolve(paths: Sequence[str]) -> Sequence[str]:
    """Return the paths with the registries of libraries in place of their names."""
    if not set(LIBRARIES).intersection(paths):
        return paths
    from zoo.models.registries import resolve_paths

    return resolve_paths(paths)


def list_paths(source: Source) -> tuple[str, ...]:
    """Return the paths of a source as text; none for the embedded index."""
    if source is None or isinstance(source, Index):
        return source.paths if source else ()
    if isinstance(source, (str, PathLike)):
        return (str(source),)
    return tuple(map(str, source))


def list_names(names: str | Sequence[str]) -> tuple[str, ...]:
    """Return one name or several as a tuple."""
    return (names,) if isinstance(names, str) else tuple(names)


def select(source: Source, names: str | Sequence[str]) -> tuple[Index, list[Entry]]:
    """Return an index and the entries of these names or globs; all of them for none.

    `timm:NAME`, `torchvision:NAME` and bare names of theirs need no entry.

    Raises:
        UsageError: a name that no entry has.
    """
    from zoo.models.registry_entries import add_entries

    index, chosen, _ = add_entries(load(source), list_names(names))
    return index, index.select(chosen)


def open_store(ledger: Store) -> "Ledger":
    """Return the ledger of a folder, or the ledger itself."""
    from zoo.model_index.ledger.store import Ledger

    return ledger if isinstance(ledger, Ledger) else Ledger(Path(ledger))


def find_quantity(name: str) -> Quantity:
    """Return the quantity of a name, in any spelling that an index may use.

    Raises:
        UsageError: for a name that no quantity has.
    """
    key = name.strip().lower()
    row = find(name) or next((q for q in QUANTITIES if q.key == key), None)
    if row is None and (read := read_name(name)):
        row = read.row
    if row is None and key.startswith(OTHER):
        row = row_of(key)
    if row is None:
        labels = [q.label for q in QUANTITIES]
        raise UsageError(describe_unknown("no quantity", name, labels))
    return row
