"""The files of one reading of an index: their texts, and which of them may be read."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from zoo.model_index.errors import Fault, UsageError
from zoo.model_index.reading.discover import SUFFIXES, root_of, static_folder, suffix
from zoo.model_index.reading.encodings import decode_file
from zoo.model_index.reading.globs import SearchBudget, TooMany, find_matches, is_glob
from zoo.model_index.reading.limits import MAX_NAMED, TooLarge, read_bytes
from zoo.model_index.reading.reader import Reader, cut
from zoo.model_index.reading.repository import publisher_of
from zoo.model_index.reading.yaml_nodes import Node


def display_path(path: Path) -> str:
    """Return the path as a person would type it: relative where it lies below the working
    folder."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


class IndexFiles:
    """Files by path, within the folder that the user named, and the faults of all of them.

    `names` are the files that were read, in order. `chain` are the real paths of the files being
    read, each named by the one before. `publishers` has what publishes a file that names no
    publisher.
    """

    def __init__(self, ignored: Sequence[str] = ()) -> None:
        self.faults: list[Fault] = []
        self.names: list[str] = []
        self.chain: list[Path] = []
        self.publishers: dict[str, str] = {}
        self._publisher_by_folder: dict[tuple[Path, str], str] = {}
        self._root = ""
        self._ignored = frozenset(map(os.path.realpath, _list_ignored(ignored)))
        self._looked = SearchBudget()
        self._followed = 0

    def enter(self, path: str) -> None:
        """Set the path that the user named; imports must not leave its folder."""
        self._root = root_of(path)

    def contains(self, path: Path) -> bool:
        """Return whether a path, links followed, lies in the folder that the user named."""
        real = os.path.realpath(path)
        return os.path.commonpath([self._root, real]) == self._root

    def ignores(self, path: Path) -> bool:
        """Return whether a file is left out, by itself or with its folder."""
        if not self._ignored:
            return False
        real = path.resolve()
        return not self._ignored.isdisjoint(map(str, (real, *real.parents)))

    def read(self, path: Path) -> Reader | None:
        """Return a reader of a file's text; None, and a fault, where it cannot be read."""
        name = display_path(path)
        printable = name.encode("utf-8", "backslashreplace").decode()
        if printable != name:
            self._fault(
                printable, 1, "a file whose name is UTF-8 text", "one that no report can hold"
            )
            return None
        try:
            data = read_bytes(path)
            text, _, odd = decode_file(path, data)
        except UnicodeDecodeError as error:
            self._fault_byte(name, error.object, error.start)
            return None
        except TooLarge as error:
            self._fault(name, 1, error.expected, error.got)
            return None
        except OSError as error:
            self._fault(name, 1, "a readable file", error.strerror or str(error))
            return None
        if odd >= 0:
            self._fault_byte(name, data, odd, "; the file was read as Latin-1")
        self.names.append(name)
        self.publishers[name] = self._publisher_of(path.absolute().parent)
        return Reader(name, text, self.faults)

    def _publisher_of(self, folder: Path) -> str:
        key = folder, self._root
        if key not in self._publisher_by_folder:
            self._publisher_by_folder[key] = publisher_of(folder, Path(self._root))
        return self._publisher_by_folder[key]

    def find(self, reader: Reader, node: Node, path: str) -> list[Path]:
        """Return the files that a node names by path or glob, without those that may not be read;
        each of these is a fault."""
        target = reader.text_of(node, path)
        if not target:
            return []
        self._count(reader, node, path, 1)
        if "://" in target:
            got = f"the address {cut(target)!r}, which is not followed"
            reader.fault(node, path, "a path in this index", got)
            return []
        try:
            files = self._match(Path(reader.file).parent, target)
        except TooMany:
            got = f"{cut(target)!r}, too many to look at"
            reader.fault(node, path, "a glob of fewer files", got)
            return []
        if files is None:
            reader.fault(node, path, "a path in this index", f"{cut(target)!r}, which lies outside")
            return []
        if not files:
            reader.fault(node, path, "an existing file", f"{cut(target)!r}, which matches nothing")
        self._count(reader, node, path, len(files) - 1)
        allowed = []
        for file in files:
            if file.resolve() in self.chain:
                got = f"{cut(target)!r}, a cycle back to {display_path(file)}"
                reader.fault(node, path, "files that do not import each other", got)
            elif suffix(file) not in SUFFIXES:
                got = repr(cut(display_path(file)))
                reader.fault(node, path, f"a file of {', '.join(SUFFIXES)}", got)
            else:
                allowed.append(file)
        return allowed

    def _fault(self, name: str, line: int, expected: str, got: str) -> None:
        self.faults.append(Fault(name, line, "", expected, got))

    def _fault_byte(self, name: str, data: bytes, at: int, then: str = "") -> None:
        line = data.count(b"\n", 0, at) + 1
        self._fault(name, line, "UTF-8 text", f"byte 0x{data[at]:02x}{then}")

    def _count(self, reader: Reader, node: Node, path: str, number: int) -> None:
        self._followed += number
        if self._followed > MAX_NAMED:
            reader.stop(node, path, f"an index that names at most {MAX_NAMED:,} files")

    def _match(self, folder: Path, target: str) -> list[Path] | None:
        """Return the files of a path or glob, or None where it leaves the index, which is checked
        before anything is searched."""
        if "\0" in target:
            return []
        if not all(self.contains(folder / step) for step in _search_steps(Path(target))):
            return None
        files = find_matches(target, folder, self._looked)
        return files if all(map(self.contains, files)) else None


def _list_ignored(patterns: Sequence[str]) -> Iterator[Path]:
    for pattern in patterns:
        try:
            yield from [Path(pattern)] if os.path.isdir(pattern) else find_matches(pattern)
        except TooMany:
            raise UsageError(f"{pattern}: too many files to look at") from None


def _search_steps(target: Path) -> Iterator[Path]:
    """Yield the paths that an import searches; from its first glob character on, each step may
    lead one folder up."""
    # Two stars may stand for no folder at all.
    steps = [part for part in target.parts if part != "**"]
    first = len(static_folder(target).parts) if is_glob(str(target)) else len(steps)
    return (Path(*steps[:count]) for count in range(first, len(steps) + 1))
