"""List the tensors of a checkpoint file, from as few of its bytes as possible.

The first bytes decide the format, the name does not. Each format is a module and a row of
`FORMATS`; a format that is recognised but not read is a row of `UNREAD`. Nothing here imports
torch, and nothing that a file names is imported or called.
"""

from collections.abc import Callable
from typing import BinaryIO

from zoo.weights.formats import gguf, npy, onnx, safetensors, torch_legacy, torch_zip, zip_directory
from zoo.weights.formats.base import (
    Checkpoint,
    NeedsMore,
    Tensor,
    Unreadable,
    UnsupportedFormat,
    quote,
)
from zoo.weights.formats.bounded_file import BoundedFile
from zoo.weights.formats.dtypes import DTYPES
from zoo.weights.formats.safetensors import merge_shards

__all__ = [
    "DTYPES",
    "Checkpoint",
    "NeedsMore",
    "Tensor",
    "Unreadable",
    "UnsupportedFormat",
    "merge_shards",
    "read",
]

HEAD = 512  # bytes that identify the format


def _read_zip(source: BoundedFile) -> Checkpoint:
    archive = zip_directory.open_archive(source)
    names = list(archive.NameToInfo)
    if any(name.endswith(torch_zip.PICKLE) for name in names):
        return torch_zip.read(source, archive)
    if names and all(name.endswith(npy.SUFFIX) for name in names):
        return npy.read_npz(source, archive)
    if "model.weights.h5" in names:
        raise UnsupportedFormat("a Keras archive, whose weights are HDF5")
    raise UnsupportedFormat("a zip file without torch's data.pkl or numpy's arrays")


FORMATS: tuple[tuple[bytes, Callable[[BoundedFile], Checkpoint]], ...] = (
    (b"PK\3\4", _read_zip),
    (b"\x80", torch_legacy.read),
    (npy.MAGIC, npy.read_npy),
    (gguf.MAGIC, gguf.read),
)
# Compressed files and archives, which have to be read nearly whole.
PACKED = (
    (0, b"\x1f\x8b", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "Zstandard"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (257, b"ustar", "tar"),
)
UNREAD = (
    (0, b"\x89HDF\r\n\x1a\n", "HDF5 (Keras), which is not supported"),
    (4, b"TFL3", "TensorFlow Lite, which is not supported"),
    (0, b"\x12\x01\0\0\0\0\0\0\0", "parameters of MXNet, which are not supported"),
    (0, b"version https://git-lfs", "a Git LFS pointer instead of the file"),
    (0, b"PK\5\6", "an empty zip file"),
    (0, b"<", "HTML or XML: perhaps a page about the file"),
)
# The last bytes of a TensorFlow table; the index of a checkpoint is one.
TENSORFLOW = b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"


def read(file: BinaryIO, size: int, name: str) -> Checkpoint:
    """Read what a checkpoint holds.

    `file` is seekable and has `size` bytes; `name` is for messages only.

    Raises:
        Unreadable: truncated, hostile or unknown; UnsupportedFormat, where the format is known.
        NeedsMore: the whole file has to be read.
    """
    try:
        return _read(BoundedFile(file, size))
    except Unreadable as error:
        raise type(error)(f"{quote(name)}: {error}") from None
    except NeedsMore as error:
        raise NeedsMore(f"{quote(name)}: {error}", error.bytes) from None


def _read(source: BoundedFile) -> Checkpoint:
    source.allow(HEAD, "the first bytes")
    head = source.at(0, min(HEAD, source.size))
    # First, since the length at the start of a safetensors file may be any magic number.
    if safetensors.starts_file(head):
        return safetensors.read(source)
    for magic, reader in FORMATS:
        if head.startswith(magic):
            return reader(source)
    for offset, magic, packed in PACKED:
        if head[offset:].startswith(magic):
            reason = f"a {packed} file: all {source.size} bytes have to be read"
            raise NeedsMore(reason, source.size)
    for offset, magic, text in UNREAD:
        if head[offset:].startswith(magic):
            raise UnsupportedFormat(text)
    if head.lstrip()[:1] == b"{" and b"\0" not in head:
        return safetensors.read_index(source)
    if safetensors.may_start_file(head):
        return safetensors.read(source)
    if onnx.starts_file(head):
        return onnx.read(source)
    raise _unknown(source, head)


def _unknown(source: BoundedFile, head: bytes) -> Unreadable:
    """Return the error for a file without a known magic number; the index of a TensorFlow
    checkpoint is recognised by its last bytes."""
    source.allow(len(TENSORFLOW), "the last bytes")
    if (
        source.size > HEAD
        and source.at(source.size - len(TENSORFLOW), len(TENSORFLOW)) == TENSORFLOW
    ):
        return UnsupportedFormat("the index of a TensorFlow checkpoint, which is not supported")
    return Unreadable(f"unknown format, it starts with {quote(head[:16])}")
