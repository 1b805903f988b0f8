"""Writing the files that a user names: what stands at a path stays what it is, and no source is
overwritten.

A plain file is written in one piece. A pipe, a terminal or another device is no file that could be
replaced by one, so it is written to; and a symbolic link stays, what it leads to is written.
"""

import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from zoo.model_index.errors import UsageError
from zoo.model_index.io.atomic import with_path, write_atomically

NEW = 0o644  # the mode of a file that was not there
OWN = (1, 2)  # descriptors of standard output and standard error


def refuse_sources(option: str, path: str | Path, sources: Iterable[str]) -> None:
    """An index is read and judged, never replaced by what is said of it.

    Raises: UsageError: where the path is one of the files `sources` that the index was read from,
        by whatever name.
    """
    there = _stat(path)
    if there and any(os.path.samestat(there, source) for source in map(_stat, sources) if source):
        raise UsageError(f"{path}: the index was read from this file; name another with {option}")


def write_output(option: str, path: str | Path, text: str, sources: Iterable[str] = ()) -> None:
    """Write the text where an option says; folders that are missing are made.

    Raises:
        UsageError: where the path is none of a file, or is one of `sources`.
        OSError: where it cannot be written; it names the path.
    """
    if not str(path) or os.path.isdir(path):
        raise UsageError(f"{option}: expected a file's path, got {str(path)!r}")
    refuse_sources(option, path, sources)
    there = _stat(path)
    if there and not stat.S_ISREG(there.st_mode):
        try:
            own = _own(there)
            _write_to(os.open(path, os.O_WRONLY) if own is None else os.dup(own), text)
        except OSError as error:
            raise with_path(error, path) from error
    elif there and (own := _own(there)) is not None:
        _write_to(os.dup(own), text)
    else:
        target = Path(os.path.realpath(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, text, stat.S_IMODE(there.st_mode) if there else NEW)


def _stat(path: str | Path) -> os.stat_result | None:
    """What stands at a path, or where it leads to; None for nothing."""
    try:
        return os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _own(there: os.stat_result) -> int | None:
    """The descriptor of this process's output where that is what a path names, as /dev/stdout
    does."""
    for descriptor in OWN:
        try:
            if os.path.samestat(os.fstat(descriptor), there):
                return descriptor
        except OSError:  # closed
            continue
    return None


def _write_to(descriptor: int, text: str) -> None:
    """Write to what is open, behind what was printed before."""
    sys.stdout.flush()
    sys.stderr.flush()
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
