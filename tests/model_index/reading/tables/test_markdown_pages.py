"""Tables of a Markdown page, and what is none."""

from tests.model_index.reading.tables.read import read, texts


def test_a_table_of_pipes() -> None:
    page = (
        "# Zoo\n\n## Nets\nBest of three.\n\n| name | acc |\n|:--|--:|\n| a | 1 |\n| b | **2** |\n"
    )
    (grid,), faults = read(page)
    assert not faults
    assert texts(grid) == [["name", "acc"], ["a", "1"], ["b", "2"]]
    assert grid.headings == ("Zoo", "Nets") and grid.caption == "Best of three."
    assert (grid.place.line, grid.rows[1][1].span.line, grid.rows[1][1].span.column) == (6, 9, 7)
    assert grid.rows[1][1].bold and not grid.rows[0][1].bold


def test_pipes_at_the_ends_are_not_needed() -> None:
    (grid,), faults = read("a | b\n--|--\n1 | 2\n3 | |\n\n4 | 5\n")
    assert (texts(grid), faults) == ([["a", "b"], ["1", "2"], ["3", ""]], [])


def test_tables_in_quotes_and_lists_and_with_any_line_ends() -> None:
    grids, faults = read(
        "> | a |\r\n> |---|\r\n> | 1 |\r\n\r\n- x\r\n\r\n  | b |\r\n  |---|\r\n  | 2 |\r\n"
    )
    assert ([texts(grid) for grid in grids], faults) == ([[["a"], ["1"]], [["b"], ["2"]]], [])


def test_code_and_comments_are_no_tables() -> None:
    table = "| a | b |\n|---|---|\n| 1 | 2 |\n"
    html = "<table><tr><th>a</th></tr></table>\n"
    page = f"```\n{table}{html}```\n\n<!--\n{table}\n# no heading\n{html}-->\n\n    {html}\n"
    assert read(page) == ([], [])
    page = f"<div>\n<!-- hidden\n\n# no heading\n\n{table}\n{html}\n-->\n</div>\n\n{table}"
    grids, _ = read(page)
    assert [(grid.headings, texts(grid)) for grid in grids] == [((), [["a", "b"], ["1", "2"]])]


def test_front_matter_is_no_heading() -> None:
    (grid,), _ = read("---\ntitle: x\n---\n\n| a |\n|---|\n| 1 |\n")
    assert (grid.headings, grid.place.line) == ((), 5)


def test_references_are_links_wherever_they_stand() -> None:
    (grid,), _ = read(
        "| a |\n|---|\n| [model][m] [Config] |\n\n[M]: https://x.y/z\n[config]: c.py\n"
    )
    assert grid.rows[0][0].links == (("model", "https://x.y/z"), ("Config", "c.py"))


def test_ragged_rows_are_read_as_the_page_shows_them() -> None:
    (grid,), faults = read("| a | b |\n|---|---|\n| 1 |\n| 1 | 2 | 3 |\n| 1 | 2 |\n")
    assert texts(grid)[1:] == [["1", ""], ["1", "2"], ["1", "2"]]
    assert faults == [
        "3: expected a row of 2 cells, got 1; the last are empty",
        "4: expected a row of 2 cells, got 3; the others have no column and were not read",
    ]


def test_a_header_that_stands_twice() -> None:
    (grid,), faults = read("| a | b |\n|---|---|\n| 1 | 2 |\n| a | b |\n| 3 | 4 |\n")
    assert texts(grid)[1:] == [["1", "2"], ["3", "4"]]
    assert faults == ["4: expected a header once, got the header again among the rows"]


def test_a_bold_text_alone_is_a_heading_of_the_rows_below() -> None:
    (grid,), _ = read("| a | b |\n|---|---|\n| **Nets** | |\n| c | 1 |\n")
    assert grid.groups == {0}
    assert [(heading and heading.text, row[0].text) for heading, row in grid.grouped_rows()] == [
        ("Nets", "c")
    ]


def test_html_tables_stand_between_blocks_of_markdown() -> None:
    page = (
        "### Nets\n\n<details><summary>COCO</summary>\n\n| a |\n|---|\n| 1 |\n\n"
        "<table>\n\n<tr><th>b</th></tr>\n\n<tr><td>\n\n**2**\n\n</td></tr>\n\n</table>\n\n"
        "</details>\n\n| c |\n|---|\n| 3 |\n"
    )
    grids, faults = read(page)
    assert [(grid.headings, texts(grid)) for grid in grids] == [
        (("Nets", "COCO"), [["a"], ["1"]]),
        (("Nets", "COCO"), [["b"], ["2"]]),
        (("Nets",), [["c"], ["3"]]),
    ]
    assert not faults


def test_an_html_table_without_end_ends_where_markdown_goes_on() -> None:
    grids, faults = read("<table><tr><th>a</th></tr>\n<tr><td>1</td></tr>\n\n| b |\n|---|\n| 2 |\n")
    assert [texts(grid) for grid in grids] == [[["a"], ["1"]], [["b"], ["2"]]]
    assert faults == [
        "1: expected a table that ends with </table>, "
        "got the end of the text; the cell there was not read"
    ]
