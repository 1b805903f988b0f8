"""`zoo init --from`: what is shown of a page, and what is written."""

import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from zoo.cli import app
from zoo.model_index.errors import UsageError
from zoo.model_index.load import load
from zoo.models.registries import timm_weights
from zoo.models.registries.timm_weights import WeightsRegistry

WEIGHTS = "https://example.org/big.pth"
PAGE = f"""\
# Zoo
| model | Acc@1 | gain | Params (M) | download |
|---|---|---|---|---|
| ResNet18 | 69.8 | 0.1 | 11.7 | - |
| Big-T | 80.1 | < 1 | 28.6 | [model]({WEIGHTS}) |
| Odd (x) | 70 | 0.2 | 9 | - |
"""
REGISTRY = WeightsRegistry(
    {WEIGHTS: "big_tiny.in1k"}, {"big_tiny.in1k": 1000}, frozenset({"resnet18"})
)


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(timm_weights, "read_registry", lambda: REGISTRY)
    (tmp_path / "README.md").write_text(PAGE)
    return tmp_path


def init(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["init", "--from", "README.md", *arguments])


def test_it_shows_what_it_understood_and_writes_nothing_in_a_pipe(page: Path) -> None:
    done = init()
    assert done.exit_code == 0, done.output
    text = done.output
    assert "README.md:2: Zoo: 3 rows" in text
    assert "Acc@1\tTop 1 Accuracy" in text and "gain\ta number of its own" in text
    assert "README.md: 1 table, 9 numbers: 8 claims, 1 left out" in text
    assert "left out: README.md:5:18: gain: < 1: a bound is no value" in text
    assert "builders: 1 of 3 rows by their weights, 1 guessed by their names, 1 without" in text
    assert "zoo.toml: nothing was written; --yes writes it" in text
    assert not (page / "zoo.toml").exists()


def test_what_it_writes_is_obeyed(page: Path) -> None:
    assert init("--yes").exit_code == 0
    document = tomllib.loads((page / "zoo.toml").read_text())
    assert document["index"] == ["README.md"]
    assert document["tables"]["pages"] == ["README.md"]
    assert document["tables"]["builders"] == {"Big-T": "timm:big_tiny.in1k"}
    assert (
        '# "ResNet18" = "timm:resnet18" # timm has this very name'
        in (page / "zoo.toml").read_text()
    )
    entries = {entry.name: entry for entry in load(["README.md", "@zoo.toml"]).entries}
    assert entries["Big-T"].builder.named and not entries["ResNet18"].builder.named
    again = init("--yes")
    assert "zoo.toml: left alone: it has [tables]" in again.output


def test_existing_settings_get_a_table_at_their_end(page: Path) -> None:
    (page / "zoo.toml").write_text('ledger = "evidence"\n')
    init("--yes")
    document = tomllib.loads((page / "zoo.toml").read_text())
    assert document["ledger"] == "evidence" and document["tables"]["pages"] == ["README.md"]
    (page / "zoo.toml").unlink()
    (page / "pyproject.toml").write_text("[tool.zoo]\nindex = 'README.md'\n")
    init("--yes")
    project = tomllib.loads((page / "pyproject.toml").read_text())
    assert project["tool"]["zoo"]["tables"]["pages"] == ["README.md"]


def test_a_page_without_tables_is_refused(page: Path) -> None:
    (page / "README.md").write_text("nothing\n")
    assert isinstance(init().exception, UsageError)


def test_of_several_weights_those_of_imagenet_count() -> None:
    registry = WeightsRegistry(
        {"a": "m.in22k", "b": "m.in1k"}, {"m.in22k": 21841, "m.in1k": 1000}, frozenset()
    )
    assert registry.find_model("m", ["a", "b"]) == ("m.in1k", True)
    assert registry.find_model("m", ["a"]) == ("m.in22k", True)
    assert registry.find_model("m", []) == ("", False)
