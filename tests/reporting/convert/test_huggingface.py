"""Model cards of a whole index: what `huggingface_hub` reads is what was claimed; the rest is
counted."""

from collections.abc import Callable
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from zoo.model_index.load import load
from zoo.model_index.records.records import Index
from zoo.reporting.convert import huggingface, pwc
from zoo.reporting.convert.losses import Conversion
from zoo.reporting.views.catalogue import Catalogue, Zoo

TEXT = "in the card's text; the front matter has no place for it"


def converted(index: Index) -> Conversion:
    return huggingface.convert(
        Catalogue.of(Zoo(index=index, findings=(), evidence={}, primary={})), True
    )


def test_every_model_has_a_card(corners: Index) -> None:
    files = converted(corners).files
    assert list(files) == ["a/README.md", "b/README.md"]
    first, second = (ModelCard(text) for text in files.values())
    assert [(r.metric_name, r.metric_value, r.dataset_name) for r in first.data.eval_results] == [
        ("Top 1 Accuracy", 80.16, "ImageNet"),
        ("top5", 94.91, "ImageNet"),
        ("mAP", "no", "ImageNet"),
    ]
    assert [(r.metric_value, r.dataset_type) for r in second.data.eval_results] == [
        ("0.5%", "acme/beans")
    ]
    assert "| FLOPs | [Other](<https://other.example/>) | 8 G |" in first.text


def test_losses_are_named_and_counted(corners: Index) -> None:
    assert converted(corners).losses.rows() == [
        (
            "Top 1 Accuracy",
            "1",
            "in the card's text; the front matter has the first publisher's for the data set",
        ),
        ("FLOPs", "3", TEXT),
        ("Parameters", "2", TEXT),
        ("Image Size", "1", TEXT),
        ("Crop Pct", "1", TEXT),
        ("Metadata.LR", "1", TEXT),
        ("Metadata.Warmup", "1", TEXT),
        ("Metadata.Empty", "1", TEXT),
        ("Weights", "1", TEXT),
        ("Code", "1", TEXT),
        ("Library.Headline", "2", "a card has no place for it"),
        ("Builder", "1", TEXT),
    ]


def test_our_own_loader_reads_the_claims_back(tmp_path: Path) -> None:
    pytest.importorskip(
        "zoo.model_index.dialects.huggingface", reason="model cards are not read yet"
    )
    index = load()
    for name, text in converted(index).files.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, encoding="utf-8")
    read = {entry.name: entry for entry in load([tmp_path]).entries}
    for entry in index.entries:
        first = next(claim.publisher for claim in entry.all_claims() if claim.row.metric)
        written = [c for c in entry.all_claims() if c.row.metric and c.publisher == first]
        found = [c for c in read[entry.name].all_claims() if c.row.metric]
        assert [(c.label, c.value, c.dataset) for c in found] == [
            (c.label, c.value, c.dataset) for c in written
        ]


def written(index: Index, tmp_path: Path) -> tuple[Conversion, Index]:
    """The conversion, and what our own loader makes of its cards."""
    made = converted(index)
    for name, text in made.files.items():
        (tmp_path / "cards" / name).parent.mkdir(parents=True)
        (tmp_path / "cards" / name).write_text(text, encoding="utf-8")
    return made, load([tmp_path / "cards"])


def test_a_card_is_written_as_it_was_read(card: Index, tmp_path: Path) -> None:
    made, again = written(card, tmp_path)
    assert made.losses.rows() == []
    (before,), (after,) = card.entries, again.entries
    assert after.fields == before.fields
    text = made.files["m/README.md"]
    assert "value: 5.90\n" in text and "verified: true\n" in text and 'revision: "012"\n' in text
    (result,) = ModelCard(text).data.eval_results
    assert (result.metric_type, result.metric_value, result.verified, result.verify_token) == (
        "wer",
        5.9,
        True,
        "abc",
    )
    assert (result.dataset_config, result.dataset_args, result.metric_args) == (
        "clean",
        {"language": "en"},
        {"beam": 4},
    )
    assert (
        "| Test WER | Acme Speech (clean) (config: clean; split: test; revision: 012; args: "
        "language: en) | [A leaderboard](<https://board.example/l>) | 5.90 (args: beam: 4; "
        "verified: true) |"
    ) in text


def test_a_card_of_a_card_by_way_of_our_format(card: Index, tmp_path: Path) -> None:
    (tmp_path / "index.yml").write_text(
        pwc.convert(
            Catalogue.of(Zoo(index=card, findings=(), evidence={}, primary={})), False
        ).files["model-index.yml"]
    )
    _, again = written(load([tmp_path / "index.yml"]), tmp_path)
    assert again.entries[0].fields["model-index"] == card.entries[0].fields["model-index"]


