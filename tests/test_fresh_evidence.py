"""New evidence is what a later run reads of it, so that both come to the same verdict."""

import ast
import inspect
import json
import subprocess
import sys
from pathlib import Path
from pprint import pformat

import pytest

import zoo
from tests.zoo.bench.conftest import Pretender
from tests.zoo.evaluation.conftest import Shades, shades
from zoo.model_index.ledger.store import Cell, Evidence, Ledger

__all__ = ["shades"]

READ = """
print(json.dumps({evidence.cell.key: show(evidence) for evidence in Ledger("ledger").all()}))
"""


def show(evidence: Evidence) -> str:
    """A document as text, which tells a list from a tuple; the order of keys says nothing."""
    cell = {name: getattr(evidence.cell, name) for name in evidence.cell.__struct_fields__}
    fields = {name: getattr(evidence, name) for name in evidence.__struct_fields__}
    return pformat(fields | {"cell": cell})


SHOW = f"""
import json
from pprint import pformat
from zoo.model_index.ledger.store import Evidence, Ledger
{inspect.getsource(show)}
"""


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
    assert found >= 5


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


@pytest.fixture
def documents(monkeypatch: pytest.MonkeyPatch) -> dict[str, Evidence]:
    """Every document as a run holds it when it writes it, by key."""
    written: dict[str, Evidence] = {}
    replace = Ledger._replace

    def record(ledger: Ledger, path: Path, evidence: Evidence) -> Path:
        written[evidence.cell.key] = evidence
        return replace(ledger, path, evidence)

    monkeypatch.setattr(Ledger, "_replace", record)
    return written


def by_claim(text: str) -> list[dict[str, object]]:
    """Findings as JSON, without those of accuracies."""
    return [row for row in json.loads(text) if not row["quantity"].endswith("Accuracy")]


def test_findings_of_every_kind_are_those_of_another_process(
    shades: Shades, documents: dict[str, Evidence], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Right after measuring, from memory, and read from the ledger: counts, weights, accuracies by
    several pipelines, benchmarks."""
    path = shades.index("60%")
    claims = "Metadata: {Parameters: 20, FLOPs: 3 M, File Size: 9 MB, "
    path.write_text(path.read_text().replace("Metadata: {", claims))
    measured = shades.call("verify", "--format", "json").stdout
    arguments = shades.eval_arguments("--sensitivity", "--format", "json")
    (evaluated,) = json.loads(shades.call(*arguments).stdout)
    monkeypatch.setattr("zoo.bench.run.run_worker", Pretender())
    bench = ("bench", "shade", "--device", "cpu", "--format", "json")
    first = shades.call(*bench)
    kinds = [evidence.cell.kind for evidence in documents.values()]
    assert {"count", "weights", "eval", "bench"} == set(kinds) and kinds.count("eval") > 2

    done = subprocess.run(
        [sys.executable, "-c", f"{SHOW}{READ}"],
        cwd=shades.folder,
        env=shades.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {key: show(document) for key, document in documents.items()}

    verified = shades.run("verify", "--format", "json").stdout
    assert by_claim(verified) == by_claim(measured) and len(by_claim(measured)) > 3
    accuracies = [row for row in evaluated["findings"] if row["quantity"].endswith("Accuracy")]
    assert accuracies
    assert [row for row in json.loads(verified) if row["quantity"].endswith("Accuracy")] == (
        accuracies
    )
    assert (
        json.loads(shades.call(*bench).stdout)[0]["seconds"]
        == json.loads(first.stdout)[0]["seconds"]
    )
