"""Check the files of a ledger: torn, edited, of a later format, in the wrong place, or left by a
killed run.

A value that somebody changed to another one of its kind cannot be told here;
`zoo.verification.audit` measures it again.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from zoo.model_index.errors import LedgerError
from zoo.model_index.ledger import history
from zoo.model_index.ledger.evidence import AHEAD, moment
from zoo.model_index.ledger.store import BAD, CACHE, read_document


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A file and its problem; one that is `left` over does no harm."""

    path: Path
    reason: str
    left: bool = False


def check(folder: Path) -> Iterator[FileProblem]:
    """Yield every file of a ledger with a problem, by path. Files that a run removes meanwhile are
    skipped.

    Raises:
        OSError: the folder itself cannot be read.
    """
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if parts[0] in (CACHE, history.FOLDER):
            continue
        if path.name.endswith(".tmp"):
            yield FileProblem(
                path,
                "written by a run now, or left by one that was killed; then it may be deleted",
                left=True,
            )
        elif path.suffix.startswith(BAD):
            yield FileProblem(
                path, "set aside because it could not be used; it may be deleted", left=True
            )
        elif path.suffix != ".json":  # predictions, folders, and what people put here
            if path.is_dir() and not os.access(path, os.R_OK | os.X_OK):
                yield FileProblem(path, "cannot be read: Permission denied")
        elif len(parts) != 3:
            if not path.is_dir():
                yield FileProblem(path, "not where evidence lies, KIND/MODEL/KEY.json")
        elif reason := _wrong(path):
            yield FileProblem(path, reason)
    for fault in history.read(folder).faults:
        name, _, reason = fault.partition(": ")
        yield FileProblem(Path(name), reason)


def _wrong(path: Path) -> str:
    """Return why a document cannot be used; empty where it can."""
    try:
        evidence = read_document(path)
    except LedgerError as error:
        return str(error).removeprefix(f"{path}: ")
    if evidence and (at := moment(evidence.started_at)) and at > datetime.now(UTC) + AHEAD:
        return (
            f"its timestamp, {evidence.started_at}, is in the future; "
            "every document with a past timestamp counts as newer"
        )
    return ""
