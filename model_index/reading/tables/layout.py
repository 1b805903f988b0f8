"""Lay cells out as a grid: spans, the width of the header, rows that are too short or too long."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from zoo.model_index.reading.tables.grid import Cells, Grid, GridCell
from zoo.model_index.reading.tables.source import MAX_COLUMNS, TableText


@dataclass(slots=True)
class GridRow:
    """A row as the file has it: where it begins and ends in the text, and its cells, each with the
    number of columns and rows that it covers."""

    start: int
    end: int
    cells: list[tuple[GridCell, int, int]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class TableFrame:
    """What is around the rows of a table: where it stands in the text, headings and caption."""

    start: int
    end: int
    headings: tuple[str, ...] = ()
    caption: str = ""


def make_grid(
    source: TableText, frame: TableFrame, header: Sequence[GridRow], rows: Sequence[GridRow]
) -> Grid | None:
    """Return the grid of a table; None for one without cells.

    It is as wide as the header, or the first row where there is none. Rows of another width are
    faults, and so is a header that stands again among the rows.
    """
    wide = zip([*header, *rows], _expand([*header, *rows]), strict=True)
    first = list(islice(wide, len(header) or 1))
    columns = max((len(cells) for _, cells in first), default=0)
    if not columns:
        return None
    width = source.bound_width(frame.start, columns)
    fitting = []
    for row, cells in chain(first, wide):
        if not source.take_cells(row.start, max(0, len(cells) - len(row.cells))):
            break  # the cells of spans count, too
        if columns > width:  # there is a fault that says so
            cells = cells[:width]
        fitting.append((row.start, source.fit_row(cells, width, row.start, row.end)))
    top = tuple(cells for _, cells in fitting[: len(header)])
    body = _drop_headers(source, top, fitting[len(header) :])
    return Grid(
        header=top,
        rows=body,
        place=source.place(frame.start, frame.end),
        groups=frozenset(number for number, row in enumerate(body) if _is_group(row)),
        headings=frame.headings,
        caption=frame.caption,
    )


def _expand(rows: Sequence[GridRow]) -> Iterator[list[GridCell]]:
    """Yield each row with its cells in every column that they cover, those of cells above
    included; never more columns than one beyond the limit."""
    below: dict[int, tuple[GridCell, int]] = {}  # what covers a column, and how many rows more
    for row in rows:
        cells: list[GridCell] = []
        next_below: dict[int, tuple[GridCell, int]] = {}

        def cover(
            cell: GridCell,
            count: int,
            cells: list[GridCell] = cells,
            next_below: dict[int, tuple[GridCell, int]] = next_below,
        ) -> None:
            if count > 1:
                next_below[len(cells)] = (cell, count - 1)
            cells.append(cell)

        for cell, columns, count in row.cells:
            while len(cells) in below:
                cover(*below[len(cells)])
            for _ in range(min(columns, MAX_COLUMNS + 1 - len(cells))):
                cover(cell, count)
            if len(cells) > MAX_COLUMNS:
                break
        while len(cells) in below and len(cells) <= MAX_COLUMNS:
            cover(*below[len(cells)])
        below = next_below
        yield cells


def _drop_headers(
    source: TableText, header: tuple[Cells, ...], rows: Sequence[tuple[int, Cells]]
) -> tuple[Cells, ...]:
    """Return the rows that are not the header again."""
    names = {tuple(cell.text for cell in row) for row in header if any(cell.text for cell in row)}
    body = []
    for start, row in rows:
        if names and tuple(cell.text for cell in row) in names:
            source.fault(start, "a header once", "the header again among the rows")
        else:
            body.append(row)
    return tuple(body)


def _is_group(row: Cells) -> bool:
    """Return whether a row is one cell over the full width, or one bold text and nothing else."""
    if len(row) < 2 or not row[0].text:
        return False
    if all(cell is row[0] for cell in row):
        return True
    return row[0].bold and not any(cell.text for cell in row[1:])
