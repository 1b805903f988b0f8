"""Results as tables in a notebook."""

import sys
from typing import Any

import pytest

from zoo.model_index.errors import UsageError
from zoo.model_index.records.tabular import MOST_ROWS, Tabular


class Table(Tabular):
    html_columns = ("name", "value")

    def __init__(self, rows: list[dict[str, Any]]):
        self.rows = rows

    def __str__(self) -> str:
        return "<a table>"

    def to_dicts(self) -> list[dict[str, Any]]:
        return self.rows


def test_html_is_escaped() -> None:
    html = Table([{"name": "<script>", "value": ["a&b", 1]}])._repr_html_()
    assert "<script>" not in html and "<a table>" not in html
    assert "<td>&lt;script&gt;</td><td>a&amp;b, 1</td>" in html


def test_numbers_stand_on_the_right_with_separators() -> None:
    html = Table([{"name": "x", "value": 12345}, {"name": "y", "value": None}])._repr_html_()
    assert '<td style="text-align: right">12,345</td>' in html
    assert "<td>y</td><td></td>" in html


def test_a_long_table_is_cut_and_says_so() -> None:
    table = Table([{"name": str(number), "value": number} for number in range(MOST_ROWS + 5)])
    assert table._repr_html_().count("<tr>") == MOST_ROWS + 1
    assert "5 more rows" in table._repr_html_()
    assert len(table.to_pandas()) == MOST_ROWS + 5


def test_without_pandas_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match=r"model-zoo-ledger\[pandas\]"):
        Table([]).to_pandas()


def test_whole_numbers_stay_whole_where_others_are_missing() -> None:
    rows = [{"use": 3504872, "share": 0.5}, {"use": None, "share": None}]
    frame = Table(rows).to_pandas()
    assert str(frame["use"][0]) == "3504872" and frame["use"].isna()[1]
    assert frame["share"].dtype == "float64"
    assert Table([{"use": 2**64}, {"use": None}]).to_pandas()["use"][0] == 2**64
