"""`zoo list`: the models of an index in a table, to choose from; never imports torch."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.deferred_errors import open_ledger
from zoo.cli.options import (
    LEDGER,
    Format,
    IndexPaths,
    LedgerFolder,
    Names,
    OutputFormat,
    read_index,
)
from zoo.cli.output.console import plural, print_csv, print_json, print_table, say_note

if TYPE_CHECKING:
    from zoo.api.listing.columns import Column
    from zoo.api.listing.row import ModelRow
    from zoo.api.listing.table import ModelTable
    from zoo.model_index.records.records import Entry

MOST = 3  # other tasks and data sets that are named
CLAIMED = "*"  # marks what is claimed and was not measured
MEASURED = "measured"  # the column that names the measured ones


def list_models(
    names: Names = None,
    index: IndexPaths = None,
    ledger: LedgerFolder = LEDGER,
    columns: Annotated[
        str, typer.Option(metavar="NAMES", help="Columns, by commas: any quantity, latency, wrong.")
    ] = "",
    task: Annotated[
        str, typer.Option(metavar="TASK", help="List models for a task: detection.")
    ] = "",
    dataset: Annotated[
        str, typer.Option(metavar="NAME", help="List models by their numbers on a data set: COCO.")
    ] = "",
    where: Annotated[
        str, typer.Option(metavar="EXPR", help='List models that fit: "gmacs<5 and top1>80".')
    ] = "",
    sort: Annotated[
        str, typer.Option(metavar="NAMES", help="Sort by columns, best first. -NAME: worst first.")
    ] = "",
    reverse: Annotated[bool, typer.Option("--reverse", help="Turn the order round.")] = False,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="List N models at most.")
    ] = None,
    format: OutputFormat = Format.TABLE,
) -> None:
    """List the models to choose from: what was measured, else what is claimed."""
    from zoo.api.listing.table import make_table
    from zoo.api.models_table import make_sources

    read = read_index(index)
    entries = read.select(names or ())
    table = make_table(
        entries,
        make_sources(read, entries, Path(ledger), lambda: open_ledger(ledger)),
        columns=columns,
        task=task,
        dataset=dataset,
        where=where,
        sort=sort,
        reverse=reverse,
        limit=limit,
    )
    FORMATS[format](table)
    print_notes(table)


def _print_rows(table: "ModelTable") -> None:
    """Print the table; a star marks values that are claimed, in the heading where all of a column
    are."""
    headings = []
    starred = []
    for column in table.columns:
        claimed = list(_list_claimed(column, table.rows))
        all_claimed = bool(claimed) and all(claimed)
        headings.append(column.heading + CLAIMED * all_claimed)
        starred.append(any(claimed) and not all_claimed)
    rows = [
        [_show(column, row, star) for column, star in zip(table.columns, starred, strict=True)]
        for row in table.rows
    ]
    pairs = zip(headings, table.columns, strict=True)
    print_table(headings, rows, right=[heading for heading, column in pairs if column.number])


def _list_claimed(column: "Column", rows: "Sequence[ModelRow]") -> "Iterator[bool]":
    """Yield of each number of a column whether it is claimed."""
    for row in rows:
        if column.number and (cell := row.cell(column)):
            yield not cell.measured


def _show(column: "Column", row: "ModelRow", star: bool) -> str:
    cell = row.cell(column)
    if cell is None:
        return ""
    return f"{CLAIMED if star and not cell.measured else ''}{column.show(cell.value)}"


def _print_values(table: "ModelTable") -> None:
    """Print CSV: raw numbers, and which of them were measured."""
    keys = [*(column.key for column in table.columns), MEASURED]
    print_csv(keys, [[row[key] for key in keys] for row in table.to_dicts()])


def _print_records(table: "ModelTable") -> None:
    rows = zip(table.rows, table.to_dicts(), strict=True)
    print_json([summary_of(row.facts.entry) | values for row, values in rows])


FORMATS: "dict[Format, Callable[[ModelTable], None]]" = {
    Format.TABLE: _print_rows,
    Format.JSON: _print_records,
    Format.CSV: _print_values,
}


def print_notes(table: "ModelTable") -> None:
    """Print on standard error how many models are listed, and what the numbers are."""
    cells = [row.cell(column) for row in table.rows for column in table.columns if column.number]
    for column, setup in table.setups.items():
        say_note(f"{column}: {setup}")
    if (board := table.metrics.board) and any(board):
        say_note(f"{board}{_list_others(table)}")
    if any(cell and not cell.measured for cell in cells):
        say_note(f"{CLAIMED} as claimed, in the publisher's own terms; `zoo verify` checks it")
    for doubt in table.doubts:
        say_note(doubt)
    say_note("; ".join(_count_models(table)))


def _list_others(table: "ModelTable") -> str:
    """Return how to see the metrics of other tasks and data sets, and which there are most of."""
    others = table.metrics.list_others()
    if not others:
        return ""
    more = f" and {len(others) - MOST:,} more" if len(others) > MOST else ""
    return f"; by --task and --dataset also {', '.join(map(str, others[:MOST]))}{more}"


def _count_models(table: "ModelTable") -> "Iterator[str]":
    """Yield how many models match, are listed, and lack a value that was asked for."""
    total, number = plural(table.total, "model"), len(table.rows)
    if table.matching < table.total:
        yield f"{table.matching:,} of {total} match"
        if number < table.matching:
            yield f"{number:,} listed"
    else:
        yield f"{number:,} of {total}" if number < table.total else total
    for key, lacking in table.missing.items():
        yield f"{lacking:,} without {key}"


def summary_of(entry: "Entry") -> dict[str, object]:
    """Return what an entry claims, for programs."""
    return {
        "model": entry.name,
        "family": entry.collection,
        "publisher": entry.publisher,
        "builder": str(entry.builder),
        "file": entry.place.file,
        "line": entry.place.line,
        "claims": [claim.to_dict() for claim in entry.all_claims()],
    }
