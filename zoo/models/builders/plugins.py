"""Builders of other packages, found by the entry point group `zoo.builders`.

An entry point `KIND = "package.module:function"` makes `KIND:NAME` a builder: the function is
called with the name and the builder's arguments, and returns a `torch.nn.Module` without weights.
An installed package is not a trusted one: its code is imported only with `--trust PACKAGE`.
"""

import sys
from collections.abc import Collection
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

from zoo.model_index.records.records import Builder
from zoo.models.builders.base import BuilderKind, BuiltModel, NoTrust
from zoo.models.builders.callable import check_module
from zoo.models.builders.packages import package_of

GROUP = "zoo.builders"


def find_plugin(builder: Builder) -> BuilderKind | None:
    """Return the kind of a builder `KIND:NAME` that an installed package brings; import nothing.

    Readers of an index know no such kinds: the builder is a callable whose module is the kind.
    """
    kind = builder.name.partition(":")[0]
    entry_point = _entry_points(tuple(sys.path)).get(kind)
    return _plugin(entry_point) if entry_point else None


@lru_cache(maxsize=4)  # reading the metadata of all packages takes some milliseconds
def _entry_points(path: tuple[str, ...]) -> dict[str, EntryPoint]:
    return {entry_point.name: entry_point for entry_point in entry_points(group=GROUP)}


def _plugin(entry_point: EntryPoint) -> BuilderKind:
    name = package_of(entry_point.module)

    def make(builder: Builder, trusted: Collection[str]) -> BuiltModel:
        if name not in trusted:
            raise NoTrust(f"{builder} is built by the package {name}", name, builder)
        function = entry_point.load()
        return check_module(builder, function(builder.name.partition(":")[2], **builder.arguments))

    return BuilderKind(
        name=entry_point.name,
        package=lambda builder: name,
        module=lambda builder: entry_point.module,
        make=make,
    )
