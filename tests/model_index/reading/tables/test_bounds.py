"""Tables that would take much time or memory: what is read, what the fault says, and that time does
not grow with the square of a text."""

import time

import pytest

from tests.model_index.reading.tables.read import read, texts
from zoo.model_index.reading.tables import source
from zoo.model_index.reading.tables.read import read_grids
from zoo.model_index.reading.tables.source import MAX_CELL, MAX_COLUMNS

LIMIT = 5.0  # seconds; those that grew with the square took minutes


@pytest.mark.parametrize("file", ["t.md", "t.html", "t.csv"])
def test_ten_thousand_columns(file: str) -> None:
    rows = ["a" for _ in range(10_000)], ["1" for _ in range(10_000)]
    text = {
        "t.md": f"|{'|'.join(rows[0])}|\n|{'-|' * 10_000}\n|{'|'.join(rows[1])}|\n",
        "t.html": f"<table><tr><th>{'<th>'.join(rows[0])}<tr><td>{'<td>'.join(rows[1])}</table>",
        "t.csv": f"{','.join(rows[0])}\n{','.join(rows[1])}\n",
    }[file]
    (grid,), faults = read_grids(file, text)
    assert [len(row) for row in (*grid.header, *grid.rows)] == [MAX_COLUMNS] * 2
    expected = f"{file}:1: expected a table of at most 1,000 columns, got "
    assert [str(fault)[: len(expected)] for fault in faults] == [expected]


def test_a_cell_of_ten_megabytes() -> None:
    long = "x" * 10_000_000
    for file, text in (
        ("t.md", f"| a | b |\n|---|---|\n| {long} | 1 |\n| 2 | 3 |\n"),
        ("t.html", f"<table><tr><th>a<th>b<tr>\n\n<td>{long}<td>1<tr><td>2<td>3</table>"),
        ("t.csv", f"a,b\n\n{long},1\n2,3\n"),
        ("t.rst", f"== ==\na  b\n== ==\n1  {long}\n2  3\n== ==\n"),
    ):
        (grid,), faults = read_grids(file, text)
        assert "" in texts(grid)[1] and texts(grid)[2] == ["2", "3"]
        line = 4 if file == "t.rst" else 3
        expected = f"{file}:{line}: expected a cell of at most {MAX_CELL:,} characters"
        assert [str(fault).partition(", got")[0] for fault in faults] == [expected]


def test_more_cells_than_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_CELLS", 2_000)
    (grid,), faults = read_grids("t.csv", "a,b\n" + "1,2\n" * 1_300)
    assert len(grid.rows) == 999
    assert str(faults[0]).endswith("got more; what follows was not read")


SLOW = {
    "t.md": {
        "brackets": "| a |\n|---|\n| " + "[" * 40_000 + " |\n",
        "links": "| a |\n|---|\n| " + "[a](b " * 8_000 + " |\n",
        "tags": "| a |\n|---|\n| " + "<a " * 16_000 + " |\n",
        "ticks": "| a |\n|---|\n|" + "".join("`" * n + "a" for n in range(1, 300)) + "|\n",
        "open tables": "<table><tr><td>1\n\n" * 20_000,
        "pipes": "a | b\n" * 50_000,
    },
    "t.html": {
        "a tag without end": "<table>" + "<a " * 1_000_000,
        "nested": "<table><tr><td>" * 20_000,
        "spans": "<table>" + "<tr><td colspan=1000 rowspan=65000>1" * 5_000 + "</table>",
        "quotes": '<table><tr><td a="' * 100_000,
        "comments": "<table>" + "<!--" * 1_000_000,
    },
    "t.csv": {"quotes": "a,b\n" + '"' * 999_999, "separators": "," * 500_000},
    "t.rst": {
        "borders": "== ==\n" * 50_000,
        "corners": ("+" + "-+" * 100 + "\n" + ("|" + " |" * 100 + "\n") * 100) * 50,
        "ticks": "== ==\na  " + "`a" * 20_000 + "\n== ==\n",
        "blocks": "a::\n" * 50_000,
    },
}


@pytest.mark.parametrize(
    ("file", "name"), [(file, name) for file, texts in SLOW.items() for name in texts]
)
def test_time_grows_with_the_text(file: str, name: str) -> None:
    began = time.process_time()
    read_grids(file, SLOW[file][name])
    assert time.process_time() - began < LIMIT


@pytest.mark.parametrize("file", ["t.md", "t.html", "t.csv", "t.rst"])
def test_odd_texts(file: str) -> None:
    for text in (
        "",
        "\ufeff",
        "\0",
        "|",
        "\r",
        "| a |\n|---|\r| 1 |",
        "<table>",
        '"',
        "== ==\n== ==",
    ):
        read(text, file)
