"""The README's picture and the commands of the pages: a terminal of 80 columns prints what they
show."""

import importlib.util
import re
from collections.abc import Iterator
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def terminal() -> ModuleType:
    """The script that writes the picture."""
    file = DOCS / "write_terminal_picture.py"
    spec = importlib.util.spec_from_file_location("write_terminal_picture", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_steps(page: str) -> Iterator[tuple[str, str, int]]:
    """Yield what a page marks: the files to write, and the commands with output and exit code."""
    marks = re.finditer(
        r"^<!-- (run|file) ?(\S*) -->\n```\w+\n(.*?)^```", page, re.DOTALL | re.MULTILINE
    )
    for mark in marks:
        kind, detail, block = mark.groups()
        if kind == "file":
            yield f"file {detail}", block, 0
            continue
        for step in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            yield step[0], step[1], int(detail or 0)


def test_the_picture_is_what_the_command_prints(terminal: ModuleType) -> None:
    done = terminal.run_in_terminal(terminal.COMMAND[1:])
    written = "`python docs/write_terminal_picture.py` writes it again"
    picture = terminal.PICTURE.read_text(encoding="utf-8")
    assert terminal.read_picture(picture) == terminal.plain_text(done.text), written
    assert all(len(line) <= 80 for line in terminal.read_picture(picture).splitlines())


def test_a_picture_keeps_every_character_and_colour(terminal: ModuleType) -> None:
    text = "a <b> & \x1b[1;31mred   word\x1b[0m  \x1b[2mfaint\x1b[0m\n\n  ≠ 漢字 end\n"
    picture = terminal.write_picture(text, ("zoo", "x"))
    assert terminal.read_picture(picture) == "a <b> & red   word  faint\n\n  ≠ 漢字 end\n"
    assert '<tspan x="83.2" class="bold red" textLength="84">red   word</tspan>' in picture
    assert "prefers-color-scheme: dark" in picture
    assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("name", ["start", "counting"])
def test_the_commands_of_a_page_print_what_it_shows(
    terminal: ModuleType, tmp_path: Path, name: str
) -> None:
    steps = list(read_steps((DOCS / f"{name}.md").read_text(encoding="utf-8")))
    assert steps
    folder = tmp_path / "nets"
    folder.mkdir()
    for step, block, code in steps:
        if step.startswith("file "):
            (folder / step.removeprefix("file ")).write_text(block)
            continue
        done = terminal.run_in_terminal(step.split()[1:], folder=folder)
        shown = terminal.plain_text(done.text)
        assert done.code == code, (step, shown)
        if block:
            same = OutputChecker().check_output(block, shown, ELLIPSIS | NORMALIZE_WHITESPACE)
            assert same, (step, shown)
