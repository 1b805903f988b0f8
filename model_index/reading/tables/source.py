"""The text that tables are read from: places of its characters, its faults, and limits."""

import re
from bisect import bisect_right
from collections.abc import Sequence

from zoo.model_index.errors import Fault
from zoo.model_index.reading.tables.grid import Cells, GridCell
from zoo.model_index.records.place import Place

# Words and numbers without marks.
PLAIN = re.compile(r"[A-Za-z0-9.,%+()#@=-]++(?:[ _/]?+[A-Za-z0-9.,%+()#@=-]++)*+")
MAX_COLUMNS = 1_000
MAX_CELLS = 250_000  # of a file; one takes 300 bytes
MAX_CELL = 50_000  # characters of a cell in the file
MAX_TABLE_FAULTS = 1_000  # of a file


class TableText:
    """One text, with the faults of its tables and the number of cells that may still be read.

    `offset` is where it begins in the file, in characters. Only a line feed ends a line, as for
    editors and git.
    """

    def __init__(self, file: str, text: str, offset: int = 0) -> None:
        self.file, self.text, self.offset = file, text, offset
        self.faults: list[Fault] = []
        self.cells_left = MAX_CELLS
        self._wide_lines: set[int] = set()
        self._starts = [0]
        at = text.find("\n") + 1
        while at:
            self._starts.append(at)
            at = text.find("\n", at) + 1

    def position(self, at: int) -> tuple[int, int]:
        """Return line and column, from 1, of the character at an offset of the text."""
        line = bisect_right(self._starts, at)
        return line, at - self._starts[line - 1] + 1

    def line_start(self, line: int) -> int:
        """Return the offset of a line's first character; lines count from 0, and the one behind
        the last is the end."""
        return self._starts[line] if line < len(self._starts) else len(self.text)

    def place(self, start: int, end: int) -> Place:
        """Return the place of `text[start:end]` in the file."""
        line, column = self.position(start)
        return Place(self.file, line, column, self.offset + start, self.offset + end)

    def strip(self, start: int, end: int) -> tuple[int, int]:
        """Return start and end without the blanks at both ends."""
        text = self.text[start:end]
        start += len(text) - len(text.lstrip())
        return start, start + len(text.strip())

    def plain_cell(self, start: int, end: int) -> GridCell | None:
        """Return a cell of signs that mean nothing in any format, as most cells are; None for any
        other."""
        if not PLAIN.fullmatch(self.text, start, end):
            return None
        return GridCell(text=self.text[start:end], span=self.place(start, end))

    def empty_cell(self, at: int) -> GridCell:
        """Return a cell without text."""
        return GridCell(text="", span=self.place(at, at))

    def fault(self, at: int, expected: str, got: str) -> None:
        """Record a fault at an offset of the text; of very many, the first."""
        if len(self.faults) < MAX_TABLE_FAULTS:
            line = self.position(at)[0]
            self.faults.append(Fault(self.file, line, "", expected, got))

    def take_cells(self, at: int, number: int) -> bool:
        """Return whether this many more cells may be read; if not, there is a fault, once."""
        if number and self.cells_left < 0:
            return False
        self.cells_left -= number
        if number and self.cells_left < 0:
            got = "more; what follows was not read"
            self.fault(at, f"tables of at most {MAX_CELLS:,} cells in a file", got)
        return not number or self.cells_left >= 0

    def bound_width(self, at: int, width: int) -> int:
        """Return the number of columns to read; there is a fault where that is not all,
        once a line."""
        if width <= MAX_COLUMNS:
            return width
        line = self.position(at)[0]
        if line in self._wide_lines:
            return MAX_COLUMNS
        self._wide_lines.add(line)
        got = f"{width:,}; the others were not read"
        self.fault(at, f"a table of at most {MAX_COLUMNS:,} columns", got)
        return MAX_COLUMNS

    def is_too_long(self, start: int, end: int) -> bool:
        """Return whether a cell has too many characters; there is a fault then."""
        if end - start <= MAX_CELL:
            return False
        got = f"{end - start:,}; the cell was not read"
        self.fault(start, f"a cell of at most {MAX_CELL:,} characters", got)
        return True

    def fit_row(self, cells: Sequence[GridCell], width: int, start: int, end: int) -> Cells:
        """Return a row of exactly `width` cells, filled with empty ones; another number of cells is
        a fault, and what stands beyond the last column is not read."""
        if len(cells) != width:
            self.fault(start, f"a row of {width} cells", _describe(len(cells), width))
        if len(cells) >= width:
            return tuple(cells[:width])
        return (*cells, *[self.empty_cell(end)] * (width - len(cells)))


def _describe(count: int, width: int) -> str:
    rest = "the others have no column and were not read" if count > width else "the last are empty"
    return f"{count}; {rest}"
