"""Show where a claim stands: its file as the index has it, and the line on the web.

A page never shows a path of the machine that made it.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from zoo.model_index.io.user_cache import registry_of
from zoo.model_index.load import DATA
from zoo.model_index.records.place import Place
from zoo.reporting.text.escape import one_line, web_address

PACKAGES = DATA.parents[1]  # the embedded index lies below it
SHALLOW = 3  # parts of a folder, `/home/me`, that holds more than one index


@dataclass(frozen=True)
class PublicPlaces:
    """The places of an index that has these files.

    `source` is the web address that the path of a file is put behind, empty where none is known.
    """

    files: Sequence[str] = ()
    source: str = ""
    _shown: dict[str, tuple[str, str | None]] = field(default_factory=dict, repr=False)

    def show(self, place: Place) -> tuple[str, str | None]:
        """Return `dpn.yml:251`, relative to the index, and the address of the line; None where that
        is not known."""
        if place.file not in self._shown:
            self._shown[place.file] = self.file(place.file), self._address(place.file)
        file, address = self._shown[place.file]
        return f"{file}:{place.line}", address and f"{address}#L{place.line}"

    def file(self, name: str) -> str:
        """Return a file relative to the folder of the index, else its own name."""
        path = _absolute(name)
        if registry_of(name) or not path.is_relative_to(folder := self._folder_of(path)):
            return one_line(path.name)
        if len(folder.parts) <= SHALLOW:  # of several indexes far from each other
            return one_line("/".join(path.parts[1:][-2:]))
        return one_line(path.relative_to(folder).as_posix())

    def _folder_of(self, path: Path) -> Path:
        return DATA if path.is_relative_to(DATA) else self._folder

    @cached_property
    def _folder(self) -> Path:
        """The folder that holds all files of the index, without those that ship with this package
        or are a library's registry."""
        paths = (_absolute(name) for name in self.files if not registry_of(name))
        folders = [path.parent for path in paths if not path.is_relative_to(DATA)]
        return Path(os.path.commonpath(folders)) if folders else DATA

    def _address(self, name: str) -> str | None:
        """Return the address of a file; its path is that below the working folder, of the embedded
        index that below the project's."""
        source, path = web_address(self.source), _absolute(name)
        if not source or registry_of(name):
            return None
        root = next((r for r in (Path.cwd(), PACKAGES) if path.is_relative_to(r)), None)
        return f"{source}{one_line(path.relative_to(root).as_posix()) if root else self.file(name)}"


def _absolute(name: str) -> Path:
    return Path(os.path.abspath(name))
