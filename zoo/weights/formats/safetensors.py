"""safetensors: the length of a JSON header in eight bytes, the header, and the tensors without a
hole.

The format: https://huggingface.co/docs/safetensors. Large models come in shards, with an index
beside them.
"""

import json
import struct
from collections.abc import Mapping
from itertools import groupby
from typing import Any, NamedTuple

import msgspec

from zoo.weights.formats.base import (
    Checkpoint,
    Tensor,
    Unreadable,
    checked,
    is_count,
    remarks,
    shown,
)
from zoo.weights.formats.bounded_file import BoundedFile
from zoo.weights.formats.dtypes import SAFETENSORS

FORMAT = "safetensors"
INDEX = "safetensors index"
LENGTH = 8
MOST_HEADER = 100_000_000  # the limit of the safetensors library
# commas and brackets of JSON, half a million tensors: each may become 200 bytes of memory
MOST_TOKENS = 5_000_000
METADATA = "__metadata__"
FIELDS = {"dtype", "shape", "data_offsets"}


class Entry(NamedTuple):
    """One tensor of a header."""

    dtype: str
    shape: list[Any]
    start: int
    end: int


def starts(head: bytes) -> bool:
    """Whether the first bytes are a length that a header may have, and the brace it starts with."""
    return resembles(head) and head[4:LENGTH] == bytes(4)


def resembles(head: bytes) -> bool:
    """Whether a header may start there, whatever its length."""
    return head[LENGTH : LENGTH + 1] == b"{"


def read(source: BoundedFile) -> Checkpoint:
    source.allow(LENGTH + MOST_HEADER, "the header")
    length = struct.unpack("<Q", source.at(0, LENGTH))[0]
    if length > source.size - LENGTH:
        raise Unreadable(f"its header claims {length} bytes and the file has {source.size}")
    if length > MOST_HEADER:
        raise Unreadable(
            f"its header claims {length} bytes, more than the {MOST_HEADER} that safetensors allows"
        )
    header = decode(source.at(LENGTH, length), "header")
    metadata = header.pop(METADATA, {})
    if not _is_text(metadata):
        raise Unreadable(f"its {METADATA} is not text by name")
    tensors = _tensors(header, source.size - LENGTH - length)
    return Checkpoint(
        format=FORMAT,
        tensors=tensors,
        metadata=metadata,
        notes=remarks(one.name for one in tensors),
    )


def _is_text(value: Any) -> bool:
    return type(value) is dict and all(isinstance(text, str) for text in value.values())


def decode(text: bytes, what: str) -> dict[str, Any]:
    """A JSON object in which no key comes twice, in memory that is bounded by its commas and
    brackets."""
    if sum(map(text.count, (b",", b"[", b"{"))) > MOST_TOKENS:
        raise Unreadable(f"its {what} has more than {MOST_TOKENS} commas and brackets")
    try:
        value = json.loads(text.decode(), object_pairs_hook=_object)
    except (ValueError, RecursionError):
        raise Unreadable(f"its {what} is not JSON") from None
    if type(value) is not dict:
        raise Unreadable(f"its {what} is not a JSON object of names")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Entry:
    found = dict(pairs)
    for text in (*found, *found.values()):
        if type(text) is str and not text.isascii():
            text.encode()  # a half of a surrogate pair is no text, and cannot be written anywhere
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name, group in groupby(sorted(names)) if len(list(group)) > 1)
        raise Unreadable(f"the name {shown(twice)} comes twice in its JSON")
    if found.keys() != FIELDS:
        return found
    offsets = found["data_offsets"]
    if type(found["dtype"]) is not str or type(found["shape"]) is not list or not _is_pair(offsets):
        return found
    return Entry(found["dtype"], found["shape"], *offsets)


def _is_pair(offsets: Any) -> bool:
    return (
        type(offsets) is list
        and len(offsets) == 2
        and all(map(is_count, offsets))
        and offsets[0] <= offsets[1]
    )


def _tensors(header: dict[str, Any], size: int) -> tuple[Tensor, ...]:
    """In the order of their data, which has neither holes nor overlaps and ends with the file."""
    for name, entry in header.items():
        if type(entry) is not Entry:
            raise Unreadable(
                f"tensor {shown(name)} has no dtype, shape and data_offsets that make sense"
            )
    end = 0
    tensors = []
    for name, entry in sorted(header.items(), key=lambda item: (item[1].start, item[1].end)):
        if entry.start != end:
            fault = (
                "overlaps the one before it"
                if entry.start < end
                else f"leaves a hole before it, from byte {end}"
            )
            raise Unreadable(f"tensor {shown(name)} {fault}")
        if entry.dtype not in SAFETENSORS:
            raise Unreadable(f"tensor {shown(name)} is of unknown type {shown(entry.dtype)}")
        tensor = checked(name, SAFETENSORS[entry.dtype], entry.shape)
        if tensor.bytes != entry.end - entry.start:
            raise Unreadable(
                f"tensor {shown(name)} has {entry.end - entry.start} bytes and wants {tensor.bytes}"
            )
        end = entry.end
        tensors.append(tensor)
    if end != size:
        raise Unreadable(f"its tensors take {end} bytes and the file has {size} for them")
    return tuple(tensors)


def read_index(source: BoundedFile) -> Checkpoint:
    """Of `model.safetensors.index.json`: which file has which tensor. The tensors themselves are in
    these files."""
    source.allow(MOST_HEADER, "the index")
    index = decode(source.at(0, source.size), "index")
    places = index.get("weight_map")
    if not _is_text(places) or not places:
        raise Unreadable("JSON without a weight_map, so no index of shards")
    for shard in dict.fromkeys(places.values()):
        if not shard or shard in (".", "..") or not shard.isprintable() or set(shard) & set("/\\:"):
            raise Unreadable(f"its shard {shown(shard)} is not the plain name of a file")
    metadata = index.get("metadata")
    total = metadata.get("total_size") if type(metadata) is dict else None
    return Checkpoint(
        format=INDEX,
        tensors=(),
        places=places,
        metadata={"total_size": str(total)} if is_count(total) else {},
        notes=remarks(places),
    )


def merged(index: Checkpoint, shards: Mapping[str, Checkpoint]) -> Checkpoint:
    """All tensors of a sharded checkpoint, in the index's order; `shards` has what each of its
    files holds.

    Raises:
        Unreadable: a tensor is not where the index says, or is in a file and not in the index.
    """
    held = {
        (shard, tensor.name): tensor for shard in index.shards for tensor in shards[shard].tensors
    }
    for name, shard in index.places.items():
        if (shard, name) not in held:
            raise Unreadable(
                f"tensor {shown(name)} is not in {shown(shard)}, where the index has it"
            )
    if more := held.keys() - {(shard, name) for name, shard in index.places.items()}:
        shard, name = min(more)
        raise Unreadable(f"tensor {shown(name)} of {shown(shard)} is not in the index")
    tensors = tuple(held[shard, name] for name, shard in index.places.items())
    whole = msgspec.structs.replace(index, tensors=tensors)
    if (total := index.metadata.get("total_size")) and int(total) != whole.bytes:
        note = f"the index says {total} bytes in all, its shards hold {whole.bytes}"
        whole = msgspec.structs.replace(whole, notes=(*whole.notes, note))
    return whole