TWICE = """\
---
tags: [timm]
pipeline_tag: tabular-regression
model-index:
- name: m
  results:
  - {task: {type: t, name: One}, dataset: {type: d, name: D}, metrics: [{type: x, value: 0.5}]}
  - {task: {type: t, name: Two}, dataset: {type: d, name: D}, metrics: [{type: x, value: 2}],
     source: {url: 'https://s.x'}}
  - {task: {type: t, name: One}, dataset: {type: d, name: D}, metrics: [{type: y, value: 3}],
     source: {url: 'https://s.x'}}
---
"""


def test_several_sources_of_one_data_set_are_counted(tmp_path: Path) -> None:
    (tmp_path / "m.md").write_text(TWICE)
    made, again = written(load([tmp_path / "m.md"]), tmp_path)
    why = "in the card's text; the front matter has the first publisher's for the data set"
    assert made.losses.rows() == [("y", "1", why)]
    (entry,) = again.entries
    assert entry.fields["tags"] == ["timm"] and entry.fields["pipeline_tag"] == "tabular-regression"
    kept = [
        (result["task"]["name"], result.get("source"))
        for result in entry.fields["model-index"][0]["results"]
    ]
    assert kept == [("One", None), ("Two", {"url": "https://s.x"})]
    assert "| y | D | [model card](<https://s.x>) | 3 |" in made.files["m/README.md"]


def test_keys_with_underscores_are_known(zoo_of: Callable[[str], Zoo]) -> None:
    text = """\
Collections: [{Name: A, Full_Name: The A}]
Models:
- {Name: m, In_Collection: A, Base_Model: a/b, Metadata: {Training_Data: [X]}, Intended_Uses: Play.}
"""
    made = converted(zoo_of(text).index)
    assert made.losses.rows() == [("Intended_Uses", "1", TEXT)]
    text = made.files["m/README.md"]
    assert "- Family: A (The A)\n" in text and "In\\_Collection" not in text
    assert "## Training data\n\n- X\n" in text and "## Training procedure" not in text
    assert ModelCard(text).data.to_dict()["base_model"] == ["a/b"]


def test_what_others_report_beside_claims_is_counted(zoo_of: Callable[[str], Zoo]) -> None:
    made = converted(
        zoo_of("Models: [{Name: m, Reported: [{Publisher: P, Metadata: {LR: 1}, Note: x}]}]").index
    )
    assert made.losses.rows() == [
        ("Reported.Metadata.LR", "1", "a card has no place for it"),
        ("Reported.Note", "1", "a card has no place for it"),
    ]


def test_the_second_collection_is_described_by_no_card(zoo_of: Callable[[str], Zoo]) -> None:
    text = """\
Collections:
- {Name: A, Description: First.}
- {Name: B, Description: Second., Code: c}
- {Name: C, Citation: c}
Models: [{Name: m, In Collection: [A, B]}]
"""
    made = converted(zoo_of(text).index)
    assert made.losses.rows() == [
        ("Collection.Description", "1", "a card has no place for it"),
        ("Collection.Citation", "1", "a card has no place for it"),
    ]
    assert "- Code: c\n" in made.files["m/README.md"]


def card(front: str) -> Conversion:
    """The conversion of one card with this front matter."""
    text = f"---\n{front}model-index: [{{name: net, results: []}}]\n---\n# net\n"
    Path("README.md").write_text(text)
    return converted(load(["README.md"]))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("folder")
def test_data_sets_and_base_models_may_be_mappings() -> None:
    made = card(
        "datasets: [beans, {name: Acme Textures, type: acme/textures}]\n"
        "base_model: [{name: ResNet, repo: microsoft/resnet-18}]\n"
    )
    (text,) = made.files.values()
    data = ModelCard(text).data.to_dict()
    assert data["datasets"] == ["beans", {"name": "Acme Textures", "type": "acme/textures"}]
    assert data["base_model"] == [{"name": "ResNet", "repo": "microsoft/resnet-18"}]
    assert made.losses.rows() == []


@pytest.mark.usefixtures("folder")
def test_what_reading_the_card_back_does_not_find_is_a_loss() -> None:
    made = card("tags: [a, {b: 1}]\nlicense: mit\n")
    assert made.losses.rows() == [("tags", "1", "a card has no place for it")]


@pytest.mark.usefixtures("folder")
def test_a_number_with_an_exponent_stays_a_number() -> None:
    Path("README.md").write_text(
        "---\nmodel-index:\n- name: net\n  results:\n  - task: {type: image-classification}\n"
        "    dataset: {name: Beans, type: beans}\n"
        "    metrics: [{type: loss, value: 1.0e-02}]\n---\n"
    )
    (text,) = converted(load(["README.md"])).files.values()
    (result,) = ModelCard(text).data.eval_results
    assert result.metric_value == 0.01
