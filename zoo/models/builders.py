"""Builders: from an entry to the live model on the meta device.

`timm:NAME` and `torchvision:NAME` go through those libraries' registries. `package.module:callable`
is code named by an index file, so without `--trust PACKAGE` it has to be a module class that timm,
torchvision or our own `zoo.examples` themselves define, and its keyword arguments must not name
weights.
"""

import hashlib
import importlib
import importlib.metadata
import importlib.util
import inspect
import re
from collections.abc import Callable, Collection
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.model_index.errors import ZooError
from zoo.model_index.records.records import Builder

if TYPE_CHECKING:
    from torch import nn

LIBRARIES = ("timm", "torchvision")
# a package of its own here, so that work elsewhere in zoo does not age its evidence
EXAMPLES = "zoo.examples"
ALLOWED = (*LIBRARIES, EXAMPLES)
REFUSED_ARGUMENTS = ("pretrained", "weights", "checkpoint", "cache_dir", "progress")
SETTINGS = (
    "url", "input_size", "test_input_size", "crop_pct", "test_crop_pct", "crop_mode", "interpolation", "mean", "std",
    "num_classes",
)  # fmt: skip
WIDTH = re.compile(
    r"(?<=_)(\d+)x(\d+)d(?![a-z0-9])"
)  # of a ResNeXt: 32x8d has 32 groups of width 8
MERGING = (
    "fuse",
    "reparameterize",
    "switch_to_deploy",
)  # what timm's layers call merging for deployment
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

    `resolved` is the name of what was really built, architecture and pretrained tag where the
    library tells (`dpn98.mx_in1k`); `configuration` is its pretrained configuration, empty where it
    has none. `registry` holds what else the library knows of the name: the settings of every
    pretrained tag of the architecture (`tags`), and the architecture the name asks for where
    another one was built (`named`).
    """

    model: "nn.Module"
    resolved: str
    configuration: dict[str, Any]
    registry: dict[str, Any] = field(default_factory=dict)


def package(builder: Builder) -> str:
    """The top-level package that a builder's code comes from; `zoo.examples` counts as one."""
    return _package(builder.name.split(":")[0]) if builder.kind == "callable" else builder.kind


def _package(module: str) -> str:
    return EXAMPLES if f"{module}.".startswith(f"{EXAMPLES}.") else module.split(".")[0]


