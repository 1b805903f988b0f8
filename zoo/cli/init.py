"""`zoo init`: write the files that a site of your own needs; existing files stay."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from zoo.cli.output.console import say

OWN = (
    "your own models: `zoo add package.module:callable --size 224` writes an entry; `trust` and "
    "`path` in the settings, and `zoo trust`, let its code run"
)


def init(
    folder: Annotated[
        str, typer.Argument(metavar="[DIR]", help="Repository to write to. Default: this folder.")
    ] = ".",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List the files, write nothing.")
    ] = False,
    pages: Annotated[
        list[str] | None,
        typer.Option(
            "--from",
            metavar="PAGE",
            help="Propose settings for the tables of a page instead. May be repeated.",
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="With --from: write without asking.")
    ] = False,
) -> None:
    """Write a small index, settings, mkdocs.yml, a theme folder and a CI file, where they are
    missing.

    Nothing is overwritten; .gitignore and pyproject.toml get lines at their end. With --from, show
    how the tables of a page are understood, and write that to the settings.
    """
    if pages:
        from zoo.cli.init_tables import init_tables

        init_tables(Path(folder), pages, dry_run=dry_run, yes=yes)
        return
    from zoo.reporting.site.init import plan, write

    root = Path(folder)
    wanted, commands = plan(root)
    if not dry_run:
        write(root, wanted)
    for file in wanted:
        verb = "added to" if file.addition else "written"
        state = file.left or (f"would be {verb}" if dry_run else verb)
        say(f"{file.path}: {state}")
    say("next:")
    for line in commands if folder == "." else (f"cd {shlex.quote(folder)}", *commands):
        say(f"  {line}")
    say(OWN)
