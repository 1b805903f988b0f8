"""Build the live model of an entry on the meta device.

`timm:NAME` and `torchvision:NAME` go through those libraries' registries. `package.module:callable`
is code named by an index file, and other packages bring kinds of their own; neither runs without
trust. Without trust the keyword arguments must not name weights either.
"""

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from typing import NoReturn

from zoo.model_index.findings import Gap
from zoo.model_index.records.records import Builder
from zoo.models.builders.base import (
    BuilderKind,
    BuilderMissing,
    BuildError,
    BuiltModel,
    NoBuilder,
    NoTrust,
    TooLarge,
    UnknownModel,
)
from zoo.models.builders.callable import CALLABLE
from zoo.models.builders.construction import GIB, MEMORY, construct, limit_allocation
from zoo.models.builders.forms import FORMS
from zoo.models.builders.packages import (
    ALLOWED,
    describe_missing,
    is_installed,
    package_version,
)
from zoo.models.builders.plugins import find_plugin
from zoo.models.builders.timm import TIMM
from zoo.models.builders.torchvision import TORCHVISION
from zoo.models.control_groups import free_memory

__all__ = [
    "BUILDERS",
    "MEMORY",
    "BuildError",
    "BuilderKind",
    "BuilderMissing",
    "BuiltModel",
    "TooLarge",
    "UnknownModel",
    "build",
    "build_on_cpu",
    "check_origin",
    "check_package",
    "find_kind",
    "input_channels",
    "origin",
    "package",
    "version",
]

BUILDERS = {kind.name: kind for kind in (TIMM, TORCHVISION, CALLABLE)}
# Why no builder is known, by kinds of builders that make nothing.
UNNAMED = {
    "none": "",
    "openmmlab": ", and timm has no model for this name of OpenMMLab's",
    "huggingface": ", and the card's library builds no models",
}
REFUSED_ARGUMENTS = ("pretrained", "weights", "checkpoint", "cache_dir", "progress")


def find_kind(builder: Builder) -> BuilderKind | None:
    """Return the kind that builds a model: of the table, or brought by another package."""
    kind = BUILDERS.get(builder.kind)
    return (find_plugin(builder) or kind) if kind is CALLABLE else kind


def package(builder: Builder) -> str:
    """Return the top-level package that a builder's code comes from; `zoo.examples` counts as
    one."""
    kind = find_kind(builder)
    return kind.package(builder) if kind else builder.kind


def origin(builder: Builder, trusted: Collection[str] = ()) -> tuple[str, str]:
    """Return the model that must share no process with another one, and the module that builds it;
    both are "" for the registries of the libraries.

    The module is "" as well where its code may not run.
    """
    kind = find_kind(builder)
    if kind in (TIMM, TORCHVISION):
        return "", ""
    model = f"{builder} {sorted(builder.arguments.items())!r}"
    may_run = kind is not None and kind.package(builder) in (*trusted, *ALLOWED)
    return model, kind.module(builder) if kind and may_run else ""


def check_origin(builder: Builder, trusted: Collection[str] = ()) -> None:
    """Check that something here builds the model, and that its package may run; import neither.

    Raises:
        BuilderMissing: it does not, or may not.
    """
    kind = find_kind(builder)
    if kind is None:
        _refuse(builder)
    if kind.package(builder) not in (*trusted, *ALLOWED):
        kind.make(builder, trusted)  # refuses what is not trusted


def check_package(builder: Builder, trusted: Collection[str] = ()) -> None:
    """Check that the package of a builder may run and is installed; import nothing of it.

    Raises:
        BuilderMissing: it may not, or is not.
    """
    check_origin(builder, trusted)
    name = package(builder)
    if not is_installed(name):
        why, gap = describe_missing(name, builder.place.file if builder.place else "")
        raise BuilderMissing(f"{builder}: {why}", gap)


def version(builder: Builder) -> str:
    """Return the version of a builder's code, found without importing it: `timm 1.0.31`."""
    return package_version(package(builder))


