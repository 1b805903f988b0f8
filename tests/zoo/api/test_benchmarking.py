"""Benchmarks and comparisons as tables."""

from pathlib import Path

import pytest

import zoo
from zoo.model_index.load import RECORDS


def test_two_selections_are_compared() -> None:
    compared = zoo.compare(
        "model=digits_cnn,batch_size=1", "model=digits_cnn,batch_size=8", ledger=RECORDS
    )
    (row,) = compared.to_dicts()
    assert row["model"] == compared[0].match.model == "digits_cnn"
    assert list(compared.to_pandas()["verdict"]) == [row["verdict"]]
    assert "<td>digits_cnn</td>" in compared._repr_html_()
    assert str(compared) == f"1 cells: 1 {row['verdict']}"


def test_a_model_is_benchmarked(tmp_path: Path) -> None:
    seen: list[str] = []
    result = zoo.benchmark(
        "digits_cnn",
        batch_size=[1],
        replicates=1,
        ledger=tmp_path,
        progress=lambda state: seen.append(state.state.cell.model),
    )
    (row,) = result.to_dicts()
    assert (row["model"], row["failure"], row["batch_size"]) == ("digits_cnn", None, 1)
    assert row["seconds"] == result[0].record.seconds > 0
    assert seen == ["digits_cnn"]
    assert [evidence.cell.key for evidence in zoo.Ledger(tmp_path).all("bench")] == [row["key"]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"engine": "warp"}, "--engine"),
        ({"input_size": (0, 1)}, "--input-size"),
        ({"batch_size": 0}, "--batch-size"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(zoo.UsageError, match=message):
        zoo.benchmark("digits_cnn", ledger=tmp_path, **arguments)  # type: ignore[arg-type]
