"""The ledger's files: their names, their text, and what interruptions and hostile input leave
behind."""

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.model_index.errors import LedgerError
from zoo.model_index.ledger.store import Cell, Evidence, Ledger, Outcome, dump, slug
from zoo.model_index.ledger.trace import Row, Trace

CELL = Cell(
    kind="count",
    model="dpn98",
    builder="timm:dpn98",
    arguments={"width": 2},
    builder_version="timm 1.0",
    conditions={"input_size": [1, 3, 224, 224]},
    tool="meta 1",
)
TRACE = Trace(
    ((1, 3, 2, 2),),
    (Row("conv2d", "convolution", "stem", "C", 8, 12, 4, 0, 3), Row("relu", "activation", "", "R")),
)
PARTS = [["stem", "C", 8, 8, 0, 1]]
REST = {
    "resolved": "dpn98",
    "parts": PARTS,
    "configuration": {},
    "registry": {},
    "input": "2x2 image",
    "input_from": "stated",
}
EVIDENCE = Evidence(
    cell=CELL,
    outcome="measured",
    values={"trace": TRACE.to_lists(), **REST},
    environment={"torch": "2.9"},
    command="zoo verify dpn98",
    started_at="2026-11-22T00:00:00Z",
    seconds=0.5,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger")


def test_the_key_is_stable() -> None:
    """A changed key would silently throw away every ledger there is."""
    assert CELL.key == "2386eadfc0ae8956"


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "bench"},
        {"model": "dpn68"},
        {"builder": "timm:dpn68"},
        {"arguments": {"width": 3}},
        {"arguments": {}},
        {"builder_version": "timm 1.1"},
        {"conditions": {"input_size": [1, 3, 224, 285]}},
        {"tool": "meta 2"},
    ],
)
def test_each_field_changes_the_key(ledger: Ledger, change: dict[str, object]) -> None:
    other = msgspec.structs.replace(CELL, **change)
    ledger.put(EVIDENCE)
    assert other.key != CELL.key
    assert ledger.get(other) is None


def test_every_field_has_such_a_change() -> None:
    assert set(Cell.__struct_fields__) == {
        "kind", "model", "builder", "arguments", "builder_version", "conditions", "tool",
    }  # fmt: skip


