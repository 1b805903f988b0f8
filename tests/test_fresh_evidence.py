"""New evidence is what a later run reads of it, so that both come to the same verdict."""

import ast
from pathlib import Path

import zoo
from zoo.model_index.ledger.store import Cell, Evidence, Ledger


def test_every_document_is_built_as_it_is_stored() -> None:
    found = 0
    for path in Path(zoo.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        stored = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and node.attr == "as_stored"
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Evidence":
                assert id(node) in stored, f"{path}:{node.lineno}"
                found += 1
    assert found >= 6


def test_what_is_stored_is_what_is_read(tmp_path: Path) -> None:
    cell = Cell(
        kind="export",
        model="m",
        builder="timm:m",
        builder_version="1",
        tool="t",
        conditions={"input_size": (3, 8, 8)},
    )
    evidence = Evidence(
        cell=cell,
        outcome="measured",
        values={"mean": (0.5, 0.25), "nested": {"rows": [(1, "a")], "nothing": float("nan")}},
    )
    ledger = Ledger(tmp_path)
    ledger.put(evidence)
    read = ledger.get(cell)
    assert read == evidence.as_stored() != evidence
    assert evidence.as_stored().cell.key == cell.key
