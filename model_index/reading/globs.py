"""Match files by path or glob in bounded time: a star enters no linked folder, and no folder is
searched twice."""

import glob
import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

MOST = 200_000  # entries of folders that one reading may look at


class TooMany(Exception):
    """A pattern that would search too many entries of folders."""


class SearchBudget:
    """Count the searched entries of folders, for one pattern or several."""

    def __init__(self) -> None:
        self.left = MOST

    def take(self, number: int) -> None:
        """Count more entries.

        Raises:
            TooMany: these are too many.
        """
        self.left -= number
        if self.left < 0:
            raise TooMany


def is_glob(text: str) -> bool:
    return glob.has_magic(text)


def find_matches(
    pattern: str, folder: Path = Path(), looked: SearchBudget | None = None
) -> list[Path]:
    """Return the files of a path or glob, in order; `**` stands for any folders, and a star for no
    hidden name.

    Raises: TooMany: more than `MOST` entries were looked at, by this pattern or by all that share
        `looked`.
    """
    if not is_glob(pattern):
        path = folder / pattern
        return [path] if os.path.isfile(path) else []
    parts = PurePath(pattern).parts
    start = Path(parts[0]) if PurePath(pattern).is_absolute() else folder
    steps = parts[1:] if PurePath(pattern).is_absolute() else parts
    return sorted(set(_Walk(steps, looked or SearchBudget()).below(start, 0)))


def walk(folder: Path) -> Iterator[Path]:
    """Yield every file below a folder in order, except in hidden folders, linked ones and
    node_modules."""
    for place, names, files in os.walk(folder):
        names[:] = sorted(
            name for name in names if not name.startswith(".") and name != "node_modules"
        )
        yield from (Path(place, name) for name in sorted(files) if not name.startswith("."))


class _Walk:
    def __init__(self, parts: tuple[str, ...], looked: SearchBudget):
        self.parts, self.looked = parts, looked
        self.seen: set[tuple[str, int]] = set()

    def below(self, folder: Path, number: int) -> Iterator[Path]:
        """Yield the files below a folder that match the parts from `number` on."""
        if (key := (os.path.realpath(folder), number)) in self.seen:
            return  # by another way, as `*/..` leads back to one folder from each of its folders
        self.seen.add(key)
        part, last = self.parts[number], number + 1 == len(self.parts)
        if part == "**":
            if not last:
                yield from self.below(folder, number + 1)
            for entry in self._entries(folder):
                if entry.is_dir(follow_symlinks=False):
                    yield from self.below(folder / entry.name, number)
                elif last and entry.is_file():
                    yield folder / entry.name
        elif not glob.has_magic(part):
            path = folder / part
            if last:
                yield from [path] if os.path.isfile(path) else []
            elif os.path.isdir(path):
                yield from self.below(path, number + 1)
        else:
            for entry in self._entries(folder, part.startswith(".")):
                if not fnmatchcase(entry.name, part):
                    continue
                if last and entry.is_file():
                    yield folder / entry.name
                elif not last and entry.is_dir(follow_symlinks=False):
                    yield from self.below(folder / entry.name, number + 1)

    def _entries(self, folder: Path, hidden: bool = False) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as listing:
                entries = [entry for entry in listing if hidden or not entry.name.startswith(".")]
        except OSError:
            return []
        self.looked.take(len(entries))
        return entries
