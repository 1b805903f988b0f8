"""A tree of images whose class is the folder they lie in, as timm and torchvision read it.

The class is the name of the innermost folder. Nothing is sorted into indexes here: "10" before "2"
is a mistake that needs an order to be made in. A folder of images without folders of classes is
unlabelled.
"""

import io
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TypeAlias

from timm.data.readers.img_extensions import get_img_extensions
from torchvision.datasets.folder import IMG_EXTENSIONS

from zoo.evaluation.datasets import splits
from zoo.evaluation.datasets.base import DatasetRequest, Images, natural_key, printable_name

Place: TypeAlias = tuple[int, int]
"""Device and inode: what tells one folder from another, whatever links lead to it."""

SUFFIXES = tuple(dict.fromkeys([*get_img_extensions(), *IMG_EXTENSIONS]))
"""What timm or torchvision takes for an image, in small letters. timm alone would leave out what
torchvision reads."""

NO_IMAGE = f"no image by its name: none of {' '.join(SUFFIXES)}"


@dataclass(frozen=True)
class FolderFiles:
    """Opens file `index` of a folder: its content in memory, as timm's data sets close no files."""

    root: Path
    paths: Sequence[str]

    def __call__(self, index: int) -> BinaryIO:
        path = self.root / self.paths[index]
        if not path.is_file():
            raise OSError(f"{printable_name(str(path))}: no such file any more")
        return io.BytesIO(path.read_bytes())


@dataclass
class _FolderScan:
    images: list[tuple[str, os.stat_result]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def recognises(request: DatasetRequest) -> bool:
    """Whether it is a folder with an image somewhere below it."""
    return request.path.is_dir() and any(True for _ in _images(request.path))


def _images(root: Path) -> Iterator[str]:
    for _, _, files in os.walk(root, followlinks=False):
        yield from (name for name in files if name.lower().endswith(SUFFIXES))


def read(request: DatasetRequest) -> Images:
    """Every image below the folder, or below its sub-folder for the split. UsageError: the split is
    not there."""
    root, split = _split(request)
    found = _FolderScan()
    _walk(root, found)
    found.images.sort(key=lambda each: natural_key(each[0]))
    paths = [path for path, _ in found.images]
    return Images(
        dataset=printable_name(request.path.resolve().name),
        split=splits.canonical(split),
        where=request.where,
        names=[printable_name(path) for path in paths],
        labels=[printable_name(path.split("/")[-2]) if "/" in path else None for path in paths],
        opener=FolderFiles(root, paths),
        skipped=tuple((printable_name(name), reason) for name, reason in sorted(found.skipped)),
        sizes=[status.st_size for _, status in found.images],
        times=[status.st_mtime_ns for _, status in found.images],
    )


def _split(request: DatasetRequest) -> tuple[Path, str | None]:
    """The folder to read, and its split. Two folders named as splits are such; one among others is
    a class (train)."""
    path, wanted = request.path, request.split
    folders = [
        entry.name
        for entry in os.scandir(path)
        if entry.is_dir() and not entry.name.startswith(".")
    ]
    named = [name for name in folders if splits.is_split(name)]
    if wanted is None:
        if len({splits.canonical(name) for name in named}) < 2 and (
            not folders or named != folders
        ):
            return path, None
    elif wanted in folders:
        return path / wanted, wanted
    elif splits.canonical(path.resolve().name) == splits.canonical(wanted):
        return path, wanted
    chosen = splits.choose(wanted, named, request.where)
    return path / chosen, chosen


def _walk(root: Path, found: _FolderScan) -> None:
    """Fill `found` with relative paths and what `stat` says of them.

    Links to folders are followed, as timm does, but never in a circle. A folder is waiting with the
    devices and inodes of all folders above it.
    """
    status = os.stat(root)
    waiting: list[tuple[str, frozenset[Place]]] = [
        ("", frozenset([(status.st_dev, status.st_ino)]))
    ]
    while waiting:
        folder, above = waiting.pop()
        for path, place in _folder(root, folder, found):
            if place in above:
                found.skipped.append((path, "a link to a folder that it lies in"))
            else:
                waiting.append((path, above | {place}))


def _folder(root: Path, folder: str, found: _FolderScan) -> list[tuple[str, Place]]:
    """Take the images of one folder; the folders in it."""
    try:
        entries = list(os.scandir(root / folder))
    except OSError as error:
        found.skipped.append((folder or ".", f"a folder that cannot be read: {error.strerror}"))
        return []
    before, below = len(found.images), []
    for entry in entries:
        path = f"{folder}/{entry.name}" if folder else entry.name
        try:
            if place := _entry(entry, path, found):
                below.append((path, place))
        except OSError as error:
            found.skipped.append((path, f"cannot be looked at: {error.strerror}"))
    if folder and not below and len(found.images) == before:
        found.skipped.append((folder, "a folder without images"))
    return below


def _entry(entry: os.DirEntry[str], path: str, found: _FolderScan) -> Place | None:
    """Take an image or say why not; for a folder, what tells it from others. OSError: it cannot be
    looked at."""
    if entry.name.startswith("."):
        found.skipped.append((path, "hidden"))
    elif entry.is_dir():
        status = entry.stat()
        return status.st_dev, status.st_ino
    elif os.path.splitext(entry.name)[1].lower() not in SUFFIXES:
        found.skipped.append((path, NO_IMAGE))
    elif not stat.S_ISREG((status := entry.stat()).st_mode):
        found.skipped.append((path, "not a file"))
    else:
        found.images.append((path, status))
    return None
