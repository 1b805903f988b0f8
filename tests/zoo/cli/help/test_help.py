"""The help of every command: one screen of 80 columns, examples that work, options by panel."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from zoo.cli import app
from zoo.cli.commands import COMMANDS
from zoo.cli.help.examples import EXAMPLES
from zoo.cli.help.panels import OTHERS, PANEL, RARE
from zoo.cli.help.text import list_options

GROUP: Any = get_command(app)
CHEAP = (  # examples that read the embedded index, and measure nothing
    "zoo env",
    "zoo jobs",
    "zoo lint",
    "zoo list",
    "zoo list 'dpn*' --sort top1",
    'zoo list --where "gmacs<5 and top1>78"',
    "zoo schema",
    "zoo card dpn98",
    "zoo convert --to csv",
    "zoo show dla34 --index demo",
    "zoo trust --list",
)


def list_commands() -> Iterator[tuple[str, Any]]:
    """Yield the name and the object of each command, those of groups included."""
    for name in COMMANDS:
        command = GROUP.get_command(None, name)
        yield name, command
        for below, child in getattr(command, "commands", {}).items():
            yield f"{name} {below}", child


ALL = dict(list_commands())
NAMES = pytest.mark.parametrize("name", ["", *ALL])
LINES = [shlex.split(line) for examples in EXAMPLES.values() for line, _ in examples]


def show(monkeypatch: pytest.MonkeyPatch, name: str, *options: str) -> list[str]:
    monkeypatch.setenv("COLUMNS", "80")
    result = CliRunner().invoke(app, [*name.split(), *options])
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


@NAMES
def test_help_is_one_screen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = show(monkeypatch, name, "-h")
    assert len(lines) <= (30 if name == "verify" else 40)
    assert max(map(len, lines)) <= 80
    start = lines.index("Examples:") + 1
    assert [line.split("  ")[1].split()[0] for line in lines[start : start + 3]] == ["zoo"] * 3
    assert lines[start + 3] == ""
    assert all(line.rstrip().endswith(".") for line in lines[start : start + 3])


@NAMES
def test_help_is_shown_by_every_spelling(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = show(monkeypatch, name, "-h")
    assert show(monkeypatch, name, "--help") == text
    assert show(monkeypatch, f"help {name}") == text


@pytest.mark.parametrize("name", ALL)
def test_every_option_has_a_panel_and_a_sentence(name: str) -> None:
    for option in list_options(name, ALL[name].params):
        assert re.fullmatch(r"[A-Z`].*\.", option.text), option
        assert "<" not in option.names, option
        if option.names.startswith("-"):
            assert option.panel != OTHERS, f"{option.names} is in no panel"
            metavar = option.names.partition(" ")[2]
            assert "[" not in metavar or "--sbatch" in option.names


@pytest.mark.parametrize("name", ALL)
def test_all_options_are_listed_on_demand(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ALL[name]
    if hasattr(command, "commands"):
        return
    text = "\n".join(show(monkeypatch, name, "--help-all"))
    for param in command.params:
        if "--help-all" not in param.opts and param.param_type_name == "option":
            assert all(re.search(rf"{option}\b", text) for option in param.opts)
    hidden = [line for line in show(monkeypatch, name, "-h") if "--help-all" in line]
    assert len(hidden) == any(option.rare for option in list_options(name, command.params)) or (
        "--executor" in text
    )


def test_an_option_is_in_one_panel_and_exists() -> None:
    known = {
        option for command in ALL.values() for param in command.params for option in param.opts
    }
    known |= {option for param in GROUP.params for option in param.opts}
    assert RARE - known <= SOON
    assert set(PANEL) - known <= SOON


SOON = {"--where", "--sort", "--columns"}
SOON |= {"--install-completion", "--show-completion"}


def test_every_command_has_examples_of_its_own() -> None:
    assert set(EXAMPLES) == {"", *ALL}
    for name, examples in EXAMPLES.items():
        assert len({line for line, _ in examples}) == 3
        assert all(line.startswith(f"zoo {name}".rstrip()) for line, _ in examples)


@pytest.mark.parametrize("words", LINES, ids=shlex.join)
def test_an_example_is_parsed(words: list[str]) -> None:
    words = words[1 : words.index(">") if ">" in words else None]
    name = " ".join(words[:2]) if " ".join(words[:2]) in ALL else words[0]
    command = ALL[name]
    context = command.make_context(name, words[len(name.split()) :])
    assert context.command is command


@pytest.mark.parametrize("line", CHEAP)
def test_an_example_works(line: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert line in [line for examples in EXAMPLES.values() for line, _ in examples]
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, shlex.split(line)[1:])
    assert result.exit_code == 0, result.output


def test_choices_are_those_of_the_tables() -> None:
    from zoo.cli import eval as evaluation
    from zoo.cli import export
    from zoo.exporting import formats
    from zoo.models.precision import DTYPES

    assert (*formats.FORMATS,) == export.FORMATS
    assert formats.PRECISIONS == export.PRECISIONS
    assert set(evaluation.PRECISIONS) == set(DTYPES)


def test_no_option_has_choices_without_suggestions() -> None:
    for name, command in ALL.items():
        for param in command.params:
            assert not hasattr(param.type, "choices"), f"zoo {name} {param.opts}: use `choice`"