def test_the_order_of_conditions_does_not_matter() -> None:
    one, two = ({"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"d": 3, "c": 2}, "a": 1})
    assert (
        msgspec.structs.replace(CELL, conditions=one).key
        == msgspec.structs.replace(CELL, conditions=two).key
    )


def test_put_and_get(ledger: Ledger) -> None:
    path = ledger.put(EVIDENCE)
    assert path == ledger.folder / "count" / "dpn98" / f"{CELL.key}.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert ledger.get(CELL) == EVIDENCE
    assert ledger.get(CELL).trace == TRACE
    assert list(ledger.all()) == [EVIDENCE]


def test_tuples_in_conditions_are_found_again(ledger: Ledger) -> None:
    cell = msgspec.structs.replace(CELL, conditions={"size": (1, 2)})
    ledger.put(msgspec.structs.replace(EVIDENCE, cell=cell))
    assert ledger.get(cell).values == EVIDENCE.values


def test_an_empty_ledger_is_not_made_by_reading(ledger: Ledger) -> None:
    assert ledger.get(CELL) is None
    assert list(ledger.all()) == []
    assert not ledger.folder.exists()


def test_the_text_of_a_document() -> None:
    assert (
        dump(EVIDENCE)
        == """{
 "cell": {
  "arguments": {
   "width": 2
  },
  "builder": "timm:dpn98",
  "builder_version": "timm 1.0",
  "conditions": {
   "input_size": [
    1,
    3,
    224,
    224
   ]
  },
  "kind": "count",
  "model": "dpn98",
  "tool": "meta 1"
 },
 "command": "zoo verify dpn98",
 "environment": {
  "torch": "2.9"
 },
 "error": null,
 "outcome": "measured",
 "schema": 2,
 "seconds": 0.5,
 "started_at": "2026-11-22T00:00:00Z",
 "values": {
  "configuration": {},
  "input": "2x2 image",
  "input_from": "stated",
  "parts": [
  ["stem", "C", 8, 8, 0, 1]
 ],
  "registry": {},
  "resolved": "dpn98",
  "trace": {
   "bases": {},
   "batch": 1,
   "columns": [
    "operator",
    "kind",
    "module",
    "module_type",
    "macs",
    "inputs",
    "outputs",
    "reads",
    "parameters"
   ],
   "depends": "",
   "rows": [
   ["conv2d", "convolution", "stem", "C", 8, 12, 4, 0, 3],
   ["relu", "activation", "", "R", 0, 0, 0, 0, 0]
  ],
   "shapes": [
    [
     1,
     3,
     2,
     2
    ]
   ],
   "uncounted": []
  }
 }
}
"""
    )


@pytest.mark.parametrize("name", ["ROWS", '"ROWS"', "rows", '\\"', "\u2028é", "\\u0000rows"])
def test_any_name_is_written_and_read_back(ledger: Ledger, name: str) -> None:
    cell = msgspec.structs.replace(CELL, model=name, builder=name)
    evidence = msgspec.structs.replace(EVIDENCE, cell=cell, command=name)
    json.loads(dump(evidence))
    ledger.put(evidence)
    assert ledger.get(evidence.cell) == evidence


@pytest.mark.parametrize(
    ("outcome", "values"),
    [("failed", {}), ("measured", {"trace": Trace(((1, 3, 2),), ()).to_lists(), **REST})],
)
def test_a_document_without_rows(
    ledger: Ledger, outcome: Outcome, values: dict[str, object]
) -> None:
    evidence = msgspec.structs.replace(EVIDENCE, outcome=outcome, values=values)
    ledger.put(evidence)
    assert ledger.get(CELL) == evidence


@pytest.mark.parametrize("key", ["trace", *REST])
def test_a_count_without_all_of_its_values_counts_as_not_measured(ledger: Ledger, key: str) -> None:
    values = {name: value for name, value in EVIDENCE.values.items() if name != key}
    ledger.put(msgspec.structs.replace(EVIDENCE, values=values))
    assert ledger.get(CELL) is None


@pytest.mark.parametrize("keep", [0, 1, 100, -3])
def test_a_torn_document_counts_as_not_measured(ledger: Ledger, keep: int) -> None:
    path = ledger.put(EVIDENCE)
    path.write_bytes(path.read_bytes()[:keep])
    assert ledger.get(CELL) is None
    assert list(ledger.all()) == []
    ledger.put(EVIDENCE)
    assert ledger.get(CELL) == EVIDENCE


@pytest.mark.parametrize(
    "text", [b"\xff\xfe", b"[]", b"{}", b"null", b'{"schema": 1}', b'{"schema": "x"}', b"\0" * 99]
)
def test_a_document_that_is_none(ledger: Ledger, text: bytes) -> None:
    ledger.put(EVIDENCE).write_bytes(text)
    assert ledger.get(CELL) is None


def test_a_document_of_another_cell_is_not_taken(ledger: Ledger) -> None:
    path = ledger.put(EVIDENCE)
    path.write_text(path.read_text().replace('"model": "dpn98"', '"model": "dpn92"'))
    assert ledger.get(CELL) is None


@pytest.mark.parametrize("change", [{}, {"cell": "another shape"}, {"outcome": "new"}])
def test_a_later_format_is_refused(ledger: Ledger, change: dict[str, str]) -> None:
    """It must not count as torn: measuring again would overwrite what a newer version wrote."""
    path = ledger.put(EVIDENCE)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": 7} | change))
    with pytest.raises(LedgerError) as error:
        ledger.get(CELL)
    assert (
        str(error.value)
        == f"{path}: written in format 7; this version reads up to 2, a newer one is needed"
    )


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "ledger").write_text("a file")
    ledger = Ledger(tmp_path / "ledger")
    with pytest.raises(
        LedgerError, match=r"\.json: cannot write evidence: (Not a directory|File exists)$"
    ):
        ledger.put(EVIDENCE)
    with pytest.raises(LedgerError, match=r"\.json: cannot read evidence: Not a directory$"):
        ledger.get(CELL)


@pytest.mark.parametrize("step", ["fdopen", "fsync", "replace"])
@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError])
def test_an_interrupted_write_leaves_the_old_document(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, step: str, stop: type[BaseException]
) -> None:
    path = ledger.put(EVIDENCE)

    def interrupt(*arguments: object, **options: object) -> None:
        if step == "fdopen":
            os.close(arguments[0])
        raise stop

    with monkeypatch.context() as patch:
        patch.setattr(f"zoo.model_index.ledger.store.os.{step}", interrupt)
        with pytest.raises(LedgerError if stop is OSError else stop):
            ledger.put(msgspec.structs.replace(EVIDENCE, command="another"))
    assert ledger.get(CELL) == EVIDENCE
    assert os.listdir(path.parent) == [path.name]


