"""A file is what its bytes say; torn, bent and unknown ones are refused with a message, whatever
their format."""

import io
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.model_index.errors import ZooError
from zoo.weights.formats import (
    DTYPES,
    Checkpoint,
    NeedsMore,
    Tensor,
    Unreadable,
    UnsupportedFormat,
    read,
)
from zoo.weights.formats.base import quote

ROOT = Path(__file__).parents[4]
Read = Callable[[bytes], Checkpoint]
NAMES = (
    "torch zip",
    "torch legacy",
    "npz",
    "npz, packed",
    "npy",
    "safetensors",
    "safetensors index",
    "gguf",
    "onnx",
)
SIZED = re.compile(r"'net.pth': \S")
TAR = b"net.pth".ljust(257, b"\0") + b"ustar\x0000" + bytes(300)
PACKED = {
    "gzip": b"\x1f\x8b\x08\0" + bytes(40),
    "bzip2": b"BZh91AY",
    "xz": b"\xfd7zXZ\0\0",
    "Zstandard": b"\x28\xb5\x2f\xfd\x04",
    "7z": b"7z\xbc\xaf\x27\x1c\0\x04",
    "tar": TAR,
}
KNOWN = {
    "HDF5 (Keras), which is not supported": b"\x89HDF\r\n\x1a\n\0",
    "TensorFlow Lite, which is not supported": b"\x1c\0\0\0TFL3\0",
    "parameters of MXNet, which are not supported": b"\x12\x01" + bytes(30),
    "a Git LFS pointer instead of the file": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0"
    ),
    "an empty zip file": b"PK\5\6" + bytes(18),
    "HTML or XML: perhaps a page about the file": b"<!DOCTYPE html><html>",
    "a protocol buffer without the graph of an ONNX model": b"\x08\x07\x12\x07pytorch",
    "the index of a TensorFlow checkpoint, which is not supported": bytes(600)
    + b"\x57\xfb\x80\x8b\x24\x75\x47\xdb",
    "a Python pickle that torch.save did not write": b"\x80\x04}\x94.",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_told_by_its_bytes(name: str, samples: dict[str, bytes], look: Read) -> None:
    assert look(samples[name]).format == name.partition(",")[0]


@pytest.mark.parametrize("name", PACKED)
def test_a_packed_file_needs_all_of_itself(name: str, look: Read) -> None:
    with pytest.raises(NeedsMore) as caught:
        look(PACKED[name])
    size = len(PACKED[name])
    assert str(caught.value) == f"'net.pth': a {name} file: all {size} bytes have to be read"
    assert caught.value.bytes == size


@pytest.mark.parametrize("text", KNOWN)
def test_a_format_that_is_not_read_is_named(text: str, look: Read) -> None:
    with pytest.raises(UnsupportedFormat) as caught:
        look(KNOWN[text])
    assert str(caught.value) == f"'net.pth': {text}"


@pytest.mark.parametrize(("data", "start"), [(b"", "b''"), (b"hello\x1b[31m", r"b'hello\x1b[31m'")])
def test_an_unknown_format_is_refused_with_its_first_bytes(
    data: bytes, start: str, look: Read
) -> None:
    with pytest.raises(Unreadable) as caught:
        look(data)
    assert str(caught.value) == f"'net.pth': unknown format, it starts with {start}"


@pytest.mark.parametrize(
    "magic", [b"\x80\x02", b"PK\3\4", b"\x1f\x8b", b"GGUF", b"<", b"BZh", b"\x12\x01"]
)
def test_the_length_of_a_safetensors_header_may_be_any_magic_number(
    magic: bytes, look: Read
) -> None:
    length = int.from_bytes(magic[:3], "little")
    assert look(struct.pack("<Q", length) + b"{}".ljust(length)).format == "safetensors"


@pytest.mark.parametrize("name", NAMES)
def test_a_torn_file_is_refused_wherever_it_is_torn(
    name: str, samples: dict[str, bytes], look: Read
) -> None:
    whole = look(samples[name])
    refused = 0
    for length in range(len(samples[name])):
        try:
            assert look(samples[name][:length]) == whole
        except ZooError as error:
            refused += 1
            assert SIZED.match(str(error)) and str(error).isprintable()
    padding = 32 if name == "gguf" else 0  # behind the last tensor
    assert refused >= len(samples[name]) - padding


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_shorter_than_its_server_said_is_refused(
    name: str, samples: dict[str, bytes]
) -> None:
    data = samples[name]
    with pytest.raises(ZooError):
        read(io.BytesIO(data[: len(data) // 3]), len(data), "net.pth")


changes = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=4)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=400, deadline=None)
@given(name=st.sampled_from(NAMES), changes=changes)
def test_a_bent_file_is_read_or_refused(
    name: str, changes: list[tuple[float, bytes]], samples: dict[str, bytes]
) -> None:
    data = bytearray(samples[name])
    for place, value in changes:
        start = int(place * len(data))
        data[start : start + len(value)] = value
    try:
        checkpoint = read(io.BytesIO(bytes(data)), len(data), "net.pth")
    except ZooError as error:
        assert str(error).isprintable()
    else:
        assert checkpoint.bytes >= 0 and all(
            tensor.dtype in DTYPES for tensor in checkpoint.tensors
        )


@settings(max_examples=100, deadline=None)
@given(name=st.sampled_from(NAMES), bit=st.floats(0, 1, exclude_max=True))
def test_one_bit_is_enough_to_try(name: str, bit: float, samples: dict[str, bytes]) -> None:
    data = bytearray(samples[name])
    place = int(bit * len(data) * 8)
    data[place // 8] ^= 1 << place % 8
    try:
        read(io.BytesIO(bytes(data)), len(data), "net.pth")
    except ZooError as error:
        assert str(error).isprintable()


PROBE = """
import io, sys
from zoo.weights.formats import read
data = sys.stdin.buffer.read()
heavy = sorted({"torch", "numpy", "timm"} & set(sys.modules))
print(read(io.BytesIO(data), len(data), "net").format, heavy)
"""


@pytest.mark.parametrize("name", NAMES)
def test_nothing_heavy_is_imported(name: str, samples: dict[str, bytes]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        input=samples[name],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode() == f"{name.partition(',')[0]} []\n"


def test_bytes_and_elements_follow_from_type_and_shape() -> None:
    tensor = Tensor("w", "bfloat16", (2, 3))
    assert (tensor.elements, tensor.bytes) == (6, 12)
    assert (Tensor("w", "float32", ()).bytes, Tensor("w", "Q4_0", (3, 64)).bytes) == (4, 108)
    assert Tensor("w", "float4_e2m1fn", (5,)).bytes == 3
    assert Checkpoint(format="f", tensors=(tensor, tensor)).bytes == 24


def test_text_of_a_file_is_quoted_and_short() -> None:
    assert quote("a\x1b]8;;\u202e") == r"'a\x1b]8;;\u202e'"
    assert quote("x" * 100) == "'" + "x" * 80 + "'..."
    assert quote(10**5000) == "'int'"
