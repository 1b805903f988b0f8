"""The tables of tools that hook modules: single layers by hand, and models against what the tools
printed."""

import copy

import pytest
import timm
import torch
import torchvision
from torch import nn

from tests.zoo.counting.passes import count
from zoo.counting import hook_based_tools
from zoo.counting.conventions import BY_NAME
from zoo.model_index.ledger.trace import Trace

SIDE = 16
IN = 3 * SIDE * SIDE
TOOLS = ("thop", "thop-0.1", "ptflops", "mmcv", "torchinfo")
# What thop 0.0.31.post2005241907, thop 0.1.1.post2209072238, ptflops 0.6.9, mmcv 1.7.2 and
# torchinfo 1.8.0 printed for these models with an input of 1x3x224x224; None where our table has no
# rule for a layer of the model.
PRINTED = {
    ("torchvision", "resnet18"): (1819066368, 1824033792, 1822177768, 1822176768, 1814083944),
    ("torchvision", "squeezenet1_0"): (823440824, 819094576, 830046392, 830046392, 823270824),
    ("torchvision", "mobilenet_v3_large"): (226043920, 234838456, 228356576, 228354296, 216621520),
    ("torchvision", "vit_b_32"): (2947566336, 2951368704, None, 2949486336, 173119720),
    ("timm", "convnext_tiny"): (4458279168, 4455569664, 4458312520, 4458278400, 322371592),
    ("timm", "mixer_s16_224"): (3777058816, 3783782400, 3781343752, 3780470784, 95305224),
}


def of(model: nn.Module, input_size: tuple[int, ...] = (1, 3, SIDE, SIDE)) -> Trace:
    return count(copy.deepcopy(model).eval().to("meta"), input_size)[0]


def totals(trace: Trace) -> tuple[int | None, ...]:
    return tuple(BY_NAME[name].total(trace) for name in TOOLS)


@pytest.mark.parametrize(("library", "name"), PRINTED, ids=lambda value: value)
def test_models_equal_what_the_tools_printed(library: str, name: str) -> None:
    make = {"torchvision": torchvision.models.get_model, "timm": timm.create_model}[library]
    with torch.device("meta"):
        model = make(name)
    assert totals(count(model.eval(), (1, 3, 224, 224))[0]) == PRINTED[library, name]


CONV, CONV_OUT = 14 * 14 * 8 * 27, 14 * 14 * 8
LAYERS = {
    nn.Conv2d(3, 8, 3): (CONV + CONV_OUT, CONV, CONV + CONV_OUT, CONV + CONV_OUT, CONV + CONV_OUT),
    nn.Conv2d(3, 6, 3, groups=3, bias=False): 5 * (14 * 14 * 6 * 9,),
    nn.Linear(16, 5): (48 * 80, 48 * 80, 48 * 80 + 5, 48 * 80, 85),
    nn.Linear(16, 5, bias=False): (48 * 80, 48 * 80, 48 * 80, 48 * 80, 80),
    nn.BatchNorm2d(3): (2 * IN, 4 * IN, 2 * IN, 2 * IN, 6),
    nn.BatchNorm2d(3, affine=False): (2 * IN, 2 * IN, IN, IN, 0),
    nn.GroupNorm(1, 3): (0, 0, 2 * IN, 2 * IN, 6),
    nn.GroupNorm(1, 3, affine=False): (0, 0, IN, IN, 0),
    nn.InstanceNorm2d(3): (0, 2 * IN, IN, IN, 0),
    nn.InstanceNorm2d(3, affine=True): (0, 4 * IN, 2 * IN, 2 * IN, 6),
    nn.LayerNorm(SIDE): (0, 4 * IN, 0, 2 * IN, 32),
    nn.LayerNorm(SIDE, elementwise_affine=False): (0, 2 * IN, 0, IN, 0),
    nn.ReLU(): (0, 0, IN, IN, 0),
    nn.ReLU6(): (0, 0, IN, IN, 0),
    nn.ELU(): (0, 0, IN, IN, 0),
    nn.LeakyReLU(): (IN, 0, IN, IN, 0),
    nn.PReLU(): (0, IN, IN, IN, 1),
    nn.GELU(): (0, 0, IN, 0, 0),
    nn.SiLU(): 5 * (0,),
    nn.Softmax(1): (0, None, 0, 0, 0),
    nn.MaxPool2d(3, 2, 1): (0, 0, IN, IN, 0),
    nn.AvgPool2d(3, 2): (3 * 7 * 7, 3 * 7 * 7, IN, IN, 0),
    nn.AdaptiveAvgPool2d(4): (IN + 48, IN + 48, IN, IN, 0),
    nn.AdaptiveAvgPool2d(3): (None, IN + 27, IN, IN, 0),
    nn.AdaptiveMaxPool2d(1): (0, 0, IN, IN, 0),
    nn.Upsample(scale_factor=2): (0, 4 * IN, 4 * IN, 4 * IN, 0),
    nn.Upsample(scale_factor=2, mode="bilinear"): (44 * IN, 44 * IN, 4 * IN, 4 * IN, 0),
    nn.Upsample(scale_factor=2, mode="bicubic"): (259 * 4 * IN, 259 * 4 * IN, 4 * IN, 4 * IN, 0),
    nn.UpsamplingBilinear2d(scale_factor=2): (44 * IN, 44 * IN, 0, 0, 0),
    nn.ConvTranspose2d(3, 4, 3): 5 * (None,),
}


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_single_layers(layer: nn.Module) -> None:
    assert totals(of(nn.Sequential(layer))) == LAYERS[layer]


