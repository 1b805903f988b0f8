"""Read a folder with a folder of images for each class, as timm and torchvision do.

The class is the name of a folder; it gets no index here, so no order of folders can be wrong. Of
folders in folders both the innermost and the outermost are kept
(`zoo.evaluation.labels.class_folders` decides). Images directly in the folder are unlabelled.
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

from zoo.evaluation import split_names
from zoo.evaluation.datasets import splits
from zoo.evaluation.datasets.base import DatasetRequest, Images, Label, natural_key, printable_name

Place: TypeAlias = tuple[int, int]
"""Device and inode, which identify a folder independently of links."""

TIMM: tuple[str, ...] = get_img_extensions()  # type: ignore[no-untyped-call]
SUFFIXES = tuple(dict.fromkeys([*TIMM, *IMG_EXTENSIONS]))
"""Suffixes of images for timm or torchvision, in lower case; each lacks some of the other."""

NO_IMAGE = f"no image by its name: none of {' '.join(SUFFIXES)}"


@dataclass(frozen=True)
class FolderFiles:
    """Opens file `index` of a folder, in memory, since timm's data sets close no files."""

    root: Path
    paths: Sequence[str]

    def __call__(self, index: int) -> BinaryIO:
        path = self.root / self.paths[index]
        if not path.is_file():
            raise OSError(f"{printable_name(str(path))}: the file is gone")
        return io.BytesIO(path.read_bytes())


@dataclass
class _FolderScan:
    images: list[tuple[str, os.stat_result]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def recognises(request: DatasetRequest) -> bool:
    """Whether the path is a folder with an image somewhere below it."""
    return request.path.is_dir() and any(True for _ in _images(request.path))


def _images(root: Path) -> Iterator[str]:
    for _, _, files in os.walk(root, followlinks=False):
        yield from (name for name in files if name.lower().endswith(SUFFIXES))


def read(request: DatasetRequest) -> Images:
    """Read every image below the folder, or below its sub-folder for the split.

    Raises:
        UsageError: the split does not exist.
    """
    root, split = _split(request)
    scan = _FolderScan()
    _walk(root, scan)
    scan.images.sort(key=lambda image: natural_key(image[0]))
    paths = [path for path, _ in scan.images]
    return Images(
        dataset=printable_name(request.path.resolve().name),
        split=split_names.canonical(split),
        where=request.where,
        names=[printable_name(path) for path in paths],
        labels=_folder_names(paths, -2),
        outer_labels=_folder_names(paths, 0)
        if any(path.count("/") > 1 for path in paths)
        else None,
        opener=FolderFiles(root, paths),
        skipped=tuple((printable_name(name), reason) for name, reason in sorted(scan.skipped)),
        sizes=[status.st_size for _, status in scan.images],
        times=[status.st_mtime_ns for _, status in scan.images],
    )


def _split(request: DatasetRequest) -> tuple[Path, str | None]:
    """Find the folder to read and its split.

    Two folders with names of splits are splits; a single one among others (train) is a class. Of a
    folder without splits, the user says which one it is.
    """
    path, wanted = request.path, request.split
    folders = [
        entry.name
        for entry in os.scandir(path)
        if entry.is_dir() and not entry.name.startswith(".")
    ]
    available = [name for name in folders if split_names.is_split(name)]
    if wanted is None:
        only_splits = bool(folders) and available == folders
        if len(set(map(split_names.canonical, available))) < 2 and not only_splits:
            return path, None
    elif wanted in folders:
        return path / wanted, wanted
    else:
        named = split_names.canonical(path.resolve().name) == split_names.canonical(wanted)
        if named or (not available and split_names.is_split(wanted)):
            return path, wanted
    chosen = splits.choose(wanted, available, request.where)
    return path / chosen, chosen


def _folder_names(paths: Sequence[str], position: int) -> list[Label]:
    """Return the name of the folder at a position of each path; None for an image in no folder."""
    return [printable_name(path.split("/")[position]) if "/" in path else None for path in paths]


def _walk(root: Path, scan: _FolderScan) -> None:
    """Add relative paths and file states to the scan.

    Links to folders are followed, as timm does, but not in a circle: a waiting folder has the
    devices and inodes of all folders above it.
    """
    status = os.stat(root)
    waiting: list[tuple[str, frozenset[Place]]] = [
        ("", frozenset([(status.st_dev, status.st_ino)]))
    ]
    while waiting:
        folder, above = waiting.pop()
        for path, place in _scan_folder(root, folder, scan):
            if place in above:
                scan.skipped.append((path, "a link to a folder that it lies in"))
            else:
                waiting.append((path, above | {place}))


def _scan_folder(root: Path, folder: str, scan: _FolderScan) -> list[tuple[str, Place]]:
    """Add the images of one folder to the scan, and return the folders in it."""
    try:
        entries = list(os.scandir(root / folder))
    except OSError as error:
        scan.skipped.append((folder or ".", f"a folder that cannot be read: {error.strerror}"))
        return []
    before, below = len(scan.images), []
    for entry in entries:
        path = f"{folder}/{entry.name}" if folder else entry.name
        try:
            if place := _scan_entry(entry, path, scan):
                below.append((path, place))
        except OSError as error:
            scan.skipped.append((path, f"cannot be inspected: {error.strerror}"))
    if folder and not below and len(scan.images) == before:
        scan.skipped.append((folder, "a folder without images"))
    return below


def _scan_entry(entry: os.DirEntry[str], path: str, scan: _FolderScan) -> Place | None:
    """Add an image to the scan or the reason to skip it; return the place of a folder.

    Raises:
        OSError: the entry cannot be inspected.
    """
    if entry.name.startswith("."):
        scan.skipped.append((path, "hidden"))
    elif entry.is_dir():
        status = entry.stat()
        return status.st_dev, status.st_ino
    elif os.path.splitext(entry.name)[1].lower() not in SUFFIXES:
        scan.skipped.append((path, NO_IMAGE))
    elif not stat.S_ISREG((status := entry.stat()).st_mode):
        scan.skipped.append((path, "not a file"))
    else:
        scan.images.append((path, status))
    return None
