"""Read and write files whole.

What is written lies under its name as it was or as it is to be, whatever happens in between: the
text goes to a temporary file beside it, is flushed to the disk, and is renamed. Without the flush a
power loss may keep the name and lose the bytes; with it, what a name leads to is whole, and a full
disk is told before the old file is gone. The folder is not flushed: the newest names may be gone
after a power loss, which is as if their cells had not been measured.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

LARGEST = 256 << 20  # bytes of a document; one of many thousand samples takes a tenth
CLOSE = getattr(os, "O_CLOEXEC", 0)
NO_FLUSH = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP})  # a file system that cannot


class NotPlain(Exception):
    """A path that is no readable plain file; the text names what it is."""


def read_whole(path: Path) -> bytes:
    """Read the bytes of a plain file. A pipe is not waited for, and an endless file is not begun.

    Raises:
        NotPlain: it is something else, a link that leads nowhere, or larger than `LARGEST`.
        FileNotFoundError: nothing is there.
        OSError: it cannot be read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | CLOSE)
    except OSError as error:
        if path.is_symlink() and error.errno in (errno.ENOENT, errno.ELOOP):
            raise NotPlain("a link that leads nowhere") from None
        if error.errno == errno.ENXIO:  # a socket
            raise NotPlain("no plain file") from None
        raise
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise NotPlain("a folder" if stat.S_ISDIR(status.st_mode) else "no plain file")
        if status.st_size > LARGEST:
            raise NotPlain(f"{status.st_size:,} bytes, more than the {LARGEST:,} that are read")
        pieces = []
        while piece := os.read(handle, status.st_size + 1):
            pieces.append(piece)
        return b"".join(pieces)
    finally:
        os.close(handle)


def write_atomically(path: Path, text: str | bytes, mode: int | None = None) -> None:
    """Write `text`, as UTF-8, or bytes beside `path`, then rename it into place; a reader sees the
    old file or the new one.

    Without a `mode` the file has that of any new file, as the umask says.

    Raises:
        OSError: it cannot be written; `filename` is the path, and no temporary file stays.
    """
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")
    private = 0o666 if mode is None else 0o600  # until it is whole
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | CLOSE, private)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text if isinstance(text, bytes) else text.encode("utf-8"))
                flush(file)
            if mode is not None:
                os.chmod(temporary, mode)
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise with_path(error, path) from error


@contextmanager
def replace_atomically(path: Path, *, durable: bool = True) -> Iterator[IO[bytes]]:
    """Yield a file beside `path` that takes its place once it is written; a missing folder is made.

    Without `durable` it is not flushed to the disk: enough for files that can be made again.

    Raises:
        OSError: it cannot be written; no temporary file stays.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        temporary.unlink(missing_ok=True)
        with temporary.open("xb") as file:  # never through a link
            yield file
            if durable:
                flush(file)
        os.replace(temporary, path)
    finally:
        with suppress(OSError):
            temporary.unlink()


def flush(file: IO[Any]) -> None:
    """Flush a file to the disk, where the file system can do that."""
    file.flush()
    try:
        os.fsync(file.fileno())
    except OSError as error:
        if error.errno not in NO_FLUSH:
            raise


def with_path(error: OSError, path: str | Path) -> OSError:
    """Return the same error with the path of the file: the error of a full disk names none."""
    return (
        OSError(error.errno, error.strerror, str(path))
        if error.errno
        else OSError(f"{path}: {error}")
    )


def reason(error: OSError) -> str:
    """Return the reason of an error in the system's words; a library may wrap it or use a code
    of its own."""
    return os.strerror(error.errno) if error.errno else error.strerror or str(error)


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Lock a folder against other processes that lock it too, from reading to writing.

    Where the system or the file system has no such lock, as on some network drives, the block runs
    without one.
    """
    handle = None
    with suppress(ImportError, OSError):
        import fcntl

        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)
