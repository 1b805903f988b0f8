"""Read and write the ledger: evidence as files, one JSON document per measured cell.

A document lies at `<ledger>/<kind>/<model>/<hash>.json`, named by the content hash of its cell and
written to a temporary name first, then renamed. So resuming is a set difference, a killed run loses
only the cell in flight, merges do not conflict, and two runs may write at once.

A file that is no evidence of the cell it is named by is skipped, never used: `Ledger.skipped` has
it with the reason. Measuring that cell again renames the file. A document of a later version stays
as it is, and so does a file that cannot be read.
"""

import errno
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from zoo.model_index.errors import BadDocument, LaterDocument, LedgerError, ReadOnly
from zoo.model_index.io.atomic import NotPlain, lock_folder, read_whole, write_atomically
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
    "Cell",
    "Evidence",
    "Ledger",
    "Outcome",
    "Registry",
    "Summary",
    "check_folder",
    "dump",
    "read_document",
    "slug",
    "write_atomically",
    "write_error",
]

CACHE = ".cache"  # a ledger's folder of records of jobs, which are no evidence
BAD = ".bad"  # what is behind the name of a document that was set aside
LATER = f"written in format {{}}; this version reads up to {SCHEMA}, a newer one is needed"


class Ledger:
    """A folder of evidence. Reading never writes; the first `put` makes the folder.

    `skipped` has the files that this object could not use as evidence, each with the reason.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        self.skipped: dict[Path, str] = {}

    def absolute(self) -> "Ledger":
        """Return the same ledger, which stays the same where the working folder changes."""
        ledger = Ledger(self.folder.absolute())
        ledger.skipped = self.skipped
        return ledger

    def path(self, cell: Cell) -> Path:
        """Return the path of the cell's document."""
        return self.folder / cell.kind / slug(cell.model) / f"{cell.key}.json"

    def get(self, cell: Cell) -> Evidence | None:
        """Return the evidence of a cell; None where it was not measured, or where the file is
        skipped because it is no evidence of the cell.

        Raises: LedgerError: a document of a later format, or one that cannot be read: neither may
            be measured over.
        """
        path = self.path(cell)
        try:
            return read_document(path)
        except LaterDocument:
            raise
        except BadDocument as error:
            self.skip(path, error)
            return None

    def read(self, path: Path) -> Evidence | None:
        """Return the document at a path of this ledger; None where there is no file, or where it is
        skipped."""
        try:
            return read_document(path)
        except LedgerError as error:
            self.skip(path, error)
            return None

    def skip(self, path: Path, error: LedgerError) -> None:
        """Record a file that cannot be used; the first reason stays."""
        self.skipped.setdefault(path, str(error))

    def put(self, evidence: Evidence) -> Path:
        """Write one document atomically. A file in its place that is no evidence of the cell is
        renamed, not replaced.

        Raises: LedgerError: where the folder cannot be written, or a document of a later format
            lies there.
        """
        with self._locked(evidence.cell) as path:
            return self._replace(path, evidence)

    def update(
        self, cell: Cell, change: Callable[[Evidence | None], Evidence | None]
    ) -> Evidence | None:
        """Write what `change` returns for the present document; None leaves it. Concurrent runs
        take turns, so that none overwrites what another has just written.

        Raises:
            LedgerError: as `get` and `put`.
        """
        with self._locked(cell) as path:
            evidence = change(self.get(cell))
            if evidence is not None:
                self._replace(path, evidence)
        return evidence

    @contextmanager
    def _locked(self, cell: Cell) -> Iterator[Path]:
        """Yield the cell's path while no other process writes in its folder."""
        path = self.path(cell)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_error(path, error) from error
        with lock_folder(path.parent):
            yield path

    def _replace(self, path: Path, evidence: Evidence) -> Path:
        try:
            self._set_aside(path)
            write_atomically(path, dump(evidence))
        except OSError as error:
            raise write_error(path, error) from error
        return path

    def _set_aside(self, path: Path) -> None:
        """Rename a file that is no document of its cell, so that nothing of use is replaced.

        Raises:
            LedgerError: a document of a later format, or one that cannot be read.
            OSError: it cannot be renamed.
        """
        try:
            read_document(path)
        except LaterDocument:
            raise
        except BadDocument as error:
            new_path = _free_name(path)
            os.rename(path, new_path)
            self.skipped[path] = f"{error}; measured again, the old file is {new_path.name} now"

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
        """Return every document of a kind about a model, ordered by path, without those that are
        skipped."""
        paths = sorted((self.folder / kind / slug(model)).glob("*.json"))
        documents = [evidence for path in paths if (evidence := self.read(path))]
        return [evidence for evidence in documents if evidence.cell.model == model]

    def all(self, kind: str = "*") -> Iterator[Evidence]:
        """Yield every document, or every document of a kind, ordered by path, without those that
        are skipped."""
        for path in sorted(self.folder.glob(f"{kind}/*/*.json")):
            if evidence := self.read(path):
                yield evidence


def write_error(path: Path, error: OSError, content: str = "evidence") -> LedgerError:
    """Return the error of a ledger's file that cannot be written; `ReadOnly` where the system
    forbids it."""
    kind = ReadOnly if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM) else LedgerError
    return kind(f"{path}: cannot write {content}: {error.strerror or error}")


def _free_name(path: Path) -> Path:
    """Return a path that does not exist yet: `KEY.json.bad`, `KEY.json.bad2`."""
    names = (path.with_name(f"{path.name}{BAD}{number or ''}") for number in (0, *range(2, 1000)))
    return next(name for name in names if not os.path.lexists(name))


def read_document(path: Path) -> Evidence | None:
    """Return the document at a path of a ledger, None where there is no file.

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


def check_folder(folder: Path) -> None:
    """Check that a path can be a ledger, before anything is done with it.

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


def _misplaced(path: Path, cell: Cell) -> str:
    if cell.key != path.stem:
        return f"its cell has the key {cell.key}: it was edited, or is another cell's file"
    if path.parts[-3:-1] == (cell.kind, name := slug(cell.model)):
        return ""
    folder = path.parent.parent.with_name(cell.kind) / name
    if not _same_folder(folder, path.parent):
        return f"it is about {cell.kind} of {cell.model}, and lies in another folder"
    return ""


def _same_folder(expected: Path, folder: Path) -> bool:
    """Whether a file system that ignores capitals has both names for one folder."""
    if str(expected).lower() != str(folder).lower():
        return False
    try:
        return expected.samefile(folder)
    except OSError:
        return False


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
