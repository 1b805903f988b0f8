"""numpy's arrays: `.npy`, one array behind a short header, and `.npz`, a zip file of such files.

A header is a literal of three entries:
https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. numpy's own reader of it is
not used, for what it does with a hostile one depends on its version, and it warns.
"""

import ast
import re
import struct
import zlib
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from zoo.weights.formats import zip_directory
from zoo.weights.formats.base import (
    Checkpoint,
    NeedsMore,
    Tensor,
    Unreadable,
    UnsupportedFormat,
    checked,
    remarks,
    shown,
)
from zoo.weights.formats.bounded_file import BoundedFile
from zoo.weights.formats.dtypes import NUMPY

MAGIC = b"\x93NUMPY"
SUFFIX = ".npy"
MOST_HEADER = 1 << 16
TRIES = (
    256,
    1024,
    2 * MOST_HEADER,
)  # bytes: the first holds a member's own header, its name and nearly every array's
MOST_ARRAYS = 10_000  # each is a request of a remote file
LENGTHS = {1: "<H", 2: "<I", 3: "<I"}  # of the header, by version
PYTHON_2 = re.compile(r"(?<=\d)L\b")
SIMPLE = re.compile(r"[<>|=]?([a-zA-Z])(\d*)")
LITERAL = re.compile(r"[^\\#]*")


def read_npy(source: BoundedFile) -> Checkpoint:
    source.allow(MOST_HEADER, "the header of the array")
    data = source.at(0, min(MOST_HEADER, source.size))
    start, tensor = array("arr_0", data)
    if tensor is None:
        raise UnsupportedFormat("an array whose elements are no numbers")
    _size(tensor, source.size - start)
    return Checkpoint(format="npy", tensors=(tensor,))


def read_npz(source: BoundedFile, archive: ZipFile) -> Checkpoint:
    """Of a zip file whose members are arrays; those that are no numbers are named only."""
    members = archive.filelist
    if len(members) > MOST_ARRAYS:
        raise NeedsMore(f"{len(members)} arrays, each with a header of its own", source.size)
    source.allow(len(members) * sum(TRIES), "the headers of the arrays")
    tensors: list[Tensor] = []
    others: list[str] = []
    for member in members:
        name = member.filename.removesuffix(SUFFIX)
        start, tensor = array(name, _head(source, archive, member))
        if tensor is None:
            others.append(name)
            continue
        _size(tensor, member.file_size - start)
        tensors.append(tensor)
    notes = remarks(tensor.name for tensor in tensors)
    return Checkpoint(format="npz", tensors=tuple(tensors), others=tuple(others), notes=notes)


def _head(source: BoundedFile, archive: ZipFile, member: ZipInfo) -> bytes:
    """The first bytes of a member's content, unpacked; as many as its header can be expected to
    take."""
    for most in TRIES:
        data = source.at(member.header_offset, min(most, archive.start_dir - member.header_offset))
        if data[:4] != b"PK\3\4" or len(data) < zip_directory.HEADER:
            raise Unreadable(f"member {shown(member.filename)} is torn")
        name, extra = struct.unpack("<HH", data[26:30])
        start = zip_directory.HEADER + name + extra
        content = _unpacked(member, data[start : start + member.compress_size], most)
        if announced(content) <= len(content) or not MAGIC.startswith(content[: len(MAGIC)]):
            return content
    raise Unreadable(
        f"array {shown(member.filename)} is torn, or its header is too large to be true"
    )


def _unpacked(member: ZipInfo, data: bytes, most: int) -> bytes:
    if member.compress_type != ZIP_DEFLATED:
        return data
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, most)
    except zlib.error:
        raise Unreadable(f"array {shown(member.filename)} is torn: it cannot be unpacked") from None


def announced(data: bytes) -> int:
    """Where the array's elements start, as its first bytes say; 12 where these are too few."""
    length = LENGTHS.get(data[6], "<H") if len(data) > 12 else ""
    return 8 + struct.calcsize(length) + struct.unpack_from(length, data, 8)[0] if length else 12


def array(name: str, data: bytes) -> tuple[int, Tensor | None]:
    """Where the elements of an array start, and what it is; None where its elements are no
    numbers."""
    if data[:6] != MAGIC or len(data) < 12 or data[6] not in LENGTHS:
        raise Unreadable(f"array {shown(name)} does not start as an array of numpy")
    start = announced(data)
    if not 10 < start <= len(data):
        raise Unreadable(f"array {shown(name)} has a header that is torn or too large to be true")
    header = _literal(name, data[8 + struct.calcsize(LENGTHS[data[6]]) : start])
    descr, shape = header["descr"], header["shape"]
    simple = SIMPLE.fullmatch(descr) if isinstance(descr, str) else None
    if "O" in (simple[1] if simple else str(descr)):
        raise Unreadable(f"array {shown(name)} holds Python objects, which are code")
    dtype = NUMPY.get(simple[1] + simple[2]) if simple else None
    return start, checked(name, dtype, shape) if dtype else None


def _literal(name: str, text: bytes) -> dict[str, Any]:
    try:
        source = PYTHON_2.sub("", text.decode("latin-1").strip())
        header = ast.literal_eval(source) if LITERAL.fullmatch(source) else None
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        header = None
    if not isinstance(header, dict) or set(header) != {"descr", "fortran_order", "shape"}:
        raise Unreadable(f"array {shown(name)} has a header that is not numpy's")
    if not isinstance(header["shape"], tuple):
        raise Unreadable(f"array {shown(name)} has a shape that no tensor can have")
    return header


def _size(tensor: Tensor, length: int) -> None:
    if tensor.bytes != length:
        raise Unreadable(
            f"array {shown(tensor.name)} has {length} bytes where its shape wants {tensor.bytes}"
        )
