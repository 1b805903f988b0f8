"""Cells of a grid: where a part of their text stands, and the rows below a group heading."""

from zoo.model_index.reading.tables.grid import Grid, GridCell, Piece
from zoo.model_index.records.place import Place

CELL = GridCell(
    text="4.5 & 9G",
    span=Place("r.md", 3, 10, 50, 70),
    pieces=(Piece(0, 50, 4, 3, 10), Piece(6, 68, 2, 4, 1)),
)


def test_a_part_of_a_cell_has_its_own_place() -> None:
    assert CELL.span_of(0, 3) == Place("r.md", 3, 10, 50, 53)
    assert CELL.span_of(6, 7) == Place("r.md", 4, 1, 68, 69)


def test_a_part_that_stands_otherwise_in_the_file_has_no_place() -> None:
    assert CELL.span_of(4, 5) is None
    assert CELL.span_of(0, 8) is None


def test_rows_have_the_group_heading_above_them() -> None:
    cells = [GridCell(text=text, span=Place("r.md", 1)) for text in "abc"]
    rows = tuple((cell, cell) for cell in cells)
    grid = Grid(header=(rows[0],), rows=rows, place=Place("r.md", 1), groups=frozenset({1}))
    assert list(grid.grouped_rows()) == [(None, rows[0]), (cells[1], rows[2])]
    assert grid.width == 2
