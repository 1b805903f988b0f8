import math
from collections.abc import Callable

import pytest
import torch
from torch import nn

from zoo.bench.engines.base import PRECISIONS
from zoo.bench.engines.errors import NoTensor
from zoo.bench.engines.output_check import (
    TOLERANCES,
    OutputCheck,
    check,
    eager_output,
    first_tensor,
    max_difference,
)


def test_a_difference_is_the_largest_of_all() -> None:
    assert max_difference(torch.tensor([[1.0, 2.0]]), torch.tensor([[1.5, 2.25]])) == 0.5


def test_what_cannot_be_compared_is_infinitely_far() -> None:
    one = torch.ones(2, 3)
    for other in (torch.ones(2, 4), torch.full((2, 3), math.nan), torch.full((2, 3), math.inf)):
        assert max_difference(other, one) == math.inf
        assert max_difference(one, other) == math.inf
    broken = torch.full((2, 3), math.inf)
    assert not check(broken, broken, "fp32").ok


def test_nothing_differs_from_nothing() -> None:
    assert check(torch.ones(0, 3), torch.ones(0, 3), "fp32") == OutputCheck(0.0, 0.0, True)


def test_a_tolerance_is_a_share_of_the_largest_output() -> None:
    expected = torch.tensor([[-16.0, 1.0]])
    assert check(expected + 0.25, expected, "fp16") == OutputCheck(0.25, 0.25, True)
    assert check(expected + 0.26, expected, "fp16").ok is False
    assert check(expected + 0.25, expected, "fp32") == OutputCheck(0.25, 2**-9, False)
    assert check(expected + 2, expected, "bf16") == OutputCheck(2.0, 2.0, True)


def test_a_reference_of_zeros_allows_nothing() -> None:
    assert not check(torch.full((1, 2), 1e-9), torch.zeros(1, 2), "bf16").ok


def test_every_precision_has_a_tolerance() -> None:
    assert set(TOLERANCES) == set(PRECISIONS)


def test_it_says_what_it_found() -> None:
    message = "the output differs by 0.25 from eager float32's; 0.00195 is allowed"
    assert str(check(torch.tensor([16.25]), torch.tensor([16.0]), "fp32")) == message
    message = "the output's shape differs from eager float32's, or it has non-finite values"
    assert str(check(torch.ones(2), torch.ones(3), "fp32")) == message


def test_the_first_tensor_of_an_output() -> None:
    one = torch.ones(1)
    for found in (one, (one, 2), [one], {"logits": one, "more": 3}, {"all": ((one, 2), 3)}):
        assert first_tensor(found) is one
    for found, name in ((3, "int"), ((), "tuple"), ({}, "dict"), ([None], "NoneType")):
        with pytest.raises(
            NoTensor, match=f"^expected a tensor first in the model's output, got {name}$"
        ):
            first_tensor(found)


def test_a_reference_is_a_copy_of_its_own(toy_network: nn.Module, images: torch.Tensor) -> None:
    class Same(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x

    assert eager_output(Same(), images).data_ptr() != images.data_ptr()
    assert eager_output(toy_network, images).shape == (4, 5)
    assert not eager_output(toy_network, images).requires_grad


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_rounding_passes_and_other_weights_do_not(
    precision: str, make_network: Callable[[], nn.Module], images: torch.Tensor
) -> None:
    """The tolerances part what they have to: a network in reduced precision from one with one other
    layer."""
    expected = eager_output(make_network(), images)
    dtype = {"bf16": torch.bfloat16, "fp16": torch.float16}[precision]
    with torch.inference_mode():
        rounded = make_network().to(dtype)(images.to(dtype)).float()
        assert check(rounded, expected, precision).ok
        assert not check(rounded, expected, "fp32").ok
        other = make_network()
        nn.init.normal_(other[4].weight, std=0.05)  # type: ignore[index]
        assert not check(other(images), expected, precision).ok
