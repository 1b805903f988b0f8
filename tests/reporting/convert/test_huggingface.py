"""Model cards of a whole index: what `huggingface_hub` reads is what was claimed; the rest is counted."""

from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from model_index.load import load
from model_index.records import Index
from reporting.convert import huggingface
from reporting.convert.outcome import Converted
from reporting.view import Catalogue, Zoo

TEXT = "in the card's text; the front matter has no place for it"


def converted(index: Index) -> Converted:
    return huggingface.convert(Catalogue.of(Zoo(index, (), {}, {})), True)


def test_every_model_has_a_card(corners: Index) -> None:
    files = converted(corners).files
    assert list(files) == ["a/README.md", "b/README.md"]
    first, second = (ModelCard(text) for text in files.values())
    assert [(r.metric_name, r.metric_value, r.dataset_name) for r in first.data.eval_results] == [
        ("Top 1 Accuracy", 80.16, "ImageNet"), ("top5", 94.91, "ImageNet"), ("mAP", "no", "ImageNet"),
    ]  # fmt: skip
    assert [(r.metric_value, r.dataset_type) for r in second.data.eval_results] == [("0.5%", "acme/beans")]
    assert "| FLOPs | [Other](<https://other.example/>) | 8 G |" in first.text


def test_losses_are_named_and_counted(corners: Index) -> None:
    assert converted(corners).losses.rows() == [
        ("Top 1 Accuracy", "1", "in the card's text; the front matter has the first publisher's for the data set"),
        ("FLOPs", "3", TEXT),
        ("Parameters", "2", TEXT),
        ("Image Size", "1", TEXT),
        ("Crop Pct", "1", TEXT),
        ("Metadata.LR", "1", TEXT),
        ("Metadata.Epochs", "1", TEXT),
        ("Metadata.Empty", "1", TEXT),
        ("Weights", "1", TEXT),
        ("Code", "1", TEXT),
        ("Library.Headline", "2", "a card has no place for it"),
        ("Builder", "1", TEXT),
    ]


def test_our_own_loader_reads_the_claims_back(tmp_path: Path) -> None:
    pytest.importorskip("model_index.dialects.huggingface", reason="model cards are not read yet")
    index = load()
    for name, text in converted(index).files.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, encoding="utf-8")
    read = {entry.name: entry for entry in load([tmp_path]).entries}
    for entry in index.entries:
        first = next(claim.publisher for claim in entry.all_claims() if claim.row.metric)
        written = [c for c in entry.all_claims() if c.row.metric and c.publisher == first]
        found = [c for c in read[entry.name].all_claims() if c.row.metric]
        assert [(c.label, c.value, c.dataset) for c in found] == [(c.label, c.value, c.dataset) for c in written]
