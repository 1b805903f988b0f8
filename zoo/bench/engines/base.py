"""What an engine is: the same calls for every runtime, so that one worker times them all in the
same way."""

from dataclasses import dataclass
from typing import Literal, Protocol, get_args

import torch
from torch import nn

from zoo.models.precision import DTYPES

Precision = Literal["fp32", "tf32", "amp", "bf16", "fp16"]
Hint = Literal["latency", "throughput"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How an engine is to run a model. Every engine sets what it can of this; none inherits it
    silently.

    `device` is torch's name of the device. `threads` are those of one operator on the CPU, None for
    the engine's own choice. `hint` says what the engine should be tuned for, where it can be.
    `compile_mode` is torch.compile's.
    """

    precision: Precision = "fp32"
    device: str = "cpu"
    threads: int | None = None
    channels_last: bool = False
    hint: Hint = "latency"
    compile_mode: str = "default"

    @property
    def kind(self) -> str:
        """The device without its number: `cpu`, `cuda`, `mps`."""
        return self.device.split(":")[0]

    @property
    def dtype(self) -> torch.dtype:
        """The type of weights and inputs."""
        return DTYPES[self.precision]


class Engine(Protocol):
    """A runtime with one model and its inputs bound to it. Call `prepare` first and `close`
    last."""

    def prepare(self, model: nn.Module, inputs: torch.Tensor, options: EngineOptions) -> None:
        """Load, compile or export, and bind the inputs. The engine takes `model` over and may
        change it.

        Args:
            model: in evaluation mode and float32, on `options.device`.
            inputs: (batch, channels, height, width) in float32, on the same device.

        Raises:
            Unsupported: the engine is not installed, or cannot run this here.
        """

    def output(self) -> torch.Tensor:
        """The first output of one call: (batch, ...) in float32 on the CPU, a copy of its own."""

    def run(self) -> None:
        """One call on the bound inputs. It may return before the device is done: see `synchronise`.

        The first call is the model's first: `prepare` makes none, so that a cold start can be timed
        in its parts. torch.compile compiles in it.

        Raises:
            Unsupported: an operator has no kernel for the precision.
        """

    def synchronise(self) -> None:
        """Wait until every call is done."""

    def close(self) -> None:
        """Give back memory and files; a second call does nothing."""

    def versions(self) -> dict[str, str | None]:
        """The versions that decide how fast it is, by package; None for what is unknown."""
