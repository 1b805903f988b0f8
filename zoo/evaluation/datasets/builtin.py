"""Data that is at hand after an installation, so that an evaluation can be tried without a
download.

`digits` are 1,797 real images with a split; `photographs` are a handful of pictures with labels of
our own (`zoo.evaluation.datasets.photographs`), enough to see that preprocessing and labels are
those of a model, and far too few to say how good it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np
from PIL import Image

from zoo.evaluation.datasets.base import Images
from zoo.evaluation.datasets.photographs import photographs
from zoo.model_index.errors import UsageError

TABLE = "sklearn/datasets/data/digits.csv.gz"
SHAPE = (8, 8)
LEVELS = 16  # a pixel of the digits counts the black ones of a 4x4 block
SPLITS = {"train": slice(0, 1000), "test": slice(1000, None), "all": slice(None)}


@dataclass(frozen=True, slots=True)
class Pixels:
    """Opens images that are rows of an array of bytes, (n, height, width)."""

    values: np.ndarray

    def __call__(self, index: int) -> Image.Image:
        return Image.fromarray(self.values[index])


def digits(split: str | None = None) -> Images:
    """Handwritten digits of 8x8 pixels, from scikit-learn: grey images (mode L), 255 for ink.

    The file that `sklearn.datasets.load_digits` reads is read here, because importing that takes
    longer than all else.

    Levels 0..16 become round(level * 255 / 16). The split is by position and this project's own:
    `train` the first 1,000 images, `test` (the default) the last 797, `all` both. scikit-learn's
    documentation says that 13 people wrote them, and not in which order they stand, so nothing says
    that the two splits share no writer.

    Raises:
        UsageError: another split, or scikit-learn has no such file.
    """
    name = split or "test"
    if name not in SPLITS:
        raise UsageError(f"digits: no split {split}; there are {', '.join(SPLITS)}")
    rows = np.loadtxt(_table(), delimiter=",")[SPLITS[name]]
    first = SPLITS[name].start or 0
    return Images(
        dataset="digits",
        split=name,
        where=f"sklearn.datasets.load_digits of scikit-learn {metadata.version('scikit-learn')}",
        names=[f"{first + row:04d}" for row in range(len(rows))],
        labels=rows[:, -1].astype(int).tolist(),
        opener=Pixels(np.rint(rows[:, :-1].reshape(-1, *SHAPE) * (255 / LEVELS)).astype(np.uint8)),
        classes=tuple(map(str, range(10))),
    )


def _table() -> Path:
    """The digits as a table: 64 levels and the digit in each row."""
    found = next(
        (file for file in metadata.files("scikit-learn") or [] if file.as_posix() == TABLE), None
    )
    if found is None:
        raise UsageError(f"digits: scikit-learn {metadata.version('scikit-learn')} has no {TABLE}")
    return Path(str(found.locate()))


BUILTIN: dict[str, Callable[[str | None], Images]] = {
    "digits": digits,
    "photographs": photographs,
}
"""What `--data NAME` may name beside paths and known data sets: from a split (None: the default
one) to its images."""
