"""Data sets as Hugging Face's `datasets` keeps them on disk: what `save_to_disk` wrote, or the
Hub's parquet files.

Columns are found by their type and name. Images stay encoded, so one that is broken fails alone.
Nothing is fetched: a row that holds an address or a path in place of bytes is an image that cannot
be had.

An image out of the middle of a parquet file costs reading the hundreds around it. `datasets`
therefore makes a copy that can be read at any row, in its own cache (HF_DATASETS_CACHE), once for
each set of files.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from zoo.evaluation.datasets import splits
from zoo.evaluation.datasets.base import (
    UNLABELLED,
    DatasetRequest,
    Images,
    Label,
    modification_times,
    natural_key,
)
from zoo.model_index.errors import UsageError

LABELS = ("label", "labels", "fine_label", "target", "class")
"""Names of a column of labels, where the type does not tell; the first that is there."""


PATTERNS = ("*.parquet", "*/*.parquet", "default/*/*.parquet")
"""Where repositories of the Hub have parquet files; the last is what it converts others to."""


@dataclass(frozen=True)
class Rows:
    """Opens row `index` of a data set that can be read at any row."""

    rows: Any  # datasets.Dataset
    column: str

    def __call__(self, index: int) -> BinaryIO:
        image = self.rows[index][self.column]
        if not image or image.get("bytes") is None:
            raise OSError(f"row {index} of {self.column} holds no bytes")
        return io.BytesIO(image["bytes"])


def saved(request: DatasetRequest) -> bool:
    """Whether it is a folder that `save_to_disk` wrote."""
    return any((request.path / name).is_file() for name in ("dataset_dict.json", "state.json"))


def parquet(request: DatasetRequest) -> bool:
    """Whether it is a folder with parquet files where the Hub has them, or one such file."""
    return bool(_files(request.path))


def _files(path: Path) -> list[str]:
    if path.is_file() and path.suffix == ".parquet":
        return [path.name]
    found = [each for pattern in PATTERNS for each in path.glob(pattern) if each.is_file()]
    return sorted((str(each.relative_to(path)) for each in found), key=natural_key)


def read_saved(request: DatasetRequest) -> Images:
    """A split of what `save_to_disk` wrote. UsageError: it cannot be read, or the split is not
    there."""
    datasets = _library(request.where)
    try:
        loaded = datasets.load_from_disk(str(request.path))
    except Exception as error:  # whatever is wrong with its files, of several formats
        raise UsageError(
            f"{request.where}: not a data set that datasets can read: {_first_line(error)}"
        ) from error
    if isinstance(loaded, datasets.DatasetDict):
        chosen = splits.choose(request.split, sorted(loaded), request.where)
        return _images(loaded[chosen], splits.canonical(chosen), request, _arrow(loaded[chosen]))
    split = splits.canonical(str(loaded.split)) if loaded.split else None
    if request.split is not None and splits.canonical(request.split) != split:
        raise UsageError(
            f"{request.where}: no split {request.split}; it is {split or 'one without a name'}"
        )
    return _images(loaded, split, request, _arrow(loaded))


def _arrow(rows: Any) -> list[Path]:
    """The files that rows are read from."""
    return [Path(each["filename"]) for each in rows.cache_files]


def read_parquet(request: DatasetRequest) -> Images:
    """A split of parquet files that name it. UsageError: they cannot be read, or the split is not
    there."""
    datasets = _library(request.where)
    root = request.path if request.path.is_dir() else request.path.parent
    names, split = splits.select_files(request.split, _files(request.path), request.where)
    try:
        with _quiet(datasets):
            loaded = datasets.Dataset.from_parquet(
                [str((root / name).absolute()) for name in names]
            )
    except (
        Exception
    ) as error:  # pyarrow's and datasets' own, for a torn file as for a column of an unknown type
        raise UsageError(
            f"{request.where}: not parquet files that datasets can read: {_first_line(error)}"
        ) from error
    return _images(loaded, split, request, [root / name for name in names])


def _library(where: str) -> Any:
    try:
        import datasets
    except ImportError:
        raise UsageError(
            f"{where}: reading it needs datasets: pip install 'model-zoo-ledger[eval-hf]'"
        ) from None
    return datasets


@contextmanager
def _quiet(datasets: Any) -> Iterator[None]:
    disabled = datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        if not disabled:
            datasets.enable_progress_bars()


def _images(rows: Any, split: str | None, request: DatasetRequest, files: list[Path]) -> Images:
    import pyarrow.compute as pc

    column, label = (
        _image_column(rows.features, request.where),
        _label_column(rows.features, request.where),
    )
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
    """The same rows, with a struct of bytes and a path for each image."""
    from datasets import Image

    return (
        rows.cast_column(column, Image(decode=False))
        if isinstance(rows.features[column], Image)
        else rows
    )


def _image_column(features: Any, where: str) -> str:
    """The only column of images, or of structs with bytes and a path, as parquet files have
    images."""
    from datasets import Image

    found = [name for name, feature in features.items() if isinstance(feature, Image)]
    found = found or [
        name
        for name, each in features.items()
        if isinstance(each, dict) and {"bytes", "path"} <= each.keys()
    ]
    if len(found) != 1:
        raise UsageError(
            f"{where}: expected one column of images among {', '.join(features)}; there are {len(found)}"
        )
    return found[0]


def _label_column(features: Any, where: str) -> str | None:
    """The column of labels: by its name, or the only one whose type says so. None: the data is
    unlabelled."""
    from datasets import ClassLabel

    if named := [name for name in LABELS if name in features]:
        return named[0]
    typed = [name for name, feature in features.items() if isinstance(feature, ClassLabel)]
    if len(typed) > 1:
        raise UsageError(f"{where}: several columns of labels: {', '.join(typed)}")
    return typed[0] if typed else None


def _classes(feature: Any) -> tuple[str, ...] | None:
    """Names of the indexes of a ClassLabel, or of a list of them."""
    names = getattr(getattr(feature, "feature", feature), "names", None)
    return tuple(names) if names else None


def _labels(values: Sequence[Any], column: str, where: str) -> list[Label]:
    """Class indexes, lists of them or names. UsageError: the column holds something else."""
    labels = [tuple(value) if isinstance(value, list) else value for value in values]
    for label in labels:
        if not (
            label is None
            or type(label) in (int, str)
            or (type(label) is tuple and all(map(_is_index, label)))
        ):
            raise UsageError(f"{where}: column {column} holds no labels: {label!r}")
    return [None if label == UNLABELLED else label for label in labels]


def _is_index(value: Any) -> bool:
    return type(value) is int


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
