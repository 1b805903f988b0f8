"""Make models of the rows of a table: a name, numbers, texts, links and the input of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from zoo.model_index.dialects.page_tables.cell_numbers import (
    SIZE,
    count_parts,
    is_numeric,
    read_numbers,
)
from zoo.model_index.dialects.page_tables.columns import Columns, is_of_models, read_columns
from zoo.model_index.dialects.page_tables.data_sets import find_data_set
from zoo.model_index.dialects.page_tables.header import Meaning, Role
from zoo.model_index.dialects.page_tables.page_context import TableContext
from zoo.model_index.dialects.page_tables.row_links import RowLink, links_of
from zoo.model_index.dialects.page_tables.row_names import clean_name, split_names
from zoo.model_index.dialects.page_tables.row_numbers import RowNumber, read_cell
from zoo.model_index.dialects.page_tables.table_settings import TableSettings
from zoo.model_index.quantities.parse import MAX_LENGTH, parse_size, states_nothing
from zoo.model_index.reading.tables.grid import Grid, GridCell
from zoo.model_index.records.input_spec import InputSpec, image_input
from zoo.model_index.records.page_tables import LeftOut
from zoo.model_index.records.place import Place

NO_NAME = "the row names no model"
MOST_NAMES = 4  # models in one cell


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRow:
    """One model of a table. `inputs` are the image sizes that its numbers are of, mostly one."""

    name: str
    place: Place
    context: TableContext
    group: str = ""
    dataset: str | None = None
    inputs: tuple[InputSpec, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    links: tuple[RowLink, ...] = ()
    numbers: tuple[RowNumber, ...] = ()


@dataclass(slots=True)
class RowsOfTable:
    """The models of a table, its columns, and the numbers that are no claims."""

    columns: Columns
    rows: list[PageRow] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    skipped: str = ""


def read_rows(grid: Grid, context: TableContext, settings: TableSettings) -> RowsOfTable:
    """Return the models of a table; none, with the reason, of one that is not about models."""
    lines = list(grid.grouped_rows())
    columns = read_columns(grid.header, [row for _, row in lines], context.task, settings)
    table = RowsOfTable(columns)
    if not is_of_models(columns):
        table.skipped = "no column names models, or none is a number about them"
        table.left_out = list_numbers(grid, table.skipped)
        return table
    names = next(place for place, column in enumerate(columns) if column[0].role is Role.NAME)
    header = [cell.text for cell in grid.header[-1]] if grid.header else []
    taken: set[Place] = set()
    for group, cells in lines:
        if [cell.text for cell in cells] == header:
            continue
        place = next((c.span for c in cells if c.span not in taken), cells[0].span)
        taken.add(place)
        reader = RowReader(columns, cells, names, place, context, group.text if group else "")
        for item in reader.read():
            if isinstance(item, PageRow):
                table.rows.append(item)
            else:
                table.left_out.append(item)
    return table


class RowReader:
    """Reads one row: `names` is the column of its name."""

    def __init__(
        self,
        columns: Columns,
        cells: Sequence[GridCell],
        names: int,
        place: Place,
        context: TableContext,
        group: str,
    ):
        self.columns, self.cells, self.names = columns, cells, names
        self.place, self.context, self.group = place, context, group
        self.inputs = tuple(self._read_inputs())

    def read(self) -> Iterator[PageRow | LeftOut]:
        """Yield the models of the row, and the numbers that are no claims."""
        names = self._read_names()
        several = len(names) if len(names) > 1 else max(1, len(self.inputs))
        read = [
            item
            for place, (cell, meanings) in enumerate(zip(self.cells, self.columns, strict=True))
            if place != self.names
            for item in read_cell(cell, meanings, several)
        ]
        numbers = [item for item in read if isinstance(item, RowNumber)]
        yield from (item for item in read if isinstance(item, LeftOut))
        if not any(names):
            yield from (_unnamed(number) for number in numbers)
            return
        for part, name in enumerate(names):
            own_numbers = [n for n in numbers if len(names) == 1 or n.part in (None, part)]
            yield self._row(name, own_numbers, len(names), part)

    def _row(self, name: str, numbers: Sequence[RowNumber], names: int, part: int) -> PageRow:
        links = [
            link
            for cell, (meaning, *_) in zip(self.cells, self.columns, strict=True)
            for link in links_of(cell, "" if meaning.role is Role.NAME else meaning.label)
        ]
        if names > 1:
            links = links[part :: len(links) // names] if len(links) == names else []
        return PageRow(
            name=name,
            place=self._place_of(part),
            context=self.context,
            group=self.group,
            dataset=find_data_set(name) or find_data_set(self.group),
            inputs=self.inputs or tuple(filter(None, [self.context.input])),
            texts=tuple(self._read_texts()),
            links=tuple(links),
            numbers=tuple(numbers),
        )

    def _place_of(self, part: int) -> Place:
        """Return the place of a model: no two of a page have the same."""
        if not part:
            return self.place
        place = self.place
        return Place(place.file, place.line, place.column + part, place.start + part, place.end)

    def _read_names(self) -> list[str]:
        """Return the names in the row: several where other cells have as many numbers."""
        text = self.cells[self.names].text
        counts = [
            count_parts(cell.text)
            for cell, (meaning, *others) in zip(self.cells, self.columns, strict=True)
            if meaning.role is Role.QUANTITY and not others and not states_nothing(cell.text)
        ]
        most = max(counts, default=1)
        if 1 < most <= MOST_NAMES and counts.count(most) > 1 and len(self.inputs) < 2:
            return split_names(text, most)
        return [clean_name(text)]

    def _read_inputs(self) -> Iterator[InputSpec]:
        for cell, (meaning, *_) in zip(self.cells, self.columns, strict=True):
            if meaning.is_image_size:
                yield from filter(None, map(read_side, _sizes(cell.text)))
                return

    def _read_texts(self) -> Iterator[tuple[str, str]]:
        """Yield header and text of each cell that is neither name, number nor link."""
        for place, (cell, (meaning, *_)) in enumerate(zip(self.cells, self.columns, strict=True)):
            text = cell.text.strip()
            is_text = meaning.role is Role.TEXT or meaning.row is None or _is_wording(meaning)
            if place == self.names or not is_text or states_nothing(text):
                continue
            if meaning.role in (Role.LINKS, Role.IGNORED):
                continue
            if len(text) <= MAX_LENGTH and (meaning.role is Role.TEXT or not read_numbers(text)):
                yield meaning.label, text


def list_numbers(grid: Grid, reason: str) -> list[LeftOut]:
    """Return every number of a table that is not read; the reason is the same for all."""
    texts = [" ".join(cell.text.split()) for cell in grid.header[-1]] if grid.header else []
    headers = texts or [""] * grid.width
    return [
        LeftOut(place=cell.span, column=header, raw=cell.text, reason=reason)
        for _, cells in grid.grouped_rows()
        for header, cell in zip(headers, cells, strict=True)
        if is_numeric(cell.text)
    ]


def _is_wording(meaning: Meaning) -> bool:
    return meaning.row is not None and meaning.row.key == "interpolation"


def _sizes(text: str) -> list[str]:
    return [number.raw for number in read_numbers(text, SIZE)]


def read_side(text: str) -> InputSpec | None:
    """Return the image of a printed size; None where it is none."""
    try:
        value = parse_size(text.replace("*", "x").replace(" ", "")).value
    except ValueError:
        return None
    return image_input(value) if isinstance(value, tuple) else None


def _unnamed(number: RowNumber) -> LeftOut:
    return LeftOut(place=number.place, column=number.meaning.label, raw=number.raw, reason=NO_NAME)