WRITER = """
import itertools, json, sys
from pathlib import Path
from zoo.model_index.ledger.store import write_atomically
for number in itertools.count():
    write_atomically(Path(sys.argv[1]), json.dumps([number] * 20_000))
"""


def test_killed_and_concurrent_writers_leave_no_torn_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path)]) for _ in range(2)]
    try:
        deadline = time.monotonic() + 30
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        seen = [json.loads(path.read_text()) for _ in range(100)]
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
    seen.append(json.loads(path.read_text()))
    assert all(len(numbers) == 20_000 and len(set(numbers)) == 1 for numbers in seen)
    assert len({numbers[0] for numbers in seen}) > 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dpn98", "dpn98"),
        ("vit_b-16.a1", "vit_b-16.a1"),
        ("../../x", "x-9cdf6a"),
        ("a/b", "a-b-c14cdd"),
        ("", "model-e3b0c4"),
        ("..", "model-5ec1f7"),
        (".hidden", "hidden-169241"),
        ("a b", "a-b-c8687a"),
        ("x" * 300, "x" * 100 + "-0d4e2c"),
    ],
)
def test_slug(name: str, expected: str) -> None:
    assert slug(name) == expected


@given(st.text(max_size=300))
def test_a_slug_is_one_safe_path_part(name: str) -> None:
    part = slug(name)
    assert part == Path(part).name
    assert not part.startswith(".")
    assert 0 < len(part) < 120
    assert slug(part) == part


@given(st.lists(st.text(max_size=12), unique=True))
def test_slugs_of_different_names_differ(names: list[str]) -> None:
    assert len({slug(name) for name in names}) == len(names)


def test_models_that_differ_in_capitals_may_share_a_folder(tmp_path: Path) -> None:
    """As on a file system that ignores capitals, here by a link: each has its own documents."""
    ledger = Ledger(tmp_path)
    documents = {name: evidence(name) for name in ("ResNet18", "resnet18")}
    paths = {name: ledger.put(document) for name, document in documents.items()}
    shared, other = paths["ResNet18"].parent, paths["resnet18"].parent
    paths["resnet18"].rename(shared / paths["resnet18"].name)
    other.rmdir()
    other.symlink_to(shared.name)
    again = Ledger(tmp_path)
    for name, document in documents.items():
        assert again.get(document.cell) is not None
        assert [found.cell.model for found in again.of(document.cell.kind, name)] == [name]
    assert not again.skipped
    other.unlink()
    moved = Ledger(tmp_path)
    assert [found.cell.model for found in moved.all()] == ["ResNet18"]
    assert ["lies in another folder" in reason for reason in moved.skipped.values()] == [True]


def evidence(name: str) -> Evidence:
    cell = Cell(kind="count", model=name, builder="timm:x", builder_version="1", tool="zoo/1")
    return Evidence(cell=cell, outcome="failed", error="none", values={})
