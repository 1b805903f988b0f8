"""The README's picture and the commands of the pages: a terminal of 80 columns prints what they
show."""

import importlib.util
import re
from collections.abc import Callable, Iterator
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path
from types import ModuleType

import pytest

from tests.terminal import Screen, run_in_terminal

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def writer() -> ModuleType:
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


def test_the_picture_is_what_the_command_prints(
    writer: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    screen = run_in_terminal(*writer.COMMAND[1:], "--ledger", str(tmp_path / "ledger"))
    lines = writer.read_picture(writer.PICTURE.read_text(encoding="utf-8"))
    written = "`python docs/write_terminal_picture.py` writes it again"
    assert len(lines) <= 30 and all(len(line) <= writer.COLUMNS for line in lines)
    assert lines == [line.rstrip() for line in writer.show(screen)], written


def test_a_picture_keeps_every_character_and_colour(writer: ModuleType) -> None:
    text = ["a <b> & \x1b[1;31mred   word\x1b[m  \x1b[2mfaint\x1b[m", "", "  ≠ 漢字 end  "]
    picture = writer.write_picture(text, ("zoo", "x"))
    assert writer.read_picture(picture) == ["a <b> & red   word  faint", "", "  ≠ 漢字 end"]
    assert '<tspan x="83.2" class="bold red" textLength="84">red   word</tspan>' in picture
    assert "prefers-color-scheme: dark" in picture
    assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")


@pytest.fixture(scope="module")
def run() -> Callable[..., Screen]:
    """Runs a command; what needs no file and was run before is not run again."""
    screens: dict[tuple[str, ...], Screen] = {}

    def run(*arguments: str) -> Screen:
        if arguments not in screens or arguments[0] != "count":
            screens[arguments] = run_in_terminal(*arguments)
        return screens[arguments]

    return run


@pytest.mark.parametrize("name", ["start", "counting"])
def test_the_commands_of_a_page_print_what_it_shows(
    writer: ModuleType,
    run: Callable[..., Screen],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    steps = list(read_steps((DOCS / f"{name}.md").read_text(encoding="utf-8")))
    assert steps
    folder = tmp_path / "nets"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for step, block, code in steps:
        if step.startswith("file "):
            (folder / step.removeprefix("file ")).write_text(block)
            continue
        program, *arguments = step.split()
        if program == "mkdir":
            Path(arguments[0]).mkdir()
            continue
        if program == "cd":
            monkeypatch.chdir(arguments[0])
            continue
        screen = run(*arguments)
        assert screen.code == code, (step, screen)
        if block:
            check = OutputChecker().check_output
            shown = ["\n".join(lines) for lines in (screen.lines, writer.show(screen))]
            same = [check(block, f"{text}\n", ELLIPSIS | NORMALIZE_WHITESPACE) for text in shown]
            assert any(same), (step, screen)
