"""Run torch eagerly: every operator is called from Python."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from zoo.bench.engines import torch_settings
from zoo.bench.engines.base import EngineOptions
from zoo.bench.engines.errors import Unsupported
from zoo.bench.engines.output_check import all_tensors, copy_to_cpu
from zoo.models.environment import version
from zoo.models.inputs import Inputs

REDUCED = ("Half", "BFloat16")  # torch's names of the types, as its errors have them


class Eager:
    """See `base.Engine`."""

    def prepare(self, model: nn.Module, inputs: Inputs, options: EngineOptions) -> None:
        self.options = options
        model, self.inputs = torch_settings.apply_options(model, inputs, options)
        self.call = self.wrap(model, options)

    def wrap(self, model: nn.Module, options: EngineOptions) -> Callable[..., Any]:
        """Return what `run` calls."""
        return model

    def _call(self) -> Any:
        try:
            with torch_settings.autocast(self.options):
                return self.call(*self.inputs.args, **self.inputs.kwargs)
        except RuntimeError as error:  # NotImplementedError is one
            message, precision = str(error), self.options.precision
            if precision in ("fp32", "tf32") or not any(name in message for name in REDUCED):
                raise
            context = f"torch on {self.options.device} in {precision}"
            raise Unsupported(f"{context}: {message.splitlines()[0]}") from error

    @torch.inference_mode()
    def outputs(self) -> list[torch.Tensor]:
        return copy_to_cpu(all_tensors(self._call()))

    @torch.inference_mode()
    def run(self) -> None:
        self._call()

    def synchronise(self) -> None:
        torch_settings.synchronise(self.options.device)

    def close(self) -> None:
        self.__dict__.pop("call", None)
        self.__dict__.pop("inputs", None)

    def versions(self) -> dict[str, str | None]:
        return torch_versions()


def torch_versions() -> dict[str, str | None]:
    """Return the versions of torch, CUDA and cuDNN."""
    cudnn = torch.backends.cudnn.version() if torch.cuda.is_available() else None
    return {
        "torch": version("torch"),
        "cuda": torch.version.cuda,
        "cudnn": str(cudnn) if cudnn else None,
    }
