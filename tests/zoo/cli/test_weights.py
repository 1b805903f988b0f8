"""`zoo weights` of files and folders: parameters, types, bits a weight, and what names state."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from typer.testing import CliRunner, Result

from zoo.cli import app
from zoo.cli.output.weights import describe_contents
from zoo.weights.contents.summary import UNKNOWN


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an index of two shards, a file whose name is wrong, and other files."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "net"
    path.mkdir()
    for name, dtype in (("a", np.float16), ("b", np.float32), ("tiny-7B-fp16", np.float32)):
        save_file({name: np.zeros((300, 10), dtype=dtype)}, path / f"{name}.safetensors")
    places = {"a": "a.safetensors", "b": "b.safetensors"}
    index = {"metadata": {"total_size": 18000}, "weight_map": places}
    (path / "model.safetensors.index.json").write_text(json.dumps(index))
    (path / "config.json").write_text("{}")
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["weights", *arguments])


def test_a_folder(folder: Path) -> None:
    result = run("net")
    assert result.exit_code == 1, result.output
    lines = result.stdout.splitlines()
    assert [line for line in lines if line.startswith("net/")] == [
        "net/model.safetensors.index.json",
        "net/tiny-7B-fp16.safetensors",
    ]
    assert "6,000 parameters" in lines[2] and lines[2].endswith("in the file, 24 in its tensors")
    assert lines[4:7] == [
        "dtype\tTensors\tElements\tBytes",
        "float16\t1\t3,000\t6,000",
        "float32\t1\t3,000\t12,000",
    ]
    assert lines[-2:] == [
        "wrong  the name says 7B, the file has 3,000 parameters (3.00 k)",
        "wrong  the name says fp16, 0% of the weights have float16 (32 bits each; float32)",
    ]


def test_json_and_csv(folder: Path) -> None:
    (row,) = json.loads(run("net/tiny-7B-fp16.safetensors", "--format", "json").stdout)
    assert row["contents"]["parameters"] == 3000 and len(row["faults"]) == 2
    assert row["contents"]["dtypes"] == [
        {"dtype": "float32", "tensors": 1, "elements": 3000, "bytes": 12000}
    ]
    (cells,) = csv.DictReader(
        io.StringIO(run("net/tiny-7B-fp16.safetensors", "--format", "csv").stdout)
    )
    assert (cells["parameters"], cells["problem"]) == ("3000", "")
    assert float(cells["bits_per_weight"]) == 8 * int(cells["size"]) / 3000


def test_a_folder_without_a_checkpoint_is_a_model_or_nothing(folder: Path) -> None:
    (folder / "empty").mkdir()
    result = run("net/empty")
    assert result.exit_code and "no model 'net/empty'" in str(result.exception)


def test_a_file_that_cannot_be_read_leaves_the_others(folder: Path) -> None:
    (folder / "model.safetensors.index.json").unlink()
    (folder / "a.safetensors").write_bytes(b"\xff" * 40)
    result = run("net")
    assert result.exit_code == 1
    assert "error  " in result.stdout and "net/b.safetensors" in result.stdout


def test_unknown_weights_are_said() -> None:
    contents = {"parameters": None, "problem": "why", "elements": 1, "roles": {UNKNOWN: 1}}
    assert describe_contents({"contents": contents}) == "parameters unknown: why"
    assert (
        describe_contents({}) == describe_contents({"contents": contents | {"elements": 0}}) == ""
    )
