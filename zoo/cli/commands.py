"""The table of commands, and the group that imports a command when it is asked for."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.main import get_command

from zoo.cli.completion.scripts import find_shell
from zoo.cli.help.command import Command, Group
from zoo.cli.help.text import TableRow
from zoo.cli.settings import with_settings


class Row(NamedTuple):
    """Where a command is, `module:attribute` below `zoo.cli`; group and line in `zoo --help`."""

    target: str
    group: str
    summary: str


COMMANDS = {
    "list": Row("list:list_models", "Look", "List the models, filtered and sorted."),
    "show": Row("show:show", "Look", "Show one model: cost, claims, findings."),
    "explain": Row("explain:explain", "Look", "Show why a claim differs."),
    "compare": Row("compare:compare", "Look", "Compare benchmarks: faster, slower or the same."),
    "jobs": Row("jobs:jobs", "Look", "Show jobs and their logs."),
    "env": Row("env:env", "Look", "Show the machine and the versions."),
    "check": Row("check:check", "Check", "Judge numbers that you type."),
    "verify": Row("verify:verify", "Check", "Check every claim against the live model."),
    "lint": Row("lint:lint", "Check", "Check an index without building anything."),
    "weights": Row("weights:weights", "Check", "Inspect checkpoints without downloading them."),
    "ledger": Row("ledger:app", "Check", "Check the files of a ledger."),
    "count": Row("count:count", "Measure", "Count FLOPs and parameters, as other tools do."),
    "eval": Row("eval:evaluate", "Measure", "Evaluate accuracy on images."),
    "bench": Row("bench:bench", "Measure", "Measure latency and throughput."),
    "export": Row("export:export", "Measure", "Write a checked ONNX file."),
    "add": Row("add:add", "Publish", "Write an entry for a model."),
    "init": Row("init:init", "Publish", "Write what a site of your own needs."),
    "build": Row("build:build", "Publish", "Verify, write the pages, build the site."),
    "serve": Row("serve:serve", "Publish", "Serve the site, rebuild it on change."),
    "card": Row("card:card", "Publish", "Write model cards for the Hugging Face Hub."),
    "convert": Row("convert:convert", "Publish", "Write an index in another format."),
    "schema": Row("schema:schema", "Publish", "Print the JSON Schema of an index."),
    "trust": Row("trust:trust", "Publish", "Allow the settings of a folder to run code."),
}


COMPLETION = ("--install-completion", "--show-completion")


class CommandGroup(Group):
    """The group whose commands are rows of `COMMANDS`, each imported when it is asked for.

    `zoo --help` imports none of them.
    """

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read `zoo help COMMAND` as `zoo COMMAND --help`, and add the shell to complete in."""
        if args[:1] == ["help"]:
            args = [*args[1:], "--help"]
        elif len(args) == 1 and args[0] in COMPLETION:
            args = [*args, find_shell()]
        return super().parse_args(ctx, args)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import a command; None for a name that is none."""
        row = COMMANDS.get(cmd_name)
        if row is None:
            return None
        module, _, attribute = row.target.partition(":")
        target = getattr(import_module(f"zoo.cli.{module}"), attribute)
        if not isinstance(target, typer.Typer):
            app = typer.Typer(add_completion=False, rich_markup_mode=None)
            app.command(cmd_name, cls=Command)(with_settings(target))
            target = app
        command = get_command(target)
        command.name = cmd_name
        return command

    def list_rows(self) -> Iterator[TableRow]:
        """Yield the rows of the table."""
        yield from ((row.group, name, row.summary) for name, row in COMMANDS.items())
