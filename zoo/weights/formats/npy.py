"""Read numpy's arrays: `.npy`, one array after a short header, and `.npz`, a zip file of these.

A header is a literal of three entries:
https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. numpy's own parser is not
used, since its treatment of a hostile header depends on its version, and it warns.
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
    check_tensor,
    name_notes,
    quote,
)
from zoo.weights.formats.bounded_file import BoundedFile
from zoo.weights.formats.dtypes import NUMPY

MAGIC = b"\x93NUMPY"
SUFFIX = ".npy"
MAX_HEADER = 1 << 16
# Bytes to read; the first number suffices for a member's header, its name and most arrays' headers.
TRIES = (256, 1024, 2 * MAX_HEADER)
MAX_ARRAYS = 10_000  # each needs a request of a remote file
LENGTHS = {1: "<H", 2: "<I", 3: "<I"}  # of the header, by version
PYTHON_2 = re.compile(r"(?<=\d)L\b")
SIMPLE = re.compile(r"[<>|=]?([a-zA-Z])(\d*)")
LITERAL = re.compile(r"[^\\#]*")


def read_npy(source: BoundedFile) -> Checkpoint:
    source.allow(MAX_HEADER, "the header of the array")
    data = source.at(0, min(MAX_HEADER, source.size))
    start, tensor = parse_array("arr_0", data)
    if tensor is None:
        raise UnsupportedFormat("an array of elements that are not numbers")
    _check_size(tensor, source.size - start)
    return Checkpoint(format="npy", tensors=(tensor,))


def read_npz(source: BoundedFile, archive: ZipFile) -> Checkpoint:
    """Read a zip file of arrays; arrays that are not numeric go to `others`."""
    members = archive.filelist
    if len(members) > MAX_ARRAYS:
        raise NeedsMore(f"{len(members)} arrays, each with its own header", source.size)
    source.allow(len(members) * sum(TRIES), "the headers of the arrays")
    tensors: list[Tensor] = []
    others: list[str] = []
    for member in members:
        name = member.filename.removesuffix(SUFFIX)
        start, tensor = parse_array(name, _read_head(source, archive, member))
        if tensor is None:
            others.append(name)
            continue
        _check_size(tensor, member.file_size - start)
        tensors.append(tensor)
    notes = name_notes(tensor.name for tensor in tensors)
    return Checkpoint(format="npz", tensors=tuple(tensors), others=tuple(others), notes=notes)


def _read_head(source: BoundedFile, archive: ZipFile, member: ZipInfo) -> bytes:
    """Read the first bytes of a member, unpacked, until they hold the array's header."""
    available = archive.start_dir - member.header_offset
    for limit in TRIES:
        data = source.at(member.header_offset, min(limit, available))
        if data[:4] != b"PK\3\4" or len(data) < zip_directory.HEADER:
            raise Unreadable(f"member {quote(member.filename)} is damaged")
        name, extra = struct.unpack("<HH", data[26:30])
        start = zip_directory.HEADER + name + extra
        content = _unpack(member, data[start : start + member.compress_size], limit)
        if elements_start(content) <= len(content) or not MAGIC.startswith(content[: len(MAGIC)]):
            return content
    raise Unreadable(f"array {quote(member.filename)} is damaged, or claims an implausible header")


def _unpack(member: ZipInfo, data: bytes, limit: int) -> bytes:
    if member.compress_type != ZIP_DEFLATED:
        return data
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, limit)
    except zlib.error:
        raise Unreadable(
            f"array {quote(member.filename)} is damaged: it cannot be unpacked"
        ) from None


def elements_start(data: bytes) -> int:
    """Return the offset of the elements, as the first bytes state it; 12 where they are too few."""
    length = LENGTHS.get(data[6], "<H") if len(data) > 12 else ""
    return 8 + struct.calcsize(length) + struct.unpack_from(length, data, 8)[0] if length else 12


def parse_array(name: str, data: bytes) -> tuple[int, Tensor | None]:
    """Return the offset of an array's elements, and its tensor; None where it is not numeric."""
    if data[:6] != MAGIC or len(data) < 12 or data[6] not in LENGTHS:
        raise Unreadable(f"array {quote(name)} does not start like a numpy array")
    start = elements_start(data)
    if not 10 < start <= len(data):
        raise Unreadable(f"array {quote(name)} has a header that is damaged or not plausible")
    header = _parse_header(name, data[8 + struct.calcsize(LENGTHS[data[6]]) : start])
    descr, shape = header["descr"], header["shape"]
    simple = SIMPLE.fullmatch(descr) if isinstance(descr, str) else None
    if "O" in (simple[1] if simple else str(descr)):
        raise Unreadable(f"array {quote(name)} holds Python objects, which may run code")
    dtype = NUMPY.get(simple[1] + simple[2]) if simple else None
    return start, check_tensor(name, dtype, shape) if dtype else None


def _parse_header(name: str, text: bytes) -> dict[str, Any]:
    try:
        source = PYTHON_2.sub("", text.decode("latin-1").strip())
        header = ast.literal_eval(source) if LITERAL.fullmatch(source) else None
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        header = None
    if not isinstance(header, dict) or set(header) != {"descr", "fortran_order", "shape"}:
        raise Unreadable(f"array {quote(name)} does not have numpy's header")
    if not isinstance(header["shape"], tuple):
        raise Unreadable(f"array {quote(name)} has an impossible shape")
    return header


def _check_size(tensor: Tensor, length: int) -> None:
    if tensor.bytes != length:
        raise Unreadable(
            f"array {quote(tensor.name)} has {length} bytes, its shape needs {tensor.bytes}"
        )
