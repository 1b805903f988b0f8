"""The builder `torchvision:NAME` or `torchvision:NAME.WEIGHTS`: a model of torchvision's registry,
as its published weights are made for it.

A function of torchvision makes another model where it is given weights: batch norm is frozen, heads
of training are left out, classes and sizes are those of the weights. So it is given them, and
loading them is left out.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from inspect import signature
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, simplefilter

from zoo.model_index.quantities.value import Size
from zoo.model_index.records.input_spec import InputPart, InputSpec
from zoo.model_index.records.records import Builder
from zoo.models.builders.base import BuilderKind, BuiltModel
from zoo.models.builders.torchvision_weights import (
    describe_settings,
    find_float_form,
    find_input,
    find_weights,
    list_weights,
    pair,
)

if TYPE_CHECKING:
    from torch import nn
    from torchvision.models import WeightsEnum

# The arguments that the builders of a module set to the (height, width) of the weights they load.
SIZE_ARGUMENTS: dict[str, Callable[[Size], dict[str, Any]]] = {
    "vision_transformer": lambda size: {"image_size": size[0]},
    "maxvit": lambda size: {"input_size": size},
}


def make(builder: Builder, trusted: Collection[str]) -> BuiltModel:
    """Build a model that torchvision lists, its backbone without weights too.

    The configuration is that of the weights that the name or the arguments name, else of the
    default ones. Of quantized weights the float form is built, unless `quantize` is an argument:
    torchvision publishes its counts.
    """
    from torchvision import models

    arguments = dict(builder.arguments)
    stated = str(arguments.pop("weights", None) or "").rpartition(".")[2]
    name, weights = find_weights(f"{builder.name}.{stated}" if stated else builder.name)
    configuration = describe_settings(weights) if weights else {}
    tags = {tag: describe_settings(other) for tag, other in list_weights(name).items()}
    registry: dict[str, Any] = {"tags": tags}
    if weights and (form := find_float_form(weights)) and "quantize" not in arguments:
        name, weights = form
        registry["note"] = f"{name} is its float form, whose counts torchvision publishes"
    function = models.get_model_builder(name)
    arguments_at = SIZE_ARGUMENTS.get(function.__module__.rpartition(".")[2])
    if arguments_at and (sizes := arguments.keys() & arguments_at((0, 0))):
        configuration["input_size"] = (3, *pair(arguments[sizes.pop()]))
        arguments_at = None
    sized = configuration.get("input_size")
    implied = arguments_at(sized[1:]) if arguments_at and sized else {}
    with catch_warnings():
        # of initial values, and of weights that are not loaded
        simplefilter("ignore")
        model = _create(function, weights, implied, arguments)
    if getattr(model, "aux_logits", True) is False:
        registry["heads"] = {"aux_logits": True}
    spec = find_input(weights) if weights else None
    if side := _resized_side(model):
        configuration["input_size"] = (3, side, side)
        spec = InputSpec((InputPart("image list", (side, side)),))
    resolved = f"{name}.{weights.name}" if weights else name
    return BuiltModel(model, resolved, configuration, registry, arguments_at, input=spec)


def _create(
    function: Callable[..., "nn.Module"],
    weights: "WeightsEnum | None",
    implied: dict[str, Any],
    arguments: dict[str, Any],
) -> "nn.Module":
    """Return the model of the weights, or of arguments that the weights are not made for."""
    try:
        with _without_loading():
            return function(weights=weights, **(arguments if weights else implied | arguments))
    except ValueError:  # another number of classes, another size
        if weights is None:
            raise
    # torchvision would download the backbone's weights otherwise; published segmentation models
    # have an auxiliary classifier
    defaults = {"weights_backbone": None, "aux_loss": True}
    parameters = signature(function).parameters
    defaults = {key: value for key, value in defaults.items() if key in parameters}
    return function(weights=None, **defaults | implied | arguments)


@contextmanager
def _without_loading() -> Iterator[None]:
    """Let torchvision's functions load nothing into the models that they make."""
    from torch import nn
    from torchvision.models import WeightsEnum

    patched: Any = ((WeightsEnum, "get_state_dict"), (nn.Module, "load_state_dict"))
    originals = [getattr(owner, name) for owner, name in patched]
    try:
        for owner, name in patched:
            setattr(owner, name, lambda *_, **__: {})
        yield
    finally:
        for (owner, name), original in zip(patched, originals, strict=True):
            setattr(owner, name, original)


def _resized_side(model: "nn.Module") -> int | None:
    """Return the side of the square that a detector makes of a square image, which may have any
    size."""
    sides = getattr(getattr(model, "transform", None), "min_size", None)
    return max(sides) if sides else None


TORCHVISION = BuilderKind(
    name="torchvision",
    package=lambda builder: "torchvision",
    module=lambda builder: "torchvision",
    make=make,
)
