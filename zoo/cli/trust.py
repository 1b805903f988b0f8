"""`zoo trust`: allow the settings of a folder to let code run, list what is allowed, revoke it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.output.console import clean, print_table, say
from zoo.cli.output.streams import is_interactive
from zoo.model_index.settings.find import find_settings

if TYPE_CHECKING:
    from zoo.model_index.settings.record import Settings

MEANINGS = {
    "trust": "code of this package may run when the index names it",
    "path": "trusted packages are imported from this folder",
    "index": "read, and edited with --write, outside of the settings' folder",
    "ledger": "evidence is written here, outside of the settings' folder",
    "baseline": "read outside of the settings' folder",
    "lint-baseline": "read outside of the settings' folder",
}


def trust(
    folder: Annotated[
        str, typer.Argument(metavar="[DIR]", help="Folder that the settings hold in.")
    ] = ".",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Allow it without a question.")] = False,
    listing: Annotated[bool, typer.Option("--list", help="List what is allowed.")] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="Allow it no longer.")] = False,
) -> None:
    """Allow the settings of a folder to name packages whose code runs, folders to import them
    from, and files elsewhere.

    The values are shown first. They are remembered for this file, in your own configuration; a
    change of these values is asked again.
    """
    from zoo.model_index.errors import UsageError

    if yes + listing + revoke > 1:
        raise UsageError("--yes, --list and --revoke exclude each other")
    if listing:
        _list()
    elif revoke:
        _revoke(folder)
    else:
        _allow(folder, yes=yes)


def _list() -> None:
    from zoo.model_index.settings.consent import consent_file, read_consents

    files = read_consents().files
    rows = [
        (file, key, ", ".join(values), f"{consent.date:%Y-%m-%d}")
        for file, consent in sorted(files.items())
        for key, values in consent.values.items()
    ]
    if rows:
        print_table(("Settings", "Key", "Values", "Since"), rows)
    say(f"{consent_file()}: {len(files)} allowed", error=True)


def _revoke(folder: str) -> None:
    """Forget what was allowed to a settings file, named itself or by a folder; it may be gone."""
    from zoo.model_index.errors import UsageError
    from zoo.model_index.settings.consent import key_of, read_consents, revoke

    path = key_of(Path(folder))
    files = [file for file in read_consents().files if path in (file, os.path.dirname(file))]
    if not files and os.path.isdir(folder) and (settings := find_settings(Path(folder))):
        files = [key_of(settings.file)]
    gone = [file for file in files if revoke(file)]
    if not gone:
        raise UsageError(f"{folder}: nothing was allowed here; `zoo trust --list` lists all")
    for file in gone:
        say(f"{file}: no longer allowed", error=True)


def _allow(folder: str, *, yes: bool) -> None:
    from zoo.model_index.errors import UsageError
    from zoo.model_index.settings.consent import allow, is_allowed, read_consents

    if not os.path.isdir(folder):
        raise UsageError(f"{folder}: no such folder")
    settings = find_settings(Path(folder))
    if settings is None:
        raise UsageError(f"{folder}: no zoo.toml and no [tool.zoo] here or above")
    if not settings.list_restricted():
        say(f"{settings.name}: nothing in it needs to be allowed", error=True)
        return
    if is_allowed(settings, read_consents()):
        say(f"{settings.name}: allowed already", error=True)
        return
    _print(settings)
    if not yes and not is_interactive():
        raise UsageError("there is no terminal to ask on; `zoo trust --yes` allows it")
    question = f"Allow this to {clean(str(settings.file.absolute()))}?"
    if not yes and not typer.confirm(question, err=True):
        raise UsageError("nothing was allowed")
    allow(settings)
    say(f"{settings.name}: allowed; `zoo trust --revoke` takes it back", error=True)


def _print(settings: "Settings") -> None:
    """Show what the settings ask for, a value a line."""
    for key, values in settings.list_restricted().items():
        for value in values:
            say(f"  {key:<14}{value:<22}  {MEANINGS[key]}", error=True)
