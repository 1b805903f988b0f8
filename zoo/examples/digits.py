"""A network that reads a handwritten digit of 8x8 pixels, and the settings it was trained with."""

from typing import Any

from torch import Tensor, nn

SETTINGS: dict[str, Any] = {
    "input_size": (1, 8, 8),
    "num_classes": 10,
    "interpolation": "bilinear",
    "crop_pct": 1.0,
    "mean": (0.5,),
    "std": (0.5,),
}
"""The preprocessing, in the words of timm's pretrained configurations."""


def _convolution(inputs: int, outputs: int) -> list[nn.Module]:
    """A 3x3 convolution that keeps the size; the norm behind it has the bias."""
    convolution = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    return [convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]


class DigitsCNN(nn.Module):
    """Three convolutions, the last two each before a pooling by two, and a linear classifier.

    Input is (batch, 1, 8, 8), grey levels from -1 (paper) to 1 (ink); output (batch, 10), a logit
    for each digit.
    """

    pretrained_cfg = SETTINGS

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *_convolution(1, 16),
            *_convolution(16, 32),
            nn.MaxPool2d(2),
            *_convolution(32, 64),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Linear(64 * 2 * 2, 10)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.features(x).flatten(1))
        return logits
