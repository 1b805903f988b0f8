"""Where images come from: a table of sources, a module each, and the one way to find them.

A text is a name or a path. `torchvision:NAME`, `synthetic:N`, `digits` and `photographs` are names;
a folder that is called as one of these is `./digits`. For a path it is looked at what lies there,
never at what it is called. Adding a source is adding a module and a row.
"""

import dataclasses
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from zoo.evaluation.datasets import (
    catalogue,
    folder,
    huggingface,
    synthetic,
    torchvision,
    webdataset,
)
from zoo.evaluation.datasets.base import DatasetRequest, Images
from zoo.evaluation.datasets.builtin import BUILTIN
from zoo.model_index.errors import UsageError

PREFIXES: dict[str, Callable[[DatasetRequest], Images]] = {
    "torchvision": torchvision.read,
    "synthetic": synthetic.read,
}
"""`PREFIX:REST`: who reads the rest."""


@dataclasses.dataclass(frozen=True)
class DataSource:
    """What may lie at a path: what to call it, whether it does, and reading it."""

    name: str
    recognises: Callable[[DatasetRequest], bool]
    read: Callable[[DatasetRequest], Images]


SOURCES: tuple[DataSource, ...] = (
    DataSource(
        "a data set that save_to_disk of Hugging Face's datasets wrote",
        huggingface.saved,
        huggingface.read_saved,
    ),
    DataSource(
        "parquet files with a column of images", huggingface.parquet, huggingface.read_parquet
    ),
    DataSource(
        "tars of images, a folder or val-{000..063}.tar", webdataset.recognises, webdataset.read
    ),
    DataSource("folders of images, one a class", folder.recognises, folder.read),
)
"""In the order in which they are tried: a folder of shards may hold a picture for its README."""


def find(
    text: str, split: str | None = None, *, root: Path | None = None, dataset: str | None = None
) -> Images:
    """The images that a text names.

    split    the split to read; without it the conventional one of those that are there
    root     the folder of torchvision's data sets
    dataset  what the data set is, in any spelling; without it, what `catalogue.recognise` says it
             is, else it is called as its folder is, and is not `stated`

    Raises: UsageError: there is no such thing, it is nothing that is understood, it has no image,
        or not this split.
    """
    images = _read(text, split, root)
    if not len(images):
        reason = (
            f"; passed over: {images.skipped[0][0]}: {images.skipped[0][1]}"
            if images.skipped
            else ""
        )
        raise UsageError(f"{text}: no image in it{reason}")
    named = text in BUILTIN or _prefix(text) in PREFIXES
    recognised = None if named else catalogue.recognise(images)
    stated = dataset or (images.dataset if named else None)
    name = catalogue.canonical(stated) or stated or recognised or images.dataset
    split = (
        catalogue.DATASETS[name].split
        if images.split is None and name == recognised
        else images.split
    )
    return dataclasses.replace(images, dataset=name, split=split, stated=bool(stated or recognised))


def _prefix(text: str) -> str:
    return text.partition(":")[0] if ":" in text else ""


def _read(text: str, split: str | None, root: Path | None) -> Images:
    if not text:
        raise UsageError(f"the data is an empty text; give a path or a name: {_names()}")
    if text in BUILTIN:
        return BUILTIN[text](split)
    if (prefix := _prefix(text)) in PREFIXES:
        return PREFIXES[prefix](DatasetRequest(text.removeprefix(f"{prefix}:"), text, split, root))
    if "://" in text or prefix == "pipe":
        raise UsageError(
            f"{text}: nothing is fetched; give a path on this machine or a name: {_names()}"
        )
    request = DatasetRequest(text, text, split, root)
    for source in SOURCES:
        if source.recognises(request):
            return source.read(request)
    raise UsageError(_unknown(request))


def _names() -> str:
    return ", ".join([*(f"{prefix}:..." for prefix in PREFIXES), *BUILTIN])


def _unknown(request: DatasetRequest) -> str:
    """What is there instead, and what would be understood."""
    path = request.path
    if not path.exists():
        return f"{request.where}: no such folder or file, and no name: {_names()}"
    understood = "; ".join(source.name for source in SOURCES)
    if path.is_file():
        return f"{request.where}: a file that is no data set; what is understood: {understood}"
    kinds = Counter(f"*{each.suffix}" if each.is_file() else "folders" for each in path.iterdir())
    there = ", ".join(f"{number:,} {kind}" for kind, number in kinds.most_common(5)) or "nothing"
    return f"{request.where}: no images found; there are {there}; what is understood: {understood}"
