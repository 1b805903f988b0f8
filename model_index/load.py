"""Read an index from paths: find the files, follow what they name, report every fault at once."""

import gc
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from pathlib import Path

from zoo.model_index.dialects import dialects_of, table_dialect
from zoo.model_index.dialects.base.columns import settle_columns
from zoo.model_index.dialects.base.drafts import Draft, Heirs, collection_of
from zoo.model_index.dialects.base.entries import entries_of, settle_drafts
from zoo.model_index.dialects.base.page import Page
from zoo.model_index.dialects.base.part import IndexPart
from zoo.model_index.dialects.page_tables.dialect import read_tables
from zoo.model_index.dialects.page_tables.pages import TablePages
from zoo.model_index.errors import Fault, IndexFaults, UsageError
from zoo.model_index.reading.discover import ROOTS, SUFFIXES, FileSource, files_of, is_part
from zoo.model_index.reading.files import IndexFiles, display_path
from zoo.model_index.reading.globs import is_glob, walk
from zoo.model_index.reading.limits import MAX_BYTES, TooMuch
from zoo.model_index.reading.reader import Reader, cut
from zoo.model_index.reading.yaml_nodes import Node, Scalar
from zoo.model_index.records.page_tables import PageTable
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Entry, Index

__all__ = [
    "DATA",
    "DEMO",
    "EMBEDDED",
    "RECORDS",
    "SETTINGS",
    "SUFFIXES",
    "holds_index",
    "is_embedded",
    "is_source",
    "join_tables",
    "load",
    "read_text",
    "settings_file",
    "split_paths",
]

DATA = Path(__file__).parent / "data"
SETTINGS = "@"  # before a file with the settings of tables, among the paths of an index
DEMO = "demo"  # the name of the embedded index
EMBEDDED = "the embedded zoo"  # what messages call it
MOST_SEARCHED = 10_000  # files of a folder that may hold an index
RECORDS = DATA.parent / "measured"  # evidence that ships with the embedded index: benchmarks


def load(paths: Iterable[str | Path] = ()) -> Index:
    """Read an index from files, folders and globs; the embedded one for `demo` and for no path.

    `!GLOB` leaves files out, `@FILE` names the settings of tables. A table of results (CSV) adds
    its claims to the entries of the other files. The tables of a page are read where it is named,
    or where the settings name it.

    A cell or a file that cannot be read is a fault of the index; all else is read.

    Raises:
        UsageError: a path that does not exist, a glob that matches nothing, a file that is no such
            table.
        IndexFaults: every fault of every file, where no model could be read, or reading ended at a
            limit; or of the settings of tables.
    """
    texts = list(map(str, paths))
    names, ignored = split_paths(texts)
    pages = TablePages(settings_file(texts))
    if not names:
        raise UsageError(f"!{ignored[0]}: leaves files out of an index, and no index is named")
    tables = [name for name in names if table_dialect(name)]
    files = [name for name in names if not table_dialect(name)]
    with _garbage_collection_off():
        index = _read(files, ignored, pages) if files else Index()
        return replace(join_tables(index, tables), name=_name(names))


def split_paths(paths: Iterable[str | Path]) -> tuple[list[str], list[str]]:
    """Return the files, folders and globs to read, and the globs of files to leave out."""
    texts = list(map(str, paths))
    ignored = [text[1:] for text in texts if text.startswith("!")]
    names = list(filter(is_source, texts)) if texts else [DEMO]
    embedded = not os.path.exists(DEMO)
    return [str(DATA) if name == DEMO and embedded else name for name in names], ignored


def is_source(path: str) -> bool:
    """Return whether a path of an index is a file, a folder or a glob to read: `!GLOB` and
    `@FILE` say how."""
    return not path.startswith(("!", SETTINGS))


def settings_file(paths: Iterable[str | Path]) -> str | None:
    """Return the file with the settings of tables among the paths of an index."""
    files = [text[1:] for text in map(str, paths) if text.startswith(SETTINGS)]
    return files[-1] if files else None


def _name(paths: Sequence[str]) -> str:
    """Return what messages call an index: its first path."""
    name = EMBEDDED if paths[0] == str(DATA) else paths[0]
    return name if len(paths) == 1 else f"{name} and {len(paths) - 1} more"


def holds_index(folder: Path) -> bool:
    """Return whether a folder has a file of an index, as reading the folder would take it; among
    its first files only, since it may hold anything."""
    session = _Session()
    session.files.enter(str(folder))
    if any((folder / name).is_file() for name in ROOTS):
        return True
    files = islice(walk(folder), MOST_SEARCHED)
    return any(
        is_part(file) and session.files.contains(file) and session.recognises(file)
        for file in files
    )


