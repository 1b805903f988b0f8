"""Describe a checkpoint on this machine: a file, or an index with its shards beside it."""

import os
from pathlib import Path
from typing import Any

from zoo.weights.formats import Checkpoint, Unreadable, merge_shards, read
from zoo.weights.formats.base import quote
from zoo.weights.http.download import file_digest
from zoo.weights.identity import Identities, describe_files, identify_files


def describe_local(path: Path, values: dict[str, Any], stored: Identities) -> Checkpoint | None:
    """Read which tensors a checkpoint holds, and add size, states and digest to `values`.

    Returns None where all files are in the states `stored`, and nothing was read.

    Raises:
        Unreadable, NeedsMore, OSError: a file is no checkpoint, or cannot be read.
    """
    if stored and identify_files(path, stored) == stored:
        return None
    values |= describe_files(identify_files(path, ())) | {"transferred": 0}
    values |= {"sha256": file_digest(path), "sha256_by": "computed"}
    checkpoint = read_file(path)
    values |= describe_files(identify_files(path, (*checkpoint.shards, *checkpoint.beside)))
    for name, size in checkpoint.beside.items():
        _check_data(path, name, size)
    if not checkpoint.shards:
        return checkpoint
    return merge_shards(checkpoint, {name: _read_shard(path, name) for name in checkpoint.shards})


def read_file(path: Path) -> Checkpoint:
    """Read which tensors a file holds.

    Raises:
        Unreadable, NeedsMore, OSError: it is no checkpoint, or cannot be read.
    """
    with path.open("rb") as file:
        return read(file, path.stat().st_size, path.name)


def _check_data(model: Path, name: str, size: int) -> None:
    """Refuse a file of values that is shorter than the tensors in it."""
    path = _resolve_beside(model, name, "file of values", "the model")
    if (length := path.stat().st_size) < size:
        raise Unreadable(f"{path}: it has {length} bytes, its tensors need {size}")


def _read_shard(index: Path, name: str) -> Checkpoint:
    return read_file(_resolve_beside(index, name, "shard", "the index"))


def _resolve_beside(index: Path, name: str, kind: str, namer: str) -> Path:
    """Return a file that another one names, in the same folder or below it."""
    path = index.parent / name
    real = os.path.realpath(path)
    # A cache may keep its files elsewhere and link to them: then the index is a link too.
    roots = (os.path.realpath(index.parent), os.path.dirname(os.path.realpath(index)))
    if not any(os.path.commonpath([root, real]) == root for root in roots):
        reason = "leads outside the folder of its index; such files are not read"
        raise Unreadable(f"the {kind} {quote(name)} {reason}")
    if not path.is_file():
        raise Unreadable(f"{path}: no such file, though {namer} names this {kind}")
    return path
