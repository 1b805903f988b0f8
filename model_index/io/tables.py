"""Results as tables: rows as dictionaries, as a pandas table, and as HTML for a notebook."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from html import escape
from typing import TYPE_CHECKING, Any, TypeVar

from zoo.model_index.errors import UsageError

if TYPE_CHECKING:
    import pandas

T = TypeVar("T")


class ResultTable(list[T]):
    """Rows of a result, as a list that a notebook shows as a table.

    A row is a record; one with a method `to_dict` says itself what its columns are.
    """

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return each row as a dictionary of plain values."""
        return [_row(row) for row in self]

    def to_pandas(self) -> "pandas.DataFrame":
        """Return the rows as a pandas table.

        Raises:
            UsageError: pandas is not installed.
        """
        return to_pandas(self.to_dicts())

    def _repr_html_(self) -> str:
        return html_table(self.to_dicts())


def _row(row: Any) -> dict[str, Any]:
    if hasattr(row, "to_dict"):
        made: dict[str, Any] = row.to_dict()
        return made
    names = [field.name for field in fields(row)] if is_dataclass(row) else row._fields
    return {name: getattr(row, name) for name in names}


def to_pandas(rows: list[dict[str, Any]]) -> "pandas.DataFrame":
    """Return rows as a pandas table.

    Raises:
        UsageError: pandas is not installed.
    """
    try:
        import pandas
    except ModuleNotFoundError:
        needed = "pip install 'model-zoo-ledger[pandas]'"
        raise UsageError(f"to_pandas needs pandas: {needed}") from None
    return pandas.DataFrame(rows)


def html_table(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as an HTML table, their text escaped; columns are those of the first row."""
    rows = list(rows)
    head = "".join(f"<th>{escape(str(name))}</th>" for name in (rows[0] if rows else ()))
    body = "".join(f"<tr>{''.join(_cells(row))}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(row: Mapping[str, Any]) -> Iterator[str]:
    for value in row.values():
        if isinstance(value, int):
            yield f'<td style="text-align:right">{value:,}</td>'
        else:
            text = "" if value is None else f"{value:.1f}" if isinstance(value, float) else value
            yield f'<td style="text-align:left">{escape(str(text))}</td>'
