"""GGUF, with the `gguf` package as the oracle, and heads that are refused."""

import io
import struct
from collections.abc import Callable, Sequence

import gguf
import pytest

from zoo.weights.formats import DTYPES, Checkpoint, Tensor, Unreadable, UnsupportedFormat, read
from zoo.weights.formats.dtypes import GGML

Read = Callable[[bytes], Checkpoint]


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def number(name: str, value: int) -> bytes:
    """A value of 32 bits."""
    return text(name) + struct.pack("<II", 4, value)


def tensor(name: str, shape: tuple[int, ...], kind: int = 0, offset: int = 0) -> bytes:
    return text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)


def file(
    tensors: list[bytes], values: Sequence[bytes] = (), data: int = 64, version: int = 3
) -> bytes:
    head = (
        b"GGUF"
        + struct.pack("<IQQ", version, len(tensors), len(values))
        + b"".join([*values, *tensors])
    )
    return head + bytes(-len(head) % 32 + data)


def test_types_are_those_of_the_package() -> None:
    ours = {kind: (block, size) for kind, (_, block, size) in GGML.items()}
    assert ours == {int(kind): sizes for kind, sizes in gguf.GGML_QUANT_SIZES.items()}
    names = {
        kind: name
        for kind, (name, *_) in GGML.items()
        if DTYPES[name].block > 1 or name.startswith("Q")
    }
    assert names == {kind: gguf.GGMLQuantizationType(kind).name for kind in names}


def test_a_file_of_the_package(samples: dict[str, bytes], look: Read) -> None:
    checkpoint = look(samples["gguf"])
    assert checkpoint.tensors == (
        Tensor("plain", "float32", (2, 3, 4)),
        Tensor("half", "float16", (5,)),
        Tensor("packed", "Q8_0", (4, 64)),
    )
    assert checkpoint.tensors[2].bytes == 4 * 2 * 34
    assert checkpoint.metadata == {
        "general.architecture": "llama",
        "general.name": "toy",
        "answer": "42",
        "half": "0.5",
        "flag": "True",
        "tokens": "3 values",
        "scores": "2 values",
    }


@pytest.mark.parametrize("version", [2, 3])
def test_versions_that_are_read(version: int, look: Read) -> None:
    assert look(file([tensor("w", (2, 3))], version=version)).tensors == (
        Tensor("w", "float32", (3, 2)),
    )


@pytest.mark.parametrize("version", [1, 4, 0x03000000])
def test_versions_that_are_not(version: int, look: Read) -> None:
    with pytest.raises(UnsupportedFormat) as caught:
        look(file([], version=version))
    assert str(caught.value) == f"'net.pth': GGUF of version {version}, or of another byte order"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (file([tensor("a", (8,)), tensor("b", (8,))]), "tensor 'b' overlaps the one before it"),
        (
            file([tensor("a", (8,)), tensor("b", (4,), 0, 36)]),
            "tensor 'b' does not start at a multiple of 32 bytes",
        ),
        (file([tensor("a", (17,))]), "tensor 'a' ends at byte 132, the file at byte 128"),
        (
            file([tensor("a", (1,), 0, 1 << 62)]),
            f"tensor 'a' ends at byte {64 + (1 << 62) + 4}, the file at byte 128",
        ),
        (file([tensor("a", (2,)), tensor("a", (2,), 0, 32)]), "two tensors have the same name"),
        (file([tensor("a", (1 << 62, 4))]), "tensor 'a' has an impossible shape"),
        (file([tensor("a", (1 << 63,))]), "tensor 'a' has an impossible shape"),
        (file([tensor("a", (1,) * 9)]), "tensor 'a' has 9 dimensions"),
        (file([tensor("\x1b", (1,), 5)]), r"tensor '\x1b' has the unknown type 5"),
        (file([tensor("a", (31,), 8)]), "tensor 'a' has rows of incomplete blocks of Q8_0"),
        (file([], [number("general.alignment", 0)]), "invalid alignment '0'"),
        (file([], [number("general.alignment", 24)]), "invalid alignment '24'"),
        (
            file([], [text("general.alignment") + struct.pack("<Id", 12, 1e300)]),
            "invalid alignment '1e+300'",
        ),
        (file([], [number("a", 1), number("a", 1)]), "the value 'a' occurs twice"),
        (
            file([], [text("a") + struct.pack("<I", 13)]),
            "a value of unknown type 13 before byte 37",
        ),
        (
            file([], [text("a") + struct.pack("<IIQ", 9, 8, 2_000_001)]),
            "its arrays hold more than 2000000 texts",
        ),
        (file([], [text("a" * 70_000)]), "it claims 70000 bytes of text, which is not plausible"),
        (b"GGUF\3\0\0\0", "the head of the file extends beyond the end of the file at byte 8"),
    ],
)
def test_a_head_that_is_refused(data: bytes, message: str, look: Read) -> None:
    with pytest.raises(Unreadable) as caught:
        look(data)
    assert str(caught.value) == f"'net.pth': {message}"


def test_another_alignment_and_empty_tensors(look: Read) -> None:
    data = file(
        [tensor("a", (0,)), tensor("b", (8,)), tensor("c", (), 0, 32)],
        [number("general.alignment", 8)],
    )
    assert [tensor.shape for tensor in look(data).tensors] == [(0,), (8,), ()]


def test_only_the_head_is_read() -> None:
    class Counted(io.BytesIO):
        count = 0

        def read(self, length: int | None = -1, /) -> bytes:
            data = super().read(length)
            self.count += len(data)
            return data

    opened = Counted(file([tensor("w", (5_000_000,))], data=20_000_000))
    assert read(opened, len(opened.getbuffer()), "net").bytes == 20_000_000
    assert opened.count < 70_000


def test_text_that_is_not_unicode_is_kept_as_escapes(look: Read) -> None:
    value = struct.pack("<Q", 1) + b"\xff"
    data = file([], [text("name") + struct.pack("<I", 8) + value])
    assert look(data).metadata == {"name": r"\xff"}
