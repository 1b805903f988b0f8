"""torchvision's models are built as their published weights want them, at the size these want."""

from typing import Any

import pytest

from zoo.model_index.records.records import Builder
from zoo.models.builders import BuiltModel, UnknownModel, build


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


@pytest.mark.parametrize(
    ("name", "side"), [("ssdlite320_mobilenet_v3_large", 320), ("keypointrcnn_resnet50_fpn", 800)]
)
def test_a_detector_is_configured_for_the_side_that_it_resizes_to(name: str, side: int) -> None:
    assert built(name).configuration["input_size"] == (3, side, side)


def test_weights_are_named_behind_a_dot() -> None:
    model = built("vit_b_16.IMAGENET1K_SWAG_E2E_V1")
    assert (model.resolved, parameters(model)) == ("vit_b_16.IMAGENET1K_SWAG_E2E_V1", 86_859_496)
    assert model.configuration["input_size"] == (3, 384, 384)
    assert built("resnet50").resolved == "resnet50.IMAGENET1K_V2"
    with pytest.raises(UnknownModel, match=r"did you mean resnet50\.IMAGENET1K_V1 or"):
        built("resnet50.IMAGENET1K_V3")


def test_a_model_is_what_its_weights_are_for_and_nothing_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Batch norm of detectors is frozen, and heads that only training uses are left out."""
    from torchvision.models import WeightsEnum

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("weights are loaded")

    monkeypatch.setattr(WeightsEnum, "get_state_dict", refuse)
    assert parameters(built("fasterrcnn_resnet50_fpn")) == 41_755_286
    assert parameters(built("googlenet")) == 6_624_904
    assert parameters(built("googlenet", aux_logits=True)) == 13_004_888
    assert WeightsEnum.get_state_dict is refuse


def test_arguments_that_the_weights_are_not_made_for_win() -> None:
    assert parameters(built("resnet18", num_classes=10)) == 11_181_642
    assert parameters(built("vit_b_16", num_classes=10)) == 85_806_346


def test_of_quantized_weights_the_float_form_is_built() -> None:
    model = built("quantized_resnet50.IMAGENET1K_FBGEMM_V1")
    assert (model.resolved, parameters(model)) == ("resnet50.IMAGENET1K_V1", 25_557_032)
    note = "resnet50 is its float form, whose counts torchvision publishes"
    assert model.registry["note"] == note
    assert model.configuration["url"].endswith("quantized/resnet50_fbgemm_bf931d71.pth")


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
