"""Write a model as an ONNX file, and run such a file with onnxruntime."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn

from zoo.bench.engines import ONNX_OPSET, onnx_graph
from zoo.bench.engines.base import EngineOptions
from zoo.bench.engines.onnxruntime import create_session
from zoo.bench.engines.optional import import_runtime
from zoo.exporting.formats import Call, ExportTarget
from zoo.models.inputs import Inputs


def make(
    model: nn.Module, inputs: Inputs, target: ExportTarget, metadata: Mapping[str, str]
) -> bytes:
    """Return the bytes of the file."""
    import_runtime("onnxruntime")  # before the export, which takes a while
    graph = onnx_graph.export_onnx(
        model, inputs, dynamic=target.dynamic, opset=target.opset or ONNX_OPSET
    )
    for key, value in sorted(metadata.items()):
        graph.metadata_props.add(key=key, value=value)
    serialised: bytes = graph.SerializeToString(deterministic=True)
    return serialised


def load(path: Path) -> Call:
    """Read a file; return a function from inputs to all outputs."""
    runtime = create_session(import_runtime("onnxruntime"), str(path), EngineOptions())

    names = {row.name for row in runtime.get_inputs()}

    def call(inputs: Inputs) -> list[torch.Tensor]:
        tensors = inputs.tensors().items()
        values = {name: tensor.numpy() for name, tensor in tensors if name in names}
        return [torch.from_numpy(output) for output in runtime.run(None, values)]

    return call
