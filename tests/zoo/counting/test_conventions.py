"""Every convention's formula on a network small enough to add up by hand, and fvcore's against
fvcore."""

import copy
import warnings
from contextlib import closing
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.zoo.counting.passes import count
from zoo.counting.conventions import (
    BY_NAME,
    CONVENTIONS,
    NEVER_DOUBLED,
    all_readings,
    format_sum,
    reading,
    readings,
)
from zoo.counting.fvcore_crosscheck import compare
from zoo.counting.measurer import Measurer
from zoo.isolation.limits import Limits
from zoo.isolation.pool import Pool
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.ledger.trace import Trace
from zoo.model_index.load import load
from zoo.model_index.records.records import Index

MODEL = nn.Sequential(
    nn.Conv2d(3, 8, 3, padding=1),
    nn.BatchNorm2d(8),
    nn.ReLU(),
    nn.AvgPool2d(2),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(8, 10),
)
CONV, LINEAR, OUT, POOLED = 8 * 24 * 27, 80, 8 * 24, 8 * 6
MODULES = {"conv": CONV, "conv bias": OUT, "linear": LINEAR, "norm": 2 * OUT}
TERMS = {
    "macs": {"conv": CONV, "linear": LINEAR, "matmul": 0},
    "2x": {"conv": 2 * CONV, "linear": 2 * LINEAR, "matmul": 0},
    "layers": {"conv": CONV, "linear": LINEAR, "matmul": 0},
    "no fused attention": {"conv": CONV, "linear": LINEAR, "matmul": 0},
    "bias": {"conv": CONV, "linear": LINEAR, "matmul": 0, "bias": OUT + 10},
    "torchinfo": {
        "conv": CONV,
        "conv bias": OUT,
        "parameters of other layers": 2 * 8 + 8 * 10 + 10,
    },
    "fvcore": {"conv": CONV, "linear": LINEAR, "matmul": 0, "norm": 2 * OUT, "pooling": POOLED},
    "thop": MODULES | {"pooling": POOLED + POOLED + 8},
    "conv": {"conv": CONV},
    "thop-0.1": {"conv": CONV, "linear": LINEAR, "norm": 4 * OUT, "pooling": POOLED + POOLED + 8},
    "ptflops": MODULES | {"linear bias": 10, "activation": OUT, "pooling": OUT + POOLED},
    "mmcv": MODULES | {"activation": OUT, "pooling": OUT + POOLED},
    "mmcv backbone": {
        "conv": CONV,
        "conv bias": OUT,
        "norm": 2 * OUT,
        "activation": OUT,
        "pooling": OUT + POOLED,
    },
    "mmengine backbone": {
        "conv": CONV,
        "linear": 0,
        "matmul": 0,
        "norm": 5 * OUT,
        "pooling": POOLED,
    },
    "paddle": {
        "conv": 2 * CONV,
        "conv bias": 2 * OUT,
        "linear": LINEAR,
        "activation": OUT,
        "pooling": OUT + POOLED,
    },
}


@pytest.fixture(scope="module")
def trace() -> Trace:
    return of(MODEL, (1, 3, 4, 6))


def of(model: nn.Module, input_size: tuple[int, ...]) -> Trace:
    return count(copy.deepcopy(model).eval().to("meta"), input_size)[0]


@pytest.mark.parametrize("name", TERMS)
def test_terms(trace: Trace, name: str) -> None:
    assert BY_NAME[name].terms(trace) == TERMS[name]
    assert BY_NAME[name].total(trace) == sum(TERMS[name].values())


def test_every_convention_is_tested_and_sourced() -> None:
    assert [c.name for c in CONVENTIONS] == list(TERMS)
    assert all(c.source and c.label for c in CONVENTIONS)


def test_fvcore_counts_a_norm_without_affine_parameters_one_less() -> None:
    assert (
        BY_NAME["fvcore"].total(of(nn.Sequential(nn.BatchNorm2d(3, affine=False)), (1, 3, 2, 2)))
        == 12
    )


