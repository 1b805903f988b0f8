"""`zoo init`: write the files that a site of your own needs; existing files stay."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from zoo.cli.output.console import say


def init(
    folder: Annotated[str, typer.Argument(metavar="[DIR]", help="The repository.")] = ".",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List the files to write; write nothing.")
    ] = False,
) -> None:
    """Write a small index, mkdocs.yml, a theme folder and a CI file, where they are missing;
    nothing is overwritten."""
    from zoo.reporting.site.init import plan, write

    root = Path(folder)
    wanted, commands = plan(root)
    if not dry_run:
        write(root, wanted)
    for file in wanted:
        state = file.left or ("would be written" if dry_run else "written")
        say(f"{file.path}: {state}")
    say("next:")
    for line in commands if folder == "." else (f"cd {shlex.quote(folder)}", *commands):
        say(f"  {line}")
