"""The ledger: evidence as files, one JSON document a measured cell.

A document lies at `<ledger>/<kind>/<model>/<hash>.json`, named by the content hash of its cell and
written to a temporary name first, then renamed. So resuming is a set difference, a killed run loses
only the cell in flight, merges do not conflict, and two runs may write at once.

A file that is no evidence of the cell it is named by is passed over and told of, never used.
Measuring that cell again sets it aside under another name. What a later version wrote stays as it
is, and so does what cannot be read.
"""

import errno
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar, overload

import msgspec

from zoo.model_index.errors import BadDocument, LaterDocument, LedgerError, ReadOnly
from zoo.model_index.io.atomic import NotPlain, alone, read_whole, write_atomically
from zoo.model_index.ledger.evidence import (
    SCHEMA,
    Cell,
    Evidence,
    Outcome,
    Registry,
    Summary,
    dump,
    slug,
    validate,
)

__all__ = [
    "BAD", "CACHE", "LATER", "PASSED", "Cell", "Documents", "Evidence", "Ledger", "Outcome", "Registry", "Summary",
    "dump", "pass_over", "read", "readable", "refuse_other", "slug", "unwritten", "write_atomically",
]  # fmt: skip

CACHE = ".cache"  # a ledger's folder of what can be made again
BAD = ".bad"  # what is behind the name of a document that was set aside
LATER = f"written in format {{}}; this version reads up to {SCHEMA}, a newer one is needed"
PASSED: dict[Path, str] = {}
"""Files that this process passed over because it cannot use them as evidence, with the reason; each
once."""

T = TypeVar("T")


class Documents(dict[str, Evidence]):
    """Documents by key; one that is promised is known to lie in a ledger, and is read when it is
    asked for.

    Its `values` are the documents that were read.
    """

    def __init__(self, known: Mapping[str, Evidence] | None = None) -> None:
        super().__init__(known or {})
        self.promised: dict[str, Path] = {}
        self.summaries: dict[str, Summary] = {}

    def promise(self, ledger: Path, model: str, documents: Iterable[tuple[str, str]]) -> None:
        """These documents of a model, each its kind and key, lie in a ledger."""
        self.promised |= {
            key: ledger / kind / slug(model) / f"{key}.json" for kind, key in documents
        }

    def summary(self, key: str) -> Summary | None:
        """The summary of a count, without the document where it was promised with one."""
        if key in self.summaries:
            return self.summaries[key]
        found = self.get(key)
        return Summary.of(found) if found else None

    def __missing__(self, key: str) -> Evidence:
        path = self.promised.get(key)
        if path is None or (found := readable(path)) is None:
            raise KeyError(key)
        self[key] = found
        return found

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or key in self.promised

    @overload
    def get(self, key: str, default: None = None, /) -> Evidence | None: ...
    @overload
    def get(self, key: str, default: T, /) -> Evidence | T: ...
    def get(self, key: str, default: object = None, /) -> object:
        """The document, read now where it was promised."""
        try:
            return self[key]
        except KeyError:
            return default


class Ledger:
    """A folder of evidence. Reading never writes; the folder is made by the first `put`."""

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)

    def path(self, cell: Cell) -> Path:
        """Where the cell's document lies."""
        return self.folder / cell.kind / slug(cell.model) / f"{cell.key}.json"

    def get(self, cell: Cell) -> Evidence | None:
        """The evidence of a cell, or None where it was not measured or what lies there is none and
        is passed over.

        Raises: LedgerError: a document of a later format, or one that cannot be read: neither may
            be measured over.
        """
        path = self.path(cell)
        try:
            return read(path)
        except LaterDocument:
            raise
        except BadDocument as error:
            pass_over(path, error)
            return None

    def put(self, evidence: Evidence) -> Path:
        """Write one document atomically. What lies there and is no evidence of the cell is set
        aside, not replaced.

        Raises: LedgerError: where the folder cannot be written, or a document of a later format
            lies there.
        """
        with self._alone(evidence.cell) as path:
            return _replace(path, evidence)

    def update(
        self, cell: Cell, change: Callable[[Evidence | None], Evidence | None]
    ) -> Evidence | None:
        """Write what `change` makes of the document there is; None leaves it. Runs at once do this
        in turn, so that none overwrites what another has just written.

        Raises:
            LedgerError: as `get` and `put`.
        """
        with self._alone(cell) as path:
            evidence = change(self.get(cell))
            if evidence is not None:
                _replace(path, evidence)
        return evidence

    @contextmanager
    def _alone(self, cell: Cell) -> Iterator[Path]:
        """The cell's path, while no other process writes beside it."""
        path = self.path(cell)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritten(path, error) from error
        with alone(path.parent):
            yield path

    def forget(self, cell: Cell) -> None:
        """Remove the cell's document, where there is one.

        Raises:
            LedgerError: where it cannot be removed.
        """
        path = self.path(cell)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise LedgerError(
                f"{path}: cannot remove evidence: {error.strerror or error}"
            ) from error

    def of(self, kind: str, model: str) -> list[Evidence]:
        """Every document of a kind about a model, ordered by path; what cannot be used is passed
        over (`PASSED`)."""
        found = map(readable, sorted((self.folder / kind / slug(model)).glob("*.json")))
        return [evidence for evidence in found if evidence and evidence.cell.model == model]

    def all(self, kind: str = "*") -> Iterator[Evidence]:
        """Every document, or every one of a kind, ordered by path; what cannot be used is passed
        over (`PASSED`)."""
        for path in sorted(self.folder.glob(f"{kind}/*/*.json")):
            if evidence := readable(path):
                yield evidence


