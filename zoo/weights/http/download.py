"""Download whole files into a folder, by default the user's cache folder.

The name of a download contains a hash of its address and of its state (size, ETag, date), so a file
that changed is another download. Data arrives in a `.part` beside it, and an interrupted download
continues there. The rename to the final name comes last, after the size, and the SHA-256 where the
server states one, were compared. Whoever wants the same file at the same time waits for the first,
so two processes never write to one part.
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
from zoo.model_index.io.user_cache import cache_folder
from zoo.weights.http.client import Client
from zoo.weights.http.response import RemoteFile

Progress = Callable[[int, int], None]  # bytes that have arrived, bytes in all

ANOTHER_FOLDER = "set ZOO_CACHE to use another folder"
FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
SPARE = 1 << 20  # bytes of the disk that stay free
RENEWS = 1 << 20  # bytes after which the retry budget starts again


class Download(NamedTuple):
    """The file of a download, and the SHA-256 of its bytes on the disk."""

    path: Path
    sha256: str


def file_name(remote: RemoteFile) -> str:
    """Return `resnet50-0123456789abcdef.pth`: the last part of the address, and a hash of address
    and state."""
    state = json.dumps([remote.url, remote.size, remote.etag, remote.modified])
    key = hashlib.sha256(state.encode()).hexdigest()[:16]
    last = unquote(urlsplit(remote.url).path).rpartition("/")[2]
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
    remote = client.probe_size(file)
    folder = cache_folder() if folder is None else folder
    path = folder / file_name(remote)
    with _translate_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):
            complete = path.is_file() and path.stat().st_size == remote.size
            digest = file_digest(path) if complete else None
            if digest is None or digest != (remote.sha256 or digest):
                digest = _fetch(client, remote, path, progress)
    return Download(path, digest)


class PartialDownload:
    """The beginning of a file, to which data is appended, and the SHA-256 of it so far."""

    def __init__(self, file: IO[bytes], size: int):
        self.file = file
        self.digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]
        self.length = file.seek(0, os.SEEK_END)
        if self.length > size:
            self.restart()

    def restart(self) -> None:
        """Discard all data."""
        self.file.seek(0)
        self.file.truncate()
        self.length, self.digest = 0, hashlib.sha256()

    def write(self, piece: bytes) -> None:
        self.file.write(piece)
        self.digest.update(piece)
        self.length += len(piece)


def _fetch(client: Client, remote: RemoteFile, path: Path, progress: Progress | None) -> str:
    """Download to the part and rename it; return the SHA-256."""
    name, size = path.with_name(f"{path.name}.part"), remote.size or 0
    name.touch()
    with name.open("r+b") as file:
        part = PartialDownload(file, size)
        _check_space(name.parent, size - part.length)
        try:
            _fill(client, remote, part, progress or (lambda length, size: None))
        except Torn as error:
            if not error.passing:  # the server no longer has the file that the part belongs to
                part.restart()
            raise
        file.flush()
        os.fsync(file.fileno())
    digest = part.digest.hexdigest()
    if remote.sha256 and digest != remote.sha256:
        name.unlink()
        raise Torn(remote.place, f"expected a file of SHA-256 {remote.sha256}, got {digest}")
    name.replace(path)
    return digest


def _fill(client: Client, remote: RemoteFile, part: PartialDownload, progress: Progress) -> None:
    """Append to the part until it is complete; each MiB renews the retry budget."""
    size = remote.size or 0
    resumes = remote.ranges and bool(remote.etag or remote.modified)
    patience = client.new_patience()
    while part.length < size:
        if not resumes:
            part.restart()
        start = part.length
        progress(start, size)
        try:
            with client.pieces(remote, start) as pieces:
                for piece in pieces:
                    part.write(piece)
                    progress(part.length, size)
        except RemoteError as error:
            if resumes and part.length - start >= RENEWS:
                patience.reset()
            patience.wait(error)


def _check_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed + SPARE > free:
        raise CacheError(
            f"{folder}: the download needs {needed} bytes, {free} are free; {ANOTHER_FOLDER}"
        )


def file_digest(path: Path) -> str:
    """Compute the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _translate_errors(folder: Path) -> Iterator[None]:
    """Turn an error of the file system into a message about the folder."""
    try:
        yield
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        later = "; the next run continues the download" if error.errno in FULL else ""
        raise CacheError(f"{folder}: {why}{later}; {ANOTHER_FOLDER}") from None
