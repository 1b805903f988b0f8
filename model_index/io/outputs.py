"""Write the files that a user names: links and devices stay what they are, and no source is
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

STREAMS = (1, 2)  # descriptors of standard output and standard error


def refuse_sources(option: str, path: str | Path, sources: Iterable[str]) -> None:
    """Refuse an output that is a file of the index.

    Raises: UsageError: where the path is one of the files `sources` that the index was read from,
        by whatever name.
    """
    status = _stat(path)
    if status and any(os.path.samestat(status, source) for source in map(_stat, sources) if source):
        raise UsageError(f"{path}: the index was read from this file; name another with {option}")


def write_output(option: str, path: str | Path, text: str, sources: Iterable[str] = ()) -> None:
    """Write the text to the path of an option; missing folders are made.

    Raises:
        UsageError: where the path is none of a file, or is one of `sources`.
        OSError: where it cannot be written; it names the path.
    """
    if not str(path) or os.path.isdir(path):
        raise UsageError(f"{option}: expected a file's path, got {str(path)!r}")
    refuse_sources(option, path, sources)
    status = _stat(path)
    if status and not stat.S_ISREG(status.st_mode):
        try:
            descriptor = _stream_of(status)
            new = os.open(path, os.O_WRONLY) if descriptor is None else os.dup(descriptor)
            _write_to(new, text)
        except OSError as error:
            raise with_path(error, path) from error
    elif status and (descriptor := _stream_of(status)) is not None:
        _write_to(os.dup(descriptor), text)
    else:
        target = Path(os.path.realpath(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, text, stat.S_IMODE(status.st_mode) if status else None)


def _stat(path: str | Path) -> os.stat_result | None:
    """Return the status of a path, links followed; None where nothing is there."""
    try:
        return os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _stream_of(status: os.stat_result) -> int | None:
    """Return the descriptor of this process's output where a path names it, as /dev/stdout does."""
    for descriptor in STREAMS:
        try:
            if os.path.samestat(os.fstat(descriptor), status):
                return descriptor
        except OSError:  # closed
            continue
    return None


def _write_to(descriptor: int, text: str) -> None:
    """Write to an open descriptor, behind earlier output."""
    sys.stdout.flush()
    sys.stderr.flush()
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
