"""The builder `package.module:callable`: code named by the index.

Without `--trust PACKAGE` it has to be a module class that timm, torchvision or our own
`zoo.examples` themselves define.
"""

import importlib
import inspect
from collections.abc import Collection
from typing import Any

from zoo.model_index.errors.suggestions import describe_unknown
from zoo.model_index.records.records import Builder
from zoo.models.builders.base import BuilderKind, BuildError, BuiltModel, NoTrust, UnknownModel
from zoo.models.builders.packages import ALLOWED, package_of


def package(builder: Builder) -> str:
    """Return the package of the module that the builder names."""
    return package_of(module(builder))


def module(builder: Builder) -> str:
    """Return the module that the builder names."""
    return builder.name.split(":")[0]


def make(builder: Builder, trusted: Collection[str]) -> BuiltModel:
    """Import the module, where that is allowed, and call what the builder names."""
    module_name, _, attribute = builder.name.partition(":")
    name = package(builder)
    if name not in trusted and name not in ALLOWED:
        raise NoTrust(f"{builder} is code named by the index", name, builder)
    target: Any = importlib.import_module(module_name)
    for part in attribute.split("."):
        if not hasattr(target, part):
            names = [name for name in dir(target) if not name.startswith("_")]
            raise UnknownModel(describe_unknown(f"{module_name} has no", attribute, names))
        target = getattr(target, part)
    if name not in trusted and not _is_allowed_class(target):
        raise NoTrust(f"{builder} is not a module class of {name}", name, builder)
    return check_module(builder, target(**builder.arguments))


def check_module(builder: Builder, model: object) -> BuiltModel:
    """Return the model that code of a package built.

    Raises:
        BuildError: it is no `torch.nn.Module`.
    """
    from torch import nn

    if not isinstance(model, nn.Module):
        raise BuildError(f"{builder} gave a {type(model).__name__}, not a torch.nn.Module")
    return BuiltModel(model, str(builder), dict(getattr(model, "pretrained_cfg", None) or {}))


def _is_allowed_class(target: object) -> bool:
    from torch import nn

    return (
        inspect.isclass(target)
        and issubclass(target, nn.Module)
        and package_of(target.__module__) in ALLOWED
    )


CALLABLE = BuilderKind(name="callable", package=package, module=module, make=make, proposes=False)
