"""Read data sets of torchvision: `torchvision:MNIST`. Nothing is downloaded.

The arguments of torchvision's classes show how they spell a split (`train=False`, `split="test"`),
and one of a few attributes has the labels. Both are looked up, so that no table of data sets is
needed.
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

from zoo.evaluation import split_names
from zoo.evaluation.datasets import splits
from zoo.evaluation.datasets.base import (
    UNLABELLED,
    DatasetRequest,
    Images,
    Label,
    first_line,
    modification_times,
)
from zoo.evaluation.datasets.pictures import forbid_programs
from zoo.model_index.errors import UsageError
from zoo.model_index.errors.suggestions import describe_unknown

ROOT = Path("data")
"""The folder of downloads in torchvision's examples."""

LABELS = ("targets", "labels", "_labels", "_samples")
"""Attributes of classes that hold labels; `_samples` holds pairs of a file and a label."""

FOLDERS = ("raw_folder", "base_folder", "_base_folder", "_data_path", "_data_dir", "_size_root")
"""Attributes of classes that hold the folder of their files, absolute or below the root."""

REFUSED = {
    "ImageNet": "it unpacks archives where it finds them; give the folder of the split itself",
    "EMNIST": "its splits are alphabets; it is not supported",
    "FakeData": "it is noise; use synthetic:N",
}


@dataclass(frozen=True)
class Items:
    """Opens item `index` of a data set, a pair that begins with the image."""

    items: VisionDataset

    def __call__(self, index: int) -> Image.Image:
        forbid_programs()
        image = self.items[index][0]
        if not isinstance(image, Image.Image):
            raise ValueError(f"item {index}: expected a PIL image, got {type(image).__name__}")
        return image


def read(request: DatasetRequest) -> Images:
    """Read a split of a data set below `request.root`, or below `data` in the current folder.

    Raises:
        UsageError: torchvision has no such classification data, or the files or the split are
            missing.
    """
    forbid_programs()
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
        names = [name for name in torchvision.datasets.__all__ if name not in REFUSED]
        raise UsageError(describe_unknown("torchvision has no data set", request.text, names))
    if request.text in REFUSED:
        raise UsageError(f"{request.where}: {REFUSED[request.text]}")
    return kind


def _items(
    kind: type[VisionDataset], root: Path, request: DatasetRequest
) -> tuple[VisionDataset, str | None]:
    """Open the first split that exists and fits the request, and return its name."""
    parameters = inspect.signature(kind).parameters
    offline = {"download": False} if "download" in parameters else {}
    refused: list[str] = []
    for arguments, split in _split_arguments(set(parameters), request):
        try:
            return kind(root=root, **arguments, **offline), split
        except Exception as error:  # each class has its own errors for missing files
            message = first_line(error)
            about_split = isinstance(error, ValueError) and "split" in str(error)
            if not (about_split and "split" in arguments):
                raise UsageError(
                    f"{request.where}: it cannot be read from {root}: {message}"
                ) from error
            refused.append(message)
    raise UsageError(f"{request.where}: no split {request.split or 'to evaluate'}: {refused[0]}")


def _split_arguments(
    parameters: set[str], request: DatasetRequest
) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Yield arguments that may select the split, likeliest first, with the split's name."""
    wanted = request.split
    if "train" in parameters:
        split = splits.choose(wanted, ["train", "test"], request.where)
        yield {"train": split == "train"}, split
    elif "split" in parameters:
        for name in [split_names.canonical(wanted)] if wanted else splits.CONVENTION:
            for spelling in dict.fromkeys(
                [wanted or name, *split_names.SPELLINGS.get(str(name), ())]
            ):
                yield {"split": spelling}, name
    elif wanted is None:
        yield {}, None
    else:
        raise UsageError(f"{request.where}: no split {wanted}; it has no splits")


def _labels(items: VisionDataset, where: str) -> list[Label]:
    """Read class indexes from an attribute that agrees with the first item, else from the items."""
    if not len(items):
        return []
    first = items[0][1]
    attributes = (_attribute(items, name) for name in LABELS)
    labels = next((values for values in attributes if values and values[0] == first), [])
    if len(labels) != len(items):
        labels = [items[index][1] for index in range(len(items))]
    if not all(type(label) is int for label in labels):
        raise UsageError(f"{where}: no classification data: a label is {labels[0]!r}")
    return [None if label == UNLABELLED else label for label in labels]


def _files(items: VisionDataset) -> list[str]:
    """List the files of a data set: below its own folder, or in the root if it has none (SVHN,
    USPS)."""
    root = Path(items.root)
    for attribute in FOLDERS:
        folder = getattr(items, attribute, None)
        if isinstance(folder, str | Path) and (root / folder).is_dir():
            walk = os.walk(root / folder)
            return sorted(os.path.join(path, name) for path, _, names in walk for name in names)
    if not root.is_dir():
        return []
    return sorted(entry.path for entry in os.scandir(root) if entry.is_file())


def _attribute(items: VisionDataset, name: str) -> list[Any]:
    values = getattr(items, name, None)
    listed: Callable[[], list[Any]] | None = getattr(values, "tolist", None)
    values = listed() if listed else values
    if not isinstance(values, list | tuple):
        return []
    if name == "_samples" and all(len(pair) == 2 for pair in values):
        return [label for _, label in values]
    return list(values)
