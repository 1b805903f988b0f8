"""Output for people and machines: lines, tables, JSON."""

import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress

from zoo.cli.output.layout import arrange, arrange_fields, wrap
from zoo.cli.output.streams import keep_errors, write_document

# GitHub's runner takes `::name::` at the beginning of a line, spaces before it or not, and
# `##[name]` anywhere; Azure's `##vso[`. The last character of what is found is replaced.
COMMAND = re.compile(r"^\s*::|##(?:vso)?\[")


# Codes of the styles: those of standings by their names, and the others.
STYLES = {
    "right": "32",
    "wrong": "1;31",
    "unknown": "2",
    "error": "1;31",
    "bold": "1",
    "dim": "2",
}
# The beginning of a cell that says a standing: `wrong`, `WRONG`, `right (exact)`.
STANDING = re.compile(r"(right|wrong|unknown|error)(?= \(|$)", re.IGNORECASE)
# A code of our own: the text of an index cannot know it.
MARK = f"\x1b{os.urandom(6).hex()}["
CODE = re.compile(re.escape(MARK) + "([0-9;]*)m")
NARROWEST, USUAL = 20, 80  # columns of a terminal: the fewest, and those of one of unknown size


class Manner:
    """How the command that runs prints: set by options that every command has."""

    def __init__(self) -> None:
        self.quiet = False
        self.verbose = False
        self.color = True


MANNER = Manner()


def say(text: str, *, error: bool = False) -> None:
    """Print one line for people on standard output or standard error."""
    _print_line(plain(clean(text)), error)


def say_note(text: str) -> None:
    """Print one line on standard error that is no result and no error; nothing with `--quiet`."""
    if not MANNER.quiet:
        say(text, error=True)


def print_text(text: str, indent: int = 0, *, further: int = 0, error: bool = False) -> None:
    """Print a paragraph: wrapped and indented on a terminal, its later lines by `further` more; one
    line in a pipe."""
    columns = width(error=error)
    if columns is None:
        say(text, error=error)
        return
    first, *lines = wrap(text, columns - further, indent)
    for line in (first, *(" " * further + line for line in lines)):
        say(line, error=error)


def width(*, error: bool = False) -> int | None:
    """Return the columns of the terminal, at least 20; None where the stream is no terminal."""
    stream = sys.stderr if error else sys.stdout
    if not stream.isatty():
        return None
    text = os.environ.get("COLUMNS", "")
    columns = int(text) if text.isdecimal() else 0
    with suppress(OSError, ValueError):
        columns = columns or os.get_terminal_size(stream.fileno()).columns
    return max(NARROWEST, columns or USUAL)


def style(text: str, name: str, *, error: bool = False) -> str:
    """Colour a text by the name of a standing (`right`, `wrong`, `unknown`), or `bold` or `dim`.

    On a terminal, unless `--no-color`, `NO_COLOR` or `TERM=dumb` forbid it. A word or a sign has
    to say the same as the colour.
    """
    if not _takes_color(error):
        return text
    return f"{MARK}{STYLES[name]}m{text}{MARK}m"


def _takes_color(error: bool) -> bool:
    stream = sys.stderr if error else sys.stdout
    forbidden = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return MANNER.color and not forbidden and stream.isatty()


def _print_line(line: str, error: bool) -> None:
    """Print a line; what standard error cannot take is lost, and nothing else."""
    if not error:
        print(line)
        return
    with keep_errors():
        print(line, file=sys.stderr)


def clean(text: str) -> str:
    """Replace control characters: the text of an index must not steer a terminal."""
    if text.isprintable():
        return text
    parts = CODE.split(text)  # every second one is the code of a style
    for number, part in enumerate(parts):
        if number % 2:
            parts[number] = f"\x1b[{part}m"
        else:
            parts[number] = "".join(c if c.isprintable() else "\ufffd" for c in part)
    return "".join(parts)


def plain(line: str) -> str:
    """Replace what a CI service reads as a command in a log, as `::error::` at the beginning."""
    return COMMAND.sub(lambda match: f"{match[0][:-1]}\ufffd", line)


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[str] = (),
    *,
    notes: Sequence[str] = (),
    error: bool = False,
) -> None:
    """Print a table. On a terminal it fits the width: cells of `right` columns (numbers) stay
    whole, others are folded, what does not fit stands below its row, and so does the row's note.
    In a pipe a row is a line, its cells and its note separated by tabs.
    """
    columns_of_stream = width(error=error)
    if columns_of_stream is None:
        _print_rows(columns, rows, notes, error)
        return
    header = [style(name, "bold", error=error) for name in columns]
    cells = [[_style_cell(cell, error) for cell in row] for row in rows]
    right = [name for name, column in zip(header, columns, strict=True) if column in right]
    for line in arrange(header, cells, right, notes, width=columns_of_stream):
        say(line, error=error)


def print_fields(rows: Sequence[tuple[str, str]]) -> None:
    """Print labels and texts: on a terminal the text folded behind its label; in a pipe with a tab
    between."""
    columns = width()
    if columns is None:
        lines = ["\t".join(map(clean, row)) for row in rows]
    else:
        lines = [clean(line) for line in arrange_fields(rows, columns)]
    for line in lines:
        _print_line(plain(line), False)


def _style_cell(cell: str, error: bool) -> str:
    match = STANDING.match(cell)
    return style(cell, match[1].lower(), error=error) if match else cell


def print_tabs(cells: Sequence[str], *, error: bool = False) -> None:
    """Print a row for programs: its cells separated by tabs."""
    _print_line(plain("\t".join(map(clean, cells))), error)


def _print_rows(
    columns: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str], error: bool
) -> None:
    """Print a line for each row, its note last."""
    lines: list[Sequence[str]] = [columns, *rows]
    if any(notes):
        lines = [(*columns, "Note"), *((*row, text) for row, text in zip(rows, notes, strict=True))]
    for line in lines:
        print_tabs(line, error=error)


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table for programs: a header, numbers as they are, nothing for None. A spreadsheet
    runs no cell."""
    import csv
    import io

    from zoo.reporting.text.csv import escape_cell

    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([escape_cell(cell) if isinstance(cell, str) else cell for cell in row])
    write_document(file.getvalue())


def print_json(data: object) -> None:
    """Print indented JSON; escape characters that steer a terminal."""
    from zoo.model_index.reading.reader import STEERING

    text = json.dumps(data, indent=2, ensure_ascii=False)
    write_document(STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n")


def plural(number: int, noun: str, nouns: str = "") -> str:
    """Format a number with its noun: `1 model`, `2 models`."""
    return f"{number:,} {noun if number == 1 else nouns or f'{noun}s'}"
