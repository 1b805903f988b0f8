"""The engines that run a model: one row of `ENGINES` and one file for each.

A row says everything that other modules must know of an engine. Importing this package imports no
torch.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from zoo.model_index.errors import UsageError
from zoo.model_index.errors.suggestions import describe_unknown

if TYPE_CHECKING:
    from zoo.bench.engines.base import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineRow:
    """What an engine is and can do.

    `factory` is `module:class`. `packages` are the distributions whose versions decide its speed.
    `lists`: it runs a model that takes a list of images. `trains`: its class is a
    `TrainingEngine`. `graph_capture`: its calls can be recorded in a CUDA
    graph. `options` are the fields of `EngineOptions` that only this engine reads; they become the
    condition `engine_options` of its cells. `extra` is that of this package which installs it,
    `devices` are the kinds that it drives.
    """

    factory: str
    packages: tuple[str, ...]
    extra: str = "live"
    devices: tuple[str, ...] = ("cpu", "cuda", "mps")
    trains: bool = False
    lists: bool = False
    graph_capture: bool = False
    options: tuple[str, ...] = ()


NO_LISTS = "a graph of ONNX takes tensors, and this model takes a list of images"
FIXED_LIST = (
    "no graph leaves the number of images of a list open; --static writes a file for the one of "
    "--batch-size"
)
# the oldest opset that torch's exporter writes without converting; every runtime here reads it
ONNX_OPSET = 18

ENGINES: dict[str, EngineRow] = {
    "eager": EngineRow(
        factory="zoo.bench.engines.eager:Eager",
        packages=("torch",),
        trains=True,
        lists=True,
        graph_capture=True,
    ),
    "compile": EngineRow(
        factory="zoo.bench.engines.compile:TorchCompile",
        packages=("torch", "triton"),
        trains=True,
        lists=True,
        graph_capture=True,
        options=("compile_mode",),
    ),
    "onnxruntime": EngineRow(
        factory="zoo.bench.engines.onnxruntime:OnnxRuntime",
        packages=("onnxruntime", "onnxruntime-gpu", "onnx", "onnxscript", "torch"),
        extra="onnx",
        devices=("cpu", "cuda"),
    ),
    "openvino": EngineRow(
        factory="zoo.bench.engines.openvino:OpenVino",
        packages=("openvino", "onnx", "onnxscript", "torch"),
        extra="openvino",
        devices=("cpu",),
        options=("hint",),
    ),
    "tensorrt": EngineRow(
        factory="zoo.bench.engines.tensorrt:TensorRt",
        packages=("tensorrt", "onnx", "onnxscript", "torch"),
        extra="tensorrt",
        devices=("cuda",),
    ),
}


def create_engine(name: str) -> "Engine":
    """Return a new engine with nothing loaded.

    Raises:
        UsageError: the table has no such name.
    """
    if name not in ENGINES:
        raise UsageError(describe_unknown("--engine: no", name, ENGINES))
    module, _, attribute = ENGINES[name].factory.partition(":")
    engine: Engine = getattr(import_module(module), attribute)()
    return engine


def training_engines() -> list[str]:
    """Return the names of the engines that train."""
    return [name for name, row in ENGINES.items() if row.trains]


def all_packages() -> list[str]:
    """Return every package of the table, each once."""
    return list(dict.fromkeys(package for row in ENGINES.values() for package in row.packages))
