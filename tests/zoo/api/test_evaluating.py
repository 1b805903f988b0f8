"""Evaluations as tables."""

from pathlib import Path

import pytest

import zoo


def test_a_model_is_evaluated(tmp_path: Path) -> None:
    seen: list[int] = []
    results = zoo.evaluate(
        "digits_cnn", ledger=tmp_path, progress=lambda progress, fresh: seen.append(fresh)
    )
    rows = {row["quantity"]: row for row in results.to_dicts()}
    assert rows["Top 1 Accuracy"]["standing"] == "right"
    assert rows["Top 1 Accuracy"]["measured"] == results[0].findings[0].to_dict()["measured"]
    assert sum(seen) == rows["Top 1 Accuracy"]["images"]
    assert results.errors == {}
    assert "<td>digits_cnn</td>" in results._repr_html_()
    assert set(results.to_pandas()["model"]) == {"digits_cnn"}


def test_data_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(zoo.ZooError, match="nowhere"):
        zoo.evaluate("digits_cnn", data=tmp_path / "nowhere", ledger=tmp_path / "ledger")
