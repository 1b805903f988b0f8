"""Read all tables of a page: models, collections, and an account of every number."""

from collections.abc import Sequence
from dataclasses import dataclass

from zoo.model_index.dialects.page_tables.header import Meaning, Role
from zoo.model_index.dialects.page_tables.page_context import TableContext, read_context
from zoo.model_index.dialects.page_tables.row_entries import entries_of_rows
from zoo.model_index.dialects.page_tables.rows import PageRow, RowsOfTable, list_numbers, read_rows
from zoo.model_index.dialects.page_tables.table_settings import TableSettings
from zoo.model_index.errors import Fault
from zoo.model_index.reading.tables.grid import Grid
from zoo.model_index.reading.tables.read import read_grids
from zoo.model_index.records.page_tables import PageColumn, PageTable
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Entry

SKIPPED = "the settings skip this table"


@dataclass(frozen=True, slots=True)
class PageReading:
    """The models of a page, the families with the places of their tables, and its tables."""

    entries: list[Entry]
    families: dict[str, Place]
    tables: list[PageTable]
    faults: list[Fault]


def read_page(
    file: str, text: str, offset: int, publisher: str, settings: TableSettings
) -> PageReading:
    """Return what the tables of a page state. `publisher` is who publishes them where neither the
    settings nor the page say."""
    grids, faults = read_grids(file, text, offset)
    rows: list[PageRow] = []
    families: dict[str, Place] = {}
    tables = []
    for number, grid in enumerate(grids):
        context = read_context(grid, file, number)
        if settings.skips(context.family, *grid.headings, grid.caption):
            left = tuple(list_numbers(grid, SKIPPED))
            tables.append(
                PageTable(place=grid.place, heading=context.family, left_out=left, skipped=SKIPPED)
            )
            continue
        table = read_rows(grid, context, settings)
        tables.append(_account(grid, context, table))
        if table.rows:
            families.setdefault(context.family, grid.place)
            rows += table.rows
    entries = entries_of_rows(rows, settings.publisher or publisher, settings)
    return PageReading(entries, families, tables, faults)


def _account(grid: Grid, context: TableContext, table: RowsOfTable) -> PageTable:
    claims = sum(len(row.numbers) for row in table.rows)
    return PageTable(
        place=grid.place,
        heading=context.family,
        columns=tuple(_describe(column, table.rows) for column in table.columns),
        rows=len(table.rows),
        claims=claims,
        left_out=tuple(table.left_out),
        skipped=table.skipped,
    )


def _describe(column: Sequence[Meaning], rows: Sequence[PageRow]) -> PageColumn:
    """Return the header of a column, what it means in words, and how many numbers it has."""
    labels = {meaning.label for meaning in column}
    numbers = sum(number.meaning.label in labels for row in rows for number in row.numbers)
    words = " / ".join(describe_meaning(meaning, numbers) for meaning in column)
    return PageColumn(header=column[0].label, meaning=words, numbers=numbers)


WORDS = {
    Role.NAME: "name of the model",
    Role.TEXT: "text",
    Role.LINKS: "links",
    Role.IGNORED: "ignored",
}


def describe_meaning(meaning: Meaning, numbers: int) -> str:
    """Return the meaning of a column in words: `Inference Time in ms, batch size 1`."""
    if meaning.row is None:
        return WORDS.get(meaning.role) or ("a number of its own" if numbers else "text")
    unit = f" in {meaning.unit}" if meaning.unit else ""
    facts = [f"{name} {value}" for name, value in meaning.conditions]
    facts += [f"on {meaning.dataset}"] if meaning.dataset else []
    facts += [f"of the {meaning.part} part"] if meaning.part else []
    return ", ".join([f"{meaning.row.label}{unit}", *facts])
