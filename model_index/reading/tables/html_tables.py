"""Read the tables of HTML, in a page of its own or inside of Markdown."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from zoo.model_index.reading.tables.captions import Headings
from zoo.model_index.reading.tables.grid import Grid, GridCell
from zoo.model_index.reading.tables.layout import GridRow, TableFrame, make_grid
from zoo.model_index.reading.tables.markup import read_cell, read_html_cell
from zoo.model_index.reading.tables.source import MAX_COLUMNS, TableText
from zoo.model_index.reading.tables.tags import CutOff, Tag, tags

OPENS = re.compile(r"<table[\s>]", re.IGNORECASE)
MOST_ROWS = 65_534  # that a cell may cover
MAX_NESTED = 20  # tables within each other
SECTIONS = ("thead", "tbody", "tfoot")
TITLES = {f"h{level}": level for level in range(1, 7)} | {"summary": 7}


def read_html_page(source: TableText) -> list[Grid]:
    """Return the tables of a page in reading order."""
    return read_html_tables(source, 0, len(source.text), Headings())


def read_html_tables(source: TableText, start: int, end: int, headings: Headings) -> list[Grid]:
    """Return the tables of a part of a text; the headings in it are added to those above."""
    reader = _HtmlReader(source, headings)
    try:
        for tag in tags(source.text, start, end):
            if source.cells_left < 0:
                break
            reader.take(tag)
    except CutOff as error:
        if reader.is_open or OPENS.search(source.text, error.at, end):
            source.fault(error.at, "HTML that is whole", f"{error.what} that does not end")
        reader.end(error.at)
    else:
        reader.end(end)
    return sorted(reader.grids, key=lambda grid: grid.place.start)


@dataclass(slots=True)
class _OpenCell:
    """A cell whose end has not been read: where its content begins, and what it covers."""

    start: int
    columns: int
    rows: int
    nested: bool = False


@dataclass(slots=True, kw_only=True)
class _OpenTable:
    """A table whose end has not been read."""

    start: int
    headings: tuple[str, ...]
    caption: str = ""
    section: str = ""
    has_head: bool = False
    caption_start: int = -1
    cell: _OpenCell | None = None
    row: GridRow | None = None
    header_cells: int = 0  # of the open row
    header: list[GridRow] = field(default_factory=list)
    rows: list[GridRow] = field(default_factory=list)


class _HtmlReader:
    """Reads tables from the tags of one text."""

    def __init__(self, source: TableText, headings: Headings) -> None:
        self.source, self.headings = source, headings
        self.grids: list[Grid] = []
        self._tables: list[_OpenTable] = []
        self._title: Tag | None = None

    @property
    def is_open(self) -> bool:
        """Return whether the end of a table is missing."""
        return bool(self._tables)

    def take(self, tag: Tag) -> None:
        """Read a tag."""
        if tag.name == "table":
            (self._close_table if tag.closing else self._open_table)(tag)
        elif not self._tables:
            self._take_title(tag)
        elif (action := ACTIONS.get(tag.name)) and len(self._tables) <= MAX_NESTED:
            action(self, self._tables[-1], tag)

    def end(self, at: int) -> None:
        """End what is open; the open cell may be cut off and is not read."""
        if self._tables:
            table = self._tables[0]
            got = "the end of the text; the cell there was not read"
            self.source.fault(table.start, "a table that ends with </table>", got)
        while self._tables:
            table = self._tables.pop()
            table.cell = None
            self._finish(table, at)

    def _take_title(self, tag: Tag) -> None:
        if tag.name == "details" and tag.closing:
            self.headings.add(TITLES["summary"], "")
        if tag.name not in TITLES:
            return
        if not tag.closing:
            self._title = tag
        elif self._title:
            text = read_html_cell(self.source, self._title.end, tag.start).text
            self.headings.add(TITLES[self._title.name], text)
            self._title = None

    def _open_table(self, tag: Tag) -> None:
        self._title = None
        if self._tables and (cell := self._tables[-1].cell):
            cell.nested = True
        self._tables.append(_OpenTable(start=tag.start, headings=self.headings.above()))

    def _close_table(self, tag: Tag) -> None:
        if self._tables:
            table = self._tables.pop()
            self._close_row(table, tag.start)
            self._finish(table, tag.end)

    def _finish(self, table: _OpenTable, end: int) -> None:
        self._close_row(table, end)
        frame = TableFrame(
            start=table.start, end=end, headings=table.headings, caption=table.caption
        )
        header, rows = table.header, table.rows
        if not header:
            header, rows = rows[:1], rows[1:]
        if grid := make_grid(self.source, frame, header, rows):
            self.grids.append(grid)

    def _take_caption(self, table: _OpenTable, tag: Tag) -> None:
        if not tag.closing:
            table.caption_start = tag.end
        elif table.caption_start >= 0:
            table.caption = read_html_cell(self.source, table.caption_start, tag.start).text

    def _take_section(self, table: _OpenTable, tag: Tag) -> None:
        self._close_row(table, tag.start)
        table.section = "" if tag.closing else tag.name
        table.has_head = table.has_head or tag.name == "thead"

    def _take_row(self, table: _OpenTable, tag: Tag) -> None:
        self._close_row(table, tag.start)
        if not tag.closing:
            table.row = GridRow(tag.start, tag.end)

    def _take_cell(self, table: _OpenTable, tag: Tag) -> None:
        self._close_cell(table, tag.start)
        if tag.closing:
            return
        if table.row is None:
            table.row = GridRow(tag.start, tag.end)
        table.header_cells += tag.name == "th"
        table.cell = _OpenCell(
            tag.end,
            _span(tag.attribute("colspan"), MAX_COLUMNS),
            _span(tag.attribute("rowspan"), MOST_ROWS),
        )

    def _close_cell(self, table: _OpenTable, end: int) -> None:
        cell, table.cell = table.cell, None
        if cell and table.row and self.source.take_cells(cell.start, 1):
            table.row.cells.append((self._read(cell, end), cell.columns, cell.rows))
            table.row.end = end

    def _read(self, cell: _OpenCell, end: int) -> GridCell:
        if cell.nested:  # it has tables of its own
            return self.source.empty_cell(cell.start)
        # Behind an empty line, Markdown begins again.
        is_markdown = self.source.text.find("\n\n", cell.start, end) >= 0
        return (read_cell if is_markdown else read_html_cell)(self.source, cell.start, end)

    def _close_row(self, table: _OpenTable, end: int) -> None:
        self._close_cell(table, end)
        row, table.row = table.row, None
        header_cells, table.header_cells = table.header_cells, 0
        if row is None or not row.cells:
            return
        # A body may have nothing but <th>, below a <thead>.
        top = not (table.rows or table.has_head) and header_cells == len(row.cells)
        (table.header if top or table.section == "thead" else table.rows).append(row)


def _span(text: str, most: int) -> int:
    """Return how many columns or rows a cell covers; 0 rows are all that follow."""
    if not text.strip().isdecimal():
        return 1
    number = int(text.strip()[:9])
    return min(number, most) or (most if most == MOST_ROWS else 1)


ACTIONS: dict[str, Callable[[_HtmlReader, _OpenTable, Tag], None]] = {
    "caption": _HtmlReader._take_caption,
    **dict.fromkeys(SECTIONS, _HtmlReader._take_section),
    "tr": _HtmlReader._take_row,
    "td": _HtmlReader._take_cell,
    "th": _HtmlReader._take_cell,
}
