"""Compare an engine's output with the model's eager float32 output on the CPU.

Where they differ, no timing is published and no exported file is kept.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from zoo.bench.engines.errors import NoTensor

TOLERANCES: dict[str, float] = {
    "fp32": 2.0**-13,
    "tf32": 2.0**-6,
    "fp16": 2.0**-6,
    "bf16": 2.0**-3,
    "amp": 2.0**-3,
}
"""How far off an output may be, as a share of the reference's largest absolute value.

Rounding errors of independent signs grow with the square root of their number (Higham, Accuracy and
Stability of Numerical Algorithms, 2002, section 2.8). In reduced precision weights and activations
are rounded once a layer and products are summed in float32: 2 x sqrt(256 layers) = 32 unit
roundoffs, 2^-11 for fp16 and TF32 and 2^-8 for bfloat16. In float32 the summing itself rounds, 64
times as much for the 4,096 products of an output: 2,048 unit roundoffs of 2^-24. `amp` is bfloat16
on the CPU, so it has that one's tolerance.

Five networks of the embedded index, dpn107 among them, were off by 3e-7 to 8e-7 in float32, by
0.0004 to 0.0015 in fp16 and by 0.003 to 0.01 in bfloat16 and amp. So float32's tolerance also finds
a runtime that computes in less under its name. Other weights or a wrong operator are off by about
the scale itself.
"""


@dataclass(frozen=True, slots=True)
class OutputCheck:
    """The largest difference and the tolerance, in the output's units; `max_abs` is infinite for
    another shape or a value that is not finite."""

    max_abs: float
    tolerance: float
    ok: bool

    def __str__(self) -> str:
        """Return `the output differs by 0.31 from eager float32's; 0.00012 is allowed`."""
        if math.isinf(self.max_abs):
            return "the output's shape differs from eager float32's, or it has non-finite values"
        difference = f"the output differs by {self.max_abs:.3g} from eager float32's"
        return f"{difference}; {self.tolerance:.3g} is allowed"


def check(output: torch.Tensor, reference: torch.Tensor, precision: str) -> OutputCheck:
    """Compare an engine's output with eager float32's, both (batch, ...) on the CPU."""
    largest = max_difference(output, reference)
    scale = reference.abs().max().item() if reference.numel() else 0.0
    tolerance = TOLERANCES[precision] * scale
    return OutputCheck(largest, tolerance, largest <= tolerance < math.inf)


def max_difference(output: torch.Tensor, reference: torch.Tensor) -> float:
    """Return the largest absolute difference; infinite for another shape, or a value that is not
    finite."""
    if output.shape != reference.shape:
        return math.inf
    if not (torch.isfinite(output).all() and torch.isfinite(reference).all()):
        return math.inf
    return (output.double() - reference.double()).abs().max().item() if output.numel() else 0.0


@torch.inference_mode()
def eager_output(model: nn.Module, inputs: torch.Tensor) -> torch.Tensor:
    """Return a copy of the model's first output in eager float32; model and inputs are on the
    CPU."""
    return first_tensor(model(inputs)).float().clone()


def first_tensor(value: Any) -> torch.Tensor:
    """Return the first tensor of a model's output: itself, or that of a tuple, list or mapping, at
    any depth.

    Raises:
        NoTensor: the output has none.
    """
    if isinstance(value, torch.Tensor):
        return value
    parts = list(value.values()) if isinstance(value, Mapping) else value
    if isinstance(parts, (tuple, list)) and parts:
        return first_tensor(parts[0])
    raise NoTensor(f"expected a tensor first in the model's output, got {type(value).__name__}")