def version(builder: Builder) -> str:
    """`timm 1.0.31`: what the builder's code was, found without importing it.

    Other packages than the libraries are named by the hash of their source too: one's own package
    keeps its version while it is worked on.
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
    files = sorted(f for folder in folders for f in folder.rglob("*.py")) or [
        Path(spec.origin or name)
    ]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes() if file.is_file() else b"")
    return f"source {digest.hexdigest()[:12]}"


def build(builder: Builder, trusted: Collection[str] = (), form: str = "") -> Built:
    """Build the live model on the meta device, without weights and without the network.

    `form` is "" for the model in evaluation mode, `training` for training mode (auxiliary heads
    run), and `fused` for branches and norms merged as for deployment.

    Raises:
        BuilderMissing: the package is not installed, or may not run.
        BuildError: the builder does not know the name, or raised.
    """

    def made(make: Maker) -> Built:
        with _allocated(
            on="cpu" if form == "fused" else "meta"
        ):  # merging weights needs weights to merge
            built = make(builder, trusted)
            registry = built.registry | {"mergeable": _mergeable(built.model)}
            model = FORMS[form](built.model)
            held = (*model.parameters(), *model.buffers())
            model = (
                model if all(tensor.is_meta for tensor in held) else model.to("meta")
            )  # which takes its time
            return replace(built, model=model, registry=registry)

    return _guarded(builder, trusted, made)


def initialised(builder: Builder, trusted: Collection[str] = ()) -> Built:
    """The live model on the CPU in evaluation mode, with its initial values, for weights to be
    loaded into.

    Raises:
        BuilderMissing, BuildError: as `build`.
    """

    def made(make: Maker) -> Built:
        built = make(builder, trusted)
        return replace(built, model=built.model.eval())

    return _guarded(builder, trusted, made)


def channels(built: Built, builder: Builder) -> int:
    """The channels of a model's input: as it says itself, as it was built, as it is configured;
    else three."""
    configured = built.configuration.get("input_size")
    stated = getattr(built.model, "in_chans", None) or builder.arguments.get("in_chans")
    return stated or (configured[0] if configured else 3)


def _guarded(builder: Builder, trusted: Collection[str], made: "Callable[[Maker], Built]") -> Built:
    """What `made` makes of the builder's maker, where that may run here; whatever it raises as a
    BuildError."""
    make = MAKERS.get(builder.kind)
    if make is None:
        raise BuilderMissing(f"the builder {builder.kind!r} is not available in this version")
    if package(builder) not in trusted:
        for argument, value in builder.arguments.items():
            if argument.lower().startswith(REFUSED_ARGUMENTS) and value not in (None, False):
                reason = f"the argument {argument!r} could load weights; models are built without"
                raise BuilderMissing(f"{builder}: {reason}")
    try:
        return made(make)
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
        raise BuildError(
            f"timm {timm.__version__} has no model named {builder.name!r}{_close(architecture)}"
        )
    model = timm.create_model(builder.name, **({"pretrained": False} | builder.arguments))
    configuration: dict[str, Any] = dict(getattr(model, "pretrained_cfg", {}))
    name, tag = configuration.get("architecture") or architecture, configuration.get("tag")
    registry = {"tags": _tags(name), "named": _named(architecture, name)}
    return Built(model, f"{name}.{tag}" if tag else name, configuration, registry)


def _tags(architecture: str) -> dict[str, dict[str, Any]]:
    """The settings of every pretrained tag of an architecture, as far as claims can be about
    them."""
    from timm.models import _registry

    configurations = _registry.get_arch_pretrained_cfgs(architecture)
    return {
        name.partition(".")[2]: {
            key: value for key in SETTINGS if (value := getattr(found, key)) is not None
        }
        for name, found in configurations.items()
        if "." in name
    }


def _named(asked: str, built: str) -> dict[str, Any] | None:
    """The model that a name asks for, where what was built contradicts it: a name of the registry
    and arguments.

    Registries map old names to new ones, and most are spelled otherwise by now. What a name states
    beyond doubt is a ResNeXt's cardinality and width (`32x48d`); no other name of timm's is known
    to lie.
    """
    import timm

    stated, known = WIDTH.search(asked), WIDTH.search(built)
    if not stated or not known or stated[0] == known[0]:
        return None
    name = built.replace(known[0], stated[0])
    if timm.is_model(name):
        return {"name": name, "arguments": {}}
    return {
        "name": built,
        "arguments": {"cardinality": int(stated[1]), "base_width": int(stated[2])},
    }


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
    return Built(models.get_model(builder.name, **arguments), builder.name, {})


def _callable(builder: Builder, trusted: Collection[str]) -> Built:
    from torch import nn

    module_name, _, attribute = builder.name.partition(":")
    if package(builder) not in trusted and package(builder) not in ALLOWED:
        raise BuilderMissing(
            f"{builder} is code named by the index; it runs with --trust {package(builder)}"
        )
    target: Any = importlib.import_module(module_name)
    for part in attribute.split("."):
        if (target := getattr(target, part, None)) is None:
            raise BuildError(f"{module_name} has no {attribute!r}")
    if package(builder) not in trusted and not _is_allowed_class(target):
        name = package(builder)
        raise BuilderMissing(
            f"{builder} is not a module class of {name}; it runs with --trust {name}"
        )
    model = target(**builder.arguments)
    if not isinstance(model, nn.Module):
        raise BuildError(f"{builder} gave a {type(model).__name__}, not a torch.nn.Module")
    return Built(model, str(builder), dict(getattr(model, "pretrained_cfg", None) or {}))


def _is_allowed_class(target: object) -> bool:
    from torch import nn

    return (
        inspect.isclass(target)
        and issubclass(target, nn.Module)
        and _package(target.__module__) in ALLOWED
    )


Maker = Callable[[Builder, Collection[str]], Built]
MAKERS: dict[str, Maker] = {
    "timm": _timm,
    "torchvision": _torchvision,
    "callable": _callable,
}


def _mergeable(model: "nn.Module") -> bool:
    return any(hasattr(module, method) for module in model.modules() for method in MERGING)


def _fused(model: "nn.Module") -> "nn.Module":
    from timm.utils.model import reparameterize_model

    if not _mergeable(model):
        raise BuildError("the model has no branches or norms to merge")
    return reparameterize_model(model.eval(), inplace=True)


FORMS: dict[str, Callable[["nn.Module"], "nn.Module"]] = {
    "": lambda model: model.eval(),
    "training": lambda model: model.train(),
    "fused": _fused,
}


@contextmanager
def _allocated(on: str):
    """Allocate on a device and skip random initialisation, half of the time a build takes on
    meta."""
    import torch
    from torch.overrides import TorchFunctionMode

    class SkipInitialisers(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            first = args[0] if args else (kwargs or {}).get("tensor")
            if (
                getattr(func, "__name__", "") in INITIALISERS
                and getattr(first, "device", None) == device
            ):
                return first
            return func(*args, **(kwargs or {}))

    device = torch.device(on)
    with device, SkipInitialisers():
        yield
