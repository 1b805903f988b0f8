"""Small checkpoints of every format, written by the libraries that own the formats."""

import io
import json
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import onnx
import pytest
import safetensors.torch
import torch

from zoo.weights.formats import Checkpoint, read

Read = Callable[[bytes], Checkpoint]


@pytest.fixture
def look() -> Read:
    """Reads a file given as bytes."""
    return lambda data: read(io.BytesIO(data), len(data), "net.pth")


@pytest.fixture
def saved() -> Callable[..., bytes]:
    """What torch.save writes of an object."""

    def save(value: Any, legacy: bool = False, **options: Any) -> bytes:
        file = io.BytesIO()
        torch.save(value, file, _use_new_zipfile_serialization=not legacy, **options)
        return file.getvalue()

    return save


@pytest.fixture(scope="session")
def state() -> dict[str, torch.Tensor]:
    """A state dict of several types; one tensor is a part of another, one has no dimension, one no
    element."""
    weight = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    return OrderedDict(
        {
            "conv.weight": weight,
            "conv.part": weight[1, :, 1::2],
            "bn.running_mean": torch.zeros(3, dtype=torch.float16),
            "bn.num_batches_tracked": torch.tensor(7),
            "mask": torch.ones(5, dtype=torch.bool),
            "empty": torch.zeros(0, 4, dtype=torch.float64),
        }
    )


@pytest.fixture(scope="session")
def samples(
    state: dict[str, torch.Tensor], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    """By format, the bytes of a small file."""
    arrays = {name: tensor.numpy() for name, tensor in state.items()}
    whole = {name: tensor.contiguous().clone() for name, tensor in state.items()}
    files = {
        name: io.BytesIO() for name in ("torch zip", "torch legacy", "npz", "npz, packed", "npy")
    }
    torch.save(state, files["torch zip"])
    torch.save(state, files["torch legacy"], _use_new_zipfile_serialization=False)
    np.savez(files["npz"], **arrays)
    np.savez_compressed(files["npz, packed"], **arrays)
    np.save(files["npy"], arrays["conv.weight"])
    return {name: file.getvalue() for name, file in files.items()} | {
        "safetensors": safetensors.torch.save(whole, {"format": "pt"}),
        "safetensors index": json.dumps(
            {"metadata": {}, "weight_map": dict.fromkeys(state, "a.safetensors")}
        ).encode(),
        "onnx": written_by_onnx(),
        "gguf": written_by_gguf(tmp_path_factory.mktemp("gguf") / "net.gguf"),
    }


def written_by_onnx() -> bytes:
    """A convolution with a batch norm, and a constant that a node gives."""
    arrays = {
        "conv.weight": np.ones((8, 3, 3, 3), dtype=np.float32),
        "conv.bias": np.ones(8, dtype=np.float16),
        "bn.weight": np.ones(8, dtype=np.float32),
        "bn.bias": np.ones(8, dtype=np.float32),
        "bn.mean": np.ones(8, dtype=np.float32),
        "bn.var": np.ones(8, dtype=np.float32),
        "shape": np.array([1, -1]),
    }
    make = onnx.helper
    k = onnx.numpy_helper.from_array(np.ones((4, 4), dtype=np.float32))
    nodes = [
        make.make_node("Constant", [], ["k"], value=k),
        make.make_node("Conv", ["x", "conv.weight", "conv.bias"], ["y"]),
        make.make_node("BatchNormalization", ["y", *list(arrays)[2:6]], ["z"]),
        make.make_node("Reshape", ["z", "shape"], ["out"]),
    ]
    graph = make.make_graph(
        nodes,
        "toy",
        [make.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, 3, 8, 8])],
        [make.make_tensor_value_info("out", onnx.TensorProto.FLOAT, None)],
        [onnx.numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    data: bytes = make.make_model(graph, producer_name="tests").SerializeToString()
    return data


def written_by_gguf(path: Path) -> bytes:
    """Values of several kinds, plain tensors and quantised ones."""
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("toy")
    writer.add_uint32("answer", 42)
    writer.add_float32("half", 0.5)
    writer.add_bool("flag", True)
    writer.add_array("tokens", ["a", "bc", "ä"])
    writer.add_array("scores", [0.5, 1.5])
    writer.add_tensor("plain", np.zeros((2, 3, 4), dtype=np.float32))
    writer.add_tensor("half", np.zeros((5,), dtype=np.float16))
    rows = gguf.quantize(np.ones((4, 64), dtype=np.float32), gguf.GGMLQuantizationType.Q8_0)
    writer.add_tensor("packed", rows, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()
