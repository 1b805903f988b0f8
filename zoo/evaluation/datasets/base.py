"""The images of a data set: names, labels as the data states them, and how to open them.

A label here is a folder's name or a class index of the data, not an output of a model;
`zoo.evaluation.labels.targets` maps labels to outputs.
"""

import hashlib
import io
import os
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

from PIL import Image
from timm.data.readers.reader import Reader

from zoo.evaluation.datasets.pictures import forbid_programs

Label: TypeAlias = str | int | tuple[int, ...] | None
"""A class's name, a class index, several indexes that are all right, or None: unlabelled."""

ImageHandle: TypeAlias = BinaryIO | Image.Image
"""An encoded image as a file opened for reading, or a decoded one."""

Skipped: TypeAlias = tuple[tuple[str, str], ...]
"""Files that are no images: (name, reason) of each."""

UNLABELLED = -1
"""The class index that data sets give an image whose class they do not publish."""


@dataclass(frozen=True)
class DatasetRequest:
    """What a user asks a source of images for.

    text    what the user wrote: a path, or what follows the prefix of a name
    where   the whole text with its prefix, as messages and evidence show it
    split   the split to read; None: the conventional one
    root    the folder in which another library keeps its data sets
    """

    text: str
    where: str
    split: str | None = None
    root: Path | None = None

    @property
    def path(self) -> Path:
        return Path(self.text)


@dataclass(frozen=True, eq=False, kw_only=True)
class Images(Reader):
    """The images of one split of a data set, in natural order of their names; a reader of timm's
    data pipeline.

    dataset  its name: one of `zoo.evaluation.dataset_catalogue`, else e.g. the folder's name
    split    the split that was read; None: the data has none
    where    the path or reference, as evidence records it
    names    unique and stable: relative paths, members of a shard or row numbers
    labels   one for each image
    opener   opens image i; it can be pickled, since loader workers may be processes
    classes  names of the class indexes, if the data has them
    skipped  files that were skipped, with the reason
    sizes    bytes of each encoded image; empty if they are not known without reading
    times    modification times of the files in nanoseconds; empty if there are no files
    stated   whether `dataset` is certain: stated by the user, recognised or built in. Else it is
             only a folder's name, and decides nothing
    outer_labels  the names of the outermost folders, where they give other classes than `labels`,
             those of the innermost ones; None: there is no doubt
    """

    dataset: str
    split: str | None
    where: str
    names: Sequence[str]
    labels: Sequence[Label]
    opener: Callable[[int], ImageHandle]
    classes: tuple[str, ...] | None = None
    skipped: Skipped = ()
    sizes: Sequence[int] = ()
    times: Sequence[int] = ()
    stated: bool = False
    outer_labels: Sequence[Label] | None = None

    def __post_init__(self) -> None:
        if len(self.labels) != len(self.names) or (
            self.sizes and len(self.sizes) != len(self.names)
        ):
            raise ValueError(f"{self.where}: names, labels and sizes do not have the same length")

    def __len__(self) -> int:
        return len(self.names)

    def open(self, index: int) -> ImageHandle:
        """Open image `index` as a file or as a decoded image.

        Raises:
            OSError, ValueError: it cannot be opened.
        """
        return self.opener(index)

    def __getitem__(self, index: int) -> tuple[BinaryIO, int]:
        """Return a file that `PIL.Image.open` reads, and `index` as the target.

        Decoded images are encoded as PNG. A batch is identified by the indexes: the caller looks
        labels and names up by them.
        """
        forbid_programs()
        handle = self.open(index)
        return (_encode(handle) if isinstance(handle, Image.Image) else handle), index

    def _filename(self, index: int, basename: bool = False, absolute: bool = False) -> str:
        """Return a name as timm's readers do; `absolute` has no effect, since not every image is a
        file."""
        return self.names[index].rpartition("/")[2] if basename else self.names[index]

    def digest(self) -> str:
        """Return a SHA-256 of names, labels and sizes, which identifies the data.

        No image is read. A changed image of the same size is not noticed; `stamp` notices it.
        """
        state = hashlib.sha256(repr((len(self), self.classes)).encode())
        sizes = self.sizes or [-1] * len(self)
        for row in zip(self.names, self.labels, sizes, strict=True):
            state.update(repr(row).encode())
        return state.hexdigest()

    def stamp(self) -> str:
        """Return 16 hexadecimal digits that identify the state of the files on this machine.

        They are a digest of the files' modification times in order. A file that is written again
        changes it, with the same content too; a copy has another stamp and the same `digest`. It is
        empty if there are no files.
        """
        if not self.times:
            return ""
        return hashlib.sha256(repr(list(self.times)).encode()).hexdigest()[:16]


def _encode(image: Image.Image) -> BinaryIO:
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    file.seek(0)
    return file


_DIGITS = re.compile(r"([0-9]{1,18})")


def natural_key(name: str) -> tuple[list[str | int], str]:
    """Return a sort key that compares runs of digits as numbers and everything else as text."""
    pieces: list[str | int] = list(_DIGITS.split(name.lower()))
    pieces[1::2] = [int(piece) for piece in pieces[1::2]]
    return pieces, name


def modification_times(files: Iterable[str | Path]) -> list[int]:
    """Return the files' modification times in nanoseconds; missing files are left out."""
    times = []
    for file in files:
        with suppress(OSError):
            times.append(os.stat(file).st_mtime_ns)
    return times


def printable_name(name: str) -> str:
    r"""Return a file's name as valid UTF-8; invalid bytes are written like \udcff."""
    return name.encode("utf-8", "backslashreplace").decode()


def first_line(error: Exception) -> str:
    """Return the first line of an error's message, or the error's type if it has none."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
