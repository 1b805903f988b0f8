"""Shared by the conversions: an index in every corner of the format, and reading it back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from zoo.model_index.load import load
from zoo.model_index.records.records import Entry, Index
from zoo.reporting.convert.losses import Conversion

CORNERS = """\
Library: {Name: Acme, Docs: 'https://acme.example/', Headline: Models}
Collections:
- Name: Net
  Description: |-
    First.

      Indented # and --- such: things
  Metadata: {Training Data: [ImageNet], Warmup: 90}
Models:
- Name: a
  In Collection: Net
  Metadata: {FLOPs: 4.1 GFLOPs, params: 8 M, LR: 0.10, Warmup: '012', Image Size: 224x288, Empty: ,
    Crop Pct: .875}
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
  - {Task: Image Classification, Dataset: {Name: Beans, Type: acme/beans},
     Metrics: {Top 1 Accuracy: 0.5%}}
"""
SECOND = "Library: {Name: Second}\nModels:\n- Name: c\n  Metadata: {FLOPs: 5}\n"
THIRD = "Models:\n- {Name: d, Config: configs/d.py, Weights: w.pth, Metadata: {FLOPs: 6}}\n"
METRIC = "Task: Image Classification, Dataset: ImageNet, Metrics"
SCATTERED = {
    "model-index.yml": f"""\
Library: parts/library.yml
Collections: parts/collections.yml
Models:
- {{Name: a, In Collection: [A, B], Metadata: parts/more.yml, Results: parts/r*.json}}
- Name: b
  In Collection: A
  Metadata: {{GMACs: 2.5, Training Data: [Own]}}
  Results: [{{{METRIC}: {{Top 1 Accuracy: 75%, wer: 3}}}}]
- {{Name: c, In_Collection: C, Metadata: [parts/more.yml, {{Warmup: 5}}]}}
- {{Name: d, In Collection: E, Metadata: {{FLOPs: 2}}}}
Import: parts/second.yml
""",
    "parts/library.yml": "Library: {Name: Acme, Docs: 'https://acme.example/'}",
    "parts/collections.yml": f"""\
- {{Name: A, Metadata: a.yml, Results: results.yml}}
- {{Name: B, Metadata: {{Training Data: [B], Layers: 5}},
   Results: [{{Task: T, Dataset: D, Metrics: {{mAP: 3}}}}]}}
- {{Name: C, Metadata: {{Warmup: 3, Training Data: [C]}},
   Results: [{{{METRIC}: {{Top 1 Accuracy: 60}}}}]}}
- {{Name: Unused, Metadata: a.yml}}
- {{Name: E, Metadata: {{Training Data: [E]}}}}
""",
    "parts/a.yml": "{FLOPs: 4 G, Training Data: [A]}",
    "parts/results.yml": f"{{{METRIC}: {{Top 1 Accuracy: 70%}}}}",
    "parts/more.yml": "{Params (M): 25.6, Training Data: [More]}",
    "parts/r1.json": """[
 {"Task": "Image Classification", "Dataset": {"Name": "ImageNet", "Type": "x/y"},
  "Metrics": {"Top 1 Accuracy": "71%", "wer": 5},
  "Source": {"Name": "Board", "URL": "https://board.example/"}}]""",
    "parts/r2.json": """{"Task": "Image Classification", "Dataset": "Real",
 "Metrics": [{"name": "Top 1 Accuracy", "value": 81, "mode": "x"}]}""",
    "parts/second.yml": "{Library: {Name: Second}, Models: models.yml}",
    "parts/models.yml": f"[{{Name: e, Metadata: {{FLOPs: 1 G}}, Results: {{{METRIC}: {{Top 1 "
    f"Accuracy: 60}}}}}}]",
}
CARD = """\
---
license: mit
language: [en, de]
model-index:
- name: m
  results:
  - task: {type: automatic-speech-recognition, name: Speech}
    dataset:
      {type: acme_speech, name: Acme Speech (clean), config: clean, split: test, revision: '012',
       args: {language: en}}
    metrics:
    - {type: wer, value: 5.90, name: Test WER, args: {beam: 4}, verified: true, verifyToken: abc}
    source: {name: A leaderboard, url: https://board.example/l}
---
# m
"""


@pytest.fixture
def card(tmp_path: Path) -> Index:
    """A model card whose only metric nothing measures."""
    return read(tmp_path / "card", {"m.md": CARD})


@pytest.fixture
def corners(tmp_path: Path) -> Index:
    """One file of one library."""
    return read(tmp_path / "corners", {"corners.yml": CORNERS})


@pytest.fixture
def several(tmp_path: Path) -> Index:
    """Three files: of two libraries and of none."""
    return read(
        tmp_path / "several", {"corners.yml": CORNERS, "second.yml": SECOND, "third.yml": THIRD}
    )


def read(folder: Path, files: dict[str, str], root: str = "") -> Index:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return load([folder / root])


@pytest.fixture
def again(tmp_path: Path) -> Callable[[Conversion], Index]:
    """What our own loader makes of a conversion."""
    return lambda converted: read(tmp_path / "again", converted.files)


@pytest.fixture
def scattered(tmp_path: Path) -> Index:
    """An index whose collections, models, Metadata and Results stand in files of their own."""
    return read(tmp_path / "scattered", SCATTERED, "model-index.yml")


@pytest.fixture
def facts() -> Callable[[Entry], list[tuple[object, ...]]]:
    """All that a claim says but where it stands."""

    def told(entry: Entry) -> list[tuple[object, ...]]:
        return [
            (
                c.model,
                c.publisher,
                c.source,
                c.quantity,
                c.label,
                c.raw,
                c.parsed,
                c.dataset,
                c.task,
                c.size,
                c.conditions,
                c.unit,
            )
            for c in entry.all_claims()
        ]

    return told
