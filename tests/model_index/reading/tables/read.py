"""Read a text as the tables of a file, for the tests of tables; every character's place is
checked."""

from zoo.model_index.reading.tables.grid import Grid, GridCell
from zoo.model_index.reading.tables.read import read_grids


def read(text: str, file: str = "t.md") -> tuple[list[Grid], list[str]]:
    """The tables of a text, and its faults without the file's name."""
    grids, faults = read_grids(file, text)
    for grid in grids:
        for row in (*grid.header, *grid.rows):
            for cell in row:
                check_places(text, cell)
    return list(grids), [str(fault).removeprefix(f"{file}:") for fault in faults]


def check_places(text: str, cell: GridCell) -> None:
    """Each character that has a place stands there, and in that line and column."""
    for at, character in enumerate(cell.text):
        place = cell.span_of(at, at + 1)
        if place:
            assert text[place.start : place.end] == character
            assert text.split("\n")[place.line - 1][place.column - 1] == character
            assert cell.span.start <= place.start < place.end <= cell.span.end


def texts(grid: Grid) -> list[list[str]]:
    """The texts of a table, header first."""
    return [[cell.text for cell in row] for row in (*grid.header, *grid.rows)]


def cell(text: str) -> GridCell:
    """A cell of Markdown."""
    grids, faults = read(f"| {text} |\n|-|\n")
    assert not faults
    return grids[0].header[0][0]