def read_text(name: str, text: str, publisher: str = "") -> tuple[Index, list[Fault]]:
    """Read one text as the file `name`, without the files that it names; return what could be read,
    and the faults. `publisher` is who publishes what names no publisher."""
    faults: list[Fault] = []
    page = Page(Path(name), Reader(name, text, faults))
    part, entries = IndexPart(), tuple[Entry, ...]()
    with suppress(TooMuch):  # there is a fault that says so
        for dialect in dialects_of(page):
            part.add(dialect.read(page, _NoFiles()))
        late = entries_of(part.models, part.collections, Heirs(), {name: publisher})
        entries = (*late, *part.entries)
    index = Index(
        collections=tuple(map(collection_of, part.collections)),
        entries=tuple(settle_columns(entries)),
        files=(name,),
    )
    return index, _sort_faults(faults, [name])


def is_embedded(place: Place) -> bool:
    """Return whether a place is in the index that ships with the package."""
    return _ships(place.file, os.getcwd())


@lru_cache(maxsize=4096)  # the entries of a file ask for it, and a file system takes its time
def _ships(file: str, folder: str) -> bool:
    return Path(folder, file).resolve().parent == DATA


def _read(paths: Sequence[str], ignored: Sequence[str], pages: TablePages) -> Index:
    session = _Session(ignored, pages)
    entries: list[Entry] = []
    ended = True
    with suppress(TooMuch):  # there is a fault that says so
        for path in paths:
            session.read_path(path)
        entries = session.entries()
        ended = False
    names = session.files.names
    faults = _sort_faults(session.files.faults, names)
    if faults and (ended or not entries):
        raise IndexFaults(faults, names)
    if not session.keys:
        link = "" if names else ", or it is a link that leads out of its folder"
        raise UsageError(f"{', '.join(names or session.passed)}: no index in here{link}")
    return Index(
        collections=tuple(map(collection_of, session.collections)),
        entries=tuple(settle_columns(entries)),
        files=tuple(names),
        passed=tuple(session.passed),
        faults=tuple(faults),
        tables=tuple(session.tables),
    )


def join_tables(index: Index, names: Sequence[str]) -> Index:
    """Add the claims of tables.

    Raises:
        UsageError: a file that is no such table.
        IndexFaults: every fault of the tables, where no row could be read.
    """
    tables = dict.fromkeys(table for name in names if (table := table_dialect(name)))
    for table in tables:
        own_names = [name for name in names if table_dialect(name) is table]
        index, faults = table.join(index, own_names)
        if faults and not index.entries:
            raise IndexFaults(faults, own_names)
        index = replace(index, faults=(*index.faults, *faults))
    return index


