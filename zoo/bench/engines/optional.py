"""Runtimes that are installed with an extra of this package."""

from importlib import import_module
from typing import Any

from zoo.bench.engines.base import EngineOptions
from zoo.bench.engines.errors import NotInstalled, Unsupported


def imported(module: str, extra: str) -> Any:
    """The runtime's module.

    Raises:
        NotInstalled: the message names the extra.
    """
    try:
        return import_module(module)
    except ImportError as error:
        install = f"pip install 'model-zoo-ledger[{extra}]'"
        raise NotInstalled(f"{module} cannot be imported ({error}); {install}") from error


def refuse_torch_only(engine: str, options: EngineOptions) -> None:
    """Refuse what only torch's own engines have, so that no record says more than was done.

    Raises:
        Unsupported: mixed precision, or a memory format.
    """
    if options.precision == "amp":
        raise Unsupported(
            f"amp is torch's autocast; {engine} has fp32, fp16 or bf16 for a whole graph"
        )
    if options.channels_last:
        raise Unsupported(f"channels-last is a layout of torch's tensors; {engine} chooses its own")
