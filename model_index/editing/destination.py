"""Choose the file of an index that a new entry is written to."""

import os
from collections.abc import Sequence
from pathlib import Path

from zoo.model_index.editing.append import YAML
from zoo.model_index.errors import UsageError
from zoo.model_index.load import DEMO, is_source, load
from zoo.model_index.records.records import Index

NEW = "model-index.yml"  # where there is no index yet
MOST = 5  # files that a message names


class Destination:
    """A file, and the index that it is or will be a part of.

    `paths` are those of the index, none where nobody named or found one; one that does not exist
    is a file to write. `output` is the file where a person named it.
    """

    def __init__(self, paths: Sequence[str], output: str | None, family: str | None):
        names = list(filter(is_source, paths))
        new = [name for name in names if not os.path.exists(name) and Path(name).suffix in YAML]
        demo = DEMO in names and not os.path.exists(DEMO)
        index = load(paths) if names and not new and not demo else None
        self.file = output or _choose_file(index, new, family)
        if os.path.isdir(self.file):
            raise UsageError(f"{self.file}: is a folder; -o {os.path.join(self.file, NEW)}")
        self._indexes = [index] if index and self._belongs(index, names) else []
        if os.path.exists(self.file) and not any(self._holds(i) for i in self._indexes):
            self._indexes += _load_file(self.file)
        self.new = not os.path.exists(self.file)

    def _holds(self, index: Index) -> bool:
        return any(os.path.realpath(file) == os.path.realpath(self.file) for file in index.files)

    def _belongs(self, index: Index, names: Sequence[str]) -> bool:
        """Whether the file is one of the index, or will be when it is there."""
        folders = [os.path.realpath(name) for name in names if os.path.isdir(name)]
        parents = list(map(str, Path(os.path.realpath(self.file)).parents))
        return self._holds(index) or any(folder in parents for folder in folders)

    def refuse(self, name: str) -> None:
        """Refuse a name that an entry has.

        Raises:
            UsageError: one has it.
        """
        for index in self._indexes:
            for entry in index.entries:
                if entry.name == name:
                    raise UsageError(f"{entry.place}: has {name} already; --name gives another one")

    def has_family(self, name: str) -> bool:
        """Return whether a collection of this name is there."""
        return any(c.name == name for index in self._indexes for c in index.collections)


def _load_file(file: str) -> list[Index]:
    """Return the index of a file; none for one without models."""
    try:
        return [load([file])]
    except UsageError:
        return []


def _choose_file(index: Index | None, new: Sequence[str], family: str | None) -> str:
    """Return the file of the family, else the only one.

    Raises:
        UsageError: none, or several.
    """
    if index is None:
        return new[0] if new else NEW
    files = [file for file in index.files if Path(file).suffix.lower() in YAML]
    of_family = {c.place.file for c in index.collections if c.name == family}
    files = [file for file in files if file in of_family] or files
    if len(files) == 1:
        return files[0]
    if not files:
        raise UsageError(f"{index.name} has no YAML file; -o FILE.yml names one")
    some = ", ".join(files[:MOST]) + (" ..." if len(files) > MOST else "")
    raise UsageError(f"{index.name} has {len(files)} files; -o FILE says which: {some}")
