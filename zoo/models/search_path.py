"""Import builders from folders that a person named or allowed.

The folders stand at the end of `sys.path`: what lies there never takes the place of an installed
package or of Python's own modules. The packages that the person trusts are the exception: they are
looked for in these folders first, so that an installed copy is not measured in place of this one.
"""

import os
import sys
from collections.abc import Collection, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

from zoo.model_index.errors import UsageError


class PackageFinder:
    """Finds trusted packages in the folders of `--path`; Python asks it first."""

    def __init__(self, folders: Sequence[str], packages: Collection[str]):
        self.folders, self.packages = list(folders), frozenset(packages)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a trusted top-level package."""
        if path is not None or name not in self.packages:
            return None
        return PathFinder.find_spec(name, self.folders)


def extend(folders: Sequence[str], packages: Collection[str]) -> None:
    """Import the packages from these folders, in this process.

    Raises:
        UsageError: one is no folder.
    """
    paths = list(map(os.path.abspath, folders))
    for folder, path in zip(folders, paths, strict=True):
        if not os.path.isdir(path):
            raise UsageError(f"--path {folder}: no such folder")
    if not paths:
        return
    sys.path.extend(path for path in paths if path not in sys.path)
    others = [finder for finder in sys.meta_path if not isinstance(finder, PackageFinder)]
    finder = PackageFinder(paths, {name.split(".")[0] for name in packages})
    sys.meta_path[:] = [finder, *others]


def folders() -> tuple[str, ...]:
    """Return the folders that builders are imported from, for the processes that are started."""
    finders = [finder for finder in sys.meta_path if isinstance(finder, PackageFinder)]
    return tuple(folder for finder in finders for folder in finder.folders)
