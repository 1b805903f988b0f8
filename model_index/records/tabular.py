"""Results as tables: rows for programs, a data frame, and HTML for a notebook."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar, overload

from zoo.model_index.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 60  # of a table in a notebook
MOST_WHOLE = 2**63  # of pandas' Int64


class Tabular:
    """A result that is a table.

    A subclass returns its rows from `to_dicts`. `html_columns` are the columns that a notebook
    shows, in this order; all of them where it is empty.
    """

    __slots__ = ()
    html_columns: ClassVar[Sequence[str]] = ()

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries of plain values, each with the same keys."""
        raise NotImplementedError

    def to_pandas(self) -> "pd.DataFrame":
        """Return the rows as a data frame.

        Whole numbers stay whole where others are missing: such a column is pandas' `Int64`.

        Raises:
            UsageError: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            message = "pandas is not installed: pip install 'model-zoo-ledger[pandas]'"
            raise UsageError(message) from None
        rows = self.to_dicts()
        whole = {column: "Int64" for column in rows[0] if _is_whole(rows, column)} if rows else {}
        return pd.DataFrame(rows).astype(whole)

    def _repr_html_(self) -> str:
        from html import escape

        rows = self.to_dicts()
        columns = list(self.html_columns) or list(rows[0] if rows else ())
        head = "".join(f"<th>{escape(column)}</th>" for column in columns)
        body = "".join(
            "<tr>" + "".join(_cell(row.get(column)) for column in columns) + "</tr>"
            for row in rows[:MOST_ROWS]
        )
        left_out = len(rows) - MOST_ROWS
        note = f"<p>{left_out:,} more rows; to_pandas() has them.</p>" if left_out > 0 else ""
        return (
            f"<p>{escape(str(self))}</p><table><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table>{note}"
        )


def _is_whole(rows: Sequence[dict[str, Any]], column: str) -> bool:
    """Say whether a column has whole numbers of 64 bits, and misses some."""
    values = [row.get(column) for row in rows]
    known = [value for value in values if value is not None]
    return len(values) > len(known) > 0 and all(
        type(value) is int and abs(value) < MOST_WHOLE for value in known
    )


class TableRow(Protocol):
    """An object that is a row of a table."""

    def to_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""


Item = TypeVar("Item", bound=TableRow)


class TabularSequence(Tabular, Sequence[Item], Generic[Item]):
    """A sequence of objects, a row for each."""

    __slots__ = ("_items",)

    def __init__(self, items: Sequence[Item]):
        self._items = tuple(items)

    @overload
    def __getitem__(self, number: int) -> Item: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Item]: ...
    def __getitem__(self, number: int | slice) -> Item | Sequence[Item]:
        return self._items[number]

    def __len__(self) -> int:
        return len(self._items)

    def __str__(self) -> str:
        return f"{len(self):,} rows"

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row for each object."""
        return [item.to_dict() for item in self]


def _cell(value: object) -> str:
    if value is None:
        return "<td></td>"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = f"{value:,.4g}" if isinstance(value, float) else f"{value:,}"
        return f'<td style="text-align: right">{number}</td>'
    from html import escape

    text = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return f"<td>{escape(text)}</td>"
