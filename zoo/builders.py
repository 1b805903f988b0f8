"""Builders: from an entry to the live model on the meta device.

`timm:NAME` and `torchvision:NAME` go through those libraries' registries. `package.module:callable`
is code named by an index file, so without `--trust PACKAGE` it has to be a module class that timm or
torchvision themselves define, and its keyword arguments must not name weights.
"""

import hashlib
import importlib
import importlib.metadata
import importlib.util
import inspect
from collections.abc import Callable, Collection
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model_index.errors import ZooError
from model_index.records import Builder

if TYPE_CHECKING:
    from torch import nn

LIBRARIES = ("timm", "torchvision")
REFUSED_ARGUMENTS = ("pretrained", "weights", "checkpoint", "cache_dir", "progress")
INITIALISERS = frozenset(
    "normal_ uniform_ trunc_normal_ kaiming_normal_ kaiming_uniform_ xavier_normal_ xavier_uniform_ orthogonal_ "
    "constant_ ones_ zeros_ fill_ zero_ erfinv_ clamp_ mul_ add_".split()
)


class BuildError(ZooError):
    """A model that cannot be built; the message says why."""


class BuilderMissing(BuildError):
    """The package that builds the model is not installed here, or not trusted."""


@dataclass(frozen=True, slots=True)
class Built:
    """A live model on the meta device, in evaluation mode.

    `resolved` is the name of what was really built, architecture and pretrained tag where the library
    tells (`dpn98.mx_in1k`); `configuration` is its pretrained configuration, empty where it has none.
    """

    model: "nn.Module"
    resolved: str
    configuration: dict[str, Any]


def package(builder: Builder) -> str:
    """The top-level package that a builder's code comes from."""
    return builder.name.split(":")[0].split(".")[0] if builder.kind == "callable" else builder.kind


def version(builder: Builder) -> str:
    """`timm 1.0.31`: what the builder's code was, found without importing it.

    Other packages than the libraries are named by the hash of their source too: one's own package keeps
    its version while it is worked on.
    """
    name = package(builder)
    try:
        found = f"{name} {importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:
        found = name
    return found if name in LIBRARIES and found != name else f"{found} {_source_hash(name)}"


def _source_hash(name: str) -> str:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        return "not installed"
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    files = sorted(f for folder in folders for f in folder.rglob("*.py")) or [Path(spec.origin or name)]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes() if file.is_file() else b"")
    return f"source {digest.hexdigest()[:12]}"


def build(builder: Builder, trusted: Collection[str] = ()) -> Built:
    """Build the live model on the meta device, without weights and without the network.

    Raises:
        BuilderMissing: the package is not installed, or may not run.
        BuildError: the builder does not know the name, or raised.
    """
    make = MAKERS.get(builder.kind)
    if make is None:
        raise BuilderMissing(f"the builder {builder.kind!r} is not available in this version")
    if package(builder) not in trusted:
        for argument, value in builder.arguments.items():
            if argument.lower().startswith(REFUSED_ARGUMENTS) and value not in (None, False):
                reason = f"the argument {argument!r} could load weights; models are built without"
                raise BuilderMissing(f"{builder}: {reason}")
    try:
        return make(builder, trusted)
    except (BuildError, KeyboardInterrupt):
        raise
    except ModuleNotFoundError as error:
        raise BuilderMissing(f"{builder}: {error.name} is not installed") from error
    except OSError as error:  # a file or an address that cannot be had now; the model may be fine
        raise BuilderMissing(f"{builder} raised {type(error).__name__}: {error}") from error
    except (Exception, SystemExit) as error:
        raise BuildError(f"{builder} raised {type(error).__name__}: {error}") from error


def _timm(builder: Builder, trusted: Collection[str]) -> Built:
    import timm

    architecture = builder.name.split(".")[0]
    if "/" in builder.name or ":" in builder.name or not timm.is_model(architecture):
        raise BuildError(f"timm {timm.__version__} has no model named {builder.name!r}{_close(architecture)}")
    with _on_meta():
        model = timm.create_model(builder.name, **({"pretrained": False} | builder.arguments)).eval()
    configuration: dict[str, Any] = dict(getattr(model, "pretrained_cfg", {}))
    name, tag = configuration.get("architecture") or architecture, configuration.get("tag")
    return Built(model, f"{name}.{tag}" if tag else name, configuration)


def _close(name: str) -> str:
    import timm

    close = get_close_matches(name, timm.list_models())
    return f"; did you mean {', '.join(close)}?" if close else ""


def _torchvision(builder: Builder, trusted: Collection[str]) -> Built:
    from torchvision import models

    if builder.name not in models.list_models():
        raise BuildError(f"torchvision has no model named {builder.name!r}")
    arguments = {"weights": None} | builder.arguments
    if "weights_backbone" in inspect.signature(models.get_model_builder(builder.name)).parameters:
        arguments = {"weights_backbone": None} | arguments  # or the backbone's would be downloaded
    with _on_meta():
        model = models.get_model(builder.name, **arguments).eval()
    return Built(model, builder.name, {})


def _callable(builder: Builder, trusted: Collection[str]) -> Built:
    from torch import nn

    module_name, _, attribute = builder.name.partition(":")
    if package(builder) not in trusted and package(builder) not in LIBRARIES:
        raise BuilderMissing(f"{builder} is code named by the index; it runs with --trust {package(builder)}")
    target: Any = importlib.import_module(module_name)
    for part in attribute.split("."):
        if (target := getattr(target, part, None)) is None:
            raise BuildError(f"{module_name} has no {attribute!r}")
    if package(builder) not in trusted and not _is_library_class(target):
        name = package(builder)
        raise BuilderMissing(f"{builder} is not a module class of {name}; it runs with --trust {name}")
    with _on_meta():
        model = target(**builder.arguments)
    if not isinstance(model, nn.Module):
        raise BuildError(f"{builder} gave a {type(model).__name__}, not a torch.nn.Module")
    return Built(model.eval().to("meta"), str(builder), {})


def _is_library_class(target: object) -> bool:
    from torch import nn

    return inspect.isclass(target) and issubclass(target, nn.Module) and target.__module__.split(".")[0] in LIBRARIES


MAKERS: dict[str, Callable[[Builder, Collection[str]], Built]] = {
    "timm": _timm,
    "torchvision": _torchvision,
    "callable": _callable,
}


@contextmanager
def _on_meta():
    """Allocate on meta and skip random initialisation, half of the time a build takes there."""
    import torch
    from torch.overrides import TorchFunctionMode

    class SkipInitialisers(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            first = args[0] if args else (kwargs or {}).get("tensor")
            if getattr(func, "__name__", "") in INITIALISERS and getattr(first, "is_meta", False):
                return first
            return func(*args, **(kwargs or {}))

    with torch.device("meta"), SkipInitialisers():
        yield
