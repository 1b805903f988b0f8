"""Read images in tars: shards in webdataset's convention, or tars with folders of classes.

webdataset groups the files of a sample by their name up to the first dot: `000001.jpg` is the
image, `000001.cls` its class index as text, or `000001.json` an object with a `label`. A tar
without such labels is read like a folder: the class of an image is its folder, or the WordNet id
that the tar is named after. Only headers and labels are read.
"""

import io
import itertools
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import BinaryIO

from zoo.evaluation.datasets import sidecars, splits
from zoo.evaluation.datasets.base import (
    DatasetRequest,
    Images,
    Label,
    modification_times,
    natural_key,
    printable_name,
)
from zoo.evaluation.datasets.folder import NO_IMAGE, SUFFIXES
from zoo.evaluation.datasets.tar_index import Handles, Member, index_tar
from zoo.evaluation.labels.imagenet import WORDNET
from zoo.model_index.errors import UsageError

MOST_SHARDS = 100_000
_BRACES = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"([0-9]{1,9})\.\.([0-9]{1,9})")


@dataclass(frozen=True)
class Members:
    """Opens image `index`; `places` are the tar, the offset and the size in bytes of each image."""

    places: Sequence[tuple[Path, int, int]]
    handles: Handles

    def __call__(self, index: int) -> BinaryIO:
        return io.BytesIO(self.handles.read(*self.places[index]))


@dataclass(frozen=True)
class _ShardImage:
    name: str
    place: tuple[Path, int, int]
    folder: str | None
    label: Label
    labelled: bool  # has a label file, valid or not


@dataclass
class _ShardScan:
    images: list[_ShardImage] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    handles: Handles = field(default_factory=Handles)


def recognises(request: DatasetRequest) -> bool:
    """Whether the path is a tar, a pattern of tars, or a folder with tars up to one level below."""
    if request.path.is_dir():
        return bool(_tars_below(request.path))
    return request.text.endswith(".tar") and (
        request.path.is_file() or bool(_BRACES.search(request.text))
    )


def _tars_below(folder: Path) -> list[str]:
    paths = [*folder.glob("*.tar"), *folder.glob("*/*.tar")]
    names = (str(path.relative_to(folder)) for path in paths if path.is_file())
    return sorted(names, key=natural_key)


def read(request: DatasetRequest) -> Images:
    """Read the images of all shards of a split.

    Raises:
        UsageError: no file matches the pattern, or the split does not exist.
    """
    root, names = _find_shards(request)
    shards, split = splits.select_files(request.split, names, request.where)
    scan = _ShardScan()
    for name in shards:
        _scan_shard(root / name, printable_name(name), scan)
    images = sorted(scan.images, key=lambda image: natural_key(image.name))
    has_label_files = any(image.labelled for image in images)
    folder = request.path if request.path.is_dir() else root
    return Images(
        dataset=printable_name(folder.resolve().name),
        split=split,
        where=request.where,
        names=[image.name for image in images],
        labels=[image.label if has_label_files else image.folder for image in images],
        opener=Members([image.place for image in images], scan.handles),
        skipped=tuple(scan.skipped),
        sizes=[image.place[2] for image in images],
        times=modification_times(root / name for name in shards),
    )


def _find_shards(request: DatasetRequest) -> tuple[Path, list[str]]:
    """Find a folder and the shards' paths below it."""
    if request.path.is_dir():
        return request.path, _tars_below(request.path)
    texts = [request.text] if request.path.is_file() else expand(request.text)
    paths = [Path(text) for text in texts]
    root = Path(os.path.commonpath([path.parent for path in paths]))
    if not any(path.is_file() for path in paths):
        raise UsageError(
            f"{request.where}: none of these {len(paths):,} files exists, such as {paths[0]}"
        )
    return root, [str(path.relative_to(root)) for path in paths]


