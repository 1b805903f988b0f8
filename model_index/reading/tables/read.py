"""Read the grids of a file by its suffix."""

from collections.abc import Callable
from pathlib import PurePath

from zoo.model_index.errors import Fault
from zoo.model_index.reading.tables.grid import Grid
from zoo.model_index.reading.tables.source import TableText


def _markdown(source: TableText) -> list[Grid]:
    from zoo.model_index.reading.tables.markdown_pages import read_markdown_page

    return read_markdown_page(source)


def _html(source: TableText) -> list[Grid]:
    from zoo.model_index.reading.tables.html_tables import read_html_page

    return read_html_page(source)


def _restructured(source: TableText) -> list[Grid]:
    from zoo.model_index.reading.tables.rst_pages import read_rst_page

    return read_rst_page(source)


def _csv(source: TableText) -> list[Grid]:
    from zoo.model_index.reading.tables.csv_tables import read_csv_table

    return read_csv_table(source)


# What reads a format is imported when a file of it is read.
READERS: dict[str, Callable[[TableText], list[Grid]]] = {
    ".md": _markdown,
    ".markdown": _markdown,
    ".mdx": _markdown,
    ".html": _html,
    ".htm": _html,
    ".rst": _restructured,
    ".csv": _csv,
    ".tsv": _csv,
    ".tab": _csv,
}
TABLE_SUFFIXES = tuple(READERS)


def read_grids(file: str, text: str, offset: int = 0) -> tuple[tuple[Grid, ...], list[Fault]]:
    """Return the tables of a file in reading order, and the faults of what was left out.

    `file` is the name that places have; its suffix says the format. `offset` is where `text` begins
    in the file, in characters: 1 behind a byte order mark.
    """
    source = TableText(file, text, offset)
    grids = READERS[PurePath(file).suffix.lower()](source)
    return tuple(grids), source.faults
