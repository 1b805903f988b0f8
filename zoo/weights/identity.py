"""The states of a checkpoint's files, which tell whether it has to be read again.

A sharded checkpoint is an index and its shards. A shard may change while the index does not, so the
state of the checkpoint is that of all its files, and its size is the sum of theirs.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a file, as far as a server or the file system identifies it."""

    size: int | None = None
    etag: str | None = None
    modified: str | None = None  # Last-Modified, as the server printed it

    def is_same(self, previous: "Identity") -> bool:
        """Return whether both are one state: equal sizes, and equal ETags, or equal dates where
        there are no ETags. False where there are neither."""
        if self.size is None or self.size != previous.size:
            return False
        if self.etag or previous.etag:
            return self.etag == previous.etag
        return self.modified is not None and self.modified == previous.modified


Identities = dict[str, Identity]  # by name; an index comes before its shards


def identify_file(path: Path) -> Identity:
    """Return size and modification time of a file; an empty identity where there is none."""
    try:
        status = path.stat()
    except OSError:
        return Identity()
    return Identity(size=status.st_size, etag=f"mtime:{status.st_mtime_ns}")


def identify_files(path: Path, names: Iterable[str]) -> Identities:
    """Return the identities of a file and of others beside it, by name."""
    beside = {name: identify_file(path.parent / name) for name in names if name != path.name}
    return {path.name: identify_file(path)} | beside


def describe_files(files: Mapping[str, Identity]) -> dict[str, Any]:
    """Return the values of evidence about these files: their states, and their size together, None
    where one of them is unknown."""
    sizes = [file.size for file in files.values()]
    total = sum(size for size in sizes if size is not None)
    rows = [
        {"name": name, "size": file.size, "etag": file.etag, "modified": file.modified}
        for name, file in files.items()
    ]
    return {"size": None if None in sizes else total, "files": rows}


def read_identities(values: Mapping[str, Any]) -> Identities:
    """Return the states that evidence holds of the files of its checkpoint; none where the evidence
    lacks them."""
    try:
        rows = [dict(row) for row in values.get("files", ())]
        return {row.pop("name"): msgspec.convert(row, Identity) for row in rows}
    except (TypeError, ValueError, KeyError):  # written by hand, or by another program
        return {}
