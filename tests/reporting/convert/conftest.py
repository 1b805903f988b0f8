"""Shared by the conversions: an index in every corner of the format, and reading it back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from model_index.load import load
from model_index.records import Entry, Index
from reporting.convert.outcome import Converted

CORNERS = """\
Library: {Name: Acme, Docs: 'https://acme.example/', Headline: Models}
Collections:
- Name: Net
  Description: |-
    First.

      Indented # and --- such: things
  Metadata: {Training Data: [ImageNet], Epochs: 90}
Models:
- Name: a
  In Collection: Net
  Metadata: {FLOPs: 4.1 GFLOPs, params: 8 M, LR: 0.10, Epochs: '012', Image Size: 224x288, Empty: , Crop Pct: .875}
  Weights: https://w.example/a.pth
  Code: https://c.example/a.py
  Results:
  - Task: Image Classification
    Dataset: ImageNet
    Metrics: {Top 1 Accuracy: 80.160%, top5: 0.9491, mAP: no}
  Reported:
  - Publisher: Other
    Source: https://other.example/
    Metadata: {FLOPs: 8 G}
    Results: [{Task: Image Classification, Dataset: ImageNet, Metrics: {Top 1 Accuracy: 0.5%}}]
- Name: b
  Builder: {Name: 'torchvision.models.densenet:DenseNet', Arguments: {growth_rate: 4, name: '6'}}
  Metadata: {MACs: '1,000', Parameters: 1e3}
  Results:
  - {Task: Image Classification, Dataset: {Name: Beans, Type: acme/beans}, Metrics: {Top 1 Accuracy: 0.5%}}
"""
SECOND = "Library: {Name: Second}\nModels:\n- Name: c\n  Metadata: {FLOPs: 5}\n"
THIRD = "Models:\n- {Name: d, Config: configs/d.py, Weights: w.pth, Metadata: {FLOPs: 6}}\n"


@pytest.fixture
def corners(tmp_path: Path) -> Index:
    """One file of one library."""
    return read(tmp_path / "corners", {"corners.yml": CORNERS})


@pytest.fixture
def several(tmp_path: Path) -> Index:
    """Three files: of two libraries and of none."""
    return read(tmp_path / "several", {"corners.yml": CORNERS, "second.yml": SECOND, "third.yml": THIRD})


def read(folder: Path, files: dict[str, str]) -> Index:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return load([folder])


@pytest.fixture
def again(tmp_path: Path) -> Callable[[Converted], Index]:
    """What our own loader makes of a conversion."""
    return lambda converted: read(tmp_path / "again", converted.files)


@pytest.fixture
def facts() -> Callable[[Entry], list[tuple[object, ...]]]:
    """All that a claim says but where it stands."""

    def told(entry: Entry) -> list[tuple[object, ...]]:
        return [
            (c.model, c.publisher, c.source, c.quantity, c.label, c.raw, c.parsed, c.dataset, c.task, c.size)
            for c in entry.all_claims()
        ]

    return told
