"""Find the images that `--data` names: a table of sources with a module for each.

A text is a name or a path. `torchvision:NAME`, `synthetic:N`, `digits` and `photographs` are names;
a folder with such a name is written `./digits`. A path is recognised by its contents, never by its
name. To add a source, add a module and a row.
"""

import dataclasses
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from zoo.evaluation import dataset_catalogue
from zoo.evaluation.data_names import check_data, describe_nothing, prefix_of
from zoo.evaluation.datasets import (
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
"""Readers of `PREFIX:TEXT`, by prefix."""


@dataclasses.dataclass(frozen=True)
class DataSource:
    """A kind of data set at a path: its description, how to recognise it and how to read it."""

    name: str
    recognises: Callable[[DatasetRequest], bool]
    read: Callable[[DatasetRequest], Images]


SOURCES: tuple[DataSource, ...] = (
    DataSource(
        "a data set that save_to_disk of Hugging Face's datasets wrote",
        huggingface.is_saved,
        huggingface.read_saved,
    ),
    DataSource(
        "parquet files with a column of images", huggingface.is_parquet, huggingface.read_parquet
    ),
    DataSource(
        "tars of images, a folder or val-{000..063}.tar", webdataset.recognises, webdataset.read
    ),
    DataSource("folders of images, one a class", folder.recognises, folder.read),
)
"""In the order of the attempts: a folder of shards may also hold a picture for its README."""


def find(
    text: str, split: str | None = None, *, root: Path | None = None, dataset: str | None = None
) -> Images:
    """Find and read the images that a text names.

    split    the split to read; None: the conventional one
    root     the folder of torchvision's data sets
    dataset  the data set's name, in any spelling; None: the name by
             `dataset_catalogue.recognise`, else the folder's name, which is not `stated`

    Raises:
        UsageError: nothing is there, its kind is unknown, it has no image, or not this split.
    """
    images = _read(text, split, root)
    if not len(images):
        reasons = [f"; skipped {name}: {reason}" for name, reason in images.skipped[:1]]
        raise UsageError(f"{text}: it has no image{''.join(reasons)}")
    has_name = text in BUILTIN or prefix_of(text) in PREFIXES
    recognised = None if has_name else dataset_catalogue.recognise(images)
    stated = dataset or (images.dataset if has_name else None)
    name = dataset_catalogue.canonical(stated) or stated or recognised or images.dataset
    split = images.split
    if split is None and name == recognised:
        split = dataset_catalogue.DATASETS[name].split
    return dataclasses.replace(images, dataset=name, split=split, stated=bool(stated or recognised))


def _read(text: str, split: str | None, root: Path | None) -> Images:
    check_data(text)
    if text in BUILTIN:
        return BUILTIN[text](split)
    if (prefix := prefix_of(text)) in PREFIXES:
        return PREFIXES[prefix](DatasetRequest(text.removeprefix(f"{prefix}:"), text, split, root))
    request = DatasetRequest(text, text, split, root)
    for source in SOURCES:
        if source.recognises(request):
            return source.read(request)
    raise UsageError(_unknown(request))


def _unknown(request: DatasetRequest) -> str:
    """Build a message that lists what the path holds, and the supported kinds of data sets."""
    path = request.path
    if not path.exists():
        return describe_nothing(request.where)
    supported = "; ".join(source.name for source in SOURCES)
    if path.is_file():
        return f"{request.where}: a file that is no data set; supported: {supported}"
    kinds = Counter(f"*{item.suffix}" if item.is_file() else "folders" for item in path.iterdir())
    contents = ", ".join(f"{number:,} {kind}" for kind, number in kinds.most_common(5))
    return f"{request.where}: no images; it holds {contents or 'nothing'}; supported: {supported}"