class Attention(nn.Module):
    """3 heads of 2 tokens and 4 channels, fused, then one product that is not."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.scaled_dot_product_attention(x, x, x) @ x.transpose(-1, -2)


def test_attention_is_told_from_other_products() -> None:
    product = 3 * 2 * 2 * 4
    trace = of(Attention(), (1, 3, 2, 4))
    totals = {
        name: BY_NAME[name].total(trace)
        for name in ("macs", "no fused attention", "layers", "fvcore")
    }
    assert totals == {
        "macs": 3 * product,
        "no fused attention": product,
        "layers": 0,
        "fvcore": product,
    }


def test_a_reading_adds_its_parts_and_doubles_them() -> None:
    one = reading("a", "a tool", 2, {"conv": 5, "norm": 1}, {"norm": 2})
    assert (one.total, one.terms) == (8, {"conv": 5, "norm": 3})
    assert one.double() == (two := one.double())
    assert (two.name, two.label, two.rank, two.total) == ("2x a", "twice a tool", 3, 16)
    assert two.terms == {"conv": 10, "norm": 6}


def test_all_readings_are_every_convention_and_its_double_simplest_first(trace: Trace) -> None:
    found = all_readings(trace)
    names = {one.name for one in found}
    assert names >= set(TERMS) | {f"2x {name}" for name in set(TERMS) - set(NEVER_DOUBLED)}
    assert not [
        name
        for name in names
        if name.removeprefix("2x ").startswith(NEVER_DOUBLED) and name.startswith("2x ")
    ]
    assert [one.rank for one in found] == sorted(one.rank for one in found)
    assert all(sum(one.terms.values()) == one.total for one in found)


def test_readings_keep_the_simplest_of_equal_numbers(trace: Trace) -> None:
    found = {one.total: one.name for one in readings(trace)}
    assert len(found) == len(readings(trace)) == len({one.total for one in all_readings(trace)})
    assert (found[CONV + LINEAR], found[2 * (CONV + LINEAR)], found[CONV]) == ("macs", "2x", "conv")


def test_variants_are_readings_with_their_own_name_and_price(trace: Trace) -> None:
    (one,) = [one for one in all_readings(trace) if one.name == "thop (Linear skipped)"]
    assert (one.label, one.rank) == ("thop's convention (Linear skipped)", BY_NAME["thop"].rank + 1)
    assert one.total == sum(TERMS["thop"].values()) - LINEAR


def test_a_convention_that_does_not_know_the_model_gives_no_reading() -> None:
    trace = of(nn.Sequential(nn.ConvTranspose2d(3, 6, 3)), (1, 3, 32, 32))
    silent = {"torchinfo", "thop", "thop-0.1", "ptflops", "mmcv", "mmcv backbone"}
    assert {c.name for c in CONVENTIONS if c.total(trace) is None} == silent
    assert {c.name for c in CONVENTIONS if not list(c.readings(trace))} == silent


class Added(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.baddbmm(torch.zeros(3, 8, 8, device=x.device), x[0], x[0])


@pytest.mark.parametrize(
    "model",
    [
        nn.InstanceNorm2d(3, affine=True),
        nn.InstanceNorm2d(3),
        nn.GroupNorm(1, 3),
        nn.BatchNorm2d(3, affine=False),
        nn.AdaptiveAvgPool2d(2),
        nn.Upsample(scale_factor=2, mode="bilinear"),
        nn.Upsample(scale_factor=2),
        Added(),
        nn.ConvTranspose2d(3, 4, 3, stride=2),
        nn.Conv2d(3, 6, 3, groups=3),
    ],
    ids=str,
)
def test_single_layers_equal_fvcore(model: nn.Module) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch.jit, which fvcore uses, about being deprecated
        from fvcore.nn import FlopCountAnalysis

        theirs = (
            FlopCountAnalysis(model.eval(), torch.zeros(1, 3, 8, 8))
            .unsupported_ops_warnings(False)
            .total()
        )
    assert BY_NAME["fvcore"].total(of(model, (1, 3, 8, 8))) == theirs


def test_written_names_the_terms_that_count() -> None:
    assert format_sum({"conv": 15, "linear": 0, "pooling": 2}) == "conv 15 + pooling 2"
    assert format_sum({"conv": 0}) == "nothing"


SMALL = (
    "dla34",
    "dla46x_c",
    "dla60_res2net",
    "dpn68",
    "efficientnet_lite0",
    "digits_cnn",
)
NAMES = [entry.name for entry in load().entries]


@pytest.mark.parametrize(
    "name",
    [name if name in SMALL else pytest.param(name, marks=pytest.mark.slow) for name in NAMES],
)
def test_equals_fvcores_own_total(embedded: Index, name: str, tmp_path: Path) -> None:
    with closing(Pool(Limits(workers=1))) as pool:
        comparison = compare(embedded.select([name])[0], Measurer(Ledger(tmp_path)), pool)
    assert comparison.problem == ""
    assert comparison.theirs is not None
    assert comparison.ours == pytest.approx(comparison.theirs, rel=1e-6)
    assert comparison.agrees
