"""Read safetensors: eight bytes of length, a JSON header, and the tensors without gaps.

The format: https://huggingface.co/docs/safetensors. Large models come in shards, with an index
beside them.
"""

import json
import struct
from collections.abc import Collection, Mapping
from itertools import groupby
from typing import Any, NamedTuple

import msgspec

from zoo.weights.formats.base import (
    Checkpoint,
    Tensor,
    Unreadable,
    check_tensor,
    is_count,
    name_notes,
    quote,
)
from zoo.weights.formats.bounded_file import BoundedFile
from zoo.weights.formats.dtypes import SAFETENSORS

FORMAT = "safetensors"
INDEX = "safetensors index"
LENGTH = 8
MAX_HEADER = 100_000_000  # the limit of the safetensors library
# Commas and brackets of JSON, half a million tensors; each may become 200 bytes of memory.
MAX_TOKENS = 5_000_000
METADATA = "__metadata__"
TOTALS = ("total_size", "total_parameters")  # what an index states of all its shards
FIELDS = {"dtype", "shape", "data_offsets"}


class HeaderEntry(NamedTuple):
    """One tensor of a header."""

    dtype: str
    shape: list[Any]
    start: int
    end: int


def starts_file(head: bytes) -> bool:
    """Return whether the first bytes are a plausible length and the brace of a header."""
    return may_start_file(head) and head[4:LENGTH] == bytes(4)


def may_start_file(head: bytes) -> bool:
    """Return whether a header of any length may start there."""
    return head[LENGTH : LENGTH + 1] == b"{"


def read(source: BoundedFile) -> Checkpoint:
    source.allow(LENGTH + MAX_HEADER, "the header")
    length = struct.unpack("<Q", source.at(0, LENGTH))[0]
    if length > source.size - LENGTH:
        raise Unreadable(f"its header claims {length} bytes and the file has {source.size}")
    if length > MAX_HEADER:
        raise Unreadable(
            f"its header claims {length} bytes, more than the {MAX_HEADER} that safetensors allows"
        )
    header = decode(source.at(LENGTH, length), "header")
    metadata = header.pop(METADATA, {})
    if not _is_text(metadata):
        raise Unreadable(f"its {METADATA} does not map names to text")
    tensors = _tensors(header, source.size - LENGTH - length)
    notes = name_notes(tensor.name for tensor in tensors)
    return Checkpoint(
        format=FORMAT,
        tensors=tensors,
        metadata=metadata,
        tied=_tied(metadata, {tensor.name for tensor in tensors}),
        notes=notes,
    )


def _tied(metadata: Mapping[str, str], names: Collection[str]) -> dict[str, str]:
    """Return the names that share the data of a tensor: `safetensors.torch.save_model` leaves them
    out, and writes the name that it keeps into the metadata."""
    return {name: kept for name, kept in metadata.items() if kept in names and name not in names}


def _is_text(value: Any) -> bool:
    return type(value) is dict and all(isinstance(text, str) for text in value.values())


def decode(text: bytes, title: str) -> dict[str, Any]:
    """Decode a JSON object without duplicate keys; its commas and brackets bound the memory."""
    if sum(map(text.count, (b",", b"[", b"{"))) > MAX_TOKENS:
        raise Unreadable(f"its {title} has more than {MAX_TOKENS} commas and brackets")
    try:
        value = json.loads(text.decode(), object_pairs_hook=_object)
    except (ValueError, RecursionError):
        raise Unreadable(f"its {title} is not JSON") from None
    if type(value) is not dict:
        raise Unreadable(f"its {title} is not a JSON object")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | HeaderEntry:
    entry = dict(pairs)
    for text in (*entry, *entry.values()):
        if type(text) is str and not text.isascii():
            text.encode()  # raises for half of a surrogate pair, which cannot be written anywhere
    if len(entry) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name, group in groupby(sorted(names)) if len(list(group)) > 1)
        raise Unreadable(f"the name {quote(twice)} occurs twice in its JSON")
    if entry.keys() != FIELDS:
        return entry
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if type(dtype) is not str or type(shape) is not list or not _is_pair(offsets):
        return entry
    return HeaderEntry(dtype, shape, *offsets)


