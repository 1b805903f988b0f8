"""Downloads, kept in a folder: `$ZOO_CACHE`, or `~/.cache/zoo`.

The name of a download holds a hash of its address and of its state (size, ETag, date), so a file
that changed is another download. What arrived lies in a `.part` beside it and is gone on with; the
rename to its own name comes last, after the size, and the SHA-256 where the server states one, were
compared. Whoever wants the same file at the same time waits for the first, so two processes never
write to one part.
"""

import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import unquote, urlsplit

from filelock import FileLock

from zoo.model_index.errors import CacheError, RemoteError, Torn
from zoo.models.environment import cache_folder
from zoo.weights.http.client import Client
from zoo.weights.http.response import RemoteFile

Progress = Callable[[int, int], None]  # bytes that are there, bytes in all

FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
SPARE = 1 << 20  # bytes that are left free
RENEWS = 1 << 20  # bytes that have to arrive for patience to start again


class Download(NamedTuple):
    """A file that was downloaded, with the SHA-256 of its bytes as they lie there."""

    path: Path
    sha256: str


def file_name(answer: RemoteFile) -> str:
    """`resnet50-0123456789abcdef.pth`: the last part of the address, and a hash of address and
    state."""
    state = json.dumps([answer.url, answer.size, answer.etag, answer.modified])
    key = hashlib.sha256(state.encode()).hexdigest()[:16]
    last = unquote(urlsplit(answer.url).path).rpartition("/")[2]
    stem, dot, suffix = re.sub(r"[^A-Za-z0-9._-]+", "_", last).lstrip(".-")[-100:].rpartition(".")
    return f"{stem or suffix or 'file'}-{key}{dot + suffix if stem else ''}"


def download(
    client: Client,
    file: str | RemoteFile,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Download:
    """Return a whole remote file, from the folder or from the server.

    Raises:
        RemoteError, CacheError: it cannot be fetched, or cannot be stored.
    """
    answer = client.probe_size(file)
    folder = cache_folder() if folder is None else folder
    path = folder / file_name(answer)
    with _told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):
            digest = (
                _digest(path) if path.is_file() and path.stat().st_size == answer.size else None
            )
            if digest is None or digest != (answer.sha256 or digest):
                digest = _fetch(client, answer, path, progress)
    return Download(path, digest)


class PartialDownload:
    """What has arrived of a file, at the end of which it is written on, and the SHA-256 of it so
    far."""

    def __init__(self, file: IO[bytes], size: int):
        self.file = file
        self.digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]
        self.done = file.seek(0, os.SEEK_END)
        if self.done > size:
            self.restart()

    def restart(self) -> None:
        """Forget all of it."""
        self.file.seek(0)
        self.file.truncate()
        self.done, self.digest = 0, hashlib.sha256()

    def write(self, piece: bytes) -> None:
        self.file.write(piece)
        self.digest.update(piece)
        self.done += len(piece)


def _fetch(client: Client, answer: RemoteFile, path: Path, progress: Progress | None) -> str:
    """Download to the part and give it its name; the SHA-256."""
    name, size = path.with_name(f"{path.name}.part"), answer.size or 0
    name.touch()
    with name.open("r+b") as file:
        part = PartialDownload(file, size)
        _check_space(name.parent, size - part.done)
        try:
            _fill(client, answer, part, progress or (lambda done, size: None))
        except Torn as error:
            if not error.passing:  # what is there belongs to nothing the server still has
                part.restart()
            raise
        file.flush()
        os.fsync(file.fileno())
    digest = part.digest.hexdigest()
    if answer.sha256 and digest != answer.sha256:
        name.unlink()
        raise Torn(answer.place, f"expected a file of SHA-256 {answer.sha256}, got {digest}")
    name.replace(path)
    return digest


def _fill(client: Client, answer: RemoteFile, part: PartialDownload, progress: Progress) -> None:
    """Write on at the end of the part until it is complete; patience starts again with each MiB."""
    size = answer.size or 0
    resumes = answer.ranges and bool(answer.etag or answer.modified)
    patience = client.new_patience()
    while part.done < size:
        if not resumes:
            part.restart()
        start = part.done
        progress(start, size)
        try:
            with client.pieces(answer, start) as pieces:
                for piece in pieces:
                    part.write(piece)
                    progress(part.done, size)
        except RemoteError as error:
            if resumes and part.done - start >= RENEWS:
                patience.reset()
            patience.wait(error)


def _check_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed + SPARE > free:
        raise CacheError(
            f"{folder}: {needed} bytes are needed, {free} are free; ZOO_CACHE names another folder"
        )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Turns what the file system raises into a message about the folder."""
    try:
        yield
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        later = "; what has arrived is kept and gone on with" if error.errno in FULL else ""
        raise CacheError(f"{folder}: {why}{later}; ZOO_CACHE names another folder") from None
