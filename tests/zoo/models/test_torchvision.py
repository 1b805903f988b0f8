"""torchvision's models are built as their published weights want them, at the size these want."""

from typing import Any

import pytest

from zoo.model_index.records.records import Builder
from zoo.models.builders import BuiltModel, build


def built(name: str, **arguments: Any) -> BuiltModel:
    return build(Builder("torchvision", name, arguments), ["torchvision"])


def parameters(model: BuiltModel) -> int:
    return sum(p.numel() for p in model.model.parameters())


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("resnet18", (224, 224)),
        ("efficientnet_b1", (240, 240)),
        ("inception_v3", (299, 299)),
        ("vit_h_14", (518, 518)),
        ("lraspp_mobilenet_v3_large", (520, 520)),  # presets of segmentation only resize
        ("r3d_18", (112, 112)),
        ("quantized_mobilenet_v2", (224, 224)),
    ],
)
def test_the_configured_size_is_that_of_the_default_weights(
    name: str, size: tuple[int, int]
) -> None:
    assert built(name).configuration["input_size"] == (3, *size)


def test_the_configuration_has_the_settings_of_the_default_weights() -> None:
    model = built("efficientnet_b1")
    settings = dict(model.configuration)
    assert settings.pop("url").endswith("efficientnet_b1-c27df63c.pth")
    assert settings == {
        "input_size": (3, 240, 240),
        "crop_pct": 240 / 255,
        "interpolation": "bilinear",
        "mean": (0.485, 0.456, 0.406),
        "std": (0.229, 0.224, 0.225),
        "num_classes": 1000,
    }
    tags = model.registry["tags"]
    assert set(tags) == {"IMAGENET1K_V1", "IMAGENET1K_V2"}
    assert tags["IMAGENET1K_V1"]["crop_pct"] == 240 / 256


def test_a_detector_takes_any_size_and_has_none_configured() -> None:
    assert "input_size" not in built("ssdlite320_mobilenet_v3_large").configuration


def test_a_model_of_a_fixed_size_is_built_for_the_size_of_its_weights() -> None:
    """The numbers of parameters are those that torchvision publishes for these weights."""
    assert parameters(built("vit_b_16")) == 86_567_656
    model = built("vit_b_16", image_size=384)
    assert (parameters(model), model.configuration["input_size"]) == (86_859_496, (3, 384, 384))
    assert model.arguments_at is None
    assert built("vit_b_16").arguments_at((384, 384)) == {"image_size": 384}  # type: ignore[misc]
    assert built("resnet18").arguments_at is None


def test_a_published_segmentation_model_has_its_auxiliary_classifier() -> None:
    assert parameters(built("fcn_resnet50")) == 35_322_218
    assert parameters(built("fcn_resnet50", aux_loss=False)) == 32_957_013
