"""From paths to an `Index`: finds the files, follows imports, and reports every fault at once."""

import glob
import os
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from model_index.dialects import pwc
from model_index.errors import Fault, IndexFaults, UsageError
from model_index.records import Collection, Entry, Index
from model_index.text import Reader, cut

DATA = Path(__file__).parent / "data"
MARKDOWN = (".md", ".markdown", ".mdx")
SUFFIXES = (".yml", ".yaml", ".json", *MARKDOWN)
# A folder may hold other YAML and Markdown; only files that have a part of an index are read from it.
PART = re.compile(r"""^[ \t{]*["']?(?:models|collections|import|library)["']?[ \t]*:""", re.IGNORECASE | re.MULTILINE)


def load(paths: Iterable[str | Path] = ()) -> Index:
    """Read an index from files, folders and globs; the embedded one for no path.

    Raises:
        UsageError: a path that does not exist or a glob that matches nothing.
        IndexFaults: every fault of every file.
    """
    run = _Run()
    for path in list(paths) or [DATA]:
        run.root = _root(str(path))
        for file in _found(str(path)):
            run.file(file, ())
    if run.faults:
        raise IndexFaults(run.faults)
    if not run.parts:
        raise UsageError(f"{', '.join(run.names)}: no index in here")
    return Index(tuple(run.collections), tuple(run.entries), tuple(run.names))


def shown(path: Path) -> str:
    """The path as a person would type it: relative where it lies below the working folder."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _root(path: str) -> str:
    """The real folder that the imports of a named path must not leave: itself, or the one it lies in."""
    here = Path(path)
    return os.path.realpath(here if here.is_dir() else here.parent if here.is_file() else _folder(here))


def _folder(path: Path) -> Path:
    """The deepest folder of a glob that has no glob characters; of another path, the folder it lies in."""
    return next(folder for folder in path.parents if not glob.has_magic(str(folder)))


def _reached(target: Path) -> Iterator[Path]:
    """The paths an import searches; from its first glob character on, each step may be one upwards."""
    steps = [part for part in target.parts if part != "**"]  # two stars may stand for no folder at all
    first = len(_folder(target).parts) if glob.has_magic(str(target)) else len(steps)
    return (Path(*steps[:count]) for count in range(first, len(steps) + 1))


def _found(path: str) -> list[Path]:
    here = Path(path)
    if here.is_file():
        return [here]
    if here.is_dir():
        root = next((here / name for name in ("model-index.yml", "model-index.yaml") if (here / name).is_file()), None)
        files = [root] if root else sorted(f for f in here.rglob("*") if _is_part(f, here))
        if not files:
            raise UsageError(f"{path}: no index file ({', '.join(SUFFIXES)}) in this folder")
        return files
    files = sorted(Path(name) for name in glob.glob(path, recursive=True) if Path(name).is_file())
    if not files:
        kind = "no file matches" if glob.has_magic(path) else "no such file or folder"
        raise UsageError(f"{path}: {kind}")
    return files


def _is_part(path: Path, folder: Path) -> bool:
    """Whether a file found below a folder looks like a part of an index; hidden folders are passed over."""
    if path.suffix not in SUFFIXES or not path.is_file():
        return False
    if any(part.startswith(".") or part == "node_modules" for part in path.relative_to(folder).parts):
        return False
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True  # reading it reports why
    return any(pwc.blocks(text)) if path.suffix in MARKDOWN else bool(PART.search(text))


class _Run:
    """One reading: what has been read so far, and the faults."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.collections: list[Collection] = []
        self.entries: list[Entry] = []
        self.names: list[str] = []
        self.done: set[Path] = set()
        self.root = ""
        self.parts = 0

    def file(self, path: Path, importing: tuple[Path, ...]) -> None:
        """Read one file once, then what it imports; `importing` is the chain that led here."""
        real = path.resolve()
        if real in self.done:
            return
        self.done.add(real)
        name = shown(path)
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            self.faults.append(Fault(name, line, "", "UTF-8 text", f"byte 0x{error.object[error.start]:02x}"))
            return
        except OSError as error:
            self.faults.append(Fault(name, 1, "", "a readable file", error.strerror or str(error)))
            return
        self.names.append(name)
        for reader in self._readers(path, name, text):
            part = pwc.read(reader)
            self.parts += part.keys > 0
            self.collections += part.collections
            self.entries += part.entries
            for target, item, node in part.imports:
                self._import(path, target, (*importing, real), partial(reader.fault, node, item.path))

    def _readers(self, path: Path, name: str, text: str) -> Iterator[Reader]:
        if path.suffix in MARKDOWN:
            for offset, block in pwc.blocks(text):
                yield Reader(name, block, self.faults, text.count("\n", 0, offset), offset)
        else:
            yield Reader(name, text, self.faults)

    def _import(self, path: Path, target: str, chain: tuple[Path, ...], fault: Callable[[str, str], None]) -> None:
        if "://" in target:
            fault("a path in this index", f"the address {cut(target)!r}, which is not followed")
            return
        files = self._matches(path.parent, target)
        if files is None:
            fault("a path in this index", f"{cut(target)!r}, which lies outside")
            return
        if not files:
            fault("an existing file", f"{cut(target)!r}, which matches nothing")
        for file in files:
            if file.resolve() in chain:
                fault("files that do not import each other", f"{cut(target)!r}, a cycle back to {shown(file)}")
            else:
                self.file(file, chain)

    def _matches(self, folder: Path, target: str) -> list[Path] | None:
        """The files an import names, or None where it leaves the index, which is seen before anything is searched."""
        if "\0" in target:
            return []
        if not all(self._inside(folder / reached) for reached in _reached(Path(target))):
            return None
        names = glob.glob(target, root_dir=folder, recursive=True)
        files = sorted(file for name in names if (file := folder / name).is_file())
        return files if all(map(self._inside, files)) else None

    def _inside(self, path: Path) -> bool:
        real = os.path.realpath(path)
        return os.path.commonpath([self.root, real]) == self.root
