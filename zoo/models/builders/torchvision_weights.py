"""The published weights of torchvision's models: their names, and how they want their input."""

from typing import TYPE_CHECKING, Any

from zoo.model_index.errors.suggestions import describe_unknown
from zoo.model_index.quantities.value import Size
from zoo.model_index.records.input_spec import InputPart, InputSpec
from zoo.models.builders.base import UnknownModel

if TYPE_CHECKING:
    from torchvision.models import WeightsEnum

DEFAULT = "DEFAULT"
# What torchvision's own count of `_ops` feeds where the transforms leave it open, from its
# test/common_extended_utils.py: pairs of images of 512x512, and clips of 16 frames.
FLOW_SIZE = (512, 512)
FRAMES = 16


def list_names() -> list[str]:
    """Return the names of torchvision's models."""
    from torchvision import models

    names: list[str] = models.list_models()
    return names


def list_weights(model: str) -> dict[str, "WeightsEnum"]:
    """Return the published weights of a model by name, the default ones under their own name."""
    from torchvision import models

    return {weights.name: weights for weights in models.get_model_weights(model)}


def find_weights(name: str) -> tuple[str, "WeightsEnum | None"]:
    """Return the model of `resnet50` or `resnet50.IMAGENET1K_V2`, and its weights: the default ones
    where the name has none; None for a model without published weights.

    Raises:
        UnknownModel: torchvision has no such model, or no such weights of it; close names are
            suggested.
    """
    from torchvision import models

    model, dot, tag = name.partition(".")
    if model not in list_names():
        raise UnknownModel(describe_unknown("torchvision has no model", name, list_names()))
    members = models.get_model_weights(model).__members__
    if dot and tag not in members:
        published = [f"{model}.{weights}" for weights in list_weights(model)]
        raise UnknownModel(describe_unknown("torchvision has no weights", name, published))
    return model, members.get(tag or DEFAULT)


def find_float_form(weights: "WeightsEnum") -> "tuple[str, WeightsEnum] | None":
    """Return the model and the weights that quantized weights were made of; None for others."""
    from torchvision import models

    original = weights.meta.get("unquantized")
    if original is None:
        return None
    named = (name for name in list_names() if models.get_model_weights(name) is type(original))
    return next(named), original


def describe_settings(weights: "WeightsEnum") -> dict[str, Any]:
    """Return how published weights want their input, in the words of timm's configurations.

    The transforms of classification crop; those of segmentation only resize, and those of detection
    take any size and state none.
    """
    transforms = weights.transforms()
    crop, resize = (_side(transforms, f"{name}_size") for name in ("crop", "resize"))
    flow = FLOW_SIZE if type(transforms).__name__ == "OpticalFlow" else None
    settings: dict[str, Any] = {"url": weights.url}
    if size := crop or resize or flow:
        settings["input_size"] = (3, *size)
    if crop and resize:
        settings["crop_pct"] = crop[0] / resize[0]
    for key in ("mean", "std"):
        if value := getattr(transforms, key, None):
            settings[key] = tuple(value)
    if interpolation := getattr(transforms, "interpolation", None):
        settings["interpolation"] = str(interpolation.value)
    if classes := weights.meta.get("categories"):
        settings["num_classes"] = len(classes)
    return settings


def find_input(weights: "WeightsEnum") -> InputSpec | None:
    """Return what a model of these weights takes where it is more than one image: a clip, or two
    images."""
    settings, transforms = describe_settings(weights), type(weights.transforms()).__name__
    if transforms == "VideoClassification":
        return InputSpec((InputPart("clip", (FRAMES, *settings["input_size"][1:])),))
    if transforms == "OpticalFlow":
        return InputSpec((InputPart("image pair", FLOW_SIZE),))
    return None


def _side(transforms: object, name: str) -> Size | None:
    value = getattr(transforms, name, None)
    return pair(value) if value else None


def pair(value: Any) -> Size:
    """Return (height, width) of one number, or of a list of one or two."""
    sides = tuple(map(int, value)) if isinstance(value, (list, tuple)) else (int(value),)
    return sides[0], sides[-1]
