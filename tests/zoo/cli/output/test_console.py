"""What reaches a terminal and what a pipe: widths, colours, tabs, CSV, quiet and verbose."""

import csv
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terminal import COLOR, Screen
from zoo.cli.commands import COMMANDS
from zoo.cli.output import console

INDEX = "Models:\n- {Name: café手写, Metadata: {FLOPs: 15003675112, Parameters: 11 M}}\n"


@pytest.fixture(autouse=True)
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "m.yml").write_text(INDEX, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def piped(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "zoo", *arguments],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, **variables},
        check=False,
    )


def test_a_pipe_gets_tabs_and_neither_color_nor_padding() -> None:
    text = piped("env", COLUMNS="20").stdout
    assert text.startswith("What\tValue\nzoo\t") and "\x1b" not in text
    assert {line.count("\t") for line in text.splitlines()} == {1}


def test_a_terminal_gets_its_width(terminal: Callable[..., Screen]) -> None:
    for columns in (20, 40, 80):
        screen = terminal("env", columns=columns)
        assert screen.code == 0
        assert all(len(line) <= columns or " " not in line.strip() for line in screen.lines)
        memory = " ".join(screen.lines).partition("memory_bytes")[2].replace("Value:", "")
        assert memory.split()[0].isdecimal()
    by_variable = terminal("env", environment={"COLUMNS": "40"})
    assert by_variable.lines == terminal("env", columns=40).lines


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        (("--no-color",), {}),
        ((), {"NO_COLOR": "1"}),
        ((), {"TERM": "dumb"}),
    ],
    ids=["option", "NO_COLOR", "dumb"],
)
def test_colors_are_for_terminals_that_want_them(
    terminal: Callable[..., Screen], arguments: tuple[str, ...], variables: dict[str, str]
) -> None:
    colored = terminal("env", color=True)
    assert "\x1b[1m" in colored.lines[0]
    without = terminal("env", *arguments, color=True, environment=variables)
    assert without.lines == [COLOR.sub("", line) for line in colored.lines]


def test_text_cannot_steer_a_terminal(terminal: Callable[..., Screen]) -> None:
    Path("m.yml").write_text('Models: [{Name: "a\\e[2Jb\\e[31mc"}]\n')
    screen = terminal("list", "--index", "m.yml", color=True)
    assert "\x1b[2J" not in "".join(screen.lines) and "\x1b[31m" not in "".join(screen.lines)


def test_a_style_survives_cleaning_and_nothing_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "_takes_color", lambda error: True)
    assert console.clean(f"{console.style('wrong', 'wrong')} \x1b[1m") == (
        "\x1b[1;31mwrong\x1b[m \ufffd[1m"
    )


def test_quiet_leaves_out_notes(tmp_path: Path) -> None:
    (tmp_path / "zoo.toml").write_text('index = "m.yml"\n')
    assert piped("list").stderr.startswith("index: m.yml (zoo.toml)\n")
    assert piped("list", "--quiet").stderr == "" == piped("list", "-q").stderr
    assert "no model 'nobody'" in piped("list", "nobody", "-q").stderr


@pytest.mark.parametrize("command", sorted(COMMANDS.keys() - {"ledger"}))
def test_every_command_has_the_options_of_all(command: str) -> None:
    from typer.testing import CliRunner

    from zoo.cli import app

    runner = CliRunner()
    text = runner.invoke(app, [command, "--help"], env={"COLUMNS": "200"}).output
    text += runner.invoke(app, [command, "--help-all"], env={"COLUMNS": "200"}).output
    assert all(option in text for option in ("--quiet", "-q", "--verbose", "-v", "--no-color"))


def test_csv_has_numbers_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_csv(("A", "B"), [("x, y", 15003675112), ("=1+1", None)])
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows == [["A", "B"], ["x, y", "15003675112"], ["'=1+1", ""]]


def test_notes_are_the_last_cell_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_table(("A", "B"), [("1", ""), ("2", "x")], notes=["because", ""])
    assert capsys.readouterr().out == "A\tB\tNote\n1\t\tbecause\n2\tx\t\n"
