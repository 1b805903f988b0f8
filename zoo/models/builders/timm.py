"""The builder `timm:NAME`: an architecture of timm's registry, with a pretrained tag or without."""

import re
from collections.abc import Collection
from typing import Any

from zoo.model_index.errors.suggestions import describe_unknown
from zoo.model_index.records.records import Builder
from zoo.models.builders.base import BuilderKind, BuiltModel, UnknownModel

# Settings of a pretrained configuration that claims can be about.
SETTINGS = (
    "url",
    "input_size",
    "test_input_size",
    "crop_pct",
    "test_crop_pct",
    "crop_mode",
    "interpolation",
    "mean",
    "std",
    "num_classes",
)
# Groups and width of a ResNeXt: 32x8d has 32 groups of width 8.
WIDTH = re.compile(r"(?<=_)(\d+)x(\d+)d(?![a-z0-9])")


def make(builder: Builder, trusted: Collection[str]) -> BuiltModel:
    """Build an architecture that is in timm's registry, never one of a hub or a folder."""
    import timm

    architecture = builder.name.split(".")[0]
    if "/" in builder.name or ":" in builder.name or not timm.is_model(architecture):
        hint = f"timm {timm.__version__}"
        names = timm.list_models()
        raise UnknownModel(describe_unknown("timm has no model", builder.name, names, hint))
    model = timm.create_model(builder.name, **({"pretrained": False} | builder.arguments))
    configuration: dict[str, Any] = dict(getattr(model, "pretrained_cfg", {}))
    name, tag = configuration.get("architecture") or architecture, configuration.get("tag")
    registry = {"tags": _tags(name), "named": _contradiction(architecture, name)}
    return BuiltModel(model, f"{name}.{tag}" if tag else name, configuration, registry)


def _tags(architecture: str) -> dict[str, dict[str, Any]]:
    """Return the settings of every pretrained tag of an architecture."""
    from timm.models import _registry

    configurations = _registry.get_arch_pretrained_cfgs(architecture)
    return {
        name.partition(".")[2]: {
            key: value for key in SETTINGS if (value := getattr(configuration, key)) is not None
        }
        for name, configuration in configurations.items()
        if "." in name
    }


def _contradiction(requested: str, built: str) -> dict[str, Any] | None:
    """Return the model that a name asks for, where timm built another one: a name of the registry
    and arguments.

    Registries map old names to new ones, and most are spelled otherwise by now. What a name states
    beyond doubt is a ResNeXt's cardinality and width (`32x48d`); of no other name of timm's is a
    contradiction known.
    """
    import timm

    stated, actual = WIDTH.search(requested), WIDTH.search(built)
    if not stated or not actual or stated[0] == actual[0]:
        return None
    name = built.replace(actual[0], stated[0])
    if timm.is_model(name):
        return {"name": name, "arguments": {}}
    width = {"cardinality": int(stated[1]), "base_width": int(stated[2])}
    return {"name": built, "arguments": width}


TIMM = BuilderKind(
    name="timm",
    package=lambda builder: "timm",
    module=lambda builder: "timm",
    make=make,
    proposes=False,
)
