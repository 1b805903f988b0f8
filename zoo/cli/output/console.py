"""Output for people and machines: lines, tables, JSON."""

import json
import re
import sys
import time
from collections.abc import Sequence

from zoo.cli.output.streams import keep_errors, write_document

EVERY = 30.0  # seconds between lines of progress where nobody watches a bar
# GitHub's runner takes `::name::` at the beginning of a line, spaces before it or not, and
# `##[name]` anywhere; Azure's `##vso[`. The last character of what is found is replaced.
COMMAND = re.compile(r"^\s*::|##(?:vso)?\[")


# Styles of a standing in a table, by the beginning of a cell.
STYLES = {
    "right (": "green",
    "wrong (": "bold red",
    "unknown (unchecked": "dim",
    "unknown (error": "bold red",
}


def say(text: str, *, error: bool = False) -> None:
    """Print one line for people on standard output or standard error."""
    _print_line(plain(clean(text)), error)


def _print_line(line: str, error: bool) -> None:
    """Print a line; what standard error cannot take is lost, and nothing else."""
    if not error:
        print(line)
        return
    with keep_errors():
        print(line, file=sys.stderr)


def clean(text: str) -> str:
    """Replace control characters: the text of an index must not steer a terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def plain(line: str) -> str:
    """Replace what a CI service reads as a command in a log, as `::error::` at the beginning."""
    return COMMAND.sub(lambda match: f"{match[0][:-1]}\ufffd", line)


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[str] = (),
    *,
    error: bool = False,
) -> None:
    """Print a table: folded and coloured on a terminal; one line a row in a pipe."""
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
        _print_line(plain(line.rstrip()), error)


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
        table.add_row(*(Text(cell, style=_find_style(cell)) for cell in row))
    Console(highlight=False, stderr=error).print(table)


def _find_style(cell: str) -> str:
    return next((style for start, style in STYLES.items() if cell.startswith(start)), "")


def print_json(data: object) -> None:
    """Print indented JSON; escape characters that steer a terminal."""
    from zoo.model_index.reading.reader import STEERING

    text = json.dumps(data, indent=2, ensure_ascii=False)
    write_document(STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n")


class Ticker:
    """Time the lines of progress where there is no terminal."""

    def __init__(self) -> None:
        self.last = time.monotonic()

    def due(self) -> bool:
        """Return whether a line is due; then the next is due after the same interval."""
        time_now = time.monotonic()
        if time_now - self.last < EVERY:
            return False
        self.last = time_now
        return True


def plural(number: int, noun: str, nouns: str = "") -> str:
    """Format a number with its noun: `1 model`, `2 models`."""
    return f"{number:,} {noun if number == 1 else nouns or f'{noun}s'}"
