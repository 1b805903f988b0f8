"""Run torch.compile: capture the graph and compile it, on the CPU to C++ and on a GPU to Triton."""

import shutil
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from zoo.bench.engines.base import EngineOptions
from zoo.bench.engines.eager import Eager
from zoo.bench.engines.errors import Unsupported
from zoo.models.environment import version


class TorchCompile(Eager):
    """See `base.Engine`. Shapes are those of the bound inputs; the graph may break, as it may for
    any user."""

    def wrap(self, model: nn.Module, options: EngineOptions) -> Callable[..., Any]:
        if options.kind == "cpu" and not any(map(shutil.which, ("g++", "clang++", "c++"))):
            raise Unsupported(
                "torch.compile on the CPU needs a C++ compiler: g++ or clang++ on the PATH"
            )
        return torch.compile(model, mode=options.compile_mode, fullgraph=False, dynamic=False)

    def close(self) -> None:
        super().close()
        torch.compiler.reset()

    def versions(self) -> dict[str, str | None]:
        return super().versions() | {"triton": version("triton")}
