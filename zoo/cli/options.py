"""Options and output shared by the commands."""

import json
import re
import shlex
import sys
import time
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from zoo.model_index.quantities.table import Quantity
    from zoo.model_index.records.records import Index


class Format(StrEnum):
    """How a table is printed."""

    TABLE = "table"
    JSON = "json"


class CheckFormat(StrEnum):
    """How the findings of a check are printed: for people, for programs, or for a gate."""

    TABLE = "table"
    JSON = "json"
    JUNIT = "junit"
    SARIF = "sarif"
    GITHUB = "github"
    MARKDOWN = "markdown"


Names = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME|GLOB]...", help="Models; all of them for none.")
]
IndexPaths = Annotated[
    list[str] | None,
    typer.Option(
        "--index",
        metavar="PATH",
        help="A file, folder or glob; may be repeated. Default: the embedded index.",
    ),
]
LedgerFolder = Annotated[
    str, typer.Option("--ledger", metavar="DIR", help="Where evidence is kept.")
]
OutputFormat = Annotated[
    Format, typer.Option("--format", help="A table for people or JSON for machines.")
]
Trust = Annotated[
    list[str] | None,
    typer.Option(
        "--trust",
        metavar="PACKAGE",
        help="Let the index call builders of this package; may be repeated.",
    ),
]
CheckOutput = Annotated[
    CheckFormat,
    typer.Option("--format", help="A table for people, JSON for machines, or what a gate reads."),
]
Also = Annotated[
    list[str] | None,
    typer.Option(
        "--also",
        metavar="FORMAT=FILE",
        help="Write another gate's format to a file; may be repeated.",
    ),
]
KnownIn = Annotated[
    str | None,
    typer.Option(
        "--baseline", metavar="FILE", help="Fail on findings only that this file does not have."
    ),
]
WriteKnown = Annotated[
    str | None,
    typer.Option("--write-baseline", metavar="FILE", help="Write the findings as known, and pass."),
]
Changed = Annotated[
    bool, typer.Option("--changed", help="Only models whose entries differ from the last commit.")
]
Since = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="REV", help="Only models whose entries differ from a git revision."
    ),
]
Fresh = Annotated[
    bool, typer.Option("--fresh", help="Measure again, even where the ledger has evidence.")
]

LEDGER = "ledger"
EVERY = 30.0  # seconds between lines of progress where nobody watches a bar
# GitHub's runner takes `::name::` at the beginning of a line, spaces before it or not, and
# `##[name]` anywhere; Azure's `##vso[`. The last character of what is found is replaced.
COMMAND = re.compile(r"^\s*::|##(?:vso)?\[")


COLOURS = {
    "exact": "green",
    "rounded": "green",
    "consistent": "green",
    "explained": "cyan",
    "explained (mistake)": "bold red",
    "mismatch": "bold red",
    "unchecked": "dim",
    "error": "bold red",
}


def read_index(paths: Sequence[str] | None) -> "Index":
    """The index of a command's paths, `timm` being its registry and CSV files tables of its
    results; the embedded one for none.

    Raises: UsageError, IndexFaults: as `zoo.model_index.load`,
        `zoo.model_index.dialects.timm_results` and `zoo.models.timm_registry`.
    """
    from zoo.model_index.load import load
    from zoo.model_index.reading.join_tables import is_table
    from zoo.models.timm_registry import resolve_paths

    tables = [path for path in paths or () if is_table(path)]
    files = [path for path in paths or () if not is_table(path)]
    index = load(resolve_paths(files)) if files or not tables else None
    return _with_tables(index, tables) if tables else index


def _with_tables(index: "Index | None", tables: Sequence[str]) -> "Index":
    from zoo.model_index.dialects import timm_results
    from zoo.model_index.errors import IndexFaults
    from zoo.model_index.reading.join_tables import joined

    rows, faults = timm_results.read(tables)
    if faults:
        raise IndexFaults(faults, tables)
    return joined(index, rows) if index else rows


def quantity_named(name: str) -> "Quantity":
    """The quantity in any spelling that an index may use.

    Raises:
        UsageError: for a name that no quantity has.
    """
    from zoo.model_index.errors import UsageError
    from zoo.model_index.quantities.table import QUANTITIES, find

    row = find(name) or next((q for q in QUANTITIES if q.key == name.strip().lower()), None)
    if row is None:
        known = ", ".join(q.label for q in QUANTITIES)
        raise UsageError(f"no quantity named {name!r}; known are {known}")
    return row


def flags_of(*options: tuple[str, Sequence[str] | None]) -> str:
    """Options with their values as a shell reads them, each behind a space: ` --index models
    --trust mine`."""
    return "".join(
        f" {name} {shlex.quote(value)}" for name, values in options for value in values or ()
    )


def say(text: str, *, error: bool = False) -> None:
    """One line for people, on standard output or standard error."""
    print(plain(clean(text)), file=sys.stderr if error else sys.stdout)


def clean(text: str) -> str:
    """The text without control characters: what an index holds must not steer a terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def plain(line: str) -> str:
    """The line without what a CI service takes for a command, as `::error::` at its beginning: a
    log is text too."""
    return COMMAND.sub(lambda found: f"{found[0][:-1]}\ufffd", line)


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[str] = (),
    *,
    error: bool = False,
) -> None:
    """A table: folded and coloured on a terminal; in a pipe one line a row, so that it can be
    searched."""
    rows = [[clean(cell) for cell in row] for row in rows]
    out = sys.stderr if error else sys.stdout
    if out.isatty():
        _print_rich(columns, rows, right, error)
        return
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    for row in (columns, ["-" * width for width in widths], *rows):
        cells = zip(row, widths, columns, strict=True)
        line = "  ".join(
            f"{cell:>{width}}" if name in right else f"{cell:<{width}}"
            for cell, width, name in cells
        )
        print(plain(line.rstrip()), file=out)


def _print_rich(
    columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str], error: bool
) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell, style=COLOURS.get(cell, "")) for cell in row))
    Console(highlight=False, stderr=error).print(table)


def print_json(data: object) -> None:
    """JSON to standard output, indented; characters that steer a terminal as escapes."""
    from zoo.model_index.reading.reader import STEERING

    text = json.dumps(data, indent=2, ensure_ascii=False)
    sys.stdout.write(STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")


class Ticker:
    """When long work says how far it is, where nobody watches a bar."""

    def __init__(self) -> None:
        self.last = time.monotonic()

    def due(self) -> bool:
        """Whether it is time for a line; then the next is due after as long again."""
        now = time.monotonic()
        if now - self.last < EVERY:
            return False
        self.last = now
        return True


def plural(number: int, noun: str, nouns: str = "") -> str:
    """`1 model`, `2 models`."""
    return f"{number:,} {noun if number == 1 else nouns or f'{noun}s'}"
