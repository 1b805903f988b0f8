"""What makes an accuracy depend on more than the model and the images is found before it is
measured."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

from zoo.evaluation.datasets import find
from zoo.evaluation.datasets.base import Images
from zoo.evaluation.inference import Setup
from zoo.evaluation.preprocessing import Preprocessing, resolve
from zoo.evaluation.probe import DEPENDS, DRAWS, find_variation
from zoo.model_index.load import read_text

ENTRY = """
Models: [{Name: a, Builder: 'x:y', Metadata: {Image Size: 8, Crop Pct: 1.0, Interpolation: bilinear,
  Mean: 0.5, Std: 0.5}}]
"""


class Drops(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.dropout(x.flatten(1), 0.5)  # in evaluation too


class Ranks(nn.Module):
    """Every image gets the place of its mean among the batch's."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean((1, 2, 3)).argsort().argsort()[:, None].float().expand(-1, 4)


def norm(tracks: bool) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, track_running_stats=tracks), nn.Flatten()
    )


@pytest.fixture
def images(tmp_path: Path) -> Images:
    draw = np.random.default_rng(0)
    for number in range(12):
        path = tmp_path / "data" / str(number % 2) / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw.integers(0, 255, (8, 8, 3)).astype("uint8")).save(path)
    return find(str(tmp_path / "data"))


def preprocessing() -> Preprocessing:
    index, _ = read_text("index.yml", ENTRY)
    return resolve(index.entries[0], {}, 3)


@pytest.mark.parametrize(
    ("model", "variation"),
    [
        (norm(tracks=True), ""),
        (norm(tracks=False), f"{DEPENDS} (1 normalises by the batch)"),
        (Ranks(), DEPENDS),
        (Drops(), DRAWS),
        (nn.Sequential(nn.InstanceNorm2d(3), nn.Flatten()), ""),
        (nn.Sequential(nn.Dropout(0.5), nn.Flatten()), ""),
    ],
    ids=["norm", "norm by the batch", "ranks", "dropout", "instance norm", "dropout that is off"],
)
def test_what_outputs_depend_on(images: Images, model: nn.Module, variation: str) -> None:
    setup = Setup(torch.device("cpu"))
    found = find_variation(setup.prepare(model), images, preprocessing(), setup, len(images))
    assert found == variation
