"""Find the settings of a folder, and the index of a folder without settings."""

import os
from collections.abc import Iterator
from pathlib import Path

from zoo.model_index.load import holds_index
from zoo.model_index.reading.discover import ROOTS
from zoo.model_index.settings.read import PROJECT, SETTINGS, read_settings
from zoo.model_index.settings.record import Settings

FOLDERS = ("model_index", "models")  # where an index lies without settings


def find_settings(start: Path) -> Settings | None:
    """Return the nearest settings, from a folder upwards to the root of the file system.

    Of one folder `zoo.toml` comes first. A `pyproject.toml` without `tool.zoo` is passed over.

    Raises: UsageError, IndexFaults: as `read_settings`.
    """
    for folder in _upwards(start):
        for name in (SETTINGS, PROJECT):
            if _exists(folder / name) and (settings := read_settings(folder / name)):
                return settings
    return None


def find_index(start: Path) -> str | None:
    """Return the index of a folder without settings, as the working folder sees it: of the folder
    itself or one above it in the same repository, the first that holds an index."""
    for folder in _in_repository(start):
        for name in ROOTS:
            if (folder / name).is_file():
                return os.path.relpath(folder / name)
        for name in FOLDERS:
            if (folder / name).is_dir() and holds_index(folder / name):
                return os.path.relpath(folder / name)
    return None


def _upwards(start: Path) -> list[Path]:
    return [start.absolute(), *start.absolute().parents]


def _in_repository(start: Path) -> Iterator[Path]:
    """Yield the folders from `start` to the top of its repository; without one, `start` alone."""
    folders = _upwards(start)
    top = next((n for n, folder in enumerate(folders) if _exists(folder / ".git")), 0)
    yield from folders[: top + 1]


def _exists(path: Path) -> bool:
    try:
        return os.path.lexists(path)
    except OSError:
        return False
