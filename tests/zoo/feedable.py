"""Toy models that take something else than one image, as the text of a module."""

MODULE = '''
import dataclasses
import torch
from torch import nn

class Clip(nn.Module):
    """(batch, 3, frames, height, width) to (batch, 4)."""
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(3, 4, 2)
    def forward(self, x):
        return self.conv(x).mean((2, 3, 4))

class Pair(nn.Module):
    """Two images to a list of two outputs."""
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
    def forward(self, first, second):
        return [self.conv(first), (self.conv(first) - self.conv(second)).mean((2, 3))]

class Detector(nn.Module):
    """A list of images to a list of a mapping each."""
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
    def forward(self, images):
        return [{"boxes": self.conv(image[None])[0, :, 0], "scores": image.mean((1, 2))}
                for image in images]

@dataclasses.dataclass
class Answer:
    logits: torch.Tensor
    states: tuple = ()
    loss: float | None = None

class Text(nn.Module):
    """Ids, a mask, and maybe an image, to a mapping."""
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(50, 8)
        self.head = nn.Linear(8, 50)
        self.patch = nn.Conv2d(3, 8, 4, 4)
    def forward(self, input_ids, attention_mask=None, pixel_values=None):
        hidden = self.table(input_ids)
        if attention_mask is not None:
            hidden = hidden * attention_mask[..., None]
        if pixel_values is not None:
            hidden = hidden + self.patch(pixel_values).mean((2, 3))[:, None]
        return {"logits": self.head(hidden), "hidden": hidden}

class Wave(nn.Module):
    """Samples to a record."""
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 4, 5)
    def forward(self, samples):
        states = self.conv(samples[:, None])
        return Answer(states.mean(2), (states,))

class Odd(nn.Module):
    """Returns what nobody can read."""
    def forward(self, x):
        return {"answer": object()}

class Endless(nn.Module):
    """Its constructor does not end."""
    def __init__(self):
        super().__init__()
        while True:
            pass

class Huge(nn.Module):
    """Wants more memory than there is."""
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList()
        for _ in range(4):
            layer = nn.Module()
            layer.register_buffer("data", torch.empty(1 << 20))
            self.layers.append(layer)
'''
INPUTS = {
    "Clip": "3x8x8 clip",
    "Pair": "8x8 image pair",
    "Detector": "8x8 image list",
    "Text": "6 tokens with mask, pixel_values=8x8 image",
    "Wave": "40 samples",
}
