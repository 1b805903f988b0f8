"""What every source of images gives: names, labels as the data has them, and a way to open one
image.

A label here is what the data says (a folder's name, an index) and nothing about a model.
`zoo.evaluation.labels.targets` makes class indexes of a model's outputs from it.
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

Label: TypeAlias = str | int | tuple[int, ...] | None
"""A class's name, a class index, several indexes that are all right, or nothing: the image is
unlabelled."""

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


@dataclass(frozen=True, eq=False)
class Images(Reader):
    """The images of one split of one data set, in natural order of their names. A reader of timm's
    data pipeline.

    dataset  what it is called: the name in `zoo.evaluation.datasets.catalogue` if it is one of
             these, else e.g. the folder's name
    split    the split that was read, None where the data has none
    where    the path or reference, as evidence records it
    names    one an image, unique and stable: a relative path, a member of a shard, a row's number
    labels   one an image
    opener   opens image i; picklable, as loader workers may be processes of their own
    classes  names of the class indexes, where the data has them
    skipped  files that were skipped, with the reason
    sizes    bytes of each encoded image, where they are known without reading; empty if they are
             not
    times    when each file behind them was changed last, in nanoseconds, as `stat` says; empty:
             there is no file
    stated   whether `dataset` is what they are: said by the user, recognised or built in; else it
             is only a folder's name, and decides nothing
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

    def __post_init__(self) -> None:
        if len(self.labels) != len(self.names) or (
            self.sizes and len(self.sizes) != len(self.names)
        ):
            raise ValueError(f"{self.where}: names, labels and sizes do not have the same length")

    def __len__(self) -> int:
        return len(self.names)

    def open(self, index: int) -> ImageHandle:
        """Image `index` as an open file or a decoded image. OSError or ValueError: it cannot be
        had."""
        return self.opener(index)

    def __getitem__(self, index: int) -> tuple[BinaryIO, int]:
        """A file that `PIL.Image.open` reads, and `index` itself as the target. Decoded images are
        encoded as PNG.

        The index is what a batch is known by: its labels and names are looked up by whoever asked
        for it.
        """
        opened = self.open(index)
        return (_encoded(opened) if isinstance(opened, Image.Image) else opened), index

    def _filename(self, index: int, basename: bool = False, absolute: bool = False) -> str:
        """timm's name for a name; `absolute` changes nothing, as not every image is a file of its
        own."""
        return self.names[index].rpartition("/")[2] if basename else self.names[index]

    def digest(self) -> str:
        """SHA-256, in hexadecimal, over names, labels and sizes: whether it is the same data as
        another time.

        No image is read for it. An image that changed and kept its size in bytes is not noticed;
        `stamp` notices it.
        """
        state = hashlib.sha256(repr((len(self), self.classes)).encode())
        sizes = self.sizes or [-1] * len(self)
        for row in zip(self.names, self.labels, sizes, strict=True):
            state.update(repr(row).encode())
        return state.hexdigest()

    def stamp(self) -> str:
        """Whether the files are the same as another time on this machine: 16 hexadecimal digits of
        a SHA-256.

        It is over the modification times of the files in order. A file that was written again is
        noticed, with the same content too; one that was changed and got its old time back is not. A
        copy has another stamp and the same `digest`. "": no file is behind the images, or none that
        is known.
        """
        return (
            hashlib.sha256(repr(list(self.times)).encode()).hexdigest()[:16] if self.times else ""
        )


def _encoded(image: Image.Image) -> BinaryIO:
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    file.seek(0)
    return file


_DIGITS = re.compile(r"([0-9]{1,18})")


def natural_key(name: str) -> tuple[list[str | int], str]:
    """A sort key: runs of digits are compared as numbers, all else as text; the whole text where
    these are equal."""
    pieces: list[str | int] = list(_DIGITS.split(name.lower()))
    pieces[1::2] = [int(piece) for piece in pieces[1::2]]
    return pieces, name


def modification_times(files: Iterable[str | Path]) -> list[int]:
    """When each file was changed last, in nanoseconds, in the order given; one that is not there is
    left out."""
    times = []
    for file in files:
        with suppress(OSError):
            times.append(os.stat(file).st_mtime_ns)
    return times


def printable_name(name: str) -> str:
    r"""A file's name as text that can be written as UTF-8: what is no character is spelled like \udcff."""
    return name.encode("utf-8", "backslashreplace").decode()
