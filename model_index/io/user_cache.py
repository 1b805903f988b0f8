"""Keep files in the user's own cache folder, where no repository can bring them along.

What lies in the folder at hand may have been written by anybody. A file of this folder is read only
if it belongs to the user and nobody else may write it or its folder, where the system can tell.
"""

import os
import stat
from pathlib import Path

from zoo.model_index.io.atomic import NotPlain, read_whole, write_atomically

REGISTRY = "registry"
OTHERS = stat.S_IWGRP | stat.S_IWOTH


def cache_folder() -> Path:
    """Return the user's cache folder: `$ZOO_CACHE`, `$XDG_CACHE_HOME/zoo` or `~/.cache/zoo`."""
    if folder := os.environ.get("ZOO_CACHE"):
        return Path(folder).expanduser()
    shared = os.environ.get("XDG_CACHE_HOME", "")
    return Path(shared if os.path.isabs(shared) else home_folder() / ".cache", "zoo")


def home_folder() -> Path:
    """Return the user's home folder; where the system knows none, a folder for temporary files."""
    try:
        return Path.home()
    except RuntimeError:  # a container whose user has no name, and no HOME
        import tempfile

        number = getattr(os, "getuid", int)()
        return Path(tempfile.gettempdir(), f"zoo-{number}")


def cache_file(kind: str, subject: Path, suffix: str = ".json") -> Path:
    """Return the file of a kind about a folder or a file, named by its absolute path."""
    name = _digest(os.fsencode(os.path.abspath(subject)))[:32]
    return cache_folder() / kind / f"{name}{suffix}"


def registry_folder() -> Path:
    """Return the folder with the registries of libraries, an index each."""
    return cache_folder() / REGISTRY


def registry_of(file: str) -> str:
    """Return the library whose registry a file is, `torchvision` of `torchvision-0.29.2-1.yml`; ""
    for any other file."""
    if os.path.basename(os.path.dirname(file)) != REGISTRY:  # of a thousand models none may be
        return ""
    path = Path(file)
    return path.name.partition("-")[0] if path.parent == registry_folder() else ""


def read_own(path: Path) -> bytes | None:
    """Read a file of the cache; None where there is none, or where others may have written it."""
    try:
        if is_own(path) and is_own(path.parent):
            return read_whole(path)
    except (OSError, NotPlain):
        pass
    return None


def write_own(path: Path, text: str) -> None:
    """Write a file of the cache for the user alone; a folder that may not be written is no
    fault."""
    try:
        path.parent.parent.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_atomically(path, text, mode=0o600)
    except OSError:
        pass


def record_digest(path: Path, data: bytes) -> None:
    """Record in the cache that the user's run has written these bytes to `path`."""
    write_own(cache_file("digests", path, ".sha256"), _digest(data))


def wrote_last(path: Path, data: bytes) -> bool:
    """Return whether these bytes are what a run of the user has last written to `path`."""
    digest = read_own(cache_file("digests", path, ".sha256"))
    return digest == _digest(data).encode()


def is_own(path: Path) -> bool:
    """Return whether a path belongs to the user and nobody else may write it; a link is none."""
    status = path.lstat()
    if not hasattr(os, "getuid"):
        return True
    plain = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
    return plain and status.st_uid == os.getuid() and not status.st_mode & OTHERS


def _digest(data: bytes) -> str:
    import hashlib  # a twentieth of the time of `zoo lint`

    return hashlib.sha256(data).hexdigest()
