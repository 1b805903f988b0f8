"""A ledger as a Parquet file: every document, whole or not at all."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pandas as pd
import pytest

from zoo.model_index.errors import LedgerError
from zoo.model_index.ledger.parquet import write
from zoo.model_index.ledger.store import Cell, Evidence, Ledger
from zoo.model_index.ledger.trace import Part, Row, Trace

CONV = "torch.nn.modules.conv.Conv2d"


def made(model: str, turn: int) -> Evidence:
    trace = Trace(
        ((1, 3, 8, 8),), (Row("conv2d", "convolution", "stem", CONV, 1000 + turn, 3, 4, 0, 27),)
    )
    values = {
        "resolved": model, "configuration": {}, "registry": {},
        "input": "8x8 image", "input_from": "stated", "trace": trace.to_lists(),
        "parts": [list(Part("stem", CONV, 27, 27, 0, 1))],
    }  # fmt: skip
    cell = Cell(
        kind="count",
        model=model,
        builder=f"timm:{model}",
        builder_version=f"timm {turn}",
        tool="zoo-count/4",
        conditions={"image_size": [8, 8]},
    )
    return Evidence(
        cell=cell,
        outcome="measured",
        values=values,
        started_at=f"2026-11-{turn + 1:02}T12:00:00+02:00",
    )


def test_every_document_is_a_row(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    documents = [made(model, turn) for model in ("a", "b") for turn in range(3)]
    for document in documents:
        ledger.put(document)
    assert write(ledger.all(), tmp_path / "out" / "ledger.parquet") == 6
    table = pd.read_parquet(tmp_path / "out" / "ledger.parquet")
    newest = table.sort_values("started_at").groupby("model").tail(1).set_index("model")
    assert newest.macs.to_dict() == {"a": 1002, "b": 1002} and set(newest.parameters) == {27}
    assert newest.started_at["a"] == datetime(2026, 11, 3, 10, tzinfo=UTC)
    assert set(newest.conditions) == {'{"image_size":[8,8]}'} and set(newest.outcome) == {
        "measured"
    }
    read = [msgspec.json.decode(text, type=Evidence) for text in table.document]
    assert {one.cell.key: one for one in read} == {one.cell.key: one for one in documents}
    assert list(table.key) == [one.cell.key for one in read]


def test_what_was_not_counted_has_no_numbers(tmp_path: Path) -> None:
    cell = Cell(
        kind="count", model="a", builder="timm:a", builder_version="timm 1", tool="zoo-count/4"
    )
    failed = Evidence(cell=cell, outcome="failed", error="boom", started_at="yesterday")
    write([failed], tmp_path / "ledger.parquet")
    (row,) = pd.read_parquet(tmp_path / "ledger.parquet").to_dict("records")
    assert (row["error"], row["outcome"]) == ("boom", "failed")
    assert all(pd.isna(row[name]) for name in ("macs", "parameters", "started_at", "seconds"))


def test_an_empty_ledger_is_an_empty_table(tmp_path: Path) -> None:
    assert write([], tmp_path / "ledger.parquet") == 0
    assert list(pd.read_parquet(tmp_path / "ledger.parquet").columns)[:3] == [
        "kind",
        "model",
        "key",
    ]


def test_what_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "ledger.parquet"
    write([made("a", 1)], path)
    before = path.read_bytes()

    def torn():
        yield made("a", 1)
        raise LedgerError("a document of a later format")

    with pytest.raises(LedgerError):
        write(torn(), path)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == [
        "ledger.parquet"
    ]
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match="cannot be written"):
        write([], tmp_path / "file" / "ledger.parquet")
