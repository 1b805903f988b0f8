"""A model of known accuracy: it classifies shades of grey, and some images lie in a neighbour's
folder."""

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
SIDE, CLASSES, PER_CLASS, WRONG = 8, 10, 40, 8


@dataclass(frozen=True)
class Shades:
    """A folder with the module, its weights, an index and 400 images in ten classes; a fifth of
    them show the next class."""

    folder: Path

    def index(self, top1: str) -> Path:
        path = self.folder / "index.yml"
        path.write_text(INDEX.replace("TOP1", top1))
        return path

    def call(self, *arguments: str) -> Result:
        """Run `zoo` in this process."""
        return CliRunner().invoke(app, self.command(*arguments)[3:])

    def evaluate(
        self, *options: str, data: str = "images", dataset: str | None = "shades"
    ) -> Result:
        """Run `zoo eval shade` in this process."""
        return self.call(*self.eval_arguments(*options, data=data, dataset=dataset))

    @staticmethod
    def eval_arguments(
        *options: str, data: str = "images", dataset: str | None = "shades"
    ) -> list[str]:
        """The arguments of `zoo eval shade`."""
        stated = ["--dataset", dataset] if dataset else []
        return ["eval", "shade", "--data", data, *stated, *options]

    def run(
        self, *arguments: str, launcher: tuple[str, ...] = (), **environment: str
    ) -> subprocess.CompletedProcess:
        """Run `zoo` in another process."""
        return subprocess.run(
            self.command(*arguments, launcher=launcher),
            cwd=self.folder,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            check=False,
        )

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
        for number in range(PER_CLASS):
            seen = (shade + 1) % CLASSES if number < WRONG else shade
            Image.new("L", (SIDE, SIDE), round(255 * seen / (CLASSES - 1))).save(
                folder / f"{number:03d}.png"
            )
    shades = Shades(tmp_path)
    shades.index("80%")
    monkeypatch.chdir(tmp_path)
    return shades


Evaluate = Callable[..., dict]


@pytest.fixture
def evaluate(shades: Shades) -> Evaluate:
    """Run `zoo eval shade --data images` in this process and return the JSON that it prints."""

    def run(*options: str) -> dict:
        done = shades.evaluate("--format", "json", *options)
        assert done.exit_code in (0, 1), done.output
        [document] = json.loads(done.stdout)
        return document

    return run
