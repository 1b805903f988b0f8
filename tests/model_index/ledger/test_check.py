"""Files of a ledger that cannot be used are named, with what is wrong; all others are not."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from zoo.model_index.ledger.check import FileProblem, check
from zoo.model_index.ledger.store import Cell, Evidence, Ledger


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A document of a ledger."""
    cell = Cell(
        kind="weights",
        model="net/10",
        builder="timm:net",
        builder_version="timm 1",
        tool="zoo-weights/1",
    )
    return Ledger(tmp_path).put(Evidence(cell=cell, outcome="measured", values={"a": 1}))


def found(folder: Path) -> list[tuple[str, str]]:
    return [(str(problem.path.relative_to(folder)), problem.reason) for problem in check(folder)]


def test_nothing_is_wrong_with_what_was_written(tmp_path: Path, path: Path) -> None:
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "run.json").write_text("{")
    (tmp_path / "README.md").write_text("of ours")
    assert found(tmp_path) == []


def changed(key: str, value: object) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        document = json.loads(data)
        holder = document["cell"] if key in document["cell"] else document
        return json.dumps(
            holder | {key: value}
            if holder is document
            else document | {"cell": holder | {key: value}}
        ).encode()

    return change


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda data: data[:40], "no whole JSON document: "),
        (lambda data: b"", "no whole JSON document: Expecting value at line 1, column 1"),
        (lambda data: data.replace(b"net", b"n\xff\xfe"), "not UTF-8 at byte "),
        (lambda data: b"[" * 100_000, "nested too deeply"),
        (lambda data: b"[]", "no evidence: Expected `object`, got `array`"),
        (changed("outcome", "good"), "no evidence: Invalid enum value 'good'"),
        (changed("more", 1), "no evidence: Object contains unknown field `more`"),
        (changed("schema", 99), "written in format 99; this version reads up to "),
        (changed("tool", "mine/1"), "its cell has the key "),
        (changed("kind", "count"), "its values are not those of 'count': "),
    ],
)
def test_what_is_wrong(
    tmp_path: Path, path: Path, spoil: Callable[[bytes], bytes], reason: str
) -> None:
    path.write_bytes(spoil(path.read_bytes()))
    ((name, said),) = found(tmp_path)
    assert name == str(path.relative_to(tmp_path)) and said.startswith(reason)


def test_a_document_of_a_later_format_may_look_otherwise(tmp_path: Path, path: Path) -> None:
    path.write_text(json.dumps({"schema": 99, "cells": []}))
    assert found(tmp_path)[0][1].startswith("written in format 99")


def test_files_in_other_places(tmp_path: Path, path: Path) -> None:
    other = tmp_path / "weights" / "other"
    other.mkdir()
    (other / path.name).write_bytes(path.read_bytes())
    (tmp_path / "weights" / "stray.json").write_text("{}")
    (path.parent / f".{path.name}.x.tmp").write_text("{")
    (path.parent / "gone.json").symlink_to("nowhere")
    problems = {problem.path.name: problem for problem in check(tmp_path)}
    assert problems["stray.json"].reason == "not where evidence lies, KIND/MODEL/KEY.json"
    assert (
        "lies in another folder" in problems[path.name].reason
        and problems[path.name].path.parent == other
    )
    assert problems[f".{path.name}.x.tmp"].left and not problems["stray.json"].left
    assert problems["gone.json"] == FileProblem(
        path.parent / "gone.json", "a link that leads nowhere"
    )


def test_the_history_is_looked_at_too(tmp_path: Path) -> None:
    (tmp_path / "history").mkdir()
    (tmp_path / "history" / "20261127T120000Z-00000000.json").write_text("{")
    ((name, reason),) = found(tmp_path)
    assert name == "history/20261127T120000Z-00000000.json" and reason.startswith("skipped: ")
