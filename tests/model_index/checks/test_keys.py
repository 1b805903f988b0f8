"""A misspelt key is a finding; keys of one's own are none."""

import pytest

from zoo.model_index.checks.lint import lint
from zoo.model_index.load import read_text


def messages(text: str, rule: str) -> list[str]:
    index, faults = read_text("index.yml", text)
    assert not faults
    return [f"{one.place.line}: {one.message}" for one in lint(index) if one.rule == rule]


def test_a_key_within_two_letters_of_a_known_one_is_a_slip() -> None:
    text = """\
Models:
- Name: resnet18
  Metadta: {Parameters: 11 M}
  Results: [{Dataset: ImageNet, Metrics: {Top 1 Acuracy: 70}, Metrcs: {}}]
- Name: resnet34
  Metadata:
    Paramters: 21 M
    FLOP: 3.6 G
"""
    assert messages(text, "unknown-key") == [
        "3: unknown key 'Metadta' of a model: did you mean Metadata?",
        "4: unknown key 'Metrcs' of a result: did you mean Metrics?",
        "4: unknown key 'Top 1 Acuracy' of Metrics: did you mean Top 1 Accuracy?",
        "7: unknown key 'Paramters' of Metadata: did you mean Parameters?",
        "8: unknown key 'FLOP' of Metadata: did you mean FLOPs?",
    ]


def test_a_quantity_beside_the_name_is_not_read() -> None:
    text = "Models: [{Name: a, ID: dpn98, FLOPs: 1 G, Top 1 Accuracy: 7}]"
    assert messages(text, "unknown-key") == [
        "1: 'ID' beside Name is not read: expected it in Metadata",
        "1: 'FLOPs' beside Name is not read: expected it in Metadata",
        "1: 'Top 1 Accuracy' beside Name is not read: expected it in the Metrics of a result",
    ]


@pytest.mark.parametrize("key", ["Colour", "box AP", "LR", "Acts", "Notes", "mIoU"])
def test_a_key_of_ones_own_is_no_slip(key: str) -> None:
    text = f"Models: [{{Name: a, {key}: 1, Metadata: {{{key}: 1, FLOPs: 1 G}}}}]"
    slips = messages(text, "unknown-key")
    assert slips == [] or (key == "Acts" and "beside Name" in slips[0])


def test_a_model_without_a_number_is_a_finding() -> None:
    text = "Models: [{Name: a, Metadata: {Colour: red}}, {Name: b, Metadata: {FLOPs: 1 G}}]"
    assert messages(text, "no-claim") == ["1: states no number that can be checked"]


def test_a_count_below_a_thousand_lacks_its_unit() -> None:
    text = "Models:\n- Name: a\n  Metadata: {Parameters: 25,6 M}\n"
    assert messages(text, "small-count") == [
        "3: Parameters 25: expected at least 1,000 (a unit missing?)"
    ]


def test_images_that_models_get_wrong_have_no_usual_ratio() -> None:
    text = """\
Models:
- Name: a
  Results:
  - {Dataset: ImageNet-A, Metrics: {Top 1 Accuracy: 0.9, Top 5 Accuracy: 14.2}}
- Name: b
  Results:
  - {Dataset: ImageNet, Metrics: {Top 1 Accuracy: 1.9, Top 5 Accuracy: 14.2}}
"""
    (message,) = messages(text, "accuracy-pair")
    assert message.startswith("7: Top 1 Accuracy 1.9%: expected at least a fifth")


@pytest.mark.parametrize(
    "name", ["hmean-iou", "Recall@1", "mAP@10", "Body AP", "N-MPJPE", "MAE", "Framework"]
)
def test_another_metric_is_no_slip_of_a_known_one(name: str) -> None:
    text = f"Models: [{{Name: a, Framework: MMDet, Results: [{{Metrics: {{{name}: 1}}}}]}}]"
    assert messages(text, "unknown-key") == []
