"""Read the tables that reStructuredText writes as directives: csv-table, list-table."""

import re
from collections.abc import Callable, Sequence

from zoo.model_index.reading.tables.csv_tables import read_csv_rows
from zoo.model_index.reading.tables.grid import GridCell
from zoo.model_index.reading.tables.layout import GridRow
from zoo.model_index.reading.tables.rst_lines import Line
from zoo.model_index.reading.tables.source import TableText

DIRECTIVE = re.compile(r"[ ]*\.\.[ ]+(?P<name>[\w:.+-]+?)::(?:[ ]+(?P<title>.*))?")
OPTION = re.compile(r"[ ]*:(?P<name>[\w-]+):[ ]*(?P<value>.*)")
ITEM = re.compile(r"(?P<row>[ ]*[*+-][ ]+)?(?P<cell>[ ]*[*+-](?:[ ]+|$))")
NAMES = {"tab": "\t", "space": " "}

Reader = Callable[[Sequence[tuple[int, int]]], GridCell]
Rows = tuple[list[GridRow], list[GridRow]]


def find_block_end(lines: Sequence[Line], first: int) -> int:
    """Return the number of the last line that is indented below a line."""
    indent, last = lines[first].indent, first
    for number in range(first + 1, len(lines)):
        if lines[number].text:
            if lines[number].indent <= indent:
                break
            last = number
    return last


def split_options(lines: Sequence[Line]) -> tuple[dict[str, tuple[str, int]], Sequence[Line]]:
    """Return the options of a directive with the offset of each value, and the lines of its
    body."""
    options: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(lines):
        match = OPTION.fullmatch(line.text)
        if match is None:
            return options, lines[number:]
        options[match["name"]] = (match["value"], line.start + match.start("value"))
    return options, []


def read_csv_directive(source: TableText, lines: Sequence[Line], read: Reader) -> Rows:
    """Return the rows of a csv-table, header and others; a file that it names is a fault."""
    options, body = split_options(lines)
    for name in ("file", "url"):
        if name in options:
            target, at = options[name]
            source.fault(at, "a table in this page", f"{name} {target!r}, which is not followed")
            return [], []
    delimiter = options.get("delim", (",", 0))[0]
    delimiter = NAMES.get(delimiter, delimiter[:1] or ",")
    header = []
    if "header" in options:
        value, at = options["header"]
        header = read_csv_rows(source, at, at + len(value), delimiter)
    if not body:
        return header, []
    end = body[-1].start + len(body[-1].text)
    rows = read_csv_rows(source, body[0].start, end, delimiter)
    count = _count(options)
    return [*header, *rows[:count]], rows[count:]


def read_list_directive(source: TableText, lines: Sequence[Line], read: Reader) -> Rows:
    """Return the rows of a list-table, header and others."""
    options, body = split_options(lines)
    rows: list[list[list[tuple[int, int]]]] = []
    indent = -1  # of the marks of cells
    for line in body:
        if not line.text:
            continue
        match = ITEM.match(line.text)
        if match and match["row"] and indent in (-1, match.start("cell") + _blanks(match)):
            indent = match.start("cell") + _blanks(match)
            rows.append([[]])
        elif match and not match["row"] and _blanks(match) == indent and rows:
            rows[-1].append([])
        else:
            match = None
        at = match.end() if match else line.indent
        if rows:
            rows[-1][-1].append((line.start + at, line.start + len(line.text)))
    count, grid = _count(options), []
    for parts in rows:
        row = GridRow(parts[0][0][0], parts[-1][-1][1])
        row.cells = [(read(part), 1, 1) for part in parts]
        grid.append(row)
    return grid[:count], grid[count:]


def _blanks(match: re.Match[str]) -> int:
    return len(match["cell"]) - len(match["cell"].lstrip())


def _count(options: dict[str, tuple[str, int]]) -> int:
    """Return the number of rows that are a header."""
    value = options.get("header-rows", ("0", 0))[0]
    return int(value[:3]) if value.isdecimal() else 0


DIRECTIVES: dict[str, Callable[[TableText, Sequence[Line], Reader], Rows]] = {
    "csv-table": read_csv_directive,
    "list-table": read_list_directive,
}
