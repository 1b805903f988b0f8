"""The table of commands, and the group that imports a command when it is asked for."""

from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command

from zoo.cli.settings import with_settings


class Row(NamedTuple):
    """Where a command is, `module:attribute` below `zoo.cli`, and its line in `zoo --help`."""

    target: str
    summary: str


COMMANDS = {
    "count": Row("count:count", "Count a model: parameters, FLOPs, what other tools print."),
    "check": Row("check:check", "Judge numbers that you type, without a file."),
    "verify": Row("verify:verify", "Check every claim against the live model."),
    "explain": Row("explain:explain", "Show why one claim differs, and all that was tried."),
    "weights": Row("weights:weights", "Look at checkpoints without downloading them."),
    "eval": Row("eval:evaluate", "Evaluate accuracy on images, and check what is claimed."),
    "bench": Row("bench:bench", "Measure latency and throughput, in fresh processes."),
    "jobs": Row("jobs:jobs", "Show the jobs of commands that were divided."),
    "compare": Row("compare:compare", "Compare benchmarks: faster, slower or the same."),
    "export": Row("export:export", "Write a model as ONNX, its output checked."),
    "list": Row("list:list_models", "List the models and what is claimed."),
    "show": Row("show:show", "Show all that is known of one model."),
    "lint": Row("lint:lint", "Check an index without building anything."),
    "schema": Row("schema:schema", "Print the JSON Schema of an index."),
    "env": Row("env:env", "Show the machine and the versions."),
    "card": Row("card:card", "Write model cards for the Hugging Face Hub."),
    "convert": Row("convert:convert", "Write an index in another format."),
    "build": Row("build:build", "Verify, write the pages, build the site."),
    "trust": Row("trust:trust", "Allow the settings of a folder to run code."),
    "init": Row("init:init", "Write what a site of your own needs."),
    "serve": Row("serve:serve", "Serve the site, rebuild it on change."),
    "ledger": Row("ledger:app", "Check the files of a ledger, or write them as one table."),
}


class CommandGroup(TyperGroup):
    """A group whose commands are rows of `COMMANDS`, each imported when it is asked for.

    `zoo --help` imports none of them.
    """

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        # suggestions for a misspelt name look at the keys
        self.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import a command; None for a name that is none."""
        row = COMMANDS.get(cmd_name)
        if row is None:
            return None
        module, _, attribute = row.target.partition(":")
        target = getattr(import_module(f"zoo.cli.{module}"), attribute)
        if not isinstance(target, typer.Typer):
            app = typer.Typer(add_completion=False, rich_markup_mode=None)
            app.command(cmd_name, short_help=row.summary)(with_settings(target))
            target = app
        command = get_command(target)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the names and summaries of the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, row.summary) for name, row in COMMANDS.items()])
