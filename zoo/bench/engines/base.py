"""The interface of engines: the same calls for every runtime, so that one worker times them all in
the same way."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

import torch
from torch import nn

from zoo.models.inputs import Inputs
from zoo.models.precision import DTYPES

Precision = Literal["fp32", "tf32", "amp", "bf16", "fp16"]
Hint = Literal["latency", "throughput"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """How an engine runs a model. Every engine applies each option or refuses it; none is ignored
    silently.

    `device` is torch's name of the device. `threads` are those of one operator on the CPU, None for
    the engine's own choice. `hint` is what to tune for, where an engine can. `compile_mode` is
    torch.compile's.
    """

    precision: Precision = "fp32"
    device: str = "cpu"
    threads: int | None = None
    channels_last: bool = False
    hint: Hint = "latency"
    compile_mode: str = "default"

    @property
    def kind(self) -> str:
        """Return the device without its number: `cpu`, `cuda`, `mps`."""
        return self.device.split(":")[0]

    @property
    def dtype(self) -> torch.dtype:
        """Return the type of weights and inputs."""
        return DTYPES[self.precision]


class Engine(Protocol):
    """A runtime with one model and its inputs bound to it. Call `prepare` first and `close`
    last."""

    def prepare(self, model: nn.Module, inputs: Inputs, options: EngineOptions) -> None:
        """Load, compile or export, and bind the inputs. The engine takes `model` over and may
        change it.

        Args:
            model: in evaluation mode and float32, on `options.device`.
            inputs: the arguments of a forward pass, numbers of a fraction in float32, on the same
                device.

        Raises:
            Unsupported: the engine is not installed, or cannot run this here.
        """

    def outputs(self) -> list[torch.Tensor]:
        """Return all outputs of one call, in the model's order: (batch, ...) on the CPU, as copies;
        numbers with a fraction are in float32."""

    def run(self) -> None:
        """Call the model once on the bound inputs. It may return before the device is done: see
        `synchronise`.

        `prepare` makes no call, so that the parts of a cold start can be timed; torch.compile
        compiles in the first call.

        Raises:
            Unsupported: an operator has no kernel for the precision.
        """

    def synchronise(self) -> None:
        """Wait until every call is done."""

    def close(self) -> None:
        """Free memory and files; a second call does nothing."""

    def versions(self) -> dict[str, str | None]:
        """Return the versions that decide its speed, by package; None for what is unknown."""


class TrainingEngine(Engine, Protocol):
    """An engine whose model can be trained."""

    def wrap(self, model: nn.Module, options: EngineOptions) -> Callable[..., Any]:
        """Return what a forward pass calls.

        Raises:
            Unsupported: this machine cannot compile.
        """
