"""The table of models: rows by columns, filtered and sorted."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from zoo.api.listing.columns import Cell, Column, split_names
from zoo.api.listing.facts import Facts, Sources
from zoo.api.listing.metric_columns import MetricColumns
from zoo.api.listing.row import ModelRow
from zoo.model_index.errors import UsageError
from zoo.model_index.records.records import Entry
from zoo.model_index.records.tabular import Tabular


class ModelTable(Tabular):
    """The models of an index in rows, a value for each column.

    `total` is the number of models before the filter, `matching` behind it; `rows` are at most the
    limit. `missing` counts by column the models that lack a value that the filter or the order
    asked for. `setups` says how the numbers of a column were measured, `doubts` which numbers of
    the filter may be meant otherwise. `metrics` has the task and the data set of its metrics.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        rows: Sequence[ModelRow],
        *,
        total: int,
        matching: int,
        missing: Mapping[str, int],
        setups: Mapping[str, str],
        metrics: MetricColumns,
        doubts: Sequence[str] = (),
    ):
        self.columns, self.rows = tuple(columns), tuple(rows)
        self.total, self.matching = total, matching
        self.missing, self.setups, self.doubts = missing, setups, tuple(doubts)
        self.metrics = metrics

    def __str__(self) -> str:
        return f"{len(self.rows):,} of {self.total:,} models"

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row for each model: a value by the key of each column, None where it is missing,
        and `measured`, the columns whose value was measured."""
        return [self._to_dict(row) for row in self.rows]

    def _to_dict(self, row: ModelRow) -> dict[str, Any]:
        cells = [(column, row.cell(column)) for column in self.columns]
        values = {column.key: cell and column.to_plain(cell.value) for column, cell in cells}
        measured = [column.key for column, cell in cells if cell and cell.measured]
        return values | {"measured": " ".join(measured)}


def make_table(
    entries: Iterable[Entry],
    sources: Sources,
    *,
    columns: str | Sequence[str] = (),
    task: str = "",
    dataset: str = "",
    where: str = "",
    sort: str | Sequence[str] = (),
    reverse: bool = False,
    limit: int | None = None,
) -> ModelTable:
    """Make the table of these entries.

    Args:
        entries: the models.
        sources: where their facts come from.
        columns: names of columns, in this order; for none what models cost and the metrics of one
            task on one data set, as far as any model has them.
        task: list the models for this task.
        dataset: list the models with numbers on this data set.
        where: an expression; models for which it is not true are left out, those that lack a value
            that decides it among them.
        sort: names of columns; `-` before one reverses it. Numbers come best first, models that
            lack the value last.
        reverse: the opposite of that order.
        limit: the number of models at most.

    Raises:
        UsageError: an unknown column, task or data set, or an expression that cannot be read.
    """
    metrics = MetricColumns(entries, task, dataset)
    names = dict.fromkeys(split_names(columns))
    if columns and not names:
        raise UsageError("no columns to list")
    asked = metrics.get(names)
    keys = [_sort_key(name, reverse, metrics) for name in split_names(sort)]
    condition, tested, doubts = (
        parse_where(where, metrics.find) if where.strip() else (None, {}, [])
    )
    rows = [ModelRow(Facts(e, sources)) for e in metrics.entries if metrics.is_listed(e)]
    needed = tested | {column.key: column for column, _ in keys}
    missing = {
        name: lacking
        for name, column in needed.items()
        if (lacking := sum(row.cell(column) is None for row in rows))
    }
    matching = [row for row in rows if condition(row)] if condition else rows
    for column, backward in reversed(keys):
        matching = _sort(matching, column, backward)
    if reverse and not keys:
        matching = matching[::-1]
    table_rows = tuple(matching[:limit])
    shown = asked or _join_columns(metrics.defaults(table_rows), needed)
    for row in table_rows:
        for column in shown:
            row.cell(column)
    return ModelTable(
        shown,
        table_rows,
        total=len(rows),
        matching=len(matching),
        missing=missing,
        setups=sources.setups | {c.key: text for c in shown if (text := metrics.setups.get(c.key))},
        metrics=metrics,
        doubts=doubts,
    )


def _join_columns(columns: Sequence[Column], more: Mapping[str, Column]) -> list[Column]:
    """Return columns, and behind them those that the filter or the order asked for."""
    by_key = {column.key: column for column in columns}
    return list((by_key | dict(more)).values())


def parse_where(
    where: str, find_column: Callable[[str], Column | None]
) -> tuple[Callable[[ModelRow], bool | None], dict[str, Column], list[str]]:
    """Return the condition of an expression, the columns that it compares by key, and its doubts.

    Raises:
        UsageError: the expression cannot be read.
    """
    from zoo.api.listing.comparison import ConditionMaker
    from zoo.api.listing.expression import parse

    maker = ConditionMaker(find_column)
    return parse(where, maker.compare), maker.columns, maker.doubts


def _sort_key(name: str, reverse: bool, metrics: MetricColumns) -> tuple[Column, bool]:
    """Return the column of a name, and whether the order is from its worst to its best."""
    (column,) = metrics.get([name.removeprefix("-")])
    return column, name.startswith("-") != reverse


def _sort(rows: Sequence[ModelRow], column: Column, reverse: bool) -> list[ModelRow]:
    """Sort rows by a column: the best first, missing values last."""
    present = [row for row in rows if row.cell(column) is not None]
    present.sort(key=_order(column), reverse=reverse)
    return present + [row for row in rows if row.cell(column) is None]


def _order(column: Column) -> Callable[[ModelRow], Any]:
    """Return the key to sort by: the best first, else small numbers first, texts by alphabet."""
    if not column.number:
        return lambda row: _natural(row.cell(column))
    sign = -1 if column.better > 0 else 1
    return lambda row: sign * (row.number(column) or 0)


def _natural(cell: Cell | None) -> list[tuple[int, str]]:
    """Return a key that sorts dpn68 before dpn107."""
    text = str(cell.value).casefold() if cell else ""
    parts = re.split(r"(\d+)", text)
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]
