"""Data sets as torchvision reads them: `torchvision:MNIST`. Nothing is downloaded.

A class of torchvision says with its arguments how it spells a split (`train=False`, `split="test"`)
and with one of a few attributes what its labels are. Both are looked up, so that no table of data
sets has to be kept.
"""

import inspect
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torchvision.datasets
from PIL import Image
from torchvision.datasets import VisionDataset

from zoo.evaluation.datasets import splits
from zoo.evaluation.datasets.base import DatasetRequest, Images, Label, modification_times
from zoo.model_index.errors import UsageError

ROOT = Path("data")
"""Where torchvision's examples keep what they download."""

LABELS = ("targets", "labels", "_labels", "_samples")
"""The attributes that classes keep labels in; `_samples` holds pairs of a file and a label."""

FOLDERS = ("raw_folder", "base_folder", "_base_folder", "_data_path", "_data_dir", "_size_root")
"""The attributes that classes keep the folder of their own files in, absolute or below the root."""

REFUSED = {
    "ImageNet": "it unpacks archives where it finds them; give the folder of the split itself",
    "EMNIST": "its splits are alphabets; it is not supported",
    "FakeData": "it is noise; say synthetic:N",
}


@dataclass(frozen=True)
class Items:
    """Opens item `index` of a data set, a pair whose first is the image."""

    items: VisionDataset

    def __call__(self, index: int) -> Image.Image:
        image = self.items[index][0]
        if not isinstance(image, Image.Image):
            raise ValueError(f"item {index}: expected a PIL image, got {type(image).__name__}")
        return image


def read(request: DatasetRequest) -> Images:
    """A split of a data set below `request.root`, or `data` in the current folder.

    UsageError: torchvision has no such classification data, its files are not there, or the split
    is not.
    """
    kind = _kind(request)
    root = ROOT if request.root is None else request.root
    items, split = _items(kind, root, request)
    classes = getattr(items, "classes", None)
    return Images(
        dataset=request.text,
        split=split,
        where=request.where,
        names=[str(index) for index in range(len(items))],
        labels=_labels(items, request.where),
        opener=Items(items),
        classes=tuple(map(str, classes)) if isinstance(classes, list | tuple) else None,
        times=modification_times(_files(items)),
    )


def _kind(request: DatasetRequest) -> type[VisionDataset]:
    kind = getattr(torchvision.datasets, request.text, None)
    if not (isinstance(kind, type) and issubclass(kind, VisionDataset)):
        raise UsageError(f"{request.where}: torchvision.datasets has no {request.text}")
    if request.text in REFUSED:
        raise UsageError(f"{request.where}: {REFUSED[request.text]}")
    return kind


def _items(
    kind: type[VisionDataset], root: Path, request: DatasetRequest
) -> tuple[VisionDataset, str | None]:
    """The first split that can be had of those that fit the wish, and its name."""
    parameters = inspect.signature(kind).parameters
    offline = {"download": False} if "download" in parameters else {}
    refused: list[str] = []
    for arguments, split in _ways(set(parameters), request):
        try:
            return kind(root=root, **arguments, **offline), split
        except (
            Exception
        ) as error:  # each class has exceptions of its own for files that are not there
            if not (
                isinstance(error, ValueError) and "split" in arguments and "split" in str(error)
            ):
                raise UsageError(
                    f"{request.where}: it cannot be read from {root}: {_first_line(error)}"
                ) from error
            refused.append(_first_line(error))
    raise UsageError(f"{request.where}: no split {request.split or 'to evaluate'}: {refused[0]}")


def _ways(
    parameters: set[str], request: DatasetRequest
) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Arguments that may ask for the split, likeliest first, with the split's name."""
    wanted = request.split
    if "train" in parameters:
        split = splits.choose(wanted, ["train", "test"], request.where)
        yield {"train": split == "train"}, split
    elif "split" in parameters:
        for name in [splits.canonical(wanted)] if wanted else splits.CONVENTION:
            for spelling in dict.fromkeys([wanted or name, *splits.SPELLINGS.get(str(name), ())]):
                yield {"split": spelling}, name
    elif wanted is None:
        yield {}, None
    else:
        raise UsageError(f"{request.where}: no split {wanted}; it has no splits")


def _labels(items: VisionDataset, where: str) -> list[Label]:
    """Class indexes by the data set's own attribute, if its first one agrees with the first item;
    else by its items."""
    if not len(items):
        return []
    first = items[0][1]
    found: list[Any] = next(
        (each for name in LABELS if (each := _attribute(items, name)) and each[0] == first), []
    )
    found = found if len(found) == len(items) else [items[index][1] for index in range(len(items))]
    if not all(type(label) is int for label in found):
        raise UsageError(f"{where}: no classification data: a label is {found[0]!r}")
    return [None if label == -1 else label for label in found]


def _files(items: VisionDataset) -> list[str]:
    """All files below the data set's own folder; those in the root itself where it has none, as
    SVHN and USPS."""
    root = Path(items.root)
    named = [
        root / value
        for name in FOLDERS
        if isinstance(value := getattr(items, name, None), str | Path)
    ]
    for folder in named:
        if folder.is_dir():
            return sorted(
                os.path.join(path, name) for path, _, names in os.walk(folder) for name in names
            )
    return (
        sorted(entry.path for entry in os.scandir(root) if entry.is_file()) if root.is_dir() else []
    )


def _attribute(items: VisionDataset, name: str) -> list[Any]:
    values = getattr(items, name, None)
    listed: Callable[[], list[Any]] | None = getattr(values, "tolist", None)
    values = listed() if listed else values
    if not isinstance(values, list | tuple):
        return []
    return (
        [pair[1] for pair in values]
        if name == "_samples" and all(len(each) == 2 for each in values)
        else list(values)
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
