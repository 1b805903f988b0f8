"""A row of the table of models."""

from decimal import Decimal

from zoo.api.listing.columns import Cell, Column
from zoo.api.listing.facts import Facts


class ModelRow:
    """A model of the table: its facts, and a cell for each column, read when it is asked for."""

    def __init__(self, facts: Facts):
        self.facts = facts
        self._cells: dict[str, Cell | None] = {}

    def cell(self, column: Column) -> Cell | None:
        """Return the cell of a column, None where the value is missing."""
        if column.key not in self._cells:
            self._cells[column.key] = column.read(self.facts)
        return self._cells[column.key]

    def number(self, column: Column) -> Decimal | None:
        """Return the value of a column of numbers; of a size its longer side."""
        cell = self.cell(column)
        if cell is None or isinstance(cell.value, str):
            return None
        return Decimal(max(cell.value)) if isinstance(cell.value, tuple) else cell.value