def build(
    builder: Builder, trusted: Collection[str] = (), form: str = "", memory: int = MEMORY
) -> BuiltModel:
    """Build the live model on the meta device, without weights and without the network.

    `form` is "" for the model in evaluation mode, `training` for training mode (auxiliary heads
    run), and `fused` for branches and norms merged as for deployment. `memory` limits the bytes of
    parameters and buffers of a model that cannot be built without them.

    Raises:
        BuilderMissing: the package is not installed, or may not run.
        BuildError: the builder does not know the name, or raised, or takes too much memory.
    """

    def make(kind: BuilderKind) -> BuiltModel:
        return construct(str(builder), lambda: kind.make(builder, trusted), FORMS[form], memory)

    return _guard(builder, trusted, make)


def build_on_cpu(
    builder: Builder, trusted: Collection[str] = (), memory: int | None = None
) -> BuiltModel:
    """Build the live model on the CPU in evaluation mode, with its initial values, for weights to
    be loaded into; `memory` limits the bytes of its parameters and buffers, None to what is free.

    Raises:
        BuilderMissing, BuildError: as `build`.
    """

    def make(kind: BuilderKind) -> BuiltModel:
        free = None if memory else free_memory()
        limit = memory or free
        try:
            with limit_allocation(limit) if limit else nullcontext():
                built = kind.make(builder, trusted)
        except TooLarge as error:
            if not free:
                raise
            most = f"the {free / GIB:.3g} GiB of memory that are free"
            raise TooLarge(
                f"{builder}: its parameters and buffers take more than {most}"
            ) from error
        return replace(built, model=built.model.eval())

    return _guard(builder, trusted, make)


def input_channels(built: BuiltModel, builder: Builder) -> int:
    """Return the channels of a model's input: as the model states them, as it was built, as it is
    configured; else three."""
    configured = built.configuration.get("input_size")
    stated = getattr(built.model, "in_chans", None) or builder.arguments.get("in_chans")
    return int(stated or (configured[0] if configured else 3))


def _guard(
    builder: Builder, trusted: Collection[str], make: Callable[[BuilderKind], BuiltModel]
) -> BuiltModel:
    """Build by the builder's kind, where that may run here; whatever it raises is a BuildError."""
    kind = find_kind(builder)
    if kind is None:
        _refuse(builder)
    package = kind.package(builder)
    if package not in trusted:
        for argument, value in builder.arguments.items():
            if argument.lower().startswith(REFUSED_ARGUMENTS) and value not in (None, False):
                reason = f"the argument {argument!r} could load weights; models are built without"
                raise NoTrust(f"{builder}: {reason}", package, builder)
    try:
        with _stay():
            return make(kind)
    except (BuildError, KeyboardInterrupt, GeneratorExit):
        raise
    except ModuleNotFoundError as error:
        file = builder.place.file if builder.place else ""
        why, gap = describe_missing(error.name or package, file)
        raise BuilderMissing(f"{builder}: {why}", gap) from error
    # a file or an address that cannot be reached now says nothing about the model
    except OSError as error:
        raise BuilderMissing(f"{builder} raised {type(error).__name__}: {error}") from error
    except BaseException as error:
        raise BuildError(f"{builder} raised {type(error).__name__}: {error}") from error


@contextmanager
def _stay() -> Iterator[None]:
    """Come back to the working folder, wherever the code of a model goes."""
    folder = os.getcwd()
    try:
        yield
    finally:
        with suppress(OSError):
            os.chdir(folder)


def _refuse(builder: Builder) -> NoReturn:
    """Refuse a builder of a kind that nothing here builds.

    Raises:
        NoBuilder: the index does not name it.
        BuilderMissing: the index names it.
    """
    if not builder.named:
        unknown = f", and nothing here builds models of {builder.kind}"
        raise NoBuilder(UNNAMED.get(builder.kind, unknown))
    raise BuilderMissing(
        f"nothing here builds {builder}; an entry of a model that is not built says Builder: none",
        Gap("unavailable", builder.kind),
    )
