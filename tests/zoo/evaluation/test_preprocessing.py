"""The entry's own preprocessing, timm's transforms of it, and its neighbours."""

from collections.abc import Callable

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image
from timm.data import create_transform

from zoo.evaluation.preprocessing import Preprocessing, neighbours, resolve, transform
from zoo.model_index.records.records import Entry

STATED = """
Models:
- Name: a
  Metadata:
    {Image Size: 160, Crop Pct: 0.95, Interpolation: Bilinear, Mean: [0.1, 0.2, 0.3],
     Crop Mode: squash}
"""
CONFIGURATION = {
    "input_size": (3, 224, 224),
    "crop_pct": 0.9,
    "interpolation": "bicubic",
    "std": (0.5, 0.5, 0.5),
    "mean": (0.4, 0.4, 0.4),
    "test_input_size": (3, 288, 288),
    "test_crop_pct": 1.0,
}
PLAIN = Preprocessing(
    input_size=(3, 64, 64),
    crop_pct=0.875,
    crop_mode="center",
    interpolation="bicubic",
    mean=(0.5,) * 3,
    std=(0.5,) * 3,
)


@pytest.fixture
def photograph() -> Image.Image:
    noise = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    return Image.fromarray(noise)


def test_what_the_index_states_goes_before_the_configuration(
    read: Callable[[str], list[Entry]],
) -> None:
    [entry] = read(STATED)
    assert resolve(entry, CONFIGURATION, 3) == Preprocessing(
        input_size=(3, 160, 160),
        crop_pct=0.95,
        crop_mode="squash",
        interpolation="bilinear",
        mean=(0.1, 0.2, 0.3),
        std=(0.5, 0.5, 0.5),
    )


def test_what_nobody_states_is_timms_default(read: Callable[[str], list[Entry]]) -> None:
    [entry] = read("Models:\n- Name: a\n  Metadata: {Mean: 0.5}\n")
    pre = resolve(entry, {}, 1)
    assert pre == msgspec.structs.replace(PLAIN, input_size=(1, 224, 224), mean=(0.5,), std=pre.std)
    assert pre.std == pytest.approx((0.226,))
    assert pre.mode == "L"


def test_the_transform_is_timms(photograph: Image.Image) -> None:
    theirs = create_transform(64, crop_pct=0.875, interpolation="bicubic", use_prefetcher=True)
    ours = transform(PLAIN)(photograph)
    assert (ours.dtype, tuple(ours.shape)) == (torch.uint8, (3, 64, 64))
    assert torch.equal(ours, theirs(photograph))


def test_tensors_are_resized_like_images_and_not_to_the_same_pixels(
    photograph: Image.Image,
) -> None:
    on_tensors = msgspec.structs.replace(PLAIN, resize="tensor")
    ours, tensors = transform(PLAIN)(photograph).int(), transform(on_tensors)(photograph).int()
    assert ours.shape == tensors.shape
    assert 0 < (ours - tensors).abs().float().mean() < 3


def test_neighbours_differ_in_one_setting_and_are_not_repeated() -> None:
    pipelines = dict(neighbours(PLAIN, CONFIGURATION))
    assert list(pipelines) == [
        "bilinear",
        "bilinear on antialiased tensors",
        "bicubic on antialiased tensors",
        "crop 0.9",
        "crop 1",
        "size 288, as for testing",
        "size 288 and crop 1, as for testing",
        "size 32",
        "size 96",
        "squash",
    ]
    assert pipelines["crop 0.9"] == msgspec.structs.replace(PLAIN, crop_pct=0.9)
    assert PLAIN not in pipelines.values()


def test_a_model_of_one_size_has_no_neighbours_of_others() -> None:
    assert not [
        label
        for label, _ in neighbours(PLAIN, {"fixed_input_size": True})
        if label.startswith("size")
    ]


def test_it_is_described_in_one_line() -> None:
    assert PLAIN.describe() == "64x64, crop 0.875 center, bicubic"
