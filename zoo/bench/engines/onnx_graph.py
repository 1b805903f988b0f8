"""Export a live model as an ONNX graph, which onnxruntime, OpenVINO and TensorRT run and `zoo
export` writes."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import nn

from zoo.bench.engines.errors import Unsupported
from zoo.bench.engines.optional import import_runtime

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto

# the oldest opset that torch's exporter writes without converting; every runtime here reads it
OPSET = 18
INPUT, OUTPUT = "input", "output"
MOST_BYTES = 2**31 - 1  # of one protobuf message
LONGEST_REASON = 200  # characters


class ExportFailure(Unsupported):
    """The model has no ONNX graph; the message names the operator or the rule that prevents it."""


def export_onnx(
    model: nn.Module, inputs: torch.Tensor, *, dynamic: bool = False, opset: int = OPSET
) -> "ModelProto":
    """Export a model in evaluation mode with its weights; norms are folded where the exporter can.

    Args:
        inputs: an example, (batch, channels, height, width); its type is that of the graph's input.
        dynamic: any batch size; else that of `inputs`.

    Raises:
        ExportFailure: an operator has no ONNX form, the batch size is fixed in the code, or the
            weights have more than 2 GiB.
        MissingPackage: the exporter's packages are not installed.
    """
    for package in ("onnx", "onnxscript"):
        import_runtime(package, "onnx")
    refuse_large(model)
    if dynamic:
        inputs = example_inputs(inputs)
    try:
        with silence_exporter(), torch.no_grad():
            program = torch.onnx.export(
                model,
                (inputs,),
                input_names=[INPUT],
                output_names=[OUTPUT],
                opset_version=opset,
                dynamic_shapes=dynamic_shapes(dynamic),
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


@contextmanager
def silence_exporter() -> Iterator[None]:
    """Silence the exporters' warnings about a model's code: its output is compared anyway."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


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


def dynamic_shapes(dynamic: bool) -> tuple[dict[int, torch.export.Dim]] | None:
    """Return `dynamic_shapes` of torch's exporters: only the batch size is free."""
    return ({0: torch.export.Dim("batch", min=1)},) if dynamic else None


def example_inputs(inputs: torch.Tensor) -> torch.Tensor:
    """Return inputs of a batch of at least two: exporters take a batch of one for a constant."""
    return inputs if len(inputs) > 1 else torch.cat([inputs, inputs])


def root_cause(error: BaseException) -> str:
    """Return the first cause of an exporter's error in a line."""
    while error.__cause__ is not None:
        error = error.__cause__
    text = next(
        (line.strip() for line in str(error).splitlines() if line.strip()), "no reason given"
    )
    return f"{type(error).__name__}: {text}"[:LONGEST_REASON]
