"""Read the tables of a page of reStructuredText: simple ones, grids, csv-table and list-table.

docutils reads them too and keeps the line of a row, no columns, so they are read here.
"""

import re
from collections.abc import Sequence

from zoo.model_index.reading.tables.captions import Headings
from zoo.model_index.reading.tables.grid import Grid, GridCell
from zoo.model_index.reading.tables.html_tables import read_html_tables
from zoo.model_index.reading.tables.inline_marks import fold_label
from zoo.model_index.reading.tables.layout import GridRow, TableFrame, make_grid
from zoo.model_index.reading.tables.markup import read_marks
from zoo.model_index.reading.tables.rst_directives import DIRECTIVE, DIRECTIVES, find_block_end
from zoo.model_index.reading.tables.rst_grid import (
    TOP,
    NoGrid,
    Steps,
    find_grid_end,
    read_grid_rows,
)
from zoo.model_index.reading.tables.rst_lines import Line, split_lines
from zoo.model_index.reading.tables.rst_marks import find_rst_marks
from zoo.model_index.reading.tables.rst_simple import BORDER, find_simple_end, read_simple_rows
from zoo.model_index.reading.tables.source import TableText

ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1{2,}")
TARGET = re.compile(r"^[ ]*\.\. _(`[^`\n]+`|[^:\n]+):[ ]+(\S+)[ ]*$", re.MULTILINE)
CODE = ("code", "code-block", "sourcecode", "parsed-literal", "math", "literalinclude", "highlight")


def read_rst_page(source: TableText) -> list[Grid]:
    """Return the tables of a page in reading order; those in code and in comments are none."""
    return _RstPage(source).grids()


class _RstPage:
    """One page, read line by line."""

    def __init__(self, source: TableText) -> None:
        self._source = source
        self._lines = split_lines(source)
        self._headings = Headings()
        self._steps = Steps()
        self._levels: list[tuple[str, bool]] = []
        self._caption = ""
        self._grids: list[Grid] = []
        targets = TARGET.findall(source.text)
        self._links = {fold_label(name.strip("`")): address for name, address in targets}

    def grids(self) -> list[Grid]:
        """Read all lines and return the tables."""
        number = 0
        while number < len(self._lines):
            number = self._step(number) + 1
        return self._grids

    def _step(self, number: int) -> int:
        """Read what begins at a line, and return the number of its last line."""
        line = self._lines[number]
        if directive := DIRECTIVE.fullmatch(line.text):
            return self._directive(number, directive["name"], directive["title"] or "")
        if line.text.lstrip().startswith(".. ") and not line.text.lstrip().startswith(".. _"):
            return find_block_end(self._lines, number)  # a comment
        if BORDER.fullmatch(line.text):
            return self._simple(number)
        if TOP.fullmatch(line.text):
            return self._grid(number)
        if self._is_title(number):
            return number + 1
        if line.text.endswith("::"):
            return find_block_end(self._lines, number)
        return number

    def _is_title(self, number: int) -> bool:
        """Return whether a line is a title, with a line of signs below it; it is a heading then."""
        line = self._lines[number]
        below = self._lines[number + 1].text if number + 1 < len(self._lines) else ""
        if not line.text or not ADORNMENT.fullmatch(below) or ADORNMENT.fullmatch(line.text):
            return False
        above = self._lines[number - 1].text if number else ""
        style = (below[0], above == below)
        if style not in self._levels:
            self._levels.append(style)
        text = self._read([line.part(0, None)]).text
        self._headings.add(self._levels.index(style), text)
        self._caption = ""
        return True

    def _directive(self, number: int, name: str, title: str) -> int:
        """Read a directive; of one that has other text, that text is read on."""
        end = find_block_end(self._lines, number)
        block = self._lines[number + 1 : end + 1]
        if name in DIRECTIVES:
            header, rows = DIRECTIVES[name](self._source, block, self._read)
            self._add(number, end, header, rows, title)
        elif name == "raw" and title == "html" and block:
            stop = block[-1].start + len(block[-1].text)
            tables = read_html_tables(self._source, block[0].start, stop, self._headings)
            self._grids += tables
        elif name == "table":
            self._caption = title
            return number
        elif name not in CODE:
            return number
        return end

    def _simple(self, number: int) -> int:
        header, last = find_simple_end(self._lines, number)
        top = self._lines[number]
        if last < 0:
            self._source.fault(top.start, "a table that ends with a line of =", "no such line")
            return number
        head = read_simple_rows(self._lines[number + 1 : header], top, self._read)
        rows = read_simple_rows(self._lines[max(header, number) + 1 : last], top, self._read)
        self._add(number, last, head, rows)
        return last

    def _grid(self, number: int) -> int:
        last = find_grid_end(self._lines, number)
        try:
            header, rows = read_grid_rows(self._lines[number : last + 1], self._read, self._steps)
        except NoGrid:
            start = self._lines[number].start
            self._source.fault(start, "a table whose cells are closed", "a drawing with gaps")
        else:
            self._add(number, last, header, rows)
        return last

    def _add(
        self,
        first: int,
        last: int,
        header: Sequence[GridRow],
        rows: Sequence[GridRow],
        caption: str = "",
    ) -> None:
        end: Line = self._lines[last]
        frame = TableFrame(
            start=self._lines[first].start,
            end=end.start + len(end.text),
            headings=self._headings.above(),
            caption=caption or self._caption,
        )
        self._caption = ""
        if not header:
            header, rows = rows[:1], rows[1:]
        if grid := make_grid(self._source, frame, header, rows):
            self._grids.append(grid)

    def _read(self, parts: Sequence[tuple[int, int]]) -> GridCell:
        if not self._source.take_cells(parts[0][0] if parts else 0, 1):
            return self._source.empty_cell(0)
        parts = [self._skip_bar(*self._source.strip(*part)) for part in parts]
        return read_marks(self._source, parts, find_rst_marks, self._links)

    def _skip_bar(self, start: int, end: int) -> tuple[int, int]:
        """Return a part of a cell without the bar of a line block."""
        return (start + 2 if self._source.text.startswith("| ", start, end) else start), end
