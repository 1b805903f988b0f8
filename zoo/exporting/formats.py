"""The formats and options of `zoo export`.

A row of `FORMATS` says how a live model becomes the bytes of a format, and how to run these bytes
to check them.
"""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from zoo.bench.engines import graph_capture, onnx_graph
from zoo.bench.engines.base import EngineOptions
from zoo.bench.engines.onnxruntime import create_session
from zoo.bench.engines.optional import import_runtime
from zoo.bench.engines.output_check import all_tensors
from zoo.model_index.errors import UsageError

PRECISIONS = ("fp32", "fp16")
# Batch sizes to check a file for any batch size at: exporters and runtimes treat one, and powers of
# two, in ways of their own.
BATCHES = (1, 2, 3, 7, 16)
METADATA = "metadata.json"  # the extra file in an archive of torch.export
Call = Callable[[torch.Tensor], list[torch.Tensor]]


@dataclass(frozen=True, slots=True)
class ExportTarget:
    """The target of an export: any batch size or one, and the opset where the format has one."""

    dynamic: bool
    opset: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFormat:
    """A file format.

    `make` turns a model, inputs of a batch, the target and metadata into the file's bytes. `load`
    reads a file and returns a function from inputs to all outputs. `opset` is the default;
    None for a format without opsets.
    """

    suffix: str
    make: Callable[[nn.Module, torch.Tensor, ExportTarget, Mapping[str, str]], bytes]
    load: Callable[[Path], Call]
    opset: int | None = None
    packages: tuple[str, ...] = ()


def _make_onnx(
    model: nn.Module, inputs: torch.Tensor, target: ExportTarget, metadata: Mapping[str, str]
) -> bytes:
    import_runtime("onnxruntime")  # before the export, which takes a while
    graph = onnx_graph.export_onnx(
        model, inputs, dynamic=target.dynamic, opset=target.opset or onnx_graph.OPSET
    )
    for key, value in sorted(metadata.items()):
        graph.metadata_props.add(key=key, value=value)
    serialised: bytes = graph.SerializeToString(deterministic=True)
    return serialised


def _load_onnx(path: Path) -> Call:
    runtime = create_session(import_runtime("onnxruntime"), str(path), EngineOptions())

    def call(inputs: torch.Tensor) -> list[torch.Tensor]:
        return [
            torch.from_numpy(output)
            for output in runtime.run(None, {onnx_graph.INPUT: inputs.numpy()})
        ]

    return call


def _make_torch_export(
    model: nn.Module, inputs: torch.Tensor, target: ExportTarget, metadata: Mapping[str, str]
) -> bytes:
    program = graph_capture.capture(model, inputs, dynamic=target.dynamic)
    for module in program.graph_module.modules():
        for node in getattr(module, "graph", torch.fx.Graph()).nodes:
            # It names this machine's folders, and changes the bytes.
            node.meta.pop("stack_trace", None)
    file = io.BytesIO()
    extra = {METADATA: json.dumps(dict(metadata), sort_keys=True)}
    torch.export.save(program, file, extra_files=extra)
    return file.getvalue()


def _load_torch_export(path: Path) -> Call:
    with path.open("rb") as file:  # torch warns of a path without its own suffix
        module = torch.export.load(file).module()
    return lambda inputs: all_tensors(module(inputs))


FORMATS: dict[str, ExportFormat] = {
    "onnx": ExportFormat(
        suffix=".onnx",
        make=_make_onnx,
        load=_load_onnx,
        opset=onnx_graph.OPSET,
        packages=("onnx", "onnxscript", "onnxruntime"),
    ),
    "torch_export": ExportFormat(suffix=".pt2", make=_make_torch_export, load=_load_torch_export),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """The options of `zoo export`; `batch_size` is None for a file that takes any."""

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
    def target(self) -> ExportTarget:
        opset = FORMATS[self.format].opset if self.opset is None else self.opset
        return ExportTarget(dynamic=self.batch_size is None, opset=opset)

    @property
    def batches(self) -> tuple[int, ...]:
        """The batch sizes to check the file at."""
        return BATCHES if self.batch_size is None else (self.batch_size,)

    def refuse_contradictions(self) -> None:
        """Raise UsageError for values that do not exist or exclude each other."""
        if self.format not in FORMATS:
            raise UsageError(f"--format: expected {', '.join(FORMATS)}, got {self.format!r}")
        if self.precision not in PRECISIONS:
            raise UsageError(
                f"--precision: expected {', '.join(PRECISIONS)}, got {self.precision!r}"
            )
        if self.random and self.weights:
            raise UsageError("--random and --weights exclude each other")
        if self.opset is not None and FORMATS[self.format].opset is None:
            raise UsageError(f"--opset: the format {self.format} has no opsets")
