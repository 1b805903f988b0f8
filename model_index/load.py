"""From paths to an `Index`: finds the files, follows what they name, and reports every fault at
once."""

import gc
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from zoo.model_index.dialects import huggingface, pwc
from zoo.model_index.dialects.base.drafts import Draft, Heirs, collection_of, entries_of, settled
from zoo.model_index.errors import Fault, IndexFaults, UsageError
from zoo.model_index.reading import markdown
from zoo.model_index.reading.discover import SUFFIXES, Named, files_of, fixed, root_of, suffix
from zoo.model_index.reading.globs import Looked, TooMany, is_glob, matching
from zoo.model_index.reading.limits import MAX_BYTES, MAX_NAMED, TooLarge, TooMuch, read_bytes
from zoo.model_index.reading.reader import Reader, cut
from zoo.model_index.reading.yaml_nodes import Mapping, Node, Scalar
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Entry, Index

DATA = Path(__file__).parent / "data"
RECORDS = DATA.parent / "measured"  # evidence that ships with the embedded index: benchmarks
EVALUATIONS = ".eval_results"


def load(paths: Iterable[str | Path] = ()) -> Index:
    """Read an index from files, folders and globs; the embedded one for no path.

    Raises:
        UsageError: a path that does not exist or a glob that matches nothing.
        IndexFaults: every fault of every file.
    """
    with _no_collection():
        return _read(list(paths) or [DATA])


