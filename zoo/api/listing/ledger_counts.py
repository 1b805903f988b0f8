"""Read of a ledger what a table of models needs, fast.

A document of a count has a row for each operator call of a model. What a table shows of it is in
the user's cache, by the document's time of change and size; a new document is read once.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from zoo.model_index.records.checkpoint_name import PART
from zoo.model_index.records.input_spec import PROPOSED
from zoo.model_index.records.records import Entry

if TYPE_CHECKING:
    from zoo.model_index.ledger.store import Evidence, Ledger

FORMAT = 4  # of the cache; since 4 without counts of another model than the name asks for
CHECKPOINT = "checkpoint"  # in place of an input: the parameters are those of a checkpoint
KIND = "counts"  # of file in the user's cache


class LedgerCount(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """What a table shows of a counted model, and which model it was.

    `input` is what the index stated of the input, "" for what the builder proposes, `CHECKPOINT`
    for a model of which a checkpoint was inspected. `at` is when it was measured, "" for a time in
    the future.
    """

    model: str
    builder: str
    arguments: str
    input: str
    at: str
    macs: int | None
    parameters: int
    license: str = ""


class _File(msgspec.Struct, array_like=True):
    """A document of the ledger; `count` is None for one that says nothing here."""

    changed: int
    length: int
    count: LedgerCount | None


class _Cache(msgspec.Struct):
    format: int
    files: dict[str, _File]


class LedgerCounts:
    """The newest count of each model of a ledger, by what was built."""

    def __init__(self, counts: Iterable[LedgerCount] = ()):
        self._counts: dict[tuple[str, str, str, str], LedgerCount] = {}
        for count in sorted(counts, key=lambda count: count.at):
            self._counts[count.model, count.builder, count.arguments, count.input] = count

    def find(self, entry: Entry) -> LedgerCount | None:
        """Return the newest count of an entry's model at its own input size; of a model that was
        not counted, what its one checkpoint holds."""
        if not self._counts:
            return None
        builder = entry.builder
        key = entry.name, str(builder), _print_arguments(builder.arguments)
        if count := self._counts.get((*key, str(entry.stated_input or ""))):
            return count
        return self._counts.get((*key, CHECKPOINT)) if len(entry.links) == 1 else None


def read_counts(folder: Path, open_ledger: Callable[[], "Ledger"]) -> LedgerCounts:
    """Read the counts of the ledger in a folder, and the parameters of checkpoints: those that the
    user's cache has, and each new document. The ledger is opened where there is one.

    Raises:
        LedgerError: the ledger is no folder, or may not be read.
    """
    documents = [file for kind in ("count", "weights") for file in _list_files(folder / kind)]
    if not documents:
        return LedgerCounts()
    from zoo.model_index.io.user_cache import cache_file, read_own, write_own

    path = cache_file(KIND, folder)
    cache = _decode(read_own(path))
    files: dict[str, _File] = {}
    for file in documents:
        status = file.stat()
        cached = cache.get(file.path)
        if not cached or (cached.changed, cached.length) != (status.st_mtime_ns, status.st_size):
            evidence = open_ledger().read(Path(file.path))
            if evidence is None:  # skipped, in every run
                continue
            cached = _File(status.st_mtime_ns, status.st_size, _extract(evidence))
        files[file.path] = cached
    if files != cache:
        write_own(path, msgspec.json.encode(_Cache(FORMAT, files)).decode())
    return LedgerCounts(file.count for file in files.values() if file.count)


def _decode(data: bytes | None) -> dict[str, _File]:
    """Return the files of the cache; none where it cannot be read."""
    try:
        cache = msgspec.json.decode(data or b"", type=_Cache)
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
        return {}
    return cache.files if cache.format == FORMAT else {}


def _list_files(folder: Path) -> "Iterator[os.DirEntry[str]]":
    """Yield the documents of a folder of a ledger; it need not exist."""
    try:
        folders = list(os.scandir(folder))
    except FileNotFoundError:
        return
    except OSError as error:
        from zoo.model_index.errors import LedgerError

        message = f"{folder}: cannot be read as a ledger: {error.strerror or error}"
        raise LedgerError(message) from error
    for model in folders:
        if model.is_dir():
            with os.scandir(model.path) as files:
                yield from (file for file in files if file.name.endswith(".json"))


def _extract(evidence: "Evidence") -> LedgerCount | None:
    return (_extract_stored if evidence.cell.kind == "weights" else _extract_count)(evidence)


def _extract_stored(evidence: "Evidence") -> LedgerCount | None:
    """Return the parameters of a whole checkpoint; None where the file does not tell them."""
    contents, cell = evidence.values.get("contents") or {}, evidence.cell
    parameters = contents.get("parameters")
    part = PART.search(str(cell.conditions.get("address")))
    if evidence.outcome != "measured" or not isinstance(parameters, int) or part:
        return None
    in_past, at = evidence.recency
    return LedgerCount(
        model=cell.model,
        builder=cell.builder,
        arguments=_print_arguments(cell.arguments),
        input=CHECKPOINT,
        at=at.isoformat() if in_past else "",
        macs=None,
        parameters=parameters,
    )


def _extract_count(evidence: "Evidence") -> LedgerCount | None:
    from zoo.model_index.ledger.store import Summary

    summary, cell = Summary.of(evidence), evidence.cell
    if summary is None or summary.another or cell.conditions.get("form"):
        return None
    in_past, at = evidence.recency
    stated = cell.conditions.get("input")
    return LedgerCount(
        model=cell.model,
        builder=cell.builder,
        arguments=_print_arguments(cell.arguments),
        input=stated if isinstance(stated, str) and stated != PROPOSED else "",
        at=at.isoformat() if in_past else "",
        macs=summary.macs,
        parameters=summary.parameters,
        license=str(summary.configuration.get("license") or ""),
    )


def _print_arguments(arguments: dict[str, object]) -> str:
    return json.dumps(msgspec.to_builtins(arguments), sort_keys=True) if arguments else ""
