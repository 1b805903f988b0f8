"""What tensors a checkpoint file holds, read from as few of its bytes as can be.

A file is what its first bytes say, whatever its name is. Each format is a module and a row of
`FORMATS`; a format that is recognised and not read is a row of `KNOWN`. Nothing here imports torch,
and nothing that a file asks for is imported or called.
"""

from collections.abc import Callable
from typing import BinaryIO

from zoo.weights.formats import gguf, npy, safetensors, torch_legacy, torch_zip, zip_directory
from zoo.weights.formats.base import (
    Checkpoint,
    NeedsMore,
    Tensor,
    Unreadable,
    UnsupportedFormat,
    shown,
)
from zoo.weights.formats.bounded_file import BoundedFile
from zoo.weights.formats.dtypes import DTYPES
from zoo.weights.formats.safetensors import merged

__all__ = [
    "DTYPES",
    "Checkpoint",
    "NeedsMore",
    "Tensor",
    "Unreadable",
    "UnsupportedFormat",
    "merged",
    "read",
]

HEAD = 512  # bytes that tell one format from another


def _zip(source: BoundedFile) -> Checkpoint:
    archive = zip_directory.directory(source)
    names = list(archive.NameToInfo)
    if any(name.endswith(torch_zip.PICKLE) for name in names):
        return torch_zip.read(source, archive)
    if names and all(name.endswith(npy.SUFFIX) for name in names):
        return npy.read_npz(source, archive)
    if "model.weights.h5" in names:
        raise UnsupportedFormat("a Keras archive, whose weights are HDF5")
    raise UnsupportedFormat("a zip file with neither torch's data.pkl nor numpy's arrays in it")


FORMATS: tuple[tuple[bytes, Callable[[BoundedFile], Checkpoint]], ...] = (
    (b"PK\3\4", _zip),
    (b"\x80", torch_legacy.read),
    (npy.MAGIC, npy.read_npy),
    (gguf.MAGIC, gguf.read),
)
# Formats that pack or chain files: what is in them is not known before nearly all of it was read.
PACKED = (
    (0, b"\x1f\x8b", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "Zstandard"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (257, b"ustar", "tar"),
)
KNOWN = (
    (0, b"\x89HDF\r\n\x1a\n", "HDF5 (Keras), which is not read"),
    (4, b"TFL3", "TensorFlow Lite, which is not read"),
    (0, b"\x12\x01\0\0\0\0\0\0\0", "parameters of MXNet, which are not read"),
    (0, b"version https://git-lfs", "a pointer of Git LFS, and not the file it points to"),
    (0, b"PK\5\6", "an empty zip file"),
    (0, b"<", "HTML or XML: perhaps a page that says where the file is"),
)
TENSORFLOW = (
    b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"  # the last bytes of a table, which a checkpoint's index is
)


def read(file: BinaryIO, size: int, name: str) -> Checkpoint:
    """What a checkpoint holds. `file` is seekable and has `size` bytes; `name` is for messages
    only.

    Raises:
        Unreadable: torn, hostile or unknown; UnsupportedFormat, if it is known and not read.
        NeedsMore: all of it would have to be read.
    """
    try:
        return _read(BoundedFile(file, size))
    except Unreadable as error:
        raise type(error)(f"{shown(name)}: {error}") from None
    except NeedsMore as error:
        raise NeedsMore(f"{shown(name)}: {error}", error.bytes) from None


def _read(source: BoundedFile) -> Checkpoint:
    source.allow(HEAD, "the first bytes")
    head = source.at(0, min(HEAD, source.size))
    if safetensors.starts(head):  # before others: the length it starts with may be any magic number
        return safetensors.read(source)
    for magic, reader in FORMATS:
        if head.startswith(magic):
            return reader(source)
    for offset, magic, packed in PACKED:
        if head[offset:].startswith(magic):
            raise NeedsMore(
                f"a {packed} file: all {source.size} bytes would have to be read", source.size
            )
    for offset, magic, text in KNOWN:
        if head[offset:].startswith(magic):
            raise UnsupportedFormat(text)
    if head.lstrip()[:1] == b"{" and b"\0" not in head:
        return safetensors.read_index(source)
    if safetensors.resembles(head):
        return safetensors.read(source)
    raise _unknown(source, head)


def _unknown(source: BoundedFile, head: bytes) -> Unreadable:
    """ONNX and TensorFlow's files are protocol buffers and have no magic number; the others are
    known by the last bytes or not at all."""
    source.allow(len(TENSORFLOW), "the last bytes")
    if (
        source.size > HEAD
        and source.at(source.size - len(TENSORFLOW), len(TENSORFLOW)) == TENSORFLOW
    ):
        return UnsupportedFormat("the index of a TensorFlow checkpoint, which is not read")
    if head[:1] == b"\x08" and head[2:3] in (b"\x12", b"\x1a", b"\x3a", b"\x42"):
        return UnsupportedFormat("ONNX or another protocol buffer, which is not read")
    return Unreadable(f"of no known format, it starts with {shown(head[:16])}")
