"""Findings and explanations as tables."""

from pathlib import Path

import pytest

import zoo

INDEX = """Models:
- {Name: resnet18, Metadata: {Params: 11.69 M, FLOPs: 3.628 G, Top 1 Accuracy: 71%}}
- {Name: resnet34, Metadata: {Params: 25.6 M, Parameterz: x}}
- {Name: own, Builder: "mine:Net", Metadata: {Params: 5}}
"""


@pytest.fixture
def index(tmp_path: Path) -> Path:
    path = tmp_path / "index.yml"
    path.write_text(INDEX)
    return path


def test_findings_by_standing(index: Path, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int, str]] = []
    findings = zoo.verify(
        index,
        ["resnet*"],
        ledger=tmp_path / "ledger",
        progress=lambda *state: seen.append(state),
    )
    assert sorted(f.claim.row.label for f in findings.right) == ["FLOPs", "Parameters"]
    assert [f.claim.model for f in findings.wrong] == ["resnet34"]
    assert findings.wrong[0].use == 21_797_672
    assert [f.claim.row.label for f in findings.unknown] == ["Top 1 Accuracy"]
    assert str(findings).startswith("1 wrong, 2 right, 1 unknown of 4 claims; not examined: 1 acc")
    assert not findings.passes
    assert {state[0] for state in seen} == {"counting", "verifying"}
    assert {state[3] for state in seen if state[:3] == ("counting", 2, 2)}
    table = findings.to_pandas()
    assert list(table["standing"]) == [row["standing"] for row in findings.to_dicts()]
    assert "<td>resnet34</td>" in findings._repr_html_()


def test_code_of_an_index_does_not_run_without_trust(index: Path, tmp_path: Path) -> None:
    findings = zoo.verify(index, "own", ledger=tmp_path / "ledger")
    assert {str(f.verdict) for f in findings} == {"error"}
    assert "not built" in str(findings)
    assert not findings.passes


def test_a_value_that_cannot_be_read_is_a_row(tmp_path: Path) -> None:
    path = tmp_path / "index.yml"
    path.write_text("Models:\n- {Name: resnet18, Metadata: {Params: 11.69 M, FLOPs: many}}\n")
    findings = zoo.verify(path, ledger=tmp_path / "ledger")
    *_, last = findings.to_dicts()
    assert (last["quantity"], last["verdict"], last["line"]) == ("FLOPs", "error", 2)
    assert set(last) == set(findings[0].to_dict())
    assert not findings.passes


def test_a_loaded_index_is_verified_again_without_counting(index: Path, tmp_path: Path) -> None:
    loaded = zoo.load(index)
    first = zoo.verify(loaded, "resnet18", ledger=tmp_path / "ledger")
    seen: list[str] = []
    again = zoo.verify(
        loaded,
        "resnet18",
        ledger=zoo.Ledger(tmp_path / "ledger"),
        progress=lambda task, *rest: seen.append(task),
    )
    assert again.to_dicts() == first.to_dicts()
    assert "counting" not in seen


def test_an_explanation_lists_hypotheses(index: Path, tmp_path: Path) -> None:
    explained = zoo.explain("resnet18", source=index, ledger=tmp_path / "ledger")
    (explanation,) = explained
    assert explanation.finding.cause == "2x"
    first = explained.to_dicts()[0]
    assert (first["causes"], first["fits"]) == (["2x"], True)
    assert "two operations per multiply-add" in explained._repr_html_()
    assert explanation.to_dict()["by_class"][0]["kind"] == "convolution"


@pytest.mark.parametrize(
    ("model", "quantity", "message"),
    [
        ("resnet34", "FLOPs", "claims no FLOPs; it claims Parameters"),
        ("resnet18", "beauty", "no quantity 'beauty'"),
        ("resnet99", "FLOPs", "resnet99"),
    ],
)
def test_a_wrong_question_is_answered(
    index: Path, tmp_path: Path, model: str, quantity: str, message: str
) -> None:
    with pytest.raises(zoo.UsageError, match=message):
        zoo.explain(model, quantity, source=index, ledger=tmp_path / "ledger")


def test_models_that_nothing_builds_start_no_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("a worker was started")

    monkeypatch.setattr("zoo.isolation.pool._Worker", refuse)
    path = tmp_path / "metafile.yml"
    path.write_text(
        "Models: [{Name: atss_r50_fpn_1x_coco, Config: configs/atss.py, Metadata: {FLOPs: 205 G}, "
        "Results: [{Task: Object Detection, Dataset: COCO, Metrics: {box AP: 39.4}}]}]"
    )
    findings = zoo.verify(path, ledger=tmp_path / "ledger")
    assert {str(finding.verdict) for finding in findings} == {"unchecked"}
    box = next(row for row in findings.to_dicts() if row["key"] == "box_ap")
    assert (box["quantity"], box["claimed"], box["reason"]) == (
        "box AP",
        39.4,
        "nothing here measures it",
    )
