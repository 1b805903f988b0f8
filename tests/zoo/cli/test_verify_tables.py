"""Tables of a README as a gate: positions in every format, what is written, only what changed."""

import json
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from zoo.cli import app

PARAMETERS = "0.330K"  # of the toy
PAGE = f"""\
# Toys

| net | input | #params |
|:--|--:|:-:|
| [a](a/999.pt) | 8x8 | **0.999K** |
| b | 8x8 | {PARAMETERS} |
"""
SETTINGS = """\
index = "."

[tables]
pages = ["*.md"]
builders = {"*" = "toyzoo:make"}

[tables.columns]
"net" = "name"
"#params" = "Parameters"
"input" = "Image Size"
"""


@pytest.fixture
def page(toy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A README with a wrong number, which settings name, in the working folder."""
    monkeypatch.chdir(toy)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    monkeypatch.delenv("CI_PROJECT_DIR", raising=False)
    (toy / "zoo.toml").write_text(SETTINGS)
    path = toy / "README.md"
    path.write_text(PAGE)
    return path


def zoo(*arguments: str) -> Result:
    return CliRunner().invoke(
        app, ["verify", "--trust", "toyzoo", "--ledger", "ledger", *arguments]
    )


def git(*arguments: str) -> None:
    name = ("-c", "user.name=nobody", "-c", "user.email=nobody@localhost")
    subprocess.run(["git", *name, *arguments], check=True, capture_output=True)


def test_gates_point_at_the_number(page: Path) -> None:
    line, column = 5, page.read_text().split("\n")[4].index("**0.999K") + 3
    (run,) = json.loads(zoo("--format", "sarif").stdout)["runs"]
    (result,) = run["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": line, "startColumn": column, "endColumn": column + 6}
    assert f"file=README.md,line={line},col={column}" in zoo("--format", "github").stdout
    assert "README.md:5" in zoo("--format", "markdown").stdout
    assert "README.md:5" in zoo("--format", "junit").stdout


def test_the_number_alone_is_written(page: Path) -> None:
    before = page.read_text()
    result = zoo("--write", "--yes")
    assert (result.exit_code, page.read_text()) == (
        0,
        before.replace("**0.999K**", f"**{PARAMETERS}**"),
    )
    assert zoo().exit_code == 0


def test_only_rows_that_changed_are_verified(page: Path) -> None:
    git("init", "-q")
    git("add", "README.md", "zoo.toml")
    git("commit", "-q", "-m", "one")
    assert "0 entries changed since HEAD\n" in zoo("--changed").stderr
    page.write_text("\n" + page.read_text().replace(f"| {PARAMETERS} |", "| 0.331K |"))
    result = zoo("--changed", "--format", "github")
    assert "1 entry changed since HEAD\n" in result.stderr
    assert "file=README.md,line=7," in result.stdout and "line=6," not in result.stdout


def test_a_folder_without_settings_has_no_tables(page: Path) -> None:
    Path("zoo.toml").unlink()
    Path("i.yml").write_text("Models:\n- {Name: net, Metadata: {FLOPs: 1 G}}\n")
    result = CliRunner().invoke(app, ["list", "--index", ".", "--format", "json"])
    assert [row["model"] for row in json.loads(result.stdout)] == ["net"]
