"""The arguments of a pass: cut, cast and named."""

import pytest
import torch
from torch import nn

from zoo.model_index.records.input_text import parse_input
from zoo.models.inputs import Inputs, make_random

MODEL = nn.Linear(2, 2)


def make(text: str, batch: int = 3) -> Inputs:
    return make_random(MODEL, parse_input(text), batch=batch)


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("8x9 image", {"input": (2, 3, 8, 9)}),
        ("8x8 image pair", {"input_1": (2, 3, 8, 8), "input_2": (2, 3, 8, 8)}),
        ("8x8 image list", {"input_1": (3, 8, 8), "input_2": (3, 8, 8)}),
        ("5 tokens with mask", {"input": (2, 5), "attention_mask": (2, 5)}),
        ("x=2x7 int64, 4x4 image", {"input": (2, 3, 4, 4), "x": (4, 7)}),
    ],
)
def test_the_first_samples_of_a_batch(text: str, shapes: dict[str, tuple[int, ...]]) -> None:
    whole = make(text)
    cut = whole.first(2)
    assert {name: tuple(tensor.shape) for name, tensor in cut.tensors().items()} == shapes
    assert cut.batch == 2 and whole.first(9).batch == 3
    for name, tensor in cut.tensors().items():
        assert torch.equal(tensor, whole.tensors()[name][: len(tensor)])


def test_only_numbers_with_fractions_are_cast() -> None:
    cast = make("8x8 image, 5 tokens, z=2 bool").cast(torch.float16, channels_last=True)
    kinds = [tensor.dtype for tensor in cast.tensors().values()]
    assert kinds == [torch.float16, torch.int64, torch.bool]
    image = next(iter(cast.args))
    assert image.is_contiguous(memory_format=torch.channels_last)


def test_lists_are_cast_and_moved_too() -> None:
    cast = make("8x8 image list").cast(torch.bfloat16).to("cpu")
    assert [image.dtype for image in cast.args[0]] == [torch.bfloat16] * 3
