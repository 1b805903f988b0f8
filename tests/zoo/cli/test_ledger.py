"""`zoo ledger`: exit codes and what is printed."""

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from zoo.cli import app
from zoo.model_index.errors import UsageError
from zoo.model_index.ledger.store import Cell, Evidence, Ledger


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for model in ("a", "b"):
        cell = Cell(
            kind="weights",
            model=model,
            builder="timm:a",
            builder_version="timm 1",
            tool="zoo-weights/1",
        )
        Ledger("ledger").put(Evidence(cell=cell, outcome="measured"))
    return tmp_path / "ledger"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["ledger", *arguments])


def test_a_ledger_that_is_well(ledger: Path) -> None:
    done = run("check")
    assert (done.exit_code, done.output) == (0, "ledger: 2 documents, 0 files to repair\n")


def test_torn_files_are_named_and_left_ones_do_not_count(ledger: Path) -> None:
    (path,) = ledger.glob("weights/a/*.json")
    (path.parent / f".{path.name}.1.tmp").write_text("")
    assert run("check").exit_code == 0
    path.write_text("{")
    done = run("check")
    assert (
        done.exit_code == 1
        and f"{path.relative_to(ledger.parent)}: no whole JSON document" in done.output
    )
    assert ", 1 file to repair, 1 left over" in done.output
    told = json.loads(run("check", "--format", "json").stdout)
    assert [one["left"] for one in told] == [True, False]


def test_one_table_without_what_is_torn(ledger: Path) -> None:
    (path,) = ledger.glob("weights/a/*.json")
    path.write_text("{")
    assert run("compact", "--output", "all.parquet").exit_code == 0
    assert list(pd.read_parquet("all.parquet").model) == ["b"]


@pytest.mark.parametrize("command", ["check", "compact"])
def test_a_folder_that_is_not_there(command: str) -> None:
    done = run(command, "--ledger", "nowhere")
    assert isinstance(done.exception, UsageError) and not Path("ledger.parquet").exists()
