"""CSV and TSV: quotes, separators, places within quotes."""

import pytest

from tests.model_index.reading.tables.read import read, texts
from zoo.model_index.reading.tables.csv_tables import find_delimiter


def test_a_file_of_commas() -> None:
    (grid,), faults = read(
        'name,"acc, top-1",url\r\na,"1 ""x"" 2",https://a.b/c\n\n"b\nc", 2 ,\n', "t.csv"
    )
    assert texts(grid) == [
        ["name", "acc, top-1", "url"],
        ["a", '1 "x" 2', "https://a.b/c"],
        ["b c", "2", ""],
    ]
    assert faults == []
    assert grid.rows[0][2].links == (("https://a.b/c", "https://a.b/c"),)
    place = grid.rows[0][1].span_of(6, 7)
    assert place and (place.line, place.column) == (2, 12)


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [("a,b", ","), ("a;b;c,d", ";"), ("a\tb", "\t"), ('"a,b";c', ";"), ("a", ",")],
)
def test_the_header_alone_says_what_separates(header: str, delimiter: str) -> None:
    assert find_delimiter(header) == delimiter


def test_the_suffix_of_a_file_of_tabs_says_so() -> None:
    (grid,), faults = read("a, b\tc\n1,5\t2\n", "t.tsv")
    assert (texts(grid), faults) == ([["a, b", "c"], ["1,5", "2"]], [])


def test_a_header_without_a_first_name() -> None:
    (grid,), faults = read("\n\tacc\na\t1\n\t\n", "t.tsv")
    assert (texts(grid), faults) == ([["", "acc"], ["a", "1"]], [])


def test_ragged_rows_a_header_twice_and_an_open_quote() -> None:
    (grid,), faults = read('a,b\n1\n1,2,3\na,b\n3,"4\n', "t.csv")
    assert texts(grid) == [["a", "b"], ["1", ""], ["1", "2"], ["3", '"4']]
    assert faults == [
        "5: expected a quote that ends, got the end of the text",
        "2: expected a row of 2 cells, got 1; the last are empty",
        "3: expected a row of 2 cells, got 3; the others have no column and were not read",
        "4: expected a header once, got the header again among the rows",
    ]


def test_an_empty_file_has_no_table() -> None:
    assert read("\n \n", "t.csv") == ([], [])
