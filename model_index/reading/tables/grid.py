"""Grids: tables of a page as header and rows of cells, each with its place in the file.

A cell has the text that a reader of the page sees, and where its characters stand, so that one
number of it can be pointed at and replaced.
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from zoo.model_index.records.place import Place


class Link(NamedTuple):
    """A link in a cell: what is clicked, and the address as the file gives it; it is never
    followed."""

    text: str
    address: str


class Piece(NamedTuple):
    """Characters of a cell's text that stand in the file as they are.

    `at` is where they begin in the text, `start` where in the file, at `line` and `column` (from
    1).
    """

    at: int
    start: int
    length: int
    line: int
    column: int


class GridCell(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One cell of a table.

    `text` is plain: markup and footnote marks are taken off, white space is one space, and so is a
    line break. `span` is the place of the cell's characters, without the blanks around them.
    `pieces` are empty where the text is all of these. `bold` says that all of the text is. `notes`
    are footnote marks (`1`, `†`).
    """

    text: str
    span: Place
    pieces: tuple[Piece, ...] = ()
    links: tuple[Link, ...] = ()
    bold: bool = False
    notes: tuple[str, ...] = ()

    def span_of(self, start: int, end: int) -> Place | None:
        """Return the place of the characters `text[start:end]`; None where they do not stand in
        the file as they are, such as those of an entity."""
        whole = Piece(0, self.span.start, len(self.text), self.span.line, self.span.column)
        for piece in self.pieces or (whole,) * (len(self.text) == self.span.end - self.span.start):
            shift = start - piece.at
            if shift >= 0 and start < end <= piece.at + piece.length:
                first = piece.start + shift
                column = piece.column + shift
                return Place(self.span.file, piece.line, column, first, first + end - start)
        return None


Cells = tuple[GridCell, ...]


class Grid(msgspec.Struct, frozen=True, kw_only=True):
    """One table.

    A cell that spans columns or rows stands, the same object, in each place that it covers; all
    rows are as wide as the header. `header` has every row of the header. `groups` are the numbers
    of the rows, from 0, that are one cell over the full width: headings of the rows below.
    `headings` are those of the page above the table, the outermost first.
    """

    header: tuple[Cells, ...]
    rows: tuple[Cells, ...]
    place: Place
    groups: frozenset[int] = frozenset()
    headings: tuple[str, ...] = ()
    caption: str = ""

    @property
    def width(self) -> int:
        """Return the number of columns."""
        return len(self.header[0]) if self.header else len(self.rows[0]) if self.rows else 0

    def grouped_rows(self) -> Iterator[tuple[GridCell | None, Cells]]:
        """Yield each row that is no group heading, with the group heading above it or None."""
        heading = None
        for number, row in enumerate(self.rows):
            if number in self.groups:
                heading = row[0]
            else:
                yield heading, row
