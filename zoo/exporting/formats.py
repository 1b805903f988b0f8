"""The formats and options of `zoo export`.

A row of `FORMATS` names the module that turns a live model into the bytes of a format, and that
runs these bytes to check them. Importing this module imports no torch.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from zoo.bench.engines import ONNX_OPSET
from zoo.model_index.errors import UsageError
from zoo.model_index.errors.suggestions import describe_unknown

if TYPE_CHECKING:
    import torch
    from torch import nn

    from zoo.model_index.records.input_spec import InputSpec
    from zoo.models.inputs import Inputs

PRECISIONS = ("fp32", "fp16")
SECONDS = 600.0  # to build a model in
# Batch sizes to check a file for any batch size at: exporters and runtimes treat one, and powers of
# two, in ways of their own.
BATCHES = (1, 2, 3, 7, 16)
Call = Callable[["Inputs"], "list[torch.Tensor]"]
Load = Callable[[Path], Call]


@dataclass(frozen=True, slots=True)
class ExportTarget:
    """The target of an export: any batch size or one, and the opset where the format has one."""

    dynamic: bool
    opset: int | None


Make = Callable[["nn.Module", "Inputs", ExportTarget, Mapping[str, str]], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFormat:
    """A file format.

    `module` has two functions. `make` turns a model, its inputs, the target and metadata
    into the file's bytes; `load` reads a file and returns a function from inputs to all outputs.
    `lists`: a file may take a list of images. `opset` is the default; None for a format without
    opsets. `packages` are the modules that both
    need, beside torch.
    """

    suffix: str
    module: str
    lists: bool = False
    opset: int | None = None
    packages: tuple[str, ...] = ()

    @property
    def make(self) -> Make:
        return cast(Make, import_module(self.module).make)

    @property
    def load(self) -> Load:
        return cast(Load, import_module(self.module).load)


FORMATS: dict[str, ExportFormat] = {
    "onnx": ExportFormat(
        suffix=".onnx",
        module="zoo.exporting.onnx_file",
        opset=ONNX_OPSET,
        packages=("onnx", "onnxscript", "onnxruntime"),
    ),
    "torch_export": ExportFormat(
        suffix=".pt2", module="zoo.exporting.torch_export_file", lists=True
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """The options of `zoo export`; `batch_size` is None for a file that takes any, `input` for the
    model's own. `seconds` limits the time to build the model."""

    format: str = "onnx"
    output: Path | None = None
    opset: int | None = None
    batch_size: int | None = None
    precision: str = "fp32"
    input: "InputSpec | None" = None
    seconds: float = SECONDS
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
            raise UsageError(describe_unknown("--to: no", self.format, FORMATS))
        if self.precision not in PRECISIONS:
            raise UsageError(describe_unknown("--precision: no", self.precision, PRECISIONS))
        if self.random and self.weights:
            raise UsageError("--random and --weights exclude each other")
        if self.opset is not None and FORMATS[self.format].opset is None:
            raise UsageError(f"--opset: the format {self.format} has no opsets")