def expand(pattern: str) -> list[str]:
    """Expand `val-{000..003}.tar` and `{a,b}.tar` as shells do; braces cannot be nested.

    Raises:
        UsageError: more than 100,000 files.
    """
    pieces = _BRACES.split(pattern)
    choices = [_choices(piece) if odd % 2 else [piece] for odd, piece in enumerate(pieces)]
    if prod(map(len, choices)) > MOST_SHARDS:
        raise UsageError(f"{pattern}: more than {MOST_SHARDS:,} files")
    return list(map("".join, itertools.product(*choices)))


def _choices(inside: str) -> Sequence[str]:
    if not (match := _RANGE.fullmatch(inside)):
        return inside.split(",")
    first, last = int(match[1]), int(match[2])
    step = 1 if first <= last else -1
    numbers = range(first, last + step, step)[: MOST_SHARDS + 1]
    width = max(len(match[1]), len(match[2])) if "0" in (match[1][0], match[2][0]) else 0
    return [f"{number:0{width}}" for number in numbers]


def _scan_shard(path: Path, shard: str, scan: _ShardScan) -> None:
    """Add the images of one tar to the scan, and the skipped members."""
    index = index_tar(path)
    scan.skipped += [
        (f"{shard}/{printable_name(name)}" if name else shard, reason)
        for name, reason in index.skipped
    ]
    stem = shard.rpartition("/")[2].removesuffix(".tar")
    tar_class = stem if WORDNET.fullmatch(stem) else None
    for sample in _samples(index.members, shard, scan).values():
        images = _images(sample, shard, scan)
        if not images:
            continue
        label, labelled = _label(path, sample, shard, scan)
        for image in images:
            folder = os.path.basename(os.path.dirname(image.name)) or tar_class
            scan.images.append(
                _ShardImage(
                    name=_full_name(shard, image),
                    place=(path, image.offset, image.size),
                    folder=folder and printable_name(folder),
                    label=label,
                    labelled=labelled,
                )
            )


def _full_name(shard: str, member: Member) -> str:
    return f"{shard}/{printable_name(member.name)}"


def _samples(
    members: Sequence[Member], shard: str, scan: _ShardScan
) -> dict[str, dict[str, Member]]:
    """Group members by the name up to the first dot, then by the lower-case suffix after it."""
    samples: dict[str, dict[str, Member]] = {}
    for member in members:
        folder, _, base = member.name.rpartition("/")
        stem, _, suffix = base.partition(".")
        sample = samples.setdefault(f"{folder}/{stem}", {})
        name = _full_name(shard, member)
        if not stem:
            scan.skipped.append((name, "hidden"))
        elif re.match(r"__[^/]*__(/|$)", member.name):
            scan.skipped.append((name, "a note about the shard and no sample"))
        elif suffix.lower() in sample:
            scan.skipped.append((name, "a second file of this name"))
        else:
            sample[suffix.lower()] = member
    return samples


def _images(sample: dict[str, Member], shard: str, scan: _ShardScan) -> list[Member]:
    """Return the image of a sample with a label, or all images of files that share a stem."""
    images = [member for suffix, member in sample.items() if f".{suffix}".endswith(SUFFIXES)]
    if images and sample.keys() & sidecars.READERS.keys():
        plain = [sample[suffix[1:]] for suffix in SUFFIXES if suffix[1:] in sample] or images
        scan.skipped += [
            (_full_name(shard, image), "another image of a sample")
            for image in images
            if image is not plain[0]
        ]
        images = plain[:1]
    if not images:
        scan.skipped += [(_full_name(shard, member), NO_IMAGE) for member in sample.values()]
    return images


def _label(
    path: Path, sample: dict[str, Member], shard: str, scan: _ShardScan
) -> tuple[Label, bool]:
    """Read the label beside an image, and whether there is a label file; an invalid one is
    skipped."""
    for suffix in [suffix for suffix in sidecars.READERS if suffix in sample]:
        member = sample[suffix]
        try:
            if member.size > sidecars.MOST_BYTES:
                raise ValueError(f"{member.size:,} bytes are no label")
            content = scan.handles.read(path, member.offset, member.size)
            return sidecars.READERS[suffix](content), True
        except (ValueError, OSError) as error:
            scan.skipped.append((_full_name(shard, member), str(error)))
            return None, True
    return None, False