def _is_pair(offsets: Any) -> bool:
    return (
        type(offsets) is list
        and len(offsets) == 2
        and all(map(is_count, offsets))
        and offsets[0] <= offsets[1]
    )


def _tensors(header: dict[str, Any], size: int) -> tuple[Tensor, ...]:
    """Return the tensors in the order of their data, which must fill the file without gaps."""
    for name, entry in header.items():
        if type(entry) is not HeaderEntry:
            raise Unreadable(f"tensor {quote(name)} lacks a valid dtype, shape and data_offsets")
    end = 0
    tensors = []
    for name, entry in sorted(header.items(), key=lambda item: (item[1].start, item[1].end)):
        if entry.start != end:
            gap = f"leaves a gap before it, from byte {end}"
            fault = "overlaps the one before it" if entry.start < end else gap
            raise Unreadable(f"tensor {quote(name)} {fault}")
        if entry.dtype not in SAFETENSORS:
            raise Unreadable(f"tensor {quote(name)} has the unknown type {quote(entry.dtype)}")
        tensor = check_tensor(name, SAFETENSORS[entry.dtype], entry.shape)
        if tensor.bytes != entry.end - entry.start:
            length = entry.end - entry.start
            raise Unreadable(f"tensor {quote(name)} has {length} bytes, it needs {tensor.bytes}")
        end = entry.end
        tensors.append(tensor)
    if end != size:
        raise Unreadable(f"its tensors take {end} bytes, the file has {size}")
    return tuple(tensors)


def read_index(source: BoundedFile) -> Checkpoint:
    """Read `model.safetensors.index.json`, which names the file of each tensor."""
    source.allow(MAX_HEADER, "the index")
    index = decode(source.at(0, source.size), "index")
    places = index.get("weight_map")
    if not _is_text(places) or not places:
        raise Unreadable("JSON without a weight_map, so not an index of shards")
    for shard in dict.fromkeys(places.values()):
        if not shard or shard in (".", "..") or not shard.isprintable() or set(shard) & set("/\\:"):
            raise Unreadable(f"its shard {quote(shard)} is not a plain file name")
    metadata = index.get("metadata")
    stated = metadata if type(metadata) is dict else {}
    return Checkpoint(
        format=INDEX,
        tensors=(),
        places=places,
        metadata={key: str(stated[key]) for key in TOTALS if is_count(stated.get(key))},
        notes=name_notes(places),
    )


def merge_shards(index: Checkpoint, shards: Mapping[str, Checkpoint]) -> Checkpoint:
    """Merge the tensors of all shards, in the index's order.

    Raises:
        Unreadable: a tensor is not in the stated file, or not in the index.
    """
    held: dict[tuple[str, str], Tensor] = {}
    for shard in index.shards:
        if shards[shard].shards:
            raise Unreadable(f"its shard {quote(shard)} is an index of shards itself")
        held |= {(shard, tensor.name): tensor for tensor in shards[shard].tensors}
    for name, shard in index.places.items():
        if (shard, name) not in held:
            place = quote(shard)
            raise Unreadable(f"tensor {quote(name)} is not in {place}, though the index says so")
    if more := held.keys() - {(shard, name) for name, shard in index.places.items()}:
        shard, name = min(more)
        listed = name in index.places
        where = f"in {quote(index.places[name])}, by the index" if listed else "not in the index"
        raise Unreadable(f"tensor {quote(name)} of {quote(shard)} is {where}")
    tensors = tuple(held[shard, name] for name, shard in index.places.items())
    formats = " and ".join(sorted({shards[shard].format for shard in index.shards}))
    format = f"{formats} in {len(index.shards)} shards"
    metadata = {name: kept for shard in shards.values() for name, kept in shard.metadata.items()}
    tied = _tied(metadata, index.places)
    return msgspec.structs.replace(index, format=format, tensors=tensors, tied=tied)
