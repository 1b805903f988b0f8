"""Guard this process where a model has to run in it.

What the model prints, where it goes and how it leaves must not become our output, our files or our
exit code.
"""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from zoo.model_index.errors import ZooError


class ModelExit(ZooError):
    """Code of a model tried to leave the process, or raised what is no `Exception`."""


class _ErrorStream(io.TextIOBase):
    """Writes to standard error, and is not closed."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()

    def fileno(self) -> int:
        return sys.stderr.fileno()

    def isatty(self) -> bool:
        return sys.stderr.isatty()

    def close(self) -> None:
        """Stay open: another part of the program writes here too."""


@contextmanager
def guard_process() -> Iterator[None]:
    """Run a model inside the `with` block.

    Standard output, descriptor 1 included, is standard error there. The working folder, the limit
    of recursion and descriptor 1 are as before afterwards, whatever became of them.

    Raises:
        ModelExit: the model leaves the process, or raises what is no `Exception`.
    """
    folder, limit = os.getcwd(), sys.getrecursionlimit()
    try:
        with _redirect(), _refuse_exit():
            yield
    except (Exception, KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        raise ModelExit(f"the model raised {type(error).__name__}: {error}") from error
    finally:
        sys.setrecursionlimit(limit)
        with suppress(OSError):
            os.chdir(folder)


@contextmanager
def _redirect() -> Iterator[None]:
    """Send to standard error what is written to standard output, by Python, C or the system."""
    stream = sys.stdout
    _flush(stream)
    saved = _duplicate(1)
    with suppress(OSError):  # standard error is closed
        os.dup2(2, 1)
    sys.stdout = _ErrorStream()
    try:
        yield
    finally:
        sys.stdout = stream
        _flush(sys.__stdout__)  # what the model wrote to it belongs to standard error
        with suppress(OSError):
            os.close(1)
        if saved is not None:
            os.dup2(saved, 1)
            os.close(saved)


def _flush(stream: IO[str] | None) -> None:
    with suppress(OSError, ValueError):
        if stream:
            stream.flush()


def _duplicate(descriptor: int) -> int | None:
    try:
        return os.dup(descriptor)
    except OSError:  # it is closed
        return None


@contextmanager
def _refuse_exit() -> Iterator[None]:
    """Let `os._exit` raise an error, except in processes that are forked meanwhile."""
    process, leave = os.getpid(), os._exit

    def refuse(status: int) -> None:
        if os.getpid() != process:
            leave(status)
        raise ModelExit(f"the model tried to end the process with exit code {status}")

    os._exit = refuse  # type: ignore[assignment]
    try:
        yield
    finally:
        os._exit = leave
