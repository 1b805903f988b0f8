"""Images of noise with labels drawn by lot: `synthetic:1000`. For speed only; an accuracy on them
means nothing."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from zoo.evaluation.datasets.base import DatasetRequest, Images
from zoo.model_index.errors import UsageError

SIZE, CLASSES, SEED = 256, 1000, 0


@dataclass(frozen=True)
class Noise:
    """Image `index`: 256x256 RGB, each value uniform over 0..255; the same at every call."""

    seed: int

    def __call__(self, index: int) -> Image.Image:
        return Image.fromarray(
            np.random.default_rng((self.seed, index)).integers(
                256, size=(SIZE, SIZE, 3), dtype="u1"
            )
        )


def read(request: DatasetRequest) -> Images:
    """As many images as the text says, with class indexes below 1000. UsageError: the text is no
    number."""
    if not (
        request.text.isascii() and request.text.isdigit() and 0 < int(request.text[:10]) <= 10**7
    ):
        raise UsageError(
            f"{request.where}: expected synthetic:N with N from 1 to 10,000,000, got {request.text!r}"
        )
    if request.split is not None:
        raise UsageError(f"{request.where}: no split {request.split}; it has no splits")
    number = int(request.text)
    return Images(
        dataset="synthetic",
        split=None,
        where=request.where,
        names=[str(index) for index in range(number)],
        labels=np.random.default_rng(SEED).integers(CLASSES, size=number).tolist(),
        opener=Noise(SEED),
    )
