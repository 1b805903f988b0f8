"""Activations: fvcore's counter is the oracle, timm's published numbers are the anchors."""

import warnings

import pytest
import timm
import torch
from torch import nn

from tests.zoo.counting.passes import count
from zoo.counting.activations import all_readings, count_activations


class Attention(nn.Module):
    """A projection, a product of its output with itself, and no other layer with weights."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.project = nn.Conv2d(3, 6, 2, stride=2), nn.Linear(6, 6)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        tokens = self.project(self.stem(images).flatten(2).transpose(1, 2))
        return torch.matmul(tokens, tokens.transpose(1, 2))


def fvcore_total(model: nn.Module, side: int) -> int:
    """Count with fvcore, on the CPU and square images."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch.jit, which fvcore uses, about being deprecated
        from fvcore.nn import ActivationCountAnalysis

        analysis = ActivationCountAnalysis(model, torch.zeros(1, 3, side, side))
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
        return int(analysis.total())


@pytest.mark.parametrize(
    ("name", "millions"),
    [("resnet18", "2.48"), ("resnet50", "11.11"), ("mobilenetv3_small_050", "0.92")],
)
def test_activations_are_those_that_timm_publishes(name: str, millions: str) -> None:
    with torch.device("meta"):
        model = timm.create_model(name).eval()
    trace, _ = count(model, (1, 3, 224, 224))
    assert f"{count_activations(trace) / 1e6:.2f}" == millions
    assert count_activations(trace) == fvcore_total(timm.create_model(name).eval(), 224)


def test_matrix_products_and_convolutions_are_readings_of_their_own() -> None:
    trace, _ = count(Attention().eval(), (1, 3, 8, 8))
    totals = {reading.name: reading.total for reading in all_readings(trace)}
    tokens = 16
    assert totals == {
        "layer outputs": 2 * tokens * 6,
        "outputs of products": 2 * tokens * 6 + tokens * tokens,
        "convolution outputs": tokens * 6,
    }
    assert totals["outputs of products"] == fvcore_total(Attention().eval(), 8)


def test_attention_writes_what_its_two_products_do() -> None:
    """timm publishes 5.97 M for this net, counted with attention that is not fused."""
    name = "deit_tiny_patch16_224"
    with torch.device("meta"):
        model = timm.create_model(name).eval()
    trace, _ = count(model, (1, 3, 224, 224))
    totals = {reading.name: reading.total for reading in all_readings(trace)}
    apart = timm.create_model(name).eval()
    for block in apart.blocks:
        block.attn.fused_attn = False
    assert totals["outputs of products"] == fvcore_total(apart, 224)
    assert f"{totals['outputs of products'] / 1e6:.2f}" == "5.97"
