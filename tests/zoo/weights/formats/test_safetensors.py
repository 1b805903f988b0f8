"""safetensors, with its own library as the oracle, and what a header may not say."""

import io
import json
import struct
from collections.abc import Callable
from typing import Any

import pytest
import safetensors.torch
import torch

from zoo.weights.formats import Checkpoint, Tensor, Unreadable, merge_shards, read

Read = Callable[[bytes], Checkpoint]
GOOD = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


def file(header: Any, data: bytes = b"") -> bytes:
    """A file of this header, which may be JSON already, and these tensors."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def fault(look: Read, data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        look(data)
    return str(caught.value).removeprefix("'net.pth': ")


def test_every_type_is_what_the_library_says(look: Read) -> None:
    names = (
        "float64 float32 float16 bfloat16 int64 int32 int16 int8 uint64 uint32 uint16 uint8 bool "
        "complex64 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz float8_e8m0fnu"
    ).split()
    tensors = {name: torch.zeros(3, 2, dtype=getattr(torch, name)) for name in names}
    data = safetensors.torch.save(tensors, {"format": "pt", "by": "a test"})
    checkpoint = look(data)
    assert {tensor.name: tensor.shape for tensor in checkpoint.tensors} == dict.fromkeys(
        names, (3, 2)
    )
    assert all(tensor.dtype == tensor.name for tensor in checkpoint.tensors)
    assert checkpoint.metadata == {"format": "pt", "by": "a test"}
    assert checkpoint.bytes == sum(tensor.nbytes for tensor in tensors.values())


def test_only_the_header_is_read(samples: dict[str, bytes]) -> None:
    class Fragile(io.BytesIO):
        def read(self, length: int | None = -1, /) -> bytes:
            assert length is not None and 0 <= self.tell() + length <= max(512, 8 + header)
            return super().read(length)

    data = file(
        {"w": {"dtype": "F32", "shape": [10_000], "data_offsets": [0, 40_000]}}, bytes(40_000)
    )
    header = len(data) - 8 - 40_000
    assert read(Fragile(data), len(data), "net").tensors == (Tensor("w", "float32", (10_000,)),)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"a": GOOD, "b": GOOD}, "tensor 'b' overlaps the one before it"),
        (
            {"a": GOOD | {"data_offsets": [4, 12]}},
            "tensor 'a' leaves a gap before it, from byte 0",
        ),
        (
            {"a": GOOD, "b": GOOD | {"data_offsets": [12, 20]}},
            "tensor 'b' leaves a gap before it, from byte 8",
        ),
        ({"a": GOOD | {"shape": [3]}}, "tensor 'a' has 8 bytes, it needs 12"),
        ({"a": GOOD | {"shape": [2**62, 4]}}, "tensor 'a' has an impossible shape"),
        ({"a": GOOD | {"shape": [-2]}}, "tensor 'a' has an impossible shape"),
        ({"a": GOOD | {"shape": [True]}}, "tensor 'a' has an impossible shape"),
        ({"a": GOOD | {"shape": [1] * 65}}, "tensor 'a' has 65 dimensions"),
        ({"a": GOOD | {"dtype": "Q4_0"}}, "tensor 'a' has the unknown type 'Q4_0'"),
        (
            {"a": GOOD | {"data_offsets": [8, 0]}},
            "tensor 'a' lacks a valid dtype, shape and data_offsets",
        ),
        (
            {"a": GOOD | {"data_offsets": [0, 8.0]}},
            "tensor 'a' lacks a valid dtype, shape and data_offsets",
        ),
        (
            {"a": GOOD | {"more": 1}},
            "tensor 'a' lacks a valid dtype, shape and data_offsets",
        ),
        ({"\x1b[2J": 1}, r"tensor '\x1b[2J' lacks a valid dtype, shape and data_offsets"),
        ({"__metadata__": {"a": 1}, "a": GOOD}, "its __metadata__ does not map names to text"),
        (b'{"a":1,"a":1}', "the name 'a' occurs twice in its JSON"),
        (b'{"a":{"dtype":"F32","dtype":"F32"}}', "the name 'dtype' occurs twice in its JSON"),
        (b'{"\\ud800":1}', "its header is not JSON"),
        (b'{"a":' + b"9" * 5000 + b"}", "its header is not JSON"),
        (b"{" + b"[" * 10_000, "its header is not JSON"),
        (b'{"\xff":1}', "its header is not JSON"),
        (b"{} {}", "its header is not JSON"),
        (GOOD, "its header is not a JSON object"),
        ({"a": GOOD}, "its tensors take 8 bytes, the file has 20"),
    ],
)
def test_a_header_that_is_refused(header: Any, message: str, look: Read) -> None:
    assert fault(look, file(header, bytes(20))) == message


def test_a_length_that_is_refused(look: Read) -> None:
    assert (
        fault(look, struct.pack("<Q", 3) + b"{}") == "its header claims 3 bytes and the file has 10"
    )


def test_a_header_beyond_the_limit_is_not_read(tmp_path: Any) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as sparse:
        sparse.write(struct.pack("<Q", 100_000_001) + b"{" + bytes(600))
        sparse.truncate(1 << 33)
    with path.open("rb") as opened, pytest.raises(Unreadable) as caught:
        read(opened, 1 << 33, "net")
    assert str(caught.value) == (
        "'net': its header claims 100000001 bytes, more than the 100000000 that safetensors allows"
    )


SHARDS = {"a": "model-1.safetensors", "b": "model-2.safetensors", "c": "model-1.safetensors"}


def index(places: Any, **metadata: Any) -> bytes:
    return json.dumps({"metadata": metadata, "weight_map": places}, indent=2).encode()


def shard(*names: str) -> Checkpoint:
    return Checkpoint(
        format="safetensors", tensors=tuple(Tensor(name, "float32", (2,)) for name in names)
    )


def test_shards_are_merged_in_the_order_of_the_index(look: Read) -> None:
    checkpoint = look(index(SHARDS, total_size=24))
    assert (checkpoint.format, checkpoint.tensors) == ("safetensors index", ())
    assert checkpoint.shards == ("model-1.safetensors", "model-2.safetensors")
    whole = merge_shards(
        checkpoint, {"model-1.safetensors": shard("c", "a"), "model-2.safetensors": shard("b")}
    )
    assert ([tensor.name for tensor in whole.tensors], whole.bytes, whole.notes) == (
        ["a", "b", "c"],
        24,
        (),
    )


def test_the_totals_of_an_index_are_read_where_they_are_numbers(look: Read) -> None:
    assert look(index(SHARDS, total_size=25, total_parameters=6)).metadata == {
        "total_size": "25",
        "total_parameters": "6",
    }
    assert look(index(SHARDS, total_size="much", total_parameters=-1)).metadata == {}


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("c", "ab", "tensor 'a' is not in 'model-1.safetensors', though the index says so"),
        ("ac", "", "tensor 'b' is not in 'model-2.safetensors', though the index says so"),
        ("acd", "b", "tensor 'd' of 'model-1.safetensors' is not in the index"),
    ],
)
def test_a_tensor_that_is_not_where_the_index_says(
    first: str, second: str, message: str, look: Read
) -> None:
    with pytest.raises(Unreadable) as caught:
        merge_shards(
            look(index(SHARDS)),
            {"model-1.safetensors": shard(*first), "model-2.safetensors": shard(*second)},
        )
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["../a", "a/b", "a\\b", "/a", "C:a", "", "..", ".", "a\x1b"])
def test_a_shard_is_the_plain_name_of_a_file(name: str, look: Read) -> None:
    assert fault(look, index({"w": name})) == f"its shard {name!a} is not a plain file name"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"{}", "JSON without a weight_map, so not an index of shards"),
        (b' {"weight_map": {}}', "JSON without a weight_map, so not an index of shards"),
        (b'{"weight_map": {"a": 1}}', "JSON without a weight_map, so not an index of shards"),
        (b'{"weight_map": {"a": "b", "a": "c"}}', "the name 'a' occurs twice in its JSON"),
        (b'{"weight_map"', "its index is not JSON"),
    ],
)
def test_an_index_that_is_refused(text: bytes, message: str, look: Read) -> None:
    assert fault(look, text) == message
