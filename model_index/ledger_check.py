"""What is wrong with a ledger's files: torn, edited, of a later format, in the wrong place, or left by a killed run.

A value that somebody changed to another one of its kind cannot be told; `--fresh` measures it again.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from model_index import history
from model_index.ledger import CACHE, Evidence, later, schema_of, slug, validate


@dataclass(frozen=True, slots=True)
class Problem:
    """A file and what is wrong with it; one that is `left` over is in nobody's way."""

    path: Path
    reason: str
    left: bool = False


def check(folder: Path) -> Iterator[Problem]:
    """Every file of a ledger that is not as it should be, by path.

    Raises:
        OSError: the folder itself cannot be read.
    """
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if parts[0] in (CACHE, history.FOLDER) or not (path.is_file() or path.is_symlink()):
            continue
        if path.name.endswith(".tmp"):
            yield Problem(path, "left by a run that was killed while it wrote; it may be deleted", left=True)
        elif path.suffix != ".json":
            continue  # predictions, and what people put here
        elif len(parts) != 3:
            yield Problem(path, "not where evidence lies, KIND/MODEL/KEY.json")
        elif reason := _wrong(path):
            yield Problem(path, reason)
    for fault in history.read(folder).faults:
        name, _, reason = fault.partition(": ")
        yield Problem(Path(name), reason)


def _wrong(path: Path) -> str:
    """Why a document cannot be used as it lies there; empty where it can."""
    try:
        text = path.read_bytes()
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    try:
        evidence = msgspec.json.decode(text, type=Evidence)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _undecoded(text, str(error))
    if reason := later(evidence.schema):
        return reason
    cell = evidence.cell
    try:
        validate(evidence)
    except msgspec.ValidationError as error:
        return f"its values are not those of {cell.kind!r}: {error}"
    if cell.key != path.stem:
        return f"its cell has the key {cell.key}: it was edited, or is another cell's file"
    if (cell.kind, slug(cell.model)) != (path.parent.parent.name, path.parent.name):
        return f"it is about {cell.kind} of {cell.model}, and lies in another folder"
    return ""


def _undecoded(text: bytes, error: str) -> str:
    try:
        json.loads(text)
    except UnicodeDecodeError as problem:
        return f"not UTF-8 at byte {problem.start}"
    except json.JSONDecodeError as problem:
        return f"no whole JSON document: {problem.msg} at line {problem.lineno}, column {problem.colno}"
    except RecursionError:
        return "nested too deeply"
    return later(schema_of(text)) or f"no evidence: {error}"
