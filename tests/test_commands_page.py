"""The page of the commands says what their help says."""

import importlib.util
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parent.parent / "docs"
PAGES = [DOCS.parent / "README.md", *sorted(DOCS.glob("*.md"))]


def load_writer() -> Any:
    spec = importlib.util.spec_from_file_location("write_commands", DOCS / "write_commands.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_help_says() -> None:
    page = (DOCS / "commands.md").read_text(encoding="utf-8")
    written = "`python docs/write_commands.py` writes it again"
    assert load_writer().write_page(page) == page, written


def test_a_command_without_a_part_gets_a_section_and_other_text_stays() -> None:
    page = "# Commands\n\n<!-- zoo env -->\nstale words\n<!-- end -->\n\nBy hand.\n"
    written = load_writer().write_page(page)
    assert "stale words" not in written and "\nBy hand.\n" in written
    assert written.count("<!-- zoo env -->") == 1
    assert "\n## zoo ledger check\n\n<!-- zoo ledger check -->\n" in written
    assert load_writer().write_page(written) == written


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_that_a_page_shows_exists_with_its_options(page: Path) -> None:
    commands = dict(load_writer().list_commands())
    known = {
        name: {option for parameter in command.params for option in parameter.opts}
        for name, command in commands.items()
    }
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        for line in re.findall(r"^\$ ((?:.*\\\n)*.*)$", block, re.MULTILINE):
            words = shlex.split(line.replace("\\\n", " "), comments=True)
            if "zoo" not in words:
                continue
            arguments = words[words.index("zoo") + 1 :]
            if "|" in arguments:
                arguments = arguments[: arguments.index("|")]
            name = " ".join(arguments[: 2 if arguments[0] == "ledger" else 1])
            assert name in known, line
            options = {word.partition("=")[0] for word in arguments if word.startswith("--")}
            assert options <= known[name], line
