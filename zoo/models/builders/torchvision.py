"""The builder `torchvision:NAME`: a model of torchvision's registry."""

import inspect
from collections.abc import Collection

from zoo.model_index.records.records import Builder
from zoo.models.builders.base import BuilderKind, BuildError, BuiltModel


def make(builder: Builder, trusted: Collection[str]) -> BuiltModel:
    """Build a model that torchvision lists, its backbone without weights too."""
    from torchvision import models

    if builder.name not in models.list_models():
        raise BuildError(f"torchvision has no model named {builder.name!r}")
    arguments = {"weights": None} | builder.arguments
    if "weights_backbone" in inspect.signature(models.get_model_builder(builder.name)).parameters:
        # torchvision would download the backbone's weights otherwise
        arguments = {"weights_backbone": None} | arguments
    return BuiltModel(models.get_model(builder.name, **arguments), builder.name, {})


TORCHVISION = BuilderKind(name="torchvision", package=lambda builder: "torchvision", make=make)
