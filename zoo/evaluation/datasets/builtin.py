"""Built-in data sets, to try an evaluation without a download.

`digits` has 1,797 real images with splits. `photographs` has a few pictures with labels of this
project (`zoo.evaluation.datasets.photographs`): enough to check that preprocessing and labels fit a
model, far too few to measure its accuracy.
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
from zoo.model_index.errors.suggestions import describe_unknown

TABLE = "sklearn/datasets/data/digits.csv.gz"
SHAPE = (8, 8)
LEVELS = 16  # a pixel of the digits counts the black ones of a 4x4 block
SPLITS = {"train": slice(0, 1000), "test": slice(1000, None), "all": slice(None)}


@dataclass(frozen=True, slots=True)
class Pixels:
    """Opens row `index` of an array of bytes, (n, height, width), as an image."""

    values: np.ndarray

    def __call__(self, index: int) -> Image.Image:
        return Image.fromarray(self.values[index])


def digits(split: str | None = None) -> Images:
    """Read scikit-learn's handwritten digits: grey images (mode L) of 8x8 pixels, 255 for ink.

    It reads the file of `sklearn.datasets.load_digits` itself, since importing scikit-learn takes
    longer than everything else.

    Levels 0..16 become round(level * 255 / 16). The splits are by position and this project's own:
    `train` has the first 1,000 images, `test` (the default) the last 797, `all` both.
    scikit-learn's documentation says that 13 people wrote the digits, not in which order, so the
    two splits may share writers.

    Raises:
        UsageError: the split does not exist, or scikit-learn has no such file.
    """
    name = split or "test"
    if name not in SPLITS:
        raise UsageError(describe_unknown("digits: no split", name, SPLITS))
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
    """Find the table of digits in scikit-learn: 64 levels and the digit in each row."""
    for file in metadata.files("scikit-learn") or []:
        if file.as_posix() == TABLE:
            return Path(str(file.locate()))
    raise UsageError(f"digits: scikit-learn {metadata.version('scikit-learn')} has no {TABLE}")


BUILTIN: dict[str, Callable[[str | None], Images]] = {
    "digits": digits,
    "photographs": photographs,
}
"""Readers of the names that `--data` accepts, by name; they take a split, None for the default."""