def _read(paths: list[str | Path]) -> Index:
    run = _Run()
    entries: list[Entry] = []
    with suppress(TooMuch):  # a fault says so
        for path in paths:
            run.root = root_of(str(path))
            files, how = files_of(str(path))
            for file in files:
                run.named(file, how)
        entries = [*run.entries(), *run.cards]
    if run.faults:
        raise IndexFaults(_in_order(run.faults, run.names), run.names)
    if not run.keys:
        why = (
            "no index in here"
            if run.names
            else "no index in here, or it is a link that leads out of its folder"
        )
        raise UsageError(f"{', '.join(run.names or run.passed)}: {why}")
    if run.cards:
        order = {name: number for number, name in enumerate(run.names)}
        entries.sort(key=lambda entry: order[entry.place.file])
    return Index(
        tuple(map(collection_of, run.collections)),
        tuple(entries),
        tuple(run.names),
        tuple(run.passed),
    )


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without the garbage collector: reading makes many small objects and no cycles, and took half
    as long again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def shown(path: Path) -> str:
    """The path as a person would type it: relative where it lies below the working folder."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _reached(target: Path) -> Iterator[Path]:
    """The paths an import searches; from its first glob character on, each step may be one
    upwards."""
    steps = [
        part for part in target.parts if part != "**"
    ]  # two stars may stand for no folder at all
    first = len(fixed(target).parts) if is_glob(str(target)) else len(steps)
    return (Path(*steps[:count]) for count in range(first, len(steps) + 1))


def _card(page: Reader) -> tuple[Reader, Mapping] | None:
    """A reader of a page's front matter and its root, where it is a model card's."""
    if (block := markdown.front_matter(page.text)) is None:
        return None
    reader = _block(page, block)
    root = reader.root()
    if isinstance(root, Mapping) and huggingface.is_card(reader.mapping(root, "")):
        return reader, root
    return None


def _block(page: Reader, block: markdown.Block) -> Reader:
    line = page.text.count("\n", 0, block.offset)
    return Reader(page.file, block.text, page.faults, line, page.offset + block.offset)


def _texts(path: Path, page: Reader) -> list[Reader]:
    """A reader for each text of an index in a file: a Markdown page may have several, or none."""
    if suffix(path) not in markdown.SUFFIXES:
        return [page]
    return [_block(page, block) for block in markdown.comments(page.text)] + _nested(page)


def read_text(name: str, text: str) -> tuple[Index, list[Fault]]:
    """Read one text as the file `name`, and nothing that it names; its faults come with what could
    be read."""
    run = _Run()
    page = Reader(name, text, run.faults)
    part, entries = pwc.Part(), tuple[Entry, ...]()
    with suppress(TooMuch):  # a fault says so
        part = pwc.read_page(_texts(Path(name), page), _Alone())
        entries = tuple(entries_of(part.models, part.collections, Heirs()))
    return Index(tuple(map(collection_of, part.collections)), entries, (name,)), _in_order(
        run.faults, [name]
    )


def _in_order(faults: Iterable[Fault], names: list[str]) -> list[Fault]:
    """Each fault once, by file as they were read, and by line."""
    order = {name: number for number, name in enumerate(names)}
    return sorted(
        dict.fromkeys(faults), key=lambda fault: (order.get(fault.file, len(order)), fault.line)
    )


class _Alone:
    """A `Files` for a text by itself: what it names is neither looked for nor missed."""

    def referred(
        self, reader: Reader, node: Node, path: str, *, once: bool = False
    ) -> Iterator[list[Reader]]:
        return iter(())

    def indexes(self, reader: Reader, node: Node, path: str) -> Iterator[pwc.Part]:
        return iter(())


class _Run:
    """One reading: what has been read so far, and the faults. It is the `Files` of the dialects."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.keys = 0
        self.collections: list[Draft] = []
        self.models: list[Entry | Draft] = []
        self.cards: list[Entry] = []
        self.names: list[str] = []
        self.passed: list[str] = []
        self.texts: dict[
            Path, Reader | None
        ] = {}  # by real path: a file that several models name is read once
        self.readers: dict[Path, list[Reader]] = {}
        self.done: set[Path] = set()
        self.chain: list[Path] = []  # the files being read, each named by the one before
        self.root = ""
        self.heirs, self.looked, self.followed = Heirs(), Looked(), 0

    def named(self, path: Path, how: Named) -> None:
        """A file that the user named, or that was found where the user said.

        Of what was found, a link that leads out of the folder is passed over; of what was found in
        a folder, a file that looks like no index too, and one that is too large for one.

        Its models are made records as soon as they can be, so that a large index takes little
        memory: nodes are ten times as large as what is made of them.
        """
        leads_out = how is not Named.ITSELF and not self._inside(path)
        if leads_out or (how is Named.FOLDER and not self._plausible(path)):
            self.passed.append(shown(path))
            return
        part = self._index(path)
        self.keys += part.keys
        self.collections += part.collections
        self.models += settled(part.models, part.collections, self.heirs)
        for reader in (reader for each in self.readers.values() for reader in each):
            reader.forget()
        self.readers.clear()

    def _plausible(self, path: Path) -> bool:
        """Whether a file that was found has what an index has; one that is no YAML is read, to say
        so."""
        with suppress(OSError):  # which reading it reports
            if path.stat().st_size > MAX_BYTES:
                return False
        real = path.resolve()
        readers, page = self._readers(path, real), self.texts[real]
        if suffix(path) in markdown.SUFFIXES:
            plausible = bool(readers) or page is None or _card(page) is not None
        else:
            plausible = not readers or (root := readers[0].root()) is None or pwc.is_plausible(root)
        if not plausible:
            self.names.remove(shown(path))
        return plausible

    def entries(self) -> Iterator[Entry]:
        """The records of all models, in reading order."""
        drafts = [each for each in self.models if isinstance(each, Draft)]
        late = entries_of(drafts, self.collections, self.heirs)
        return (next(late) if isinstance(each, Draft) else each for each in self.models)

    def referred(
        self, reader: Reader, node: Node, path: str, *, once: bool = False
    ) -> Iterator[list[Reader]]:
        for file in self._files(reader, node, path):
            real = file.resolve()
            if once and real in self.done:
                continue
            self.done.add(real)
            self.chain.append(real)
            yield self._readers(file, real)
            self.chain.pop()

    def indexes(self, reader: Reader, node: Node, path: str) -> Iterator[pwc.Part]:
        for file in self._files(reader, node, path):
            fresh, before = file.resolve() not in self.done, len(self.faults)
            part = self._index(file)
            if fresh and not part.keys and len(self.faults) == before and not _is_glob(node):
                reader.fault(
                    node, path, "a file with an index", f"{cut(shown(file))!r}, which has none"
                )
            yield part

    def _index(self, path: Path) -> pwc.Part:
        """What a file states, once."""
        real = path.resolve()
        if real in self.done:
            return pwc.Part()
        self.done.add(real)
        self.chain.append(real)
        readers = self._readers(path, real)
        part = pwc.read_page(readers, self)
        if suffix(path) in markdown.SUFFIXES and (page := self.texts[real]):
            part.keys += self._cards(path, page)
        self.chain.pop()
        return part

    def _cards(self, path: Path, page: Reader) -> int:
        """Read a page's front matter where it is a model card's; the number of its models."""
        if (card := _card(page)) is None or huggingface.nested_index(card[0].mapping(card[1], "")):
            return 0
        evaluations = [
            reader for pattern in ("*.yaml", "*.yml") for reader in self._beside(path, pattern)
        ]
        found = huggingface.read(*card, str(path.absolute()), evaluations)
        self.cards += found
        return len(found)

    def _beside(self, path: Path, pattern: str) -> Iterator[Reader]:
        for file in sorted((path.parent / EVALUATIONS).glob(pattern)):
            if file.is_file() and self._inside(file):
                yield from self._readers(file, file.resolve())

    def _readers(self, path: Path, real: Path) -> list[Reader]:
        """A reader for each text of an index in a file."""
        if real not in self.readers:
            page = self.texts[real] = self._text(path)
            self.readers[real] = _texts(path, page) if page else []
        return self.readers[real]

    def _text(self, path: Path) -> Reader | None:
        name = shown(path)
        if (said := name.encode("utf-8", "backslashreplace").decode()) != name:
            self.faults.append(
                Fault(said, 1, "", "a file whose name is UTF-8 text", "one that no report can hold")
            )
            return None
        try:
            text = read_bytes(path).decode("utf-8")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            self.faults.append(
                Fault(name, line, "", "UTF-8 text", f"byte 0x{error.object[error.start]:02x}")
            )
            return None
        except TooLarge as error:
            self.faults.append(Fault(name, 1, "", error.expected, error.got))
            return None
        except OSError as error:
            self.faults.append(Fault(name, 1, "", "a readable file", error.strerror or str(error)))
            return None
        self.names.append(name)
        return Reader(name, text, self.faults)

    def _files(self, reader: Reader, node: Node, path: str) -> list[Path]:
        """The files that a text names, as far as they may be read; faults for all else."""
        target = reader.text_of(node, path)
        if not target:
            return []
        self._follow(reader, node, path, 1)
        if "://" in target:
            reader.fault(
                node,
                path,
                "a path in this index",
                f"the address {cut(target)!r}, which is not followed",
            )
            return []
        try:
            files = self._matches(Path(reader.file).parent, target)
        except TooMany:
            reader.fault(
                node, path, "a glob of fewer files", f"{cut(target)!r}, too many to look at"
            )
            return []
        if files is None:
            reader.fault(node, path, "a path in this index", f"{cut(target)!r}, which lies outside")
            return []
        if not files:
            reader.fault(node, path, "an existing file", f"{cut(target)!r}, which matches nothing")
        self._follow(reader, node, path, len(files) - 1)
        allowed = []
        for file in files:
            if file.resolve() in self.chain:
                got = f"{cut(target)!r}, a cycle back to {shown(file)}"
                reader.fault(node, path, "files that do not import each other", got)
            elif suffix(file) not in SUFFIXES:
                reader.fault(node, path, f"a file of {', '.join(SUFFIXES)}", repr(cut(shown(file))))
            else:
                allowed.append(file)
        return allowed

    def _follow(self, reader: Reader, node: Node, path: str, number: int) -> None:
        self.followed += number
        if self.followed > MAX_NAMED:
            reader.stop(node, path, f"an index that names at most {MAX_NAMED:,} files")

    def _matches(self, folder: Path, target: str) -> list[Path] | None:
        """The files a path or glob names, or None where it leaves the index, seen before anything
        is searched."""
        if "\0" in target:
            return []
        if not all(self._inside(folder / reached) for reached in _reached(Path(target))):
            return None
        files = matching(target, folder, self.looked)
        return files if all(map(self._inside, files)) else None

    def _inside(self, path: Path) -> bool:
        real = os.path.realpath(path)
        return os.path.commonpath([self.root, real]) == self.root


def _is_glob(node: Node) -> bool:
    return type(node) is Scalar and is_glob(node.value)


def _nested(page: Reader) -> list[Reader]:
    """A reader of the index that stands under `model-index` in a page's front matter, where one
    does."""
    if (card := _card(page)) is None:
        return []
    reader, root = card
    node = huggingface.nested_index(reader.mapping(root, ""))
    return [reader.within(node)] if node else []


def is_embedded(place: Place) -> bool:
    """Whether what stands at a place is of the index that ships with the package."""
    return Path(place.file).resolve().parent == DATA
