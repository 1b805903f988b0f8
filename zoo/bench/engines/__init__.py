"""The engines that run a model: a row of the table and one file each. Importing this package
imports no torch."""

from importlib import import_module
from typing import TYPE_CHECKING

from zoo.model_index.errors import UsageError

if TYPE_CHECKING:
    from zoo.bench.engines.base import Engine

ENGINES: dict[str, str] = {
    "eager": "zoo.bench.engines.eager:Eager",
    "compile": "zoo.bench.engines.compile:Compiled",
    "onnxruntime": "zoo.bench.engines.onnxruntime:OnnxRuntime",
    "openvino": "zoo.bench.engines.openvino:OpenVino",
    "tensorrt": "zoo.bench.engines.tensorrt:TensorRt",
}
"""Where the class of each engine is."""


def engine(name: str) -> "Engine":
    """A new engine, with nothing loaded.

    Raises:
        UsageError: for a name that the table does not have.
    """
    if name not in ENGINES:
        raise UsageError(f"--engine: expected {', '.join(ENGINES)}, got {name!r}")
    module, _, attribute = ENGINES[name].partition(":")
    return getattr(import_module(module), attribute)()
