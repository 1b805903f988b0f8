"""ONNX, with the `onnx` package as the oracle, and files that are refused."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.zoo.weights.formats.wire_format import field, varint
from zoo.weights.formats import Checkpoint, Tensor, Unreadable, UnsupportedFormat, read
from zoo.weights.formats.dtypes import DTYPES, ONNX
from zoo.weights.formats.protobuf import MAX_FIELDS

Read = Callable[[bytes], Checkpoint]
OUTPUT = helper.make_tensor_value_info("out", TensorProto.FLOAT, None)


def model(*initialisers: TensorProto, nodes: tuple[onnx.NodeProto, ...] = ()) -> bytes:
    graph = helper.make_graph(nodes, "toy", [], [OUTPUT], initialisers)
    data: bytes = helper.make_model(graph).SerializeToString()
    return data


def array(name: str, *shape: int, dtype: type = np.float32) -> TensorProto:
    return numpy_helper.from_array(np.ones(shape, dtype=dtype), name)


def wrap(graph: bytes) -> bytes:
    """A model of this graph, written by hand."""
    return b"\x08\x0a" + field(7, graph) + field(8, b"")


def test_types_are_those_of_the_package() -> None:
    named = {number: name for name, number in TensorProto.DataType.items()}
    del named[TensorProto.UNDEFINED], named[TensorProto.STRING]
    assert ONNX.keys() == named.keys()
    for number, name in ONNX.items():
        size = helper.tensor_dtype_to_np_dtype(number).itemsize
        assert DTYPES[name].block > 1 or DTYPES[name].size == size, named[number]


def test_a_file_of_the_package(samples: dict[str, bytes], look: Read) -> None:
    checkpoint = look(samples["onnx"])
    assert checkpoint.tensors == (
        Tensor("k", "float32", (4, 4)),
        Tensor("conv.weight", "float32", (8, 3, 3, 3)),
        Tensor("conv.bias", "float16", (8,)),
        Tensor("bn.weight", "float32", (8,)),
        Tensor("bn.bias", "float32", (8,)),
        Tensor("bn.mean", "float32", (8,)),
        Tensor("bn.var", "float32", (8,)),
        Tensor("shape", "int64", (2,)),
    )
    assert checkpoint.uses == {
        "k": "constant",
        "conv.bias": "convolution bias",
        "bn.mean": "buffer",
        "bn.var": "buffer",
    }
    assert checkpoint.metadata["producer"] == "tests"


@pytest.mark.parametrize(
    ("kind", "dtype", "values"),
    [
        (TensorProto.FLOAT, "float32", [1.0, 2.0, 3.0]),
        (TensorProto.DOUBLE, "float64", [1.0, 2.0, 3.0]),
        (TensorProto.FLOAT16, "float16", np.array([1, 2, 3], dtype=np.float16)),
        (TensorProto.BFLOAT16, "bfloat16", [1.0, 2.0, 3.0]),
        (TensorProto.INT64, "int64", [1, 2, 3]),
        (TensorProto.INT8, "int8", [1, 2, 3]),
        (TensorProto.UINT64, "uint64", [1, 2, 3]),
        (TensorProto.INT4, "int4", [1, 2, 3]),
        (TensorProto.BOOL, "bool", [True, False, True]),
    ],
)
def test_values_in_fields_of_their_type(kind: int, dtype: str, values: list, look: Read) -> None:
    tensor = helper.make_tensor("t", kind, [3], values)
    assert look(model(tensor)).tensors == (Tensor("t", dtype, (3,)),)


def test_values_in_another_file(tmp_path: Path) -> None:
    proto = onnx.load_from_string(model(array("a", 10, 10), array("b", 5)))
    options = {"save_as_external_data": True, "location": "net.data", "size_threshold": 0}
    onnx.save(proto, tmp_path / "net.onnx", **options)
    with (tmp_path / "net.onnx").open("rb") as file:
        checkpoint = read(file, (tmp_path / "net.onnx").stat().st_size, "net.onnx")
    assert {tensor.name: tensor.bytes for tensor in checkpoint.tensors} == {"a": 400, "b": 20}
    assert checkpoint.beside == {"net.data": (tmp_path / "net.data").stat().st_size}


def test_tensors_of_texts_are_left_out(look: Read) -> None:
    checkpoint = look(model(helper.make_tensor("t", TensorProto.STRING, [1], [b"a"])))
    assert (checkpoint.tensors, checkpoint.notes) == (
        (),
        ("1 tensors hold texts; they are not listed",),
    )


def test_graphs_in_graphs_are_read(look: Read) -> None:
    def branch(name: str) -> onnx.GraphProto:
        node = helper.make_node("Constant", [], ["k"], value=array("", 2, 3))
        return helper.make_graph([node], name, [], [OUTPUT], [array(f"w of {name}", 4)])

    node = helper.make_node(
        "If", ["x"], ["y"], then_branch=branch("then"), else_branch=branch("else")
    )
    tensors = look(model(nodes=(node,))).tensors
    assert sorted(tensor.name for tensor in tensors) == ["k", "k #2", "w of else", "w of then"]


def test_only_descriptions_are_read(look: Read) -> None:
    class Counting(io.BytesIO):
        count = 0

        def read(self, size: int | None = -1) -> bytes:
            data = super().read(size)
            self.count += len(data)
            return data

    data = model(*(array(f"w{number}", 1000, 100) for number in range(8)))
    file = Counting(data)
    assert len(read(file, len(data), "net.onnx").tensors) == 8
    assert file.count < 20_000 < len(data)


def described(name: str, shape: tuple[int, ...], kind: int = 1, data: bytes = b"") -> bytes:
    dims = b"".join(b"\x08" + varint(side) for side in shape)
    return dims + b"\x10" + varint(kind) + field(8, name.encode()) + data


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (field(5, described("w", (3,), 1, field(9, b"abc"))), "'w' has 3 bytes, it needs 12"),
        (field(5, described("w", (1 << 50,))), "'w' of 1125899906842624 elements has 0 bytes"),
        (field(5, described("w", (1 << 63,))), "tensor 'w' has an impossible shape"),
        (field(5, described("w", (1 << 62, 4))), "tensor 'w' has an impossible shape"),
        (field(5, described("w", (1,) * 65)), "tensor 'w' has 65 dimensions"),
        (field(5, described("w", (2,), 99)), "tensor 'w' has the unknown type 99"),
        (field(5, described("w", (0,))) * 2, "'w' occurs twice"),
        (b"\x2a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "extends beyond its message"),
        (b"\x2b", "a field of type 3 at byte 4: no protocol buffer"),
        (b"\xff" * 11, "a number without an end"),
    ],
)
def test_graphs_that_are_refused(graph: bytes, message: str, look: Read) -> None:
    with pytest.raises(Unreadable) as caught:
        look(wrap(graph))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ({"location": "../w"}, "tensor 'w' is in '../w', not in its folder"),
        ({"location": "/etc/passwd"}, "tensor 'w' is in '/etc/passwd', not in its folder"),
        ({"location": "C:w"}, "tensor 'w' is in 'C:w', not in its folder"),
        ({}, "tensor 'w' is in '', not in its folder"),
        ({"location": "w", "length": "3"}, "tensor 'w' has 3 bytes in 'w', it needs 12"),
        ({"location": "w", "offset": "-1"}, "tensor 'w' has no place in 'w'"),
        ({"location": "w", "offset": "9" * 30}, "tensor 'w' has 12 bytes in 'w', it needs 12"),
    ],
)
def test_files_of_values_that_are_refused(pairs: dict, message: str, look: Read) -> None:
    parts = pairs or {"offset": "0"}
    data = b"".join(
        field(13, field(1, key.encode()) + field(2, text.encode())) for key, text in parts.items()
    )
    with pytest.raises(Unreadable) as caught:
        look(wrap(field(5, described("w", (3,), 1, data))))
    assert message in str(caught.value)


def test_values_in_too_many_files_are_refused(look: Read) -> None:
    def tensor(number: int) -> bytes:
        place = field(13, field(1, b"location") + field(2, b"%d" % number))
        return field(5, described(f"w{number}", (0,), 1, place))

    assert len(look(wrap(b"".join(map(tensor, range(2000))))).beside) == 2000
    with pytest.raises(Unreadable, match="its values are in more than 2000 files"):
        look(wrap(b"".join(map(tensor, range(2001)))))


def test_a_deep_file_and_a_file_of_many_fields_are_refused(look: Read) -> None:
    graph = b""
    for _ in range(40):  # a node's attribute that is a graph of such a node
        graph = field(1, field(5, field(6, graph)))
    with pytest.raises(Unreadable, match="graphs in graphs, more than 32 deep"):
        look(wrap(graph))
    assert MAX_FIELDS <= 3_000_000


def test_a_file_without_its_end_is_refused(look: Read) -> None:
    with pytest.raises(Unreadable, match="names no version of its operators: the end"):
        look(b"\x08\x0a" + field(7, b""))
    with pytest.raises(UnsupportedFormat, match="a protocol buffer without the graph"):
        look(b"\x08\x01" + field(2, b"saved model"))


def test_numbers_of_packed_weights(look: Read) -> None:
    packed = numpy_helper.from_array(np.ones((16, 2, 16), dtype=np.uint8), "w")
    scales = array("s", 32)
    node = helper.make_node(
        "MatMulNBits", ["x", "w", "s"], ["y"], domain="com.microsoft", K=64, N=16, bits=4
    )
    checkpoint = look(model(packed, scales, nodes=(node,)))
    assert (checkpoint.logical, checkpoint.uses) == ({"w": 1024}, {"w": "weight", "s": "scale"})


def test_a_quantised_layer(look: Read) -> None:
    tensors = array("w", 4, 4, dtype=np.int8), array("s"), array("z", dtype=np.int8)
    node = helper.make_node("DequantizeLinear", ["w", "s", "z"], ["y"])
    assert look(model(*tensors, nodes=(node,))).uses == {"w": "weight", "s": "scale", "z": "scale"}


def test_weights_that_are_nodes(look: Read) -> None:
    """Some exporters write no initialisers."""
    values = {"w": array("", 40, 4), "b": array("", 4), "one": array("", 1), "n": array("", 1)}
    nodes = [helper.make_node("Constant", [], [name], value=v) for name, v in values.items()]
    nodes.append(helper.make_node("Resize", ["x", "", "b"], ["y"]))
    assert look(model(nodes=tuple(nodes))).uses == dict.fromkeys(("b", "one", "n"), "constant")
    assert look(model(array("more", 1000), nodes=tuple(nodes))).uses["w"] == "constant"


def test_many_tensors(look: Read) -> None:
    data = wrap(b"".join(field(5, described(f"w{n}", (0,))) for n in range(2000)))
    assert len(look(data).tensors) == 2000
