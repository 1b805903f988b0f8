"""The benchmarks that ship: records of the embedded models, read for the embedded index and for no
other."""

from pathlib import Path

import pytest

from zoo.counting.counter import LedgerOnly
from zoo.counting.measurer import Measurer
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.load import RECORDS, load


def test_records_that_ship_are_of_models_of_the_index() -> None:
    shipped = list(Ledger(RECORDS).all())
    assert shipped and {evidence.cell.kind for evidence in shipped} == {"bench"}
    assert {evidence.cell.model for evidence in shipped} <= {entry.name for entry in load().entries}
    for evidence in shipped:
        assert evidence.outcome == "measured", evidence.error
        record = evidence.benchmark
        assert record is not None and len(record.replicates) >= 5
        assert record.output["max_abs"] is not None and record.key["device"]


def test_they_are_read_for_the_embedded_index_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [entry] = load().select(["digits_cnn"])
    measurer = Measurer(Ledger(tmp_path), counter=LedgerOnly())
    assert measurer.benchmarks(entry)
    (tmp_path / "own.yml").write_text("Models:\n- {Name: digits_cnn}\n")
    [own] = load([tmp_path / "own.yml"]).entries
    assert measurer.benchmarks(own) == []
