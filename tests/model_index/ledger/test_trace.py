"""A trace as rows, sums and JSON lists."""

import json

import pytest

from zoo.model_index.ledger.trace import CLASSES, COLUMNS, Row, Trace

TRACE = Trace(
    ((1, 3, 8, 8),),
    (
        Row(
            "conv2d",
            "convolution",
            "stem",
            "torch.nn.Conv2d",
            macs=100,
            inputs=192,
            outputs=64,
            parameters=27,
        ),
        Row(
            "conv2d",
            "convolution",
            "body",
            "torch.nn.Conv2d",
            macs=30,
            inputs=64,
            outputs=64,
            parameters=9,
        ),
        Row("conv2d", "bias", "stem", "torch.nn.Conv2d", outputs=64, parameters=4),
        Row("relu", "activation", "act", "torch.nn.ReLU", inputs=64, outputs=64),
        Row(
            "linear",
            "linear",
            "head",
            "torch.nn.Linear",
            macs=7,
            inputs=64,
            outputs=10,
            parameters=640,
        ),
    ),
    ("strange",),
)


def test_sums() -> None:
    assert TRACE.macs == 137
    assert TRACE.total("macs", ["linear"]) == 7
    assert TRACE.total("outputs") == 266
    assert TRACE.total("parameters", ["convolution", "bias"]) == 40
    assert TRACE.total("macs", []) == 0


def test_the_columns_are_the_format() -> None:
    assert COLUMNS == (
        "operator",
        "kind",
        "module",
        "module_type",
        "macs",
        "inputs",
        "outputs",
        "reads",
        "parameters",
    )
    assert {row.kind for row in TRACE.rows} <= set(CLASSES)


def test_there_and_back_through_json() -> None:
    data = json.loads(json.dumps(TRACE.to_lists()))
    assert Trace.from_lists(data) == TRACE
    assert data["rows"][0] == [
        "conv2d",
        "convolution",
        "stem",
        "torch.nn.Conv2d",
        100,
        192,
        64,
        0,
        27,
    ]


def test_columns_are_read_by_name() -> None:
    data = TRACE.to_lists()
    backwards = data | {
        "columns": data["columns"][::-1],
        "rows": [row[::-1] for row in data["rows"]],
    }
    assert Trace.from_lists(backwards) == TRACE


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_column_is_an_error(column: str) -> None:
    data = TRACE.to_lists()
    at = COLUMNS.index(column)
    cut = [row[:at] + row[at + 1 :] for row in data["rows"]]
    with pytest.raises(ValueError, match="not in"):
        Trace.from_lists(data | {"columns": [c for c in COLUMNS if c != column], "rows": cut})


def test_merging_keeps_every_sum() -> None:
    merged = TRACE.merged
    for column in ("macs", "inputs", "outputs", "reads", "parameters"):
        for kind in CLASSES:
            assert merged.total(column, [kind]) == TRACE.total(column, [kind])
    assert (merged.input_size, merged.uncounted, len(merged.rows)) == (
        (1, 3, 8, 8),
        ("strange",),
        4,
    )
    assert merged.rows[0] == Row(
        "conv2d", "convolution", "", "torch.nn.Conv2d", 130, 256, 128, 0, 36
    )


def test_merging_keeps_calls_without_parameters_apart() -> None:
    rows = (
        Row("norm", "normalisation", "a", "N", outputs=1, parameters=2),
        Row("norm", "normalisation", "b", "N"),
    )
    assert len(Trace(((1,),), rows).merged.rows) == 2
