"""Import runtimes that an extra of this package installs."""

from importlib import import_module
from typing import Any

from zoo.bench.engines.base import EngineOptions
from zoo.bench.engines.errors import MissingPackage, Unsupported
from zoo.models.extras import EXTRAS, install_command


def import_runtime(module: str) -> Any:
    """Import and return the runtime's module.

    Raises:
        MissingPackage: the message names the extra.
    """
    try:
        return import_module(module)
    except ImportError as error:
        install = install_command(EXTRAS[module])
        raise MissingPackage(f"{module} cannot be imported ({error}): {install}") from error


def refuse_torch_only(engine: str, options: EngineOptions) -> None:
    """Refuse options that only torch's engines apply, so that no record claims them.

    Raises:
        Unsupported: mixed precision, or a memory format.
    """
    if options.precision == "amp":
        raise Unsupported(
            f"amp is torch's autocast; {engine} has fp32, fp16 or bf16 for a whole graph"
        )
    if options.channels_last:
        raise Unsupported(f"channels-last is a layout of torch's tensors; {engine} chooses its own")
