"""Images in tars: shards in webdataset's convention, and tars that hold folders of classes.

webdataset groups the files of a sample by their name up to the first dot: `000001.jpg` is the
image, `000001.cls` its class index as text, or `000001.json` an object with a `label`. A tar
without such labels is read like a folder: the class of an image is the folder it lies in, or the
WordNet id the tar is named by. Only headers and labels are read.
"""

import io
import itertools
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
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
from zoo.evaluation.datasets.tar_index import Handles, Member, index
from zoo.evaluation.labels.imagenet import WORDNET
from zoo.model_index.errors import UsageError

MOST_SHARDS = 100_000
_BRACES = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"([0-9]{1,9})\.\.([0-9]{1,9})")


@dataclass(frozen=True)
class Members:
    """Opens image `index`: `places` are the tar it lies in and its first byte and number of bytes
    there."""

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
    labelled: bool  # by a file beside it, even where that file makes no sense


@dataclass
class _ShardScan:
    rows: list[_ShardImage] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    handles: Handles = field(default_factory=Handles)


def recognises(request: DatasetRequest) -> bool:
    """Whether it is a tar, a pattern of tars, or a folder with tars in it or in one of its
    folders."""
    if request.path.is_dir():
        return bool(_in_folder(request.path))
    return request.text.endswith(".tar") and (
        request.path.is_file() or bool(_BRACES.search(request.text))
    )


def _in_folder(folder: Path) -> list[str]:
    found = [*folder.glob("*.tar"), *folder.glob("*/*.tar")]
    return sorted(
        (str(path.relative_to(folder)) for path in found if path.is_file()), key=natural_key
    )


def read(request: DatasetRequest) -> Images:
    """The images of all shards of a split. UsageError: a pattern of nothing, or the split is not
    there."""
    root, names = _shards(request)
    chosen, split = splits.select_files(request.split, names, request.where)
    found = _ShardScan()
    for name in chosen:
        _shard(root / name, printable_name(name), found)
    rows = sorted(found.rows, key=lambda row: natural_key(row.name))
    by_files = any(row.labelled for row in rows)
    return Images(
        dataset=printable_name(
            request.path.resolve().name if request.path.is_dir() else root.resolve().name
        ),
        split=split,
        where=request.where,
        names=[row.name for row in rows],
        labels=[row.label if by_files else row.folder for row in rows],
        opener=Members([row.place for row in rows], found.handles),
        skipped=tuple(found.skipped),
        sizes=[row.place[2] for row in rows],
        times=modification_times(root / name for name in chosen),
    )


def _shards(request: DatasetRequest) -> tuple[Path, list[str]]:
    """A folder, and the shards' paths below it."""
    if request.path.is_dir():
        return request.path, _in_folder(request.path)
    paths = [
        Path(text) for text in ([request.text] if request.path.is_file() else expand(request.text))
    ]
    root = Path(os.path.commonpath([path.parent for path in paths]))
    if not any(path.is_file() for path in paths):
        raise UsageError(
            f"{request.where}: none of these {len(paths):,} files is there, neither {paths[0]}"
        )
    return root, [str(path.relative_to(root)) for path in paths]


def expand(pattern: str) -> list[str]:
    """`val-{000..003}.tar` and `{a,b}.tar` as shells spell out braces; every brace on its own, none
    inside another.

    UsageError: more than 100,000 files.
    """
    pieces = _BRACES.split(pattern)
    choices = [_choices(piece) if odd % 2 else [piece] for odd, piece in enumerate(pieces)]
    number = 1
    for each in choices:
        number *= len(each)
    if number > MOST_SHARDS:
        raise UsageError(f"{pattern}: more than {MOST_SHARDS:,} files")
    return ["".join(each) for each in itertools.product(*choices)]


def _choices(inside: str) -> Sequence[str]:
    if not (match := _RANGE.fullmatch(inside)):
        return inside.split(",")
    first, last = int(match[1]), int(match[2])
    step = 1 if first <= last else -1
    numbers = range(first, last + step, step)[: MOST_SHARDS + 1]
    width = max(len(match[1]), len(match[2])) if "0" in (match[1][0], match[2][0]) else 0
    return [f"{number:0{width}}" for number in numbers]


def _shard(path: Path, name: str, found: _ShardScan) -> None:
    """Add what one tar holds, and what of it was passed over."""
    listed = index(path)
    found.skipped += [
        (f"{name}/{printable_name(each)}" if each else name, reason)
        for each, reason in listed.skipped
    ]
    stem = name.rpartition("/")[2].removesuffix(".tar")
    outside = stem if WORDNET.fullmatch(stem) else None
    for sample in _samples(listed.members, name, found).values():
        images = _images(sample, name, found)
        if not images:
            continue
        label, labelled = _label(path, sample, name, found)
        for image in images:
            folder = os.path.basename(os.path.dirname(image.name)) or outside
            full = f"{name}/{printable_name(image.name)}"
            place = (path, image.offset, image.size)
            found.rows.append(
                _ShardImage(full, place, folder and printable_name(folder), label, labelled)
            )


def _samples(
    members: Sequence[Member], shard: str, found: _ShardScan
) -> dict[str, dict[str, Member]]:
    """Members by the name up to the first dot, then by what follows it, in small letters."""
    samples: dict[str, dict[str, Member]] = {}
    for member in members:
        folder, _, base = member.name.rpartition("/")
        stem, _, suffix = base.partition(".")
        sample = samples.setdefault(f"{folder}/{stem}", {})
        full = f"{shard}/{printable_name(member.name)}"
        if not stem:
            found.skipped.append((full, "hidden"))
        elif re.match(r"__[^/]*__(/|$)", member.name):
            found.skipped.append((full, "a note about the shard and no sample"))
        elif suffix.lower() in sample:
            found.skipped.append((full, "a second file of this name"))
        else:
            sample[suffix.lower()] = member
    return samples


def _images(sample: dict[str, Member], shard: str, found: _ShardScan) -> list[Member]:
    """The image of a sample with a label; all images of files that only share the beginning of
    their names."""
    images = [member for suffix, member in sample.items() if f".{suffix}".endswith(SUFFIXES)]
    if images and sample.keys() & sidecars.READERS.keys():
        plain = [sample[each[1:]] for each in SUFFIXES if each[1:] in sample] or images
        images, others = plain[:1], [image for image in images if image is not plain[0]]
        found.skipped += [
            (f"{shard}/{printable_name(each.name)}", "another image of a sample") for each in others
        ]
    if not images:
        found.skipped += [
            (f"{shard}/{printable_name(member.name)}", NO_IMAGE) for member in sample.values()
        ]
    return images


def _label(
    path: Path, sample: dict[str, Member], shard: str, found: _ShardScan
) -> tuple[Label, bool]:
    """The label beside an image, and whether there is one. One that makes no sense is passed over:
    unlabelled."""
    for suffix in [each for each in sidecars.READERS if each in sample]:
        member = sample[suffix]
        try:
            if member.size > sidecars.MOST_BYTES:
                raise ValueError(f"{member.size:,} bytes are no label")
            return sidecars.READERS[suffix](
                found.handles.read(path, member.offset, member.size)
            ), True
        except (ValueError, OSError) as error:
            found.skipped.append((f"{shard}/{printable_name(member.name)}", str(error)))
            return None, True
    return None, False
