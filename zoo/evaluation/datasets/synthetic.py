"""Images of noise with random labels: `synthetic:1000`. For measuring speed; an accuracy on them
means nothing."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from zoo.evaluation.datasets.base import DatasetRequest, Images
from zoo.model_index.errors import UsageError

SIZE, CLASSES, SEED = 256, 1000, 0


@dataclass(frozen=True)
class Noise:
    """Draws image `index`: 256x256 RGB, values uniform over 0..255, the same at every call."""

    seed: int

    def __call__(self, index: int) -> Image.Image:
        generator = np.random.default_rng((self.seed, index))
        return Image.fromarray(generator.integers(256, size=(SIZE, SIZE, 3), dtype="u1"))


def read(request: DatasetRequest) -> Images:
    """Read as many images as the text says, with class indexes below 1000.

    Raises:
        UsageError: the text is no number from 1 to 10,000,000, or there is a split.
    """
    text = request.text
    if not (text.isascii() and text.isdigit() and 0 < int(text[:10]) <= 10**7):
        raise UsageError(
            f"{request.where}: expected synthetic:N with N from 1 to 10,000,000, got {text!r}"
        )
    if request.split is not None:
        raise UsageError(f"{request.where}: no split {request.split}; it has no splits")
    number = int(text)
    return Images(
        dataset="synthetic",
        split=None,
        where=request.where,
        names=[str(index) for index in range(number)],
        labels=np.random.default_rng(SEED).integers(CLASSES, size=number).tolist(),
        opener=Noise(SEED),
    )
