"""The builder `torchvision:NAME`: a model of torchvision's registry, as its published weights are
made for it."""

import inspect
import warnings
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from zoo.model_index.errors.suggestions import describe_unknown
from zoo.model_index.quantities.value import Size
from zoo.model_index.records.records import Builder
from zoo.models.builders.base import BuilderKind, BuiltModel, UnknownModel

if TYPE_CHECKING:
    from torchvision.models import WeightsEnum

# The arguments that the builders of a module set to the (height, width) of the weights they load.
SIZE_ARGUMENTS: dict[str, Callable[[Size], dict[str, Any]]] = {
    "vision_transformer": lambda size: {"image_size": size[0]},
    "maxvit": lambda size: {"input_size": size},
}


def make(builder: Builder, trusted: Collection[str]) -> BuiltModel:
    """Build a model that torchvision lists, its backbone without weights too.

    The configuration is that of the weights that the arguments name, else of the default ones.
    """
    from torchvision import models

    if builder.name not in models.list_models():
        names = models.list_models()
        raise UnknownModel(describe_unknown("torchvision has no model", builder.name, names))
    function = models.get_model_builder(builder.name)
    published = {
        name: _settings(weights)
        for name, weights in models.get_model_weights(builder.name).__members__.items()
    }
    configuration = _configuration(builder, published)
    # torchvision would download the backbone's weights otherwise; published segmentation models
    # have an auxiliary classifier
    defaults = {"weights_backbone": None, "aux_loss": True}
    parameters = inspect.signature(function).parameters
    arguments = {key: value for key, value in defaults.items() if key in parameters}
    arguments |= {"weights": None} | builder.arguments
    arguments_at = SIZE_ARGUMENTS.get(function.__module__.rpartition(".")[2])
    if arguments_at and (stated := arguments.keys() & arguments_at((0, 0))):
        configuration["input_size"] = (3, *_pair(arguments[stated.pop()]))
        arguments_at = None
    elif arguments_at and (size := configuration.get("input_size")):
        arguments |= arguments_at(size[1:])
    with warnings.catch_warnings():
        # of initial values, which are not used
        warnings.simplefilter("ignore", FutureWarning)
        model = models.get_model(builder.name, **arguments)
    tags = {name: settings for name, settings in published.items() if name != "DEFAULT"}
    return BuiltModel(model, builder.name, configuration, {"tags": tags}, arguments_at)


def _configuration(builder: Builder, published: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a copy of the settings of the weights that the arguments name, else of the default
    ones."""
    named = str(builder.arguments.get("weights")).rpartition(".")[2]
    return dict(published.get(named) or published.get("DEFAULT") or {})


def _settings(weights: "WeightsEnum") -> dict[str, Any]:
    """Return how published weights want their input, in the words of timm's configurations.

    The transforms of classification crop; those of segmentation only resize, and those of detection
    and optical flow take any size and state none.
    """
    transforms = weights.transforms()
    crop, resize = (_side(transforms, f"{name}_size") for name in ("crop", "resize"))
    settings: dict[str, Any] = {"url": weights.url}
    if size := crop or resize:
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


def _side(transforms: object, name: str) -> Size | None:
    value = getattr(transforms, name, None)
    return _pair(value) if value else None


def _pair(value: Any) -> Size:
    """Return (height, width) of one number, or of a list of one or two."""
    sides = tuple(map(int, value)) if isinstance(value, (list, tuple)) else (int(value),)
    return sides[0], sides[-1]


TORCHVISION = BuilderKind(
    name="torchvision",
    package=lambda builder: "torchvision",
    module=lambda builder: "torchvision",
    make=make,
)
