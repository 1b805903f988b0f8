"""OpenMMLab's counters: up to the classifier, and over a model that is written otherwise than
ours."""

import torch
from torch import nn

from tests.zoo.counting.passes import count
from zoo.counting.conventions import BY_NAME
from zoo.model_index.ledger.trace import Trace

PIXELS = 4 * 6


class OwnNorm(nn.BatchNorm2d):
    """A subclass, which the hooks of a tool do not know."""


class Pooled(nn.Module):
    """8 filters of 1x1 with bias on 3 channels, a norm of its own, two ways to pool, a norm and a
    head."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.pool = nn.Conv2d(3, 8, 1), OwnNorm(8), nn.AdaptiveAvgPool2d(1)
        self.last, self.head = nn.LayerNorm(8), nn.Linear(8, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.norm(self.conv(x))
        return self.head(self.last(self.pool(x).flatten(1) + x.mean((2, 3))))


def traced() -> Trace:
    return count(Pooled().eval().to("meta"), (1, 3, 4, 6))[0]


def readings(name: str) -> dict[str, int]:
    return {
        reading.name.removeprefix(name).strip(): reading.total
        for reading in BY_NAME[name].readings(traced())
    }


def test_mmcv() -> None:
    plain = 8 * 3 * PIXELS + 8 * PIXELS + 8 * PIXELS + 2 * 8  # conv, bias, pooling, the last norm
    assert readings("mmcv backbone") == {
        "": plain,
        "(subclasses counted)": plain + 2 * 8 * PIXELS,
        "(global pooling left out)": plain - 8 * PIXELS,
        "(convolution biases left out)": plain - 8 * PIXELS,
        "(subclasses counted, global pooling left out)": plain + 8 * PIXELS,
        "(subclasses counted, convolution biases left out)": plain + 8 * PIXELS,
        "(global pooling left out, convolution biases left out)": plain - 2 * 8 * PIXELS,
    }


def test_mmengine() -> None:
    plain = 8 * 3 * PIXELS + 5 * (8 * PIXELS + 8) + 8 * PIXELS
    evaluated = plain - 3 * 8 * PIXELS  # the batch norm, not the layer norm
    assert readings("mmengine backbone") == {
        "": plain,
        "(global pooling left out)": plain - 8 * PIXELS,
        "(means counted as pooling)": plain + 8 * PIXELS,
        "(last norm left out)": plain - 5 * 8,
        "(global pooling left out, means counted as pooling)": plain,
        "(global pooling left out, last norm left out)": plain - 8 * PIXELS - 5 * 8,
        "(means counted as pooling, last norm left out)": plain + 8 * PIXELS - 5 * 8,
        "(in evaluation)": evaluated,
        "(global pooling left out, in evaluation)": evaluated - 8 * PIXELS,
        "(means counted as pooling, in evaluation)": evaluated + 8 * PIXELS,
        "(last norm left out, in evaluation)": evaluated - 5 * 8,
    }


def test_the_classifier_is_the_last_layer_behind_the_pooling() -> None:
    trace = traced()
    assert {row.module for row in trace.rows} - {row.module for row in trace.backbone.rows} == {
        "head"
    }
    assert Trace(((1,),), trace.backbone.rows).backbone.rows == trace.backbone.rows
