"""`zoo init --from README.md`: show what the tables of pages were understood to say, and propose
settings."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from zoo.cli.output.console import clean, plural, print_fields, print_text, say, say_note
from zoo.cli.output.progress import show_step
from zoo.cli.output.streams import is_interactive
from zoo.cli.output.tables_read import describe_tables

if TYPE_CHECKING:
    from zoo.model_index.records.page_tables import PageTable
    from zoo.model_index.records.records import Entry
    from zoo.model_index.settings.table_proposal import ProposedBuilder, TableProposal

MOST_LEFT_OUT = 20  # numbers that are listed


def init_tables(folder: Path, pages: Sequence[str], *, dry_run: bool, yes: bool) -> None:
    """Print what was understood, the settings, and write them where a person agrees.

    Raises:
        UsageError, IndexFaults: the pages cannot be read, or hold no table of models.
    """
    from zoo.model_index.settings.table_proposal import propose, read_pages

    entries, tables = read_pages(pages)
    print_meanings(tables)
    with show_step("asking timm's registry"):
        builders = find_builders(entries)
    print_builders(entries, builders)
    proposal = propose(folder, pages, tables, builders)
    say("")
    say(f"{proposal.file}:")
    for line in proposal.text.strip().splitlines():
        say(f"  {line}")
    _write(proposal, dry_run=dry_run, yes=yes)


def _write(proposal: "TableProposal", *, dry_run: bool, yes: bool) -> None:
    from zoo.reporting.site.init import PlannedFile, write

    name = clean(str(proposal.file))
    if proposal.left:
        say_note(f"{name}: left alone: {proposal.left}")
        return
    if not dry_run and not yes and is_interactive():
        yes = typer.confirm(f"write this to {name}?", err=True)
    if dry_run or not yes:
        say_note(f"{name}: nothing was written{'' if dry_run else '; --yes writes it'}")
        return
    addition = proposal.file.exists()
    planned = PlannedFile(proposal.file.name, proposal.text, addition=addition)
    write(proposal.file.parent, [planned])
    say_note(f"{name}: {'added to' if addition else 'written'}")


def print_meanings(tables: "Sequence[PageTable]") -> None:
    """Print each kind of table once, with what its columns mean, and the numbers left out."""
    kinds: dict[tuple[tuple[str, str], ...], list[PageTable]] = {}
    for table in tables:
        columns = tuple((column.header, column.meaning) for column in table.columns)
        kinds.setdefault(() if table.skipped else columns, []).append(table)
    for columns, alike in kinds.items():
        first = alike[0]
        if first.skipped:
            for table in alike:
                print_text(f"{table.place}: {table.heading}: not read: {table.skipped}")
            continue
        rows = plural(sum(table.rows for table in alike), "row")
        others = f" and {plural(len(alike) - 1, 'table')} like it" if len(alike) > 1 else ""
        print_text(f"{first.place}: {first.heading}{others}: {rows}")
        print_fields(list(columns))
        say("")
    for line in describe_tables(tables):
        say(line)
    left = [item for table in tables for item in table.left_out if not table.skipped]
    for item in left[:MOST_LEFT_OUT]:
        print_text(f"left out: {item}")
    if len(left) > MOST_LEFT_OUT:
        say(f"left out: {len(left) - MOST_LEFT_OUT:,} more: zoo lint -v lists them")


def find_builders(entries: "Sequence[Entry]") -> "dict[str, ProposedBuilder]":
    """Return timm's model of each row by its name: known by the row's weights, or guessed by its
    name; none where timm is not installed."""
    from zoo.model_index.dialects.page_tables.row_names import guess_name
    from zoo.model_index.settings.table_proposal import ProposedBuilder
    from zoo.models.extras import is_installed
    from zoo.models.registries.timm_weights import read_registry

    if not is_installed("timm"):
        say_note("timm is not installed, so no builders are proposed")
        return {}
    registry = read_registry()
    found: dict[str, ProposedBuilder] = {}
    for entry in entries:
        guess = guess_name(entry.row_name)
        model, sure = registry.find_model(guess, entry.weights)
        if model:
            why = "timm's weights have this address" if sure else "timm has this very name"
            found[entry.name] = ProposedBuilder(f"timm:{model}", why, sure)
    return found


def print_builders(entries: "Sequence[Entry]", builders: "dict[str, ProposedBuilder]") -> None:
    """Print for how many rows a builder is known, and how."""
    sure = sum(proposed.sure for proposed in builders.values())
    guessed = len(builders) - sure
    say(
        f"builders: {sure} of {plural(len(entries), 'row')} by their weights, "
        f"{guessed} guessed by their names, {len(entries) - len(builders)} without"
    )
