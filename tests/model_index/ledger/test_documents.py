"""Documents by key: those of a ledger are read when they are first asked for."""

from pathlib import Path

import pytest

from zoo.model_index.ledger.documents import Documents
from zoo.model_index.ledger.evidence import Summary
from zoo.model_index.ledger.store import Cell, Evidence, Ledger


def evidence(model: str, kind: str = "export") -> Evidence:
    cell = Cell(kind=kind, model=model, builder="timm:net", builder_version="timm 1", tool="tool/1")
    return Evidence(cell=cell, outcome="measured", values={"a": 1})


def test_documents_are_a_mapping_by_key() -> None:
    first, second = evidence("a"), evidence("b")
    documents = Documents({first.cell.key: first})
    documents.add(second)
    assert dict(documents) == {first.cell.key: first, second.cell.key: second}
    assert len(documents) == 2 and first.cell.key in documents and "none" not in documents
    assert documents.get("none") is None
    with pytest.raises(KeyError):
        documents["none"]
    documents.clear()
    assert not documents


def test_stored_documents_are_read_once_and_only_when_they_are_asked_for(tmp_path: Path) -> None:
    ledger, document, documents = Ledger(tmp_path), evidence("a"), Documents()
    key = document.cell.key
    path = ledger.put(document)
    documents.add_stored(ledger, "a", [("export", key)])
    assert key in documents and documents.in_memory() == []
    assert documents[key] == document and documents.in_memory() == [document]
    path.unlink()
    assert documents[key] == document and list(documents.values()) == [document]


def test_a_stored_document_that_cannot_be_read_is_skipped(tmp_path: Path) -> None:
    ledger, document, documents = Ledger(tmp_path), evidence("a"), Documents()
    key = document.cell.key
    path = ledger.put(document)
    path.write_text("torn")
    documents.add_stored(ledger, "a", [("export", key), ("export", "0" * 16)])
    assert list(documents) == [] and key not in documents and len(documents) == 0
    assert list(ledger.skipped) == [path]


def test_a_summary_saves_reading_the_document(tmp_path: Path) -> None:
    documents = Documents()
    documents.add_stored(Ledger(tmp_path), "a", [("count", "k")])
    summary = Summary(macs=1, parameters=2, input="8x8 image", configuration={})
    documents.add_summary("k", summary)
    assert documents.summary("k") is summary and documents.in_memory() == []
