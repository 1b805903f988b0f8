"""How many numbers of a page are claims: a line, and with `-v` each that is none."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from zoo.cli import app

PAGE = """\
| model | FLOPs |
|---|---|
| A | 4G |
| B | < 5G |

| Package | Version |
|---|---|
| torch | 2.1 |
"""


def lint(folder: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> str:
    monkeypatch.chdir(folder)
    (folder / "README.md").write_text(PAGE)
    return CliRunner().invoke(app, ["lint", "README.md", *options]).output


def test_a_line_for_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = lint(tmp_path, monkeypatch)
    assert "README.md: 2 tables, 3 numbers: 1 claim, 2 left out (-v says why)" in text
    assert "a bound" not in text


def test_each_number_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = lint(tmp_path, monkeypatch, "-v")
    assert "README.md:4:7: FLOPs: < 5G: a bound is no value" in text
    assert "not read: no column names models, or none is a number about them" in text
