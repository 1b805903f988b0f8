"""From a live model to an ONNX graph: what onnxruntime, OpenVINO and TensorRT run, and what `zoo
export` writes."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import nn

from zoo.bench.engines.errors import Unsupported
from zoo.bench.engines.optional import imported

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto

OPSET = (
    18  # the oldest that torch's exporter writes without converting; every runtime here reads it
)
INPUT, OUTPUT = "input", "output"
MOST_BYTES = 2**31 - 1  # of one protobuf message
FEW = 200  # characters of a reason


class NotExported(Unsupported):
    """The model cannot be written as a graph; the message says which operator, or which rule it
    breaks."""


def exported(
    model: nn.Module, inputs: torch.Tensor, *, dynamic: bool = False, opset: int = OPSET
) -> "ModelProto":
    """The graph of a model in evaluation mode, with its weights, norms folded where the exporter
    can.

    Args:
        inputs: an example, (batch, channels, height, width); its type is that of the graph's input.
        dynamic: any batch size; else that of `inputs`.

    Raises: NotExported: an operator has no ONNX form, the batch size is fixed in the code, or it is
        above 2 GiB. NotInstalled: the exporter's packages are not there.
    """
    for package in ("onnx", "onnxscript"):
        imported(package, "onnx")
    refuse_large(model)
    if dynamic:
        inputs = example(inputs)
    try:
        with quiet(), torch.no_grad():
            program = torch.onnx.export(
                model,
                (inputs,),
                input_names=[INPUT],
                output_names=[OUTPUT],
                opset_version=opset,
                dynamic_shapes=shapes(dynamic),
                verbose=False,
            )
    except Exception as error:  # the exporter raises whatever the model's code made of its tracing
        raise NotExported(f"no ONNX graph in opset {opset}: {reason(error)}") from error
    assert program is not None  # of the exporter that captures graphs
    graph = program.model_proto
    found = next(row.version for row in graph.opset_import if not row.domain)
    if found != opset:  # the exporter writes what it can and says so in its log
        raise NotExported(
            f"no ONNX graph in opset {opset}: it cannot be converted from opset {found}"
        )
    _without_traces(graph.graph)
    return graph


def _without_traces(graph: "GraphProto") -> None:
    """Take out the lines of source that nodes came from: they name this machine's folders, and
    change the bytes."""
    for node in graph.node:
        kept = [row for row in node.metadata_props if not row.key.endswith("stack_trace")]
        del node.metadata_props[:]
        node.metadata_props.extend(kept)
        for attribute in node.attribute:
            for inner in (*attribute.graphs, *([attribute.g] if attribute.HasField("g") else [])):
                _without_traces(inner)


@contextmanager
def quiet() -> Iterator[None]:
    """Without the exporters' remarks: the output is checked, whatever they think of a model's
    code."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def refuse_large(model: nn.Module) -> None:
    """Refuse what one ONNX file cannot hold.

    Raises:
        NotExported: the weights have more than 2 GiB.
    """
    size = sum(value.numel() * value.element_size() for value in model.state_dict().values())
    if size > MOST_BYTES:
        raise NotExported(
            f"its weights have {size / 2**30:.1f} GiB; an ONNX graph in one piece holds 2 GiB"
        )


def shapes(dynamic: bool) -> tuple[dict[int, torch.export.Dim]] | None:
    """`dynamic_shapes` of torch's exporters: the batch is free, all else is the example's."""
    return ({0: torch.export.Dim("batch", min=1)},) if dynamic else None


def example(inputs: torch.Tensor) -> torch.Tensor:
    """Inputs of a batch of at least two: one of a single image is taken for a constant."""
    return inputs if len(inputs) > 1 else torch.cat([inputs, inputs])


def reason(error: BaseException) -> str:
    """What lies at the bottom of an exporter's error, in a line."""
    while error.__cause__ is not None:
        error = error.__cause__
    text = next(
        (line.strip() for line in str(error).splitlines() if line.strip()), "no reason given"
    )
    return f"{type(error).__name__}: {text}"[:FEW]
