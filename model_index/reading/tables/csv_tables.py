"""Read CSV and TSV as a grid.

The standard library's `csv` keeps lines and no columns, so fields are split here, by its rules.
"""

import re
from collections.abc import Iterator
from pathlib import PurePath

from zoo.model_index.reading.tables.captions import Headings
from zoo.model_index.reading.tables.cell_text import CellText
from zoo.model_index.reading.tables.grid import Grid, GridCell
from zoo.model_index.reading.tables.layout import GridRow, TableFrame, make_grid
from zoo.model_index.reading.tables.source import MAX_COLUMNS, TableText

DELIMITERS = "\t;,|"  # of those that stand as often in the header, the first
QUOTED = re.compile(r'"((?:[^"]|"")*+)"')
BLANK_LINES = re.compile(r"\ufeff?(?:[ \t]*+[\r\n]++)*+(?:[ \t]++\Z)?+")
LINE = re.compile(r"\r\n?|\n")
ADDRESS = re.compile(r"https?://\S+")


def read_csv_table(source: TableText) -> list[Grid]:
    """Return the table of a file; its first row that is not empty is the header, which alone says
    what separates the cells."""
    blank = BLANK_LINES.match(source.text)
    start, end = blank.end() if blank else 0, len(source.text)
    if start == end:
        return []
    first = LINE.search(source.text, start)
    delimiter = find_delimiter(source.text[start : first.start() if first else end])
    if PurePath(source.file).suffix.lower() in (".tsv", ".tab"):
        delimiter = "\t"
    rows = read_csv_rows(source, start, end, delimiter)
    frame = TableFrame(start=start, end=end, headings=Headings().above())
    grid = make_grid(source, frame, rows[:1], rows[1:])
    return [grid] if grid else []


def find_delimiter(header: str) -> str:
    """Return what separates the cells of a header: what stands most often outside of quotes."""
    plain = QUOTED.sub("", header)
    return max(DELIMITERS, key=plain.count) if any(map(plain.count, DELIMITERS)) else ","


def read_csv_rows(source: TableText, start: int, end: int, delimiter: str) -> list[GridRow]:
    """Return the rows of a part of a text that are not empty; each field is without its quotes."""
    rows: list[GridRow] = []
    most = MAX_COLUMNS
    for fields, count, first, last in _fields(source, start, end, delimiter):
        if not source.take_cells(first, min(count, most)):
            break
        row = GridRow(first, last)
        if not rows:
            most = source.bound_width(first, count)
        row.cells = [(_read_field(source, *field), 1, 1) for field in fields[: most + 1]]
        rows.append(row)
    return rows


def _fields(
    source: TableText, start: int, end: int, delimiter: str
) -> Iterator[tuple[list[tuple[int, int]], int, int, int]]:
    """Yield the fields of each row as offsets, quotes included, as many as may be read; how many
    there are; and where the row begins and ends."""
    text, at = source.text, start
    stop = re.compile(rf"[{re.escape(delimiter)}\r\n]")
    fields: list[tuple[int, int]] = []
    first, count = start, 0
    while at < end:
        at = _skip_blanks(text, at, end, delimiter)
        begin = at
        if text.startswith('"', at):
            quoted = QUOTED.match(text, at, end)
            if quoted:
                at = quoted.end()
            else:
                source.fault(at, "a quote that ends", "the end of the text")
        match = stop.search(text, at, end)
        close = match.start() if match else end
        count += 1
        if count <= MAX_COLUMNS + 1:
            fields.append((begin, close))
        at = close + 1
        if match and match[0] == delimiter:
            if at < end:
                continue
            fields, count = [*fields, (end, end)], count + 1
        if text.startswith("\r\n", close):
            at += 1
        if any(begin < close for begin, close in fields):
            yield fields, count, first, close
        fields, first, count = [], at, 0


def _skip_blanks(text: str, at: int, end: int, delimiter: str) -> int:
    while at < end and text[at] in " \t\f\v" and text[at] != delimiter:
        at += 1
    return at


def _read_field(source: TableText, start: int, end: int) -> GridCell:
    start, end = source.strip(start, end)
    if source.is_too_long(start, end):
        return source.empty_cell(start)
    if plain := source.plain_cell(start, end):
        return plain
    cell = CellText(source)
    quoted = QUOTED.fullmatch(source.text, start, end)
    if quoted:
        start, end = source.strip(*quoted.span(1))
    at = start
    address = ADDRESS.fullmatch(source.text, start, end)
    if address:
        cell.open_link(address[0])
    while quoted and (double := source.text.find('""', at, end)) >= 0:
        cell.literal(at, double + 1)
        at = double + 2
    cell.literal(at, end)
    return cell.finish(start, end)
