"""The record of a builder kind, what a builder returns, and the errors of building."""

import shlex
from collections.abc import Callable, Collection
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any

from zoo.model_index.errors import ZooError
from zoo.model_index.findings import Gap
from zoo.model_index.ledger.evidence import Construction
from zoo.model_index.quantities.value import Size
from zoo.model_index.records.input_spec import InputSpec
from zoo.model_index.records.records import Builder
from zoo.models.builders.packages import find_folder

if TYPE_CHECKING:
    from torch import nn


class BuildError(ZooError):
    """A model that cannot be built; the message says why."""


class TooLarge(BuildError):
    """A model whose constructor takes more memory than it may."""


class UnknownModel(BuildError):
    """A library has no model of the name."""


class BuilderMissing(BuildError):
    """The model cannot be built on this machine: `gap` says why, and what to type."""

    def __init__(self, message: str, gap: Gap = Gap("unreachable")):
        self.gap = gap
        super().__init__(message)


class NoTrust(BuilderMissing):
    """The code of a package would run that the user does not trust."""

    def __init__(self, message: str, package: str, builder: Builder):
        folder = find_folder(package, builder.place.file if builder.place else "")
        advice = f"--trust {package} --path {shlex.quote(folder)}" if folder else ""
        options = advice or f"--trust {package}"
        super().__init__(f"{message}; it runs with {options}", Gap("untrusted", package, advice))


class NoBuilder(BuilderMissing):
    """The index names no builder, and none can be guessed."""

    def __init__(self, reason: str):
        super().__init__(f"no builder is named{reason}", Gap("unnamed"))


@dataclass(frozen=True, slots=True)
class BuiltModel:
    """A live model on the meta device, in evaluation mode.

    `resolved` is the name of what was really built, architecture and pretrained tag where the
    library has one (`dpn98.mx_in1k`); `configuration` is its pretrained configuration, empty where
    it has none. `registry` holds what else the library states about the name: the settings of every
    pretrained tag of the architecture (`tags`), and the architecture the name asks for where
    another one was built (`named`). `arguments_at` returns the arguments that the builder needs for
    another input than the configured one; None for a model that takes any input as it is. `input`
    is what the builder proposes as its input; None is one image of the configuration's size.
    `construction` says how it came to the meta device.
    """

    model: "nn.Module"
    resolved: str
    configuration: dict[str, Any]
    registry: dict[str, Any] = field(default_factory=dict)
    arguments_at: Callable[[Size], dict[str, Any]] | None = None
    _: KW_ONLY
    input: InputSpec | None = None
    construction: Construction = field(default_factory=Construction)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuilderKind:
    """A kind of builder: `name` is its prefix in an index, as `timm` in `timm:dpn98`.

    `package` returns the top-level package whose code runs, `module` the module of it to import
    first. `make` builds the model, without weights; it is given the packages that the user trusts,
    and imports nothing else's code unless that is safe for any name that an index may hold. Raises
    `BuilderMissing` and `BuildError`. `proposes` says that it may propose another input than one
    image.
    """

    name: str
    package: Callable[[Builder], str]
    module: Callable[[Builder], str]
    make: Callable[[Builder, Collection[str]], BuiltModel]
    proposes: bool = True
