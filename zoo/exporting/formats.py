"""What `zoo export` can be asked for: formats, as a table, and options.

A row says how a live model becomes the bytes of a format, and how these are run again to check
them.
"""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from zoo.bench.engines import onnx_graph
from zoo.bench.engines.base import EngineOptions
from zoo.bench.engines.onnxruntime import create_session
from zoo.bench.engines.optional import import_runtime
from zoo.bench.engines.output_check import first_tensor
from zoo.model_index.errors import UsageError

PRECISIONS = ("fp32", "fp16")
BATCHES = (
    1,
    3,
)  # that a file for any batch size is run at: the smallest, and one that no example had
METADATA = "metadata.json"  # the name of the extra file in an archive of torch.export's
Call = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True, slots=True)
class ExportTarget:
    """What a file is made for: any batch size or one, and which opset where the format has
    opsets."""

    dynamic: bool
    opset: int | None


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """`make` turns a model, inputs of a batch, the shape and what is to be known of it into the
    file's bytes; `load` reads a file into a function from inputs to the first output. `opset` is
    the default; None where there is none."""

    suffix: str
    make: Callable[[nn.Module, torch.Tensor, ExportTarget, Mapping[str, str]], bytes]
    load: Callable[[Path], Call]
    opset: int | None = None
    packages: tuple[str, ...] = ()


def _onnx(
    model: nn.Module, inputs: torch.Tensor, shape: ExportTarget, metadata: Mapping[str, str]
) -> bytes:
    import_runtime("onnxruntime", "onnx")  # the check needs it, and exporting takes a while
    graph = onnx_graph.export_onnx(
        model, inputs, dynamic=shape.dynamic, opset=shape.opset or onnx_graph.OPSET
    )
    for key, value in sorted(metadata.items()):
        graph.metadata_props.add(key=key, value=value)
    return graph.SerializeToString(deterministic=True)


def _run_onnx(path: Path) -> Call:
    runtime = create_session(import_runtime("onnxruntime", "onnx"), str(path), EngineOptions())

    def call(inputs: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(runtime.run(None, {onnx_graph.INPUT: inputs.numpy()})[0])

    return call


def _torch_export(
    model: nn.Module, inputs: torch.Tensor, shape: ExportTarget, metadata: Mapping[str, str]
) -> bytes:
    inputs = onnx_graph.example_inputs(inputs) if shape.dynamic else inputs
    try:
        with onnx_graph.silence_exporter(), torch.no_grad():
            program = torch.export.export(
                model, (inputs,), dynamic_shapes=onnx_graph.dynamic_shapes(shape.dynamic)
            )
    except Exception as error:  # whatever the model's code makes of being traced
        raise onnx_graph.NotExported(
            f"torch.export cannot capture it: {onnx_graph.root_cause(error)}"
        ) from error
    for module in program.graph_module.modules():
        for node in getattr(module, "graph", torch.fx.Graph()).nodes:
            node.meta.pop(
                "stack_trace", None
            )  # it names this machine's folders, and changes the bytes
    written = io.BytesIO()
    torch.export.save(
        program, written, extra_files={METADATA: json.dumps(dict(metadata), sort_keys=True)}
    )
    return written.getvalue()


def _run_torch_export(path: Path) -> Call:
    with path.open("rb") as file:  # torch warns of a path without its own suffix
        module = torch.export.load(file).module()
    return lambda inputs: first_tensor(module(inputs))


FORMATS: dict[str, ExportFormat] = {
    "onnx": ExportFormat(
        ".onnx", _onnx, _run_onnx, onnx_graph.OPSET, ("onnx", "onnxscript", "onnxruntime")
    ),
    "torch_export": ExportFormat(".pt2", _torch_export, _run_torch_export),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """What a person asks for; see `zoo export --help`. `batch_size` is None for a file that takes
    any."""

    format: str = "onnx"
    output: Path | None = None
    opset: int | None = None
    batch_size: int | None = None
    precision: str = "fp32"
    weights: str | None = None
    random: bool = False
    force: bool = False
    trusted: tuple[str, ...] = ()
    flags: str = ""

    @property
    def shape(self) -> ExportTarget:
        return ExportTarget(
            self.batch_size is None,
            self.opset if self.opset is not None else FORMATS[self.format].opset,
        )

    @property
    def batches(self) -> tuple[int, ...]:
        """The batch sizes that the file is checked at."""
        return BATCHES if self.batch_size is None else (self.batch_size,)

    def refuse_contradictions(self) -> None:
        """Raises UsageError for options that do not go together."""
        if self.format not in FORMATS:
            raise UsageError(f"--format: expected {', '.join(FORMATS)}, got {self.format!r}")
        if self.precision not in PRECISIONS:
            raise UsageError(
                f"--precision: expected {', '.join(PRECISIONS)}, got {self.precision!r}"
            )
        if self.random and self.weights:
            raise UsageError("--random and --weights: one or the other")
        if self.opset is not None and FORMATS[self.format].opset is None:
            raise UsageError(f"--opset: {self.format} has none")
