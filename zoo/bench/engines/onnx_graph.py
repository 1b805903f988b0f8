"""Export a live model as an ONNX graph, which onnxruntime, OpenVINO and TensorRT run and `zoo
export` writes."""

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from zoo.bench.engines import NO_LISTS, ONNX_OPSET
from zoo.bench.engines.graph_capture import (
    BATCH,
    ExportFailure,
    capture,
    root_cause,
    silence_exporter,
)
from zoo.bench.engines.optional import import_runtime
from zoo.models.inputs import Inputs

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto

OUTPUT = "output"
MOST_BYTES = 2**31 - 1  # of one protobuf message


def export_onnx(
    model: nn.Module, inputs: Inputs, *, dynamic: bool = False, opset: int = ONNX_OPSET
) -> "ModelProto":
    """Export a model in evaluation mode with its weights; norms are folded where the exporter can.

    Args:
        inputs: an example; the graph's inputs have the types and names of its tensors.
        dynamic: any batch size, which torch.export has to prove; else that of `inputs`. The
            exporter's own capture would fix the batch size in silence where it is not free.

    Raises:
        ExportFailure: an operator has no ONNX form, the input is a list, the code treats batch
            sizes differently, or the weights have more than 2 GiB.
        MissingPackage: the exporter's packages are not installed.
    """
    for package in ("onnx", "onnxscript"):
        import_runtime(package)
    refuse_lists(inputs)
    refuse_large(model)
    names = list(inputs.tensors())
    source: Any = capture(model, inputs, dynamic=True) if dynamic else model
    try:
        with silence_exporter(), torch.no_grad():
            program = torch.onnx.export(
                source,
                inputs.args,
                kwargs=inputs.kwargs,
                input_names=names,
                output_names=[OUTPUT],
                opset_version=opset,
                dynamic_shapes=({0: BATCH},) * len(names)
                if dynamic and _has_batch(inputs)
                else None,
                verbose=False,
            )
    except Exception as error:  # tracing a model's code may raise anything
        raise ExportFailure(f"no ONNX graph in opset {opset}: {root_cause(error)}") from error
    assert program is not None  # since dynamo is the default
    graph = program.model_proto
    actual = next(row.version for row in graph.opset_import if not row.domain)
    if actual != opset:  # the exporter writes another opset and only logs that
        raise ExportFailure(
            f"no ONNX graph in opset {opset}: it cannot be converted from opset {actual}"
        )
    _remove_traces(graph.graph)
    return graph


def _remove_traces(graph: "GraphProto") -> None:
    """Remove the source lines of nodes: they contain this machine's folders and change the
    bytes."""
    for node in graph.node:
        properties = [row for row in node.metadata_props if not row.key.endswith("stack_trace")]
        del node.metadata_props[:]
        node.metadata_props.extend(properties)
        for attribute in node.attribute:
            graphs = [*attribute.graphs]
            if attribute.HasField("g"):
                graphs.append(attribute.g)
            for inner in graphs:
                _remove_traces(inner)


def _has_batch(inputs: Inputs) -> bool:
    """Return whether the first dimension of each tensor is the batch, and not a multiple of it."""
    return all(len(tensor) == inputs.batch for tensor in inputs.tensors().values())


def refuse_lists(inputs: Inputs) -> None:
    """Refuse an input that is a list of tensors.

    Raises:
        ExportFailure: the graph would take a fixed number of them.
    """
    if any(isinstance(value, list) for value in (*inputs.args, *inputs.kwargs.values())):
        raise ExportFailure(NO_LISTS)


def refuse_large(model: nn.Module) -> None:
    """Refuse a model that one ONNX file cannot hold.

    Raises:
        ExportFailure: the weights have more than 2 GiB.
    """
    size = sum(value.numel() * value.element_size() for value in model.state_dict().values())
    if size > MOST_BYTES:
        raise ExportFailure(
            f"its weights have {size / 2**30:.1f} GiB; an ONNX graph in one piece holds 2 GiB"
        )
