"""Write the generated parts of commands.md: what `--help-all` says of each command.

The page is hand-written but for what stands between `<!-- zoo NAME -->` and `<!-- end -->`: text,
examples and options of the command. A test compares; `python docs/write_commands.py` writes these
parts again, and adds a section at the end of the page for a command that has none.
"""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from zoo.cli import app
from zoo.cli.commands import COMMANDS
from zoo.cli.help.examples import EXAMPLES
from zoo.cli.help.text import OptionHelp, list_options
from zoo.cli.settings import MANNERS

PAGE = Path(__file__).with_name("commands.md")
WIDTH = 80  # columns of an example
PART = re.compile(r"<!-- zoo ([a-z ]+) -->\n.*?<!-- end -->\n", re.DOTALL)


def write_page(page: str) -> str:
    """Return the page with the generated parts as they should be."""
    parts = {name: describe(name, command) for name, command in list_commands()}
    page = PART.sub(lambda match: parts.get(match[1], ""), page)
    present = {match[1] for match in PART.finditer(page)}
    new = [f"\n## zoo {name}\n\n{part}" for name, part in parts.items() if name not in present]
    return page + "".join(new)


def list_commands() -> Iterator[tuple[str, Any]]:
    """Yield name and object of each command, those of groups instead of the group."""
    group: Any = get_command(app)
    for name in COMMANDS:
        command = group.get_command(None, name)
        commands = getattr(command, "commands", None)
        if commands is None:
            yield name, command
        else:
            yield from ((f"{name} {below}", child) for below, child in commands.items())


def describe(name: str, command: Any) -> str:
    """Return the generated part of a command."""
    paragraphs = inspect.cleandoc(command.help).split("\n\n")
    text = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    examples = "\n".join(_list_examples(name))
    rows = "\n".join(_list_rows(list_options(name, command.params)))
    table = f"| | option | what it does |\n| --- | --- | --- |\n{rows}\n" if rows else ""
    return f"<!-- zoo {name} -->\n{text}\n\n```console\n{examples}\n```\n\n{table}<!-- end -->\n"


def _list_examples(name: str) -> list[str]:
    """Return the examples of a command, their purposes behind or, in narrow columns, above."""
    longest = max(len(line) for line, _ in EXAMPLES[name])
    lines = [f"$ {line:<{longest}}  # {purpose}" for line, purpose in EXAMPLES[name]]
    if max(map(len, lines)) <= WIDTH:
        return lines
    return [f"# {purpose}\n$ {line}" for line, purpose in EXAMPLES[name]]


def _list_rows(options: list[OptionHelp]) -> Iterator[str]:
    above = ""
    for option in options:
        if option.names.split()[-1].removeprefix("--").replace("-", "_") in MANNERS:
            continue
        panel = "" if option.panel == above else option.panel
        above = option.panel
        names = option.names.replace("|", "\\|")
        text = option.text.replace("|", "\\|")
        default = f" Default: `{option.default}`." if option.default else ""
        yield f"| {panel} | `{names}` | {text}{default} |"


if __name__ == "__main__":
    PAGE.write_text(write_page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
