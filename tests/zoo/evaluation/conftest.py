"""A model whose accuracy is known beforehand: it tells shades of grey, and some images lie in a
neighbour's folder."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from PIL import Image
from typer.testing import CliRunner, Result

from zoo.cli import app

MODULE = '''
import os, time
import torch
from torch import nn

class Shade(nn.Module):
    """The class whose centre is nearest to the mean of a grey image."""
    in_chans = 1
    def __init__(self, classes=10, size=None):
        super().__init__()
        self.centres = nn.Parameter(torch.linspace(0, 1, classes))
        self.size = size
    def forward(self, x):
        time.sleep(float(os.environ.get("SHADE_SLEEPS", "0")))
        if self.size and x.shape[-1] != self.size:
            raise RuntimeError(f"only {self.size} pixels")
        return -100 * (x.mean((1, 2, 3))[:, None] - self.centres[None]) ** 2

class Silent(Shade):
    def forward(self, x):
        return super().forward(x) * float("nan")
'''
INDEX = """
Models:
- Name: shade
  Builder: {Name: "shades:Shade", Arguments: {size: 8}}
  Metadata: {Image Size: 8, Crop Pct: 1.0, Interpolation: bilinear, Mean: 0, Std: 1}
  Weights: shade.pth
  Results:
  - Task: Image Classification
    Dataset: shades
    Metrics: {Top 1 Accuracy: TOP1, Top 5 Accuracy: 99.9%}
"""
SIDE, CLASSES, EACH, WRONG = 8, 10, 40, 8


@dataclass(frozen=True)
class Shades:
    """A folder with the module, its weights, an index and 400 images in ten classes, of which a
    fifth lie wrong."""

    folder: Path

    def index(self, top1: str) -> Path:
        path = self.folder / "index.yml"
        path.write_text(INDEX.replace("TOP1", top1))
        return path

    def call(self, *arguments: str) -> Result:
        """`zoo` in this process."""
        return CliRunner().invoke(app, self.command(*arguments)[3:])

    def run(
        self, *arguments: str, launcher: tuple[str, ...] = (), **environment: str
    ) -> subprocess.CompletedProcess:
        """`zoo` in a process of its own."""
        return subprocess.run(
            self.command(*arguments, launcher=launcher), cwd=self.folder, env=self.environment(**environment),
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def command(self, *arguments: str, launcher: tuple[str, ...] = ()) -> list[str]:
        start = launcher or (sys.executable, "-m", "zoo")
        return [*start, *arguments, "--index", "index.yml", "--trust", "shades"]

    def environment(self, **extra: str) -> dict[str, str]:
        return os.environ | {"PYTHONPATH": os.pathsep.join([str(self.folder), *sys.path])} | extra


@pytest.fixture
def shades(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shades:
    (tmp_path / "shades.py").write_text(MODULE)
    sys.modules.pop("shades", None)
    monkeypatch.syspath_prepend(str(tmp_path))
    torch.save({"centres": torch.linspace(0, 1, CLASSES)}, tmp_path / "shade.pth")
    for shade in range(CLASSES):
        folder = tmp_path / "images" / str(shade)
        folder.mkdir(parents=True)
        for number in range(EACH):
            seen = (shade + 1) % CLASSES if number < WRONG else shade
            Image.new("L", (SIDE, SIDE), round(255 * seen / (CLASSES - 1))).save(
                folder / f"{number:03d}.png"
            )
    made = Shades(tmp_path)
    made.index("80%")
    monkeypatch.chdir(tmp_path)
    return made


Evaluated = Callable[..., dict]


@pytest.fixture
def evaluated(shades: Shades) -> Evaluated:
    """`zoo eval shade --data images` in this process, as the JSON that it prints."""

    def run(*arguments: str) -> dict:
        done = shades.call(
            "eval",
            "shade",
            "--data",
            "images",
            "--dataset",
            "shades",
            "--format",
            "json",
            *arguments,
        )
        assert done.exit_code in (0, 1), done.output
        [found] = json.loads(done.stdout)
        return found

    return run
