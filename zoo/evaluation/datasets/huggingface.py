"""Read local data sets of Hugging Face's `datasets`: the output of `save_to_disk`, or the Hub's
parquet files.

Columns are identified by their type and name. Images stay encoded, so a broken one fails alone.
Nothing is downloaded: a row with an address or a path instead of bytes is an unreadable image.

To read one image of a parquet file, the hundreds around it have to be read. Therefore `datasets`
makes a copy with random access in its own cache (HF_DATASETS_CACHE), once for each set of files.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from zoo.evaluation import split_names
from zoo.evaluation.datasets import splits
from zoo.evaluation.datasets.base import (
    UNLABELLED,
    DatasetRequest,
    Images,
    Label,
    first_line,
    modification_times,
    natural_key,
)
from zoo.model_index.errors import UsageError
from zoo.models.extras import MissingExtra, require

LABELS = ("label", "labels", "fine_label", "target", "class")
"""Names of a column of labels if its type does not show it; the first one that exists."""

PATTERNS = ("*.parquet", "*/*.parquet", "default/*/*.parquet")
"""Places of parquet files in the Hub's repositories; the last has the files that it converted."""


@dataclass(frozen=True)
class Rows:
    """Opens row `index` of a data set with random access."""

    rows: Any  # datasets.Dataset
    column: str

    def __call__(self, index: int) -> BinaryIO:
        image = self.rows[index][self.column]
        if not image or image.get("bytes") is None:
            raise OSError(f"row {index} of {self.column} holds no bytes")
        return io.BytesIO(image["bytes"])


def is_saved(request: DatasetRequest) -> bool:
    """Whether the path is a folder that `save_to_disk` wrote."""
    return any((request.path / name).is_file() for name in ("dataset_dict.json", "state.json"))


def is_parquet(request: DatasetRequest) -> bool:
    """Whether the path is a parquet file, or a folder with such files where the Hub has them."""
    return bool(_files(request.path))


def _files(path: Path) -> list[str]:
    if path.is_file() and path.suffix == ".parquet":
        return [path.name]
    files = [file for pattern in PATTERNS for file in path.glob(pattern) if file.is_file()]
    return sorted((str(file.relative_to(path)) for file in files), key=natural_key)


def read_saved(request: DatasetRequest) -> Images:
    """Read a split of a data set that `save_to_disk` wrote.

    Raises:
        UsageError: it cannot be read, or the split does not exist.
    """
    datasets = _library(request.where)
    try:
        loaded = datasets.load_from_disk(str(request.path))
    except Exception as error:  # errors of several file formats
        raise UsageError(
            f"{request.where}: not a data set that datasets can read: {first_line(error)}"
        ) from error
    if isinstance(loaded, datasets.DatasetDict):
        chosen = splits.choose(request.split, sorted(loaded), request.where)
        return _images(
            loaded[chosen], split_names.canonical(chosen), request, _arrow(loaded[chosen])
        )
    split = split_names.canonical(str(loaded.split)) if loaded.split else None
    if request.split is not None and split_names.canonical(request.split) != split:
        raise UsageError(
            f"{request.where}: no split {request.split}; "
            f"it has only {split or 'one without a name'}"
        )
    return _images(loaded, split, request, _arrow(loaded))


def _arrow(rows: Any) -> list[Path]:
    """List the files that the rows are in."""
    return [Path(file["filename"]) for file in rows.cache_files]


def read_parquet(request: DatasetRequest) -> Images:
    """Read the parquet files of a split.

    Raises:
        UsageError: they cannot be read, or the split does not exist.
    """
    datasets = _library(request.where)
    root = request.path if request.path.is_dir() else request.path.parent
    names, split = splits.select_files(request.split, _files(request.path), request.where)
    try:
        with _no_progress_bars(datasets):
            paths = [str((root / name).absolute()) for name in names]
            loaded = datasets.Dataset.from_parquet(paths)
    except Exception as error:  # errors of pyarrow and datasets, for torn files or unknown types
        raise UsageError(
            f"{request.where}: not parquet files that datasets can read: {first_line(error)}"
        ) from error
    return _images(loaded, split, request, [root / name for name in names])


def _library(where: str) -> Any:
    try:
        require("eval-hf")
    except MissingExtra as error:
        raise UsageError(f"{where}: {error}") from None
    import datasets

    return datasets


@contextmanager
def _no_progress_bars(datasets: Any) -> Iterator[None]:
    disabled = datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        if not disabled:
            datasets.enable_progress_bars()


def _images(rows: Any, split: str | None, request: DatasetRequest, files: list[Path]) -> Images:
    import pyarrow.compute as pc

    column = _image_column(rows.features, request.where)
    label = _label_column(rows.features, request.where)
    rows = _encoded(rows, column)
    table = rows.with_format("arrow").select_columns([column])[:]
    paths, sizes = (pc.struct_field(table[column], name) for name in ("path", "bytes"))
    return Images(
        dataset=request.path.resolve().name.removesuffix(".parquet"),
        split=split,
        where=request.where,
        names=[
            f"{row}/{Path(path).name}" if path else str(row)
            for row, path in enumerate(paths.to_pylist())
        ],
        labels=[None] * len(rows) if label is None else _labels(rows[label], label, request.where),
        opener=Rows(rows.select_columns([column]), column),
        classes=_classes(rows.features.get(label)),
        sizes=[size or 0 for size in pc.binary_length(sizes).to_pylist()],
        times=modification_times(files),
    )


def _encoded(rows: Any, column: str) -> Any:
    """Return the rows with a struct of bytes and a path for each image."""
    from datasets import Image

    if isinstance(rows.features[column], Image):
        return rows.cast_column(column, Image(decode=False))
    return rows


def _image_column(features: Any, where: str) -> str:
    """Find the only column of images, or of structs with bytes and a path, as in parquet files."""
    from datasets import Image

    columns = [name for name, feature in features.items() if isinstance(feature, Image)]
    columns = columns or [
        name
        for name, feature in features.items()
        if isinstance(feature, dict) and {"bytes", "path"} <= feature.keys()
    ]
    if len(columns) != 1:
        raise UsageError(
            f"{where}: expected one column of images among {', '.join(features)}; "
            f"there are {len(columns)}"
        )
    return str(columns[0])


def _label_column(features: Any, where: str) -> str | None:
    """Find the column of labels by its name, or the only one of type ClassLabel. None: the data is
    unlabelled."""
    from datasets import ClassLabel

    for name in LABELS:
        if name in features:
            return name
    typed = [name for name, feature in features.items() if isinstance(feature, ClassLabel)]
    if len(typed) > 1:
        raise UsageError(f"{where}: several columns of labels: {', '.join(typed)}")
    return typed[0] if typed else None


def _classes(feature: Any) -> tuple[str, ...] | None:
    """The class names of a ClassLabel, or of a list of them."""
    names = getattr(getattr(feature, "feature", feature), "names", None)
    return tuple(names) if names else None


def _labels(values: Sequence[Any], column: str, where: str) -> list[Label]:
    """Convert a column to labels: class indexes, tuples of them or names.

    Raises:
        UsageError: the column holds other values.
    """
    labels = [tuple(value) if isinstance(value, list) else value for value in values]
    for label in labels:
        is_tuple = type(label) is tuple and all(type(index) is int for index in label)
        if not (label is None or type(label) in (int, str) or is_tuple):
            raise UsageError(f"{where}: column {column} holds no labels: {label!r}")
    return [None if label == UNLABELLED else label for label in labels]