def _replace(path: Path, evidence: Evidence) -> Path:
    try:
        _make_room(path)
        write_atomically(path, dump(evidence))
    except OSError as error:
        raise unwritten(path, error) from error
    return path


def unwritten(path: Path, error: OSError, what: str = "evidence") -> LedgerError:
    """The error of a file of a ledger that cannot be written; `ReadOnly` where nobody may."""
    kind = ReadOnly if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM) else LedgerError
    return kind(f"{path}: cannot write {what}: {error.strerror or error}")


def _make_room(path: Path) -> None:
    """Let nothing that may be of use be replaced: what is no document of the cell gets a name of
    its own.

    Raises:
        LedgerError: a document of a later format, or one that cannot be read.
        OSError: it cannot be renamed.
    """
    try:
        read(path)
    except LaterDocument:
        raise
    except BadDocument as error:
        aside = _aside(path)
        os.rename(path, aside)
        PASSED[path] = f"{error}; measured again, and what lay there is {aside.name} now"


def _aside(path: Path) -> Path:
    """A name that nothing has: `KEY.json.bad`, `KEY.json.bad2`."""
    names = (path.with_name(f"{path.name}{BAD}{number or ''}") for number in (0, *range(2, 1000)))
    return next(name for name in names if not os.path.lexists(name))


def read(path: Path) -> Evidence | None:
    """The document at a path of a ledger, None where nothing is there.

    Raises:
        LaterDocument: it was written by a later version of this project.
        BadDocument: it is no evidence, or not that of the cell it is named by.
        LedgerError: it cannot be read, so nobody knows what it is.
    """
    try:
        text = read_whole(path)
    except FileNotFoundError:
        return None
    except NotPlain as error:
        raise BadDocument(f"{path}: {error}") from None
    except OSError as error:
        raise LedgerError(f"{path}: cannot read evidence: {error.strerror or error}") from error
    try:
        evidence = msgspec.json.decode(text, type=Evidence)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise _bad(path, text, str(error)) from None
    if evidence.schema > SCHEMA:
        raise LaterDocument(f"{path}: {LATER.format(evidence.schema)}")
    try:
        validate(evidence)
    except (msgspec.ValidationError, RecursionError) as error:
        raise BadDocument(
            f"{path}: its values are not those of {evidence.cell.kind!r}: {error}"
        ) from None
    if reason := _misplaced(path, evidence.cell):
        raise BadDocument(f"{path}: {reason}")
    return evidence


def readable(path: Path) -> Evidence | None:
    """The document at a path; None where nothing is there, or where it is passed over
    (`PASSED`)."""
    try:
        return read(path)
    except LedgerError as error:
        pass_over(path, error)
        return None


def refuse_other(folder: Path) -> None:
    """Stop before anything is done with what cannot be a ledger.

    Raises:
        LedgerError: it is no folder, or may not be read.
    """
    try:
        os.scandir(folder).close()
    except FileNotFoundError:  # the first document makes it
        return
    except OSError as error:
        raise LedgerError(
            f"{folder}: cannot be read as a ledger: {error.strerror or error}"
        ) from error


def pass_over(path: Path, error: LedgerError) -> None:
    """Remember that a file could not be used, for whoever tells of it when the work is done."""
    PASSED.setdefault(path, str(error))


def _misplaced(path: Path, cell: Cell) -> str:
    if cell.key != path.stem:
        return f"its cell has the key {cell.key}: it was edited, or is another cell's file"
    if (cell.kind, slug(cell.model)) != (path.parent.parent.name, path.parent.name):
        return f"it is about {cell.kind} of {cell.model}, and lies in another folder"
    return ""


def _bad(path: Path, text: bytes, error: str) -> LedgerError:
    """What is wrong with a text that is no document of this version."""
    try:
        data = json.loads(text.decode())
    except UnicodeDecodeError as problem:
        return BadDocument(f"{path}: not UTF-8 at byte {problem.start}")
    except json.JSONDecodeError as problem:
        where = f"{problem.msg} at line {problem.lineno}, column {problem.colno}"
        return BadDocument(f"{path}: no whole JSON document: {where}")
    except (ValueError, RecursionError) as problem:
        return BadDocument(
            f"{path}: {'nested too deeply' if isinstance(problem, RecursionError) else problem}"
        )
    schema = data.get("schema") if isinstance(data, dict) else None
    later = isinstance(schema, int) and schema > SCHEMA
    if later:
        return LaterDocument(f"{path}: {LATER.format(schema)}")
    return BadDocument(f"{path}: no evidence: {error}")
