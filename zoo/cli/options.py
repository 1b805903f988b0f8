"""Options and output shared by the commands."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

PIPE_WIDTH = 200  # a pipe has no width; narrower would fold file names and counts


class Format(StrEnum):
    """How a table is printed."""

    TABLE = "table"
    JSON = "json"


Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME|GLOB]...", help="Models; all of them for none.")]
IndexPaths = Annotated[
    list[str] | None,
    typer.Option(
        "--index", metavar="PATH", help="A file, folder or glob; may be repeated. Default: the embedded index."
    ),
]
LedgerFolder = Annotated[str, typer.Option("--ledger", metavar="DIR", help="Where evidence is kept.")]
OutputFormat = Annotated[Format, typer.Option("--format", help="A table for people or JSON for machines.")]
Trust = Annotated[
    list[str] | None,
    typer.Option("--trust", metavar="PACKAGE", help="Let the index call builders of this package; may be repeated."),
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Measure again, even where the ledger has evidence.")]

LEDGER = "ledger"


def console(stderr: bool = False) -> "Console":
    """A rich console as wide as the terminal, or wide enough for a pipe."""
    from rich.console import Console

    made = Console(stderr=stderr, highlight=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = PIPE_WIDTH
    return made


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], right: Sequence[str] = ()) -> "Table":
    """A plain table; cells are text, never markup."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in row))
    return made


def print_json(data: object) -> None:
    """JSON to standard output, indented."""
    json.dump(data, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


def plural(number: int, noun: str) -> str:
    """`1 model`, `2 models`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
