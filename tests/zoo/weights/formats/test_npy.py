"""numpy's files, with numpy as the oracle, and headers that are refused."""

import io
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from zoo.weights.formats import Checkpoint, NeedsMore, Tensor, Unreadable, UnsupportedFormat, read

Read = Callable[[bytes], Checkpoint]
TYPES = ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "?"]


def saved(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def npy(header: str, data: bytes = b"", version: int = 1) -> bytes:
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + length + header.encode("latin-1") + data


def zipped(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            archive.writestr(f"{name}.npy", data)
    return file.getvalue()


def fault(look: Read, data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        look(data)
    return str(caught.value).removeprefix("'net.pth': ")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_every_type_is_what_numpy_says(save: Callable[..., None], look: Read) -> None:
    arrays = {
        order + kind: np.zeros((3, 2), dtype=order + kind) for kind in TYPES for order in "<>"
    }
    arrays |= {
        "c8": np.zeros((), dtype="c8"),
        "c16": np.asfortranarray(np.zeros((4, 5), dtype="c16")),
    }
    file = io.BytesIO()
    save(file, **arrays)
    checkpoint = look(file.getvalue())
    assert checkpoint.format == "npz"
    assert {tensor.name: (tensor.dtype, tensor.shape) for tensor in checkpoint.tensors} == {
        name: (array.dtype.name, array.shape) for name, array in arrays.items()
    }


def test_what_is_no_number_is_named_only(look: Read) -> None:
    structured = np.zeros(2, dtype=[("a", "f4"), ("b", "i2")])
    checkpoint = look(
        saved(
            w=np.zeros(2),
            text=np.array(["a", "b"]),
            date=np.array(["2020"], "M8[Y]"),
            rows=structured,
        )
    )
    assert checkpoint.tensors == (Tensor("w", "float64", (2,)),)
    assert checkpoint.others == ("text", "date", "rows")


def test_names_with_folders_and_headers_of_other_versions(look: Read) -> None:
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n"
    files = {
        "block/kernel:0": npy(header, bytes(8)),
        "two": npy(header, bytes(8), 2),
        "three": npy(header, bytes(8), 3),
    }
    files["python 2"] = npy(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 3L), }\n", bytes(24)
    )
    checkpoint = look(zipped(**files))
    assert [tensor.name for tensor in checkpoint.tensors] == list(files)
    assert checkpoint.tensors[3].shape == (2, 3)


def test_a_header_that_is_longer_than_the_first_try(look: Read) -> None:
    name = "n" * 300
    assert look(saved(**{name: np.zeros(3)})).tensors == (Tensor(name, "float64", (3,)),)
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }" + " " * 5000 + "\n"
    assert look(zipped(a=npy(header, bytes(8)))).tensors == (Tensor("a", "float32", (2,)),)


def test_one_array(samples: dict[str, bytes], look: Read) -> None:
    assert look(samples["npy"]).tensors == (Tensor("arr_0", "float32", (2, 3, 4)),)
    file = io.BytesIO()
    np.save(file, np.array(["a"]))
    with pytest.raises(UnsupportedFormat, match="an array of elements that are not numbers"):
        look(file.getvalue())


def test_objects_are_refused(look: Read) -> None:
    text = "array 'w' holds Python objects, which may run code"
    file = io.BytesIO()
    np.savez(file, w=np.array([{"a": 1}], dtype=object))
    assert fault(look, file.getvalue()) == text
    assert fault(look, saved(w=np.zeros(1, dtype=[("a", "f4"), ("b", "O")]))) == text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", bytes(8)),
            "array 'w' has 8 bytes, its shape needs 12",
        ),
        (
            npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-3,)}"),
            "tensor 'w' has an impossible shape",
        ),
        (
            npy(f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({2**62}, 4)}}"),
            "tensor 'w' has an impossible shape",
        ),
        (
            npy("{'descr': '<f4', 'fortran_order': False, 'shape': 3}"),
            "array 'w' has an impossible shape",
        ),
        (npy("{'descr': '<f4', 'shape': (3,)}"), "array 'w' does not have numpy's header"),
        (npy("__import__('os').system('id')"), "array 'w' does not have numpy's header"),
        (npy("(" * 20_000), "array 'w' does not have numpy's header"),
        (npy("-" * 60_000 + "1"), "array 'w' does not have numpy's header"),
        (npy("not " * 15_000 + "1"), "array 'w' does not have numpy's header"),
        (npy("{'descr': '\\q'}"), "array 'w' does not have numpy's header"),
        (npy("{'descr': 1is 2}"), "array 'w' does not have numpy's header"),
        (npy("{[]: 1}"), "array 'w' does not have numpy's header"),
        (b"\x93NUMPY\x07\0" + bytes(8), "array 'w' does not start like a numpy array"),
        (b"hello" * 100, "array 'w' does not start like a numpy array"),
        (
            b"\x93NUMPY\x02\0\xff\xff\xff\xff{}",
            "array 'w.npy' is damaged, or claims an implausible header",
        ),
    ],
)
def test_a_header_that_is_refused(data: bytes, message: str, look: Read) -> None:
    assert fault(look, zipped(w=data)) == message


def test_a_member_that_cannot_be_unpacked(samples: dict[str, bytes], look: Read) -> None:
    data = bytearray(samples["npz, packed"])
    start = 30 + data[26] + data[28]
    data[start : start + 4] = b"\xff" * 4
    assert fault(look, bytes(data)) == "array 'conv.weight.npy' is damaged: it cannot be unpacked"


def test_very_many_arrays_need_the_whole_file(look: Read) -> None:
    data = zipped(**{str(number): b"" for number in range(10_001)})
    with pytest.raises(NeedsMore) as caught:
        look(data)
    assert (str(caught.value), caught.value.bytes) == (
        "'net.pth': 10001 arrays, each with its own header",
        len(data),
    )


def test_a_quarter_of_a_kilobyte_for_each_array() -> None:
    class Counted(io.BytesIO):
        count = 0

        def read(self, length: int | None = -1, /) -> bytes:
            data = super().read(length)
            self.count += len(data)
            return data

    file = Counted(saved(**{f"blocks.{n}.attention.weight": np.zeros(10_000) for n in range(100)}))
    assert len(read(file, len(file.getbuffer()), "net").tensors) == 100
    assert file.count < 100 * 256 + 100 * 100 + 512
