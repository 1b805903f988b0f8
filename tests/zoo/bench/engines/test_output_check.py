import math
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
from torch import nn

from zoo.bench.engines.base import PRECISIONS
from zoo.bench.engines.errors import NoTensor
from zoo.bench.engines.output_check import (
    TOLERANCES,
    OutputCheck,
    all_tensors,
    check,
    copy_to_cpu,
    difference_of_calls,
    eager_outputs,
    first_tensor,
    max_difference,
)
from zoo.models.inputs import Inputs


def check_one(output: torch.Tensor, reference: torch.Tensor, precision: str) -> OutputCheck:
    return check([output], [reference], precision)


def test_a_difference_is_the_largest_of_all() -> None:
    assert max_difference(torch.tensor([[1.0, 2.0]]), torch.tensor([[1.5, 2.25]])) == 0.5


def test_what_cannot_be_compared_is_infinitely_far() -> None:
    one = torch.ones(2, 3)
    for other in (torch.ones(2, 4), torch.full((2, 3), math.nan), torch.full((2, 3), math.inf)):
        assert max_difference(other, one) == math.inf
        assert max_difference(one, other) == math.inf
    broken = torch.full((2, 3), math.inf)
    assert not check_one(broken, broken, "fp32").ok


def test_infinities_of_a_mask_equal_themselves() -> None:
    masked = torch.tensor([1.0, -math.inf, 3.0])
    assert check_one(masked.clone(), masked, "fp32") == OutputCheck(0.0, 3 * 2**-13, True)
    assert not check_one(torch.tensor([1.0, math.inf, 3.0]), masked, "fp32").ok
    assert not check_one(torch.tensor([-math.inf, -math.inf, 3.0]), masked, "fp32").ok


def test_nothing_differs_from_nothing() -> None:
    assert check_one(torch.ones(0, 3), torch.ones(0, 3), "fp32") == OutputCheck(0.0, 0.0, True)


def test_a_tolerance_is_a_share_of_the_largest_output() -> None:
    expected = torch.tensor([[-16.0, 1.0]])
    assert check_one(expected + 0.25, expected, "fp16") == OutputCheck(0.25, 0.25, True)
    assert check_one(expected + 0.26, expected, "fp16").ok is False
    assert check_one(expected + 0.25, expected, "fp32") == OutputCheck(0.25, 2**-9, False)
    assert check_one(expected + 2, expected, "bf16") == OutputCheck(2.0, 2.0, True)


def test_every_output_is_compared_with_its_own_tolerance() -> None:
    large, small = torch.tensor([1000.0]), torch.tensor([1.0])
    for wrong in ([large, small + 0.01], [small + 0.01, large]):
        right = [large, small] if wrong[0] is large else [small, large]
        found = check(wrong, right, "fp32")
        assert not found.ok
        assert found.output == (2 if wrong[0] is large else 1)
    assert check([large, small], [large, small], "fp32").ok
    assert not check([large], [large, small], "fp32").ok


def test_of_integers_a_share_may_differ() -> None:
    """The index of the largest of two equal values is a matter of rounding."""
    labels = torch.arange(16)
    other = labels.clone()
    other[3] = 9
    assert not check_one(other, labels, "fp32").ok
    assert check_one(other, labels, "bf16") == OutputCheck(1.0, 2.0, True)
    assert check_one(labels.clone(), labels, "fp32").ok
    assert not check_one(labels > 3, labels > 4, "fp32").ok


def test_a_reference_of_zeros_allows_nothing() -> None:
    assert not check_one(torch.full((1, 2), 1e-9), torch.zeros(1, 2), "bf16").ok


def test_every_precision_has_a_tolerance() -> None:
    assert set(TOLERANCES) == set(PRECISIONS)


def test_it_says_what_it_found() -> None:
    one = torch.tensor([16.0])
    message = "the output differs by 0.25 from eager float32's; 0.00195 is allowed"
    assert str(check_one(one + 0.25, one, "fp32")) == message
    message = "output 2 of 2 differs by 0.25 from eager float32's; 0.00195 is allowed"
    assert str(check([one, one + 0.25], [one, one], "fp32")) == message
    message = "the output has another shape than eager float32's, or non-finite values"
    assert str(check_one(torch.ones(2), torch.ones(3), "fp32")) == message
    message = "the number of outputs differs from eager float32's"
    assert str(check([one], [one, one], "fp32")) == message


@dataclass
class Detections:
    boxes: torch.Tensor
    count: int
    masks: list[torch.Tensor]


def test_all_tensors_of_an_output() -> None:
    one, two = torch.ones(1), torch.zeros(2)
    cases = [
        one,
        (one, 2),
        [one, None],
        {"logits": one, "more": 3},
        {"all": ((one, "text"), two)},
        Detections(one, 3, [two, one]),
    ]
    found = [[id(value) for value in all_tensors(case)] for case in cases]
    one_id, two_id = id(one), id(two)
    assert found == [[one_id]] * 4 + [[one_id, two_id], [one_id, two_id, one_id]]
    assert all(first_tensor(case) is one for case in cases)
    for nothing, name in ((3, "int"), ((), "tuple"), ({}, "dict"), ([None], "list")):
        with pytest.raises(NoTensor, match=f"^expected tensors in the model's output, got {name}$"):
            all_tensors(nothing)
    with pytest.raises(NoTensor, match=r"got object; it cannot be compared$"):
        all_tensors((one, object()))
    assert first_tensor((one, object())) is one


def test_a_complex_output_is_compared_whole() -> None:
    value = torch.tensor([1 + 2j])
    assert torch.equal(copy_to_cpu(all_tensors(value))[0], torch.tensor([[1.0, 2.0]]))


def test_a_reference_is_a_copy_of_its_own(toy_network: nn.Module, images: torch.Tensor) -> None:
    class Same(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x

    assert eager_outputs(Same(), Inputs.of(images))[0].data_ptr() != images.data_ptr()
    (output,) = eager_outputs(toy_network, Inputs.of(images))
    assert output.shape == (4, 5)
    assert not output.requires_grad


def test_two_calls_of_a_model_that_draws_differ(
    toy_network: nn.Module, images: torch.Tensor
) -> None:
    class Draws(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return nn.functional.dropout(x.mean((2, 3)))

    for model, differs in ((toy_network, False), (Draws().eval(), True)):
        first = eager_outputs(model, Inputs.of(images))
        assert (difference_of_calls(model, Inputs.of(images), first) is not None) == differs


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_rounding_passes_and_other_weights_do_not(
    precision: str, make_network: Callable[[], nn.Module], images: torch.Tensor
) -> None:
    """The tolerances part what they have to: a network in reduced precision from one with one other
    layer."""
    expected = eager_outputs(make_network(), Inputs.of(images))
    dtype = {"bf16": torch.bfloat16, "fp16": torch.float16}[precision]
    with torch.inference_mode():
        rounded = copy_to_cpu([make_network().to(dtype)(images.to(dtype))])
        assert check(rounded, expected, precision).ok
        assert not check(rounded, expected, "fp32").ok
        other = make_network()
        nn.init.normal_(other[4].weight, std=0.05)  # type: ignore[index]
        assert not check([other(images)], expected, precision).ok
