"""Every convention's formula on a network small enough to add up by hand, and fvcore's against fvcore."""

import copy
import warnings
from pathlib import Path

import pytest
import torch
from torch import nn

from model_index.ledger import Ledger
from model_index.load import load
from model_index.records import Index
from model_index.trace import Trace
from zoo.conventions import BY_NAME, CONVENTIONS, written
from zoo.counting import count
from zoo.crosscheck import compare
from zoo.measure import Measurer

MODEL = nn.Sequential(
    nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(1),
    nn.Flatten(), nn.Linear(8, 10),
)  # fmt: skip
CONV, LINEAR, OUT, POOLED = 8 * 24 * 27, 80, 8 * 24, 8 * 6


@pytest.fixture(scope="module")
def trace() -> Trace:
    return count(MODEL.eval().to("meta"), (1, 3, 4, 6))


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("macs", {"conv": CONV, "linear": LINEAR, "matmul": 0}),
        ("2x", {"conv": 2 * CONV, "linear": 2 * LINEAR, "matmul": 0}),
        ("fvcore", {"conv": CONV, "linear": LINEAR, "matmul": 0, "norm": 2 * OUT, "pooling": POOLED}),
        ("thop", {"conv": CONV, "conv bias": OUT, "linear": LINEAR, "norm": 2 * OUT, "pooling": POOLED + POOLED + 8}),
        (
            "thop, own Linear",
            {"conv": CONV, "conv bias": OUT, "linear": 0, "norm": 2 * OUT, "pooling": POOLED + POOLED + 8},
        ),
        (
            "paddle",
            {"conv": 2 * CONV, "conv bias": 2 * OUT, "linear": LINEAR, "activation": OUT, "pooling": OUT + POOLED},
        ),
    ],
)
def test_terms(trace: Trace, name: str, terms: dict[str, int]) -> None:
    assert BY_NAME[name].terms(trace) == terms
    assert BY_NAME[name].total(trace) == sum(terms.values())


def test_every_convention_is_tested_and_sourced() -> None:
    assert [c.name for c in CONVENTIONS] == ["macs", "2x", "fvcore", "thop", "thop, own Linear", "paddle"]
    assert all(c.source and c.label for c in CONVENTIONS)


def test_thop_skips_subclassed_layers() -> None:
    class Norm(nn.BatchNorm2d):
        pass

    trace = count(nn.Sequential(nn.Conv2d(3, 4, 1, bias=False), Norm(4)).eval().to("meta"), (1, 3, 2, 2))
    assert BY_NAME["thop"].terms(trace)["norm"] == 0
    assert BY_NAME["fvcore"].terms(trace)["norm"] == 2 * 16


def test_fvcore_counts_a_norm_without_affine_parameters_one_less() -> None:
    trace = count(nn.Sequential(nn.BatchNorm2d(3, affine=False)).eval().to("meta"), (1, 3, 2, 2))
    assert BY_NAME["fvcore"].total(trace) == 12


@pytest.mark.parametrize(
    "layer",
    [
        nn.ConvTranspose2d(3, 6, 3), nn.LeakyReLU(), nn.Upsample(scale_factor=2, mode="bilinear"), nn.Softmax(1),
        nn.AdaptiveAvgPool2d(6),
    ],
    ids=lambda layer: type(layer).__name__,
)  # fmt: skip
def test_thop_says_nothing_about_layers_whose_rule_is_not_held(layer: nn.Module) -> None:
    trace = count(nn.Sequential(layer).eval().to("meta"), (1, 3, 32, 32))
    assert BY_NAME["thop"].terms(trace) is None
    assert BY_NAME["thop, own Linear"].total(trace) is None


class Added(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.baddbmm(torch.zeros(3, 8, 8, device=x.device), x[0], x[0])


@pytest.mark.parametrize(
    "model",
    [
        nn.InstanceNorm2d(3, affine=True), nn.InstanceNorm2d(3), nn.GroupNorm(1, 3), nn.BatchNorm2d(3, affine=False),
        nn.AdaptiveAvgPool2d(2), nn.Upsample(scale_factor=2, mode="bilinear"), nn.Upsample(scale_factor=2), Added(),
        nn.ConvTranspose2d(3, 4, 3, stride=2), nn.Conv2d(3, 6, 3, groups=3),
    ],
    ids=str,
)  # fmt: skip
def test_single_layers_equal_fvcore(model: nn.Module) -> None:
    trace = count(copy.deepcopy(model).eval().to("meta"), (1, 3, 8, 8))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch.jit, which fvcore uses, about being deprecated
        from fvcore.nn import FlopCountAnalysis

        theirs = FlopCountAnalysis(model.eval(), torch.zeros(1, 3, 8, 8)).unsupported_ops_warnings(False).total()
    assert BY_NAME["fvcore"].total(trace) == theirs


def test_written_names_the_terms_that_count() -> None:
    assert written({"conv": 15, "linear": 0, "pooling": 2}) == "conv 15 + pooling 2"
    assert written({"conv": 0}) == "nothing"


@pytest.mark.parametrize("name", [entry.name for entry in load().entries])
def test_equals_fvcores_own_total(embedded: Index, name: str, tmp_path: Path) -> None:
    comparison = compare(embedded.select([name])[0], Measurer(Ledger(tmp_path)))
    assert comparison.problem == ""
    assert comparison.theirs is not None
    assert comparison.ours == pytest.approx(comparison.theirs, rel=1e-6)
    assert comparison.agrees