@contextmanager
def _garbage_collection_off() -> Iterator[None]:
    """Switch the garbage collector off: reading makes many small objects and no cycles, and took
    half as long again with it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _sort_faults(faults: Iterable[Fault], names: list[str]) -> list[Fault]:
    """Return each fault once, by file in reading order, and by line.

    A cell that several models inherit is one fault, of no model.
    """
    order = {name: number for number, name in enumerate(names)}
    once: dict[Fault, Fault] = {}
    for fault in faults:
        if once.setdefault(fault, fault).model != fault.model:
            once[fault] = replace(fault, model="")
    return sorted(once.values(), key=lambda fault: (order.get(fault.file, len(order)), fault.line))


class _NoFiles:
    """The `Files` of a text by itself: what it names is neither read nor missed."""

    def pages_of(
        self, reader: Reader, node: Node, path: str, *, once: bool = False
    ) -> Iterator[Page]:
        return iter(())

    def indexes(self, reader: Reader, node: Node, path: str) -> Iterator[IndexPart]:
        return iter(())

    def beside(self, page: Page, folder: str, patterns: tuple[str, ...]) -> Iterator[Page]:
        return iter(())


class _Session:
    """One reading of an index: its files, and what they have stated so far. It is the `Files` of
    the dialects."""

    def __init__(self, ignored: Sequence[str] = (), pages: TablePages | None = None) -> None:
        self.files = IndexFiles(ignored)
        self.table_pages = pages or TablePages(None)
        self.tables: list[PageTable] = []
        self.keys = 0
        self.collections: list[Draft] = []
        self.passed: list[str] = []
        self._models: list[Entry | Draft] = []
        self._complete: list[Entry] = []
        # By real path: a file that several models name is read once.
        self._pages: dict[Path, Page | None] = {}
        self._read: set[Path] = set()
        self._heirs = Heirs()

    def read_path(self, path: str) -> None:
        """Read the files that a path names; in a folder, the pages of the settings too.

        Raises:
            UsageError: there is none.
        """
        self.files.enter(path)
        pages = self.table_pages.list_in(path)
        if not pages or holds_index(Path(path)):
            files, how = files_of(path)
            for file in files:
                self.read(file, how)
        for page in pages:
            self.read(page, FileSource.ITSELF)

    def read(self, path: Path, how: FileSource) -> None:
        """Read a file that the user named, or that was found where the user said.

        A file that was found is skipped where it is a link out of the folder; one that was
        found in a folder also where it looks like no index, or is too large for one.

        Its models become records as soon as possible, so that a large index takes little memory:
        nodes are ten times as large as records.
        """
        if how is not FileSource.ITSELF and self.files.ignores(path):
            return
        leads_out = how is not FileSource.ITSELF and not self.files.contains(path)
        if leads_out or (how is FileSource.FOLDER and not self.recognises(path)):
            self.passed.append(display_path(path))
            return
        part = self._part(path, named=how is FileSource.ITSELF)
        self.keys += part.keys
        self.tables += part.tables
        self.collections += part.collections
        self._complete += part.entries
        self._models += settle_drafts(
            part.models, part.collections, self._heirs, self.files.publishers
        )
        for page in filter(None, self._pages.values()):
            page.release()

    def entries(self) -> list[Entry]:
        """Return the records of all models, in reading order."""
        drafts = [model for model in self._models if isinstance(model, Draft)]
        late = entries_of(drafts, self.collections, self._heirs, self.files.publishers)
        records = [next(late) if isinstance(model, Draft) else model for model in self._models]
        if not self._complete:
            return records
        order = {name: number for number, name in enumerate(self.files.names)}
        return sorted([*records, *self._complete], key=lambda entry: order[entry.place.file])

    def pages_of(
        self, reader: Reader, node: Node, path: str, *, once: bool = False
    ) -> Iterator[Page]:
        for file in self.files.find(reader, node, path):
            real = file.resolve()
            if once and real in self._read:
                continue
            self._read.add(real)
            self.files.chain.append(real)
            if page := self._page(file, real):
                yield page
            self.files.chain.pop()

    def indexes(self, reader: Reader, node: Node, path: str) -> Iterator[IndexPart]:
        for file in self.files.find(reader, node, path):
            if self.files.ignores(file):
                continue
            new, faults = file.resolve() not in self._read, len(self.files.faults)
            part = self._part(file)
            by_glob = type(node) is Scalar and is_glob(node.value)
            if new and not part.keys and len(self.files.faults) == faults and not by_glob:
                got = f"{cut(display_path(file))!r}, which has none"
                reader.fault(node, path, "a file with an index", got)
            yield part

    def beside(self, page: Page, folder: str, patterns: tuple[str, ...]) -> Iterator[Page]:
        for pattern in patterns:
            for file in sorted((page.path.parent / folder).glob(pattern)):
                if not file.is_file() or not self.files.contains(file):
                    continue
                if other_page := self._page(file, file.resolve()):
                    yield other_page

    def recognises(self, path: Path) -> bool:
        """Return whether a file that was found is an index; one that cannot be read counts as one,
        so that its fault is reported."""
        with suppress(OSError):  # reading it reports the error
            if path.stat().st_size > MAX_BYTES:
                return False
        page = self._page(path, path.resolve())
        if page is None or any(dialect.recognises(page) for dialect in dialects_of(page)):
            return True
        self.files.names.remove(display_path(path))
        return False

    def _part(self, path: Path, *, named: bool = False) -> IndexPart:
        """Return what a file states, once. The tables of a page that is `named` are read where no
        other dialect reads it, or where the settings name it."""
        part, real = IndexPart(), path.resolve()
        if real in self._read:
            return part
        self._read.add(real)
        self.files.chain.append(real)
        if page := self._page(path, real):
            for dialect in dialects_of(page):
                part.add(dialect.read(page, self))
            if self.table_pages.reads(path, named=named and not part.keys):
                publisher = self.files.publishers[page.whole.file]
                part.add(read_tables(page, publisher, self.table_pages.settings))
        self.files.chain.pop()
        return part

    def _page(self, path: Path, real: Path) -> Page | None:
        if real not in self._pages:
            reader = self.files.read(path)
            self._pages[real] = Page(path, reader) if reader else None
        return self._pages[real]
