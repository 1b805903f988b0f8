"""Read the simple tables of reStructuredText: columns below runs of equals signs."""

import re
from collections.abc import Callable, Sequence

from zoo.model_index.reading.tables.grid import GridCell
from zoo.model_index.reading.tables.layout import GridRow
from zoo.model_index.reading.tables.rst_lines import Line

BORDER = re.compile(r"[ ]*=+(?:[ ]+=+)+")
RUN = re.compile(r"=+|-+")
SPANS = re.compile(r"[ ]*-+(?:[ ]+-+)*")

Reader = Callable[[Sequence[tuple[int, int]]], GridCell]
Columns = list[tuple[int, int | None]]


def find_simple_end(lines: Sequence[Line], first: int) -> tuple[int, int]:
    """Return the numbers of the line below the header and of the last line; the first is that of
    the top where there is no header, the last -1 where the table has no end."""
    header = first
    for number in range(first + 1, len(lines)):
        if not BORDER.fullmatch(lines[number].text):
            continue
        last = number + 1 == len(lines) or not lines[number + 1].text
        if last or header != first:
            return header, number
        header = number
    return first, -1


def read_simple_rows(lines: Sequence[Line], border: Line, read: Reader) -> list[GridRow]:
    """Return the rows of these lines; a line without a first cell goes on with the row above, and a
    line of dashes says which columns its row joins."""
    columns = _columns(border.text)
    rows: list[GridRow] = []
    pending: list[list[Line]] = []
    for line in lines:
        if not line.text:
            continue
        if SPANS.fullmatch(line.text):
            rows += [_row(group, columns, read) for group in pending[:-1]]
            spans = _join(columns, _columns(line.text))
            rows += [_row(group, columns, read, spans) for group in pending[-1:]]
            pending = []
            continue
        start, end = line.part(*columns[0])
        blank = not line.text[start - line.start : end - line.start].strip()
        if pending and blank:
            pending[-1].append(line)
        else:
            pending.append([line])
    return rows + [_row(group, columns, read) for group in pending]


def _columns(border: str) -> Columns:
    runs = [match.span() for match in RUN.finditer(border)]
    return [*runs[:-1], (runs[-1][0], None)]


def _join(columns: Columns, spans: Columns) -> list[int]:
    """Return how many columns each run of dashes covers."""
    starts = [start for start, _ in spans]
    return [
        sum(1 for start, _ in columns if first <= start and (last is None or start < last))
        for first, last in zip(starts, [*starts[1:], None], strict=True)
    ]


def _row(
    lines: Sequence[Line], columns: Columns, read: Reader, spans: Sequence[int] = ()
) -> GridRow:
    row = GridRow(lines[0].start, lines[-1].start + len(lines[-1].text))
    number = 0
    for count in spans or [1] * len(columns):
        if count:
            first, last = columns[number][0], columns[number + count - 1][1]
            cell = read([line.part(first, last) for line in lines])
            row.cells.append((cell, count, 1))
            number += count
    return row
