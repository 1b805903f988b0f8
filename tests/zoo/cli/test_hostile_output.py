"""What an index holds reaches a terminal, a log and a spreadsheet as text: no command, no colour,
no turned line."""

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from zoo.cli import app, main
from zoo.cli.output.progress import show_entries
from zoo.model_index.reading.reader import STEERING
from zoo.reporting.text.csv import escape_cell

EVIL = "a\x1b]0;owned\x07\x9b31m\u202egnp.exe\u2066[/red]{0}%s\x7f"
TEXTS = {
    "plain": EVIL,
    "annotation": "::error file=x::owned",
    "group": "##[error]owned",
    "formula": '=HYPERLINK("http://evil.example","owned")',
    "lines": "a\r\n::error::owned\n##vso[task.complete]\u2028b\x85::error::owned",
}
FORMATS = ("table", "json", "junit", "sarif", "github", "markdown")


@pytest.fixture(params=TEXTS)
def evil(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """One text in every place that a model has, in `index.json`; the name is made safe for the
    command line."""
    monkeypatch.chdir(tmp_path)
    text = TEXTS[request.param]
    model = {
        "Name": text,
        "In Collection": text,
        "Publisher": text,
        "Source": text,
        "License": text,
        "Weights": [text],
        text: text,
        "Metadata": {
            "FLOPs": "1",
            "Parameters": "1",
            "File Size": "900",
            "Interpolation": text,
            "Tasks": [text],
            text: text,
        },
        "Results": [
            {"Task": text, "Dataset": text, "Metrics": {"Top 1 Accuracy": "170%", text: text}}
        ],
        "Reported": [{"Publisher": text, "Source": text, "Metadata": {"FLOPs": "2"}}],
    }
    Path("index.json").write_text(json.dumps({"Models": [model, model]}))
    return text


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [*arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


COMMANDS = (
    ("list", "--index", "index.json"),
    ("list", "--index", "index.json", "--format", "json"),
    ("show", "*", "--index", "index.json"),
    ("show", "*", "--index", "index.json", "--format", "json"),
    *(("lint", "index.json", "--format", name) for name in FORMATS),
    ("convert", "--to", "pwc", "index.json"),
    ("convert", "--to", "openmmlab", "index.json"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_output_steers_a_terminal(evil: str, command: tuple[str, ...]) -> None:
    code, out, error = run(*command)
    assert code in (0, 1)
    assert "owned" in out + error or (evil == EVIL and "gnp.exe" in out + error)
    assert not STEERING.search(out + error)


LOGGED = (
    ("list", "--index", "index.json"),
    ("show", "*", "--index", "index.json"),
    ("lint", "index.json"),
    ("verify", "--index", "index.json"),
)


@pytest.mark.parametrize("command", LOGGED, ids=" ".join)
def test_no_line_of_a_log_is_a_command_of_its_service(evil: str, command: tuple[str, ...]) -> None:
    _, out, error = run(*command)
    for line in (out + error).splitlines():
        assert not re.search(r"^\s*::|##(?:vso)?\[", line), line


def test_json_says_exactly_what_stands_in_the_index(evil: str) -> None:
    first = json.loads(run("list", "--index", "index.json", "--format", "json")[1])[0]
    assert (first["model"], first["publisher"]) == (evil.strip(), evil)


def test_annotations_are_one_line_each(evil: str) -> None:
    lines = run("lint", "index.json", "--format", "github")[1].splitlines()
    assert "of 14 errors are shown" in lines.pop(0)
    assert len(lines) == int(re.search(r"(\d+) findings", run("lint", "index.json")[2])[1])  # type: ignore[index]
    assert all(re.match(r"::error file=index\.json,line=\d+,col=\d+,", line) for line in lines)


def test_a_table_of_claims_has_no_formula(evil: str) -> None:
    rows = list(csv.reader(io.StringIO(run("convert", "--to", "csv", "index.json")[1])))
    assert len(rows) > 5
    assert not [cell for row in rows for cell in row if re.match(r"[=@\t\r\n]|[+-](?![\d.])", cell)]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_cell_of_a_download_is_no_formula(start: str) -> None:
    assert escape_cell(f"{start}1+1") == f"'{start}1+1"


def test_a_bar_shows_names_as_they_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with show_entries("counting", 2) as watch:
        watch(SimpleNamespace(name="[/red]x\x1b]0;owned\x07"))  # type: ignore[arg-type]
        time.sleep(0.5)  # bars are drawn ten times a second
    error = capsys.readouterr().err
    assert "[/red]x\ufffd]0;" in error and "\x1b]0;" not in error


def test_a_terminal_gets_no_sequence_of_an_index(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text(
        json.dumps({"Models": [{"Name": EVIL, "Metadata": {"FLOPs": "1"}}]})
    )
    main, side = pty.openpty()
    command = [sys.executable, "-m", "zoo", "list", "--index", "index.json"]
    environment = {**os.environ, "PYTHONPATH": os.getcwd(), "COLUMNS": "200", "TERM": "xterm"}
    subprocess.run(command, stdout=side, stderr=side, cwd=tmp_path, env=environment, check=True)
    os.close(side)
    shown = b""
    try:
        while part := os.read(main, 65536):
            shown += part
    except OSError:  # the other side is closed
        pass
    os.close(main)
    text = shown.decode()
    assert "]0;owned" in text and "[/red]" in text
    assert not STEERING.search(re.sub(r"\x1b\[[\d;]*m", "", text))  # rich's own colours


@pytest.mark.parametrize(
    "text", ["Models: [{Name: a, Metadata: {FLOPs: x}}]", "Models: []\nModels: []"]
)
def test_a_name_of_several_lines_is_one_fault(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a\n::error::owned.yml").write_text(text)
    monkeypatch.setattr(sys, "argv", ["zoo", "lint", "a\n::error::owned.yml"])
    with pytest.raises(SystemExit):
        main()
    printed = capsys.readouterr()
    lines = (printed.out + printed.err).splitlines()
    assert re.fullmatch(r"(zoo: )?a\ufffd::error::owned\.yml:\d:(\d+:)? .*", lines[0])
    assert len(lines) == 1 + bool(printed.out), "and a count of findings"