class Own(nn.Conv2d):
    """A subclass, as timm's Conv2dSame is one."""


class OwnConv(nn.Conv2d):
    pass


class OwnNorm(nn.BatchNorm2d):
    pass


class Mean(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean((2, 3))


OWN, NORM = SIDE * SIDE * 4 * 3, 2 * 4 * SIDE * SIDE


def test_subclasses_are_not_hooked_and_torchinfo_goes_by_name() -> None:
    trace = of(nn.Sequential(Own(3, 4, 1, bias=False), OwnNorm(4)))
    assert totals(trace) == (0, 0, 0, 0, 4 * 3 + 2 * 4)
    assert BY_NAME["macs"].total(trace) == OWN
    assert totals(of(nn.Sequential(OwnConv(3, 4, 1, bias=False)))) == (0, 0, 0, 0, OWN)


def test_variants_take_up_to_three_types_otherwise() -> None:
    trace = of(
        nn.Sequential(
            Own(3, 4, 1, bias=False),
            OwnNorm(4),
            nn.LeakyReLU(),
            Mean(),
            nn.Linear(4, 2, bias=False),
        )
    )
    found = {
        what: (number, sum(map(hooked_sum, parts)))
        for what, number, parts in hook_based_tools.THOP.variants(trace.merged)
    }
    assert len(found) == 5 + 10 + 10
    assert found["(Linear skipped)"] == (1, -8)
    assert found["(Own counted)"] == (1, OWN)
    assert found["(LeakyReLU skipped, OwnNorm counted)"] == (2, NORM - 4 * SIDE * SIDE)
    assert found["(Own counted, OwnNorm counted, the mean in Mean counted as pooling)"] == (
        3,
        OWN + NORM + 4 * SIDE * SIDE + 4,
    )


def hooked_sum(terms: dict[str, int]) -> int:
    return sum(terms.values())


def test_mmcvs_variant_counts_all_subclasses_at_once() -> None:
    trace = of(nn.Sequential(Own(3, 4, 1, bias=False), OwnNorm(4)))
    ((what, number, parts),) = hook_based_tools.MMCV.all_counted(trace.merged)
    assert (what, number, sum(map(hooked_sum, parts))) == ("(subclasses counted)", 1, OWN + NORM)
    assert not list(hook_based_tools.MMCV.all_counted(of(nn.Sequential(nn.Conv2d(3, 4, 1))).merged))


def test_windows_are_judged_layer_by_layer() -> None:
    """Two poolings of unlike maps: their sums do not divide, but each window tiles its input."""
    layers = [
        nn.Conv2d(3, 4, 1),
        nn.AdaptiveAvgPool2d(8),
        nn.Conv2d(4, 3, 1),
        nn.AdaptiveAvgPool2d(1),
    ]
    trace = of(nn.Sequential(*layers))
    (pools,) = [row for row in trace.merged.rows if row.kind == "pooling"]
    assert pools.reads % pools.outputs
    assert BY_NAME["thop"].terms(trace)["pooling"] == 4 * SIDE * SIDE + 4 * 64 + 3 * 64 + 3


def test_attention_has_no_rule_in_ptflops_only() -> None:
    class Wrapped(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.attention(x, x, x)[0]

    assert totals(of(Wrapped(), (1, 5, 8))) == (0, 0, None, 0, 0)


def test_torchinfo_counts_other_layers_once_an_image() -> None:
    assert BY_NAME["torchinfo"].total(of(nn.Sequential(nn.Linear(16, 5)), (4, 9, 16))) == 4 * 85
