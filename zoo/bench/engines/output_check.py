"""Compare all outputs of an engine with the model's eager float32 outputs on the CPU.

Where they differ, no timing is published and no exported file is kept.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from itertools import chain
from typing import Any

import torch
from torch import nn

from zoo.bench.engines.errors import NoTensor
from zoo.models.inputs import Inputs

NOT_DETERMINISTIC = (
    "two calls of the model on the same batch differ by {difference:.3g}: it draws random numbers "
    "in evaluation, or keeps a state"
)
TOLERANCES: dict[str, float] = {
    "fp32": 2.0**-13,
    "tf32": 2.0**-6,
    "fp16": 2.0**-6,
    "bf16": 2.0**-3,
    "amp": 2.0**-3,
}
"""How far off an output may be, as a share of the reference's largest absolute value. Of
integers, it is the share of elements that may differ, as the index of a largest value does.

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
    """The comparison of all outputs, told by the one that differs most for its tolerance.

    `max_abs` is the largest difference and `tolerance` what is allowed, both in that output's
    units; for integers, both are numbers of elements that differ. `max_abs` is infinite for another
    shape, another number of outputs, or values that are not finite on one side only. `output` is
    the position among `outputs`, from 1.
    """

    max_abs: float
    tolerance: float
    ok: bool
    output: int = 1
    outputs: int = 1

    def __str__(self) -> str:
        """Return `the output differs by 0.31 from eager float32's; 0.00012 is allowed`."""
        if not self.output:
            return "the number of outputs differs from eager float32's"
        name = "the output" if self.outputs == 1 else f"output {self.output} of {self.outputs}"
        if math.isinf(self.max_abs):
            return f"{name} has another shape than eager float32's, or non-finite values"
        difference = f"{name} differs by {self.max_abs:.3g} from eager float32's"
        return f"{difference}; {self.tolerance:.3g} is allowed"


def check(
    outputs: Sequence[torch.Tensor], references: Sequence[torch.Tensor], precision: str
) -> OutputCheck:
    """Compare all outputs of an engine with those of eager float32, in order, on the CPU."""
    if len(outputs) != len(references):
        return OutputCheck(math.inf, 0.0, False, output=0, outputs=len(references))
    rows = [
        _check_one(output, reference, precision, position, len(references))
        for position, (output, reference) in enumerate(zip(outputs, references, strict=True), 1)
    ]
    return max(rows, key=_excess)


def _check_one(
    output: torch.Tensor, reference: torch.Tensor, precision: str, position: int, count: int
) -> OutputCheck:
    share = TOLERANCES[precision]
    if reference.is_floating_point() and output.is_floating_point():
        largest = max_difference(output, reference)
        finite = reference[torch.isfinite(reference)]
        tolerance = share * (finite.abs().max().item() if finite.numel() else 0.0)
    else:
        same = output.shape == reference.shape
        largest = float((output != reference).sum().item()) if same else math.inf
        tolerance = share * reference.numel()
    return OutputCheck(largest, tolerance, largest <= tolerance < math.inf, position, count)


def _excess(row: OutputCheck) -> tuple[bool, float]:
    """Return what orders checks by how bad they are."""
    return not row.ok, row.max_abs / row.tolerance if row.tolerance else row.max_abs


def max_difference(output: torch.Tensor, reference: torch.Tensor) -> float:
    """Return the largest absolute difference.

    It is infinite for another shape, for NaN, for an infinity that the other side does not have,
    and where no value is finite.
    """
    if output.shape != reference.shape:
        return math.inf
    compared = output != reference  # an infinity equals itself, as in a masked output
    finite = torch.isfinite(output) & torch.isfinite(reference)
    if (compared & ~finite).any() or (output.numel() and not finite.any()):
        return math.inf
    if not compared.any():
        return 0.0
    return (output[compared].double() - reference[compared].double()).abs().max().item()


@torch.inference_mode()
def eager_outputs(model: nn.Module, inputs: Inputs) -> list[torch.Tensor]:
    """Return copies of all outputs of the model in eager float32; model and inputs are on the
    CPU.

    Raises:
        NoTensor: as `all_tensors`.
    """
    return copy_to_cpu(all_tensors(model(*inputs.args, **inputs.kwargs)))


def difference_of_calls(
    model: nn.Module, inputs: Inputs, first: Sequence[torch.Tensor]
) -> float | None:
    """Return how far a second call is from the outputs of a first one, both in eager float32; None
    where that is within its tolerance."""
    result = check(eager_outputs(model, inputs), first, "fp32")
    return None if result.ok else result.max_abs


def copy_to_cpu(tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Return copies on the CPU: numbers with a fraction in float32, others as they are."""
    return [
        value.detach().to(
            "cpu", torch.float32 if value.is_floating_point() else value.dtype, copy=True
        )
        for value in tensors
    ]


def all_tensors(value: Any) -> list[torch.Tensor]:
    """Return every tensor of a model's output, in order: itself, or those of a tuple, list, mapping
    or dataclass, at any depth. Complex tensors have a last dimension of two.

    Raises:
        NoTensor: the output has none, or holds an object whose tensors are not known.
    """
    tensors = list(_tensors(value))
    if not tensors:
        raise NoTensor(f"expected tensors in the model's output, got {type(value).__name__}")
    return tensors


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield torch.view_as_real(value) if value.is_complex() else value
    elif isinstance(value, Mapping):
        yield from chain.from_iterable(map(_tensors, value.values()))
    elif isinstance(value, tuple | list):
        yield from chain.from_iterable(map(_tensors, value))
    elif is_dataclass(value) and not isinstance(value, type):
        yield from chain.from_iterable(_tensors(getattr(value, row.name)) for row in fields(value))
    elif value is not None and not isinstance(value, bool | int | float | str):
        raise NoTensor(
            f"expected tensors in the model's output, got {type(value).__name__}; "
            "it cannot be compared"
        )


def first_tensor(value: Any) -> torch.Tensor:
    """Return the first tensor of a model's output, as `all_tensors`, whatever follows it."""
    first = next(_tensors(value), None)
    return first if first is not None else all_tensors(value)[0]
