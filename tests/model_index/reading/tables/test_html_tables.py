"""Tables of HTML: spans, headers of several rows, what is cut off."""

from tests.model_index.reading.tables.read import read, texts


def test_spans_repeat_a_cell() -> None:
    (grid,), faults = read(
        "<h2>Nets</h2><table><caption>On <b>COCO</b></caption>"
        "<thead><tr><th rowspan=2>name<th colspan='2'>AP</tr><tr><th>box<th>mask</tr></thead>"
        "<tbody><tr><td rowspan=2>a<td>1<td>2<tr><td colspan=2>3"
        "<tr><td colspan=3>more</td></tr></table>",
        "t.html",
    )
    assert not faults
    assert texts(grid) == [
        ["name", "AP", "AP"],
        ["name", "box", "mask"],
        ["a", "1", "2"],
        ["a", "3", "3"],
        ["more", "more", "more"],
    ]
    assert len(grid.header) == 2 and grid.groups == {2}
    assert grid.rows[0][0] is grid.rows[1][0] and grid.rows[1][1] is grid.rows[1][2]
    assert grid.headings == ("Nets",) and grid.caption == "On COCO"


def test_header_cells_need_no_row_and_a_first_row_is_a_header() -> None:
    (first, second), faults = read(
        "<table><tbody><th>a</th><th>b</th><tr><td>1</td><td>2</td></tr></tbody></table>"
        "<table><tr><td>a<td>b<tr><th>1<td>2</table>",
        "t.html",
    )
    assert not faults
    assert texts(first) == texts(second) == [["a", "b"], ["1", "2"]]
    assert len(first.header) == len(second.header) == 1


def test_what_is_no_table_of_a_page() -> None:
    page = "<!-- <table><tr><td>1</table> --><script>'<table><tr><td>2</table>'</script>"
    assert read(page, "t.html") == ([], [])


def test_a_table_within_a_cell_is_one_of_its_own() -> None:
    grids, _ = read("<table><tr><th>a<tr><td><table><tr><th>b<tr><td>1</table></table>", "t.html")
    assert [texts(grid) for grid in grids] == [[["a"], [""]], [["b"], ["1"]]]


def test_html_that_is_cut_off_within_a_tag() -> None:
    (grid,), faults = read("<table><tr><th>a<th>b</tr>\n<tr><td>1<td>45.\n<td class='x", "t.html")
    assert texts(grid) == [["a", "b"], ["1", ""]]
    assert faults == [
        "3: expected HTML that is whole, got a tag that does not end",
        "1: expected a table that ends with </table>, "
        "got the end of the text; the cell there was not read",
        "2: expected a row of 2 cells, got 1; the last are empty",
    ]


def test_a_cell_that_covers_rows_that_are_not_there() -> None:
    (grid,), faults = read("<table><tr><th>a<tr><td rowspan=9999999>1<tr></table>", "t.html")
    assert (texts(grid), faults) == ([["a"], ["1"]], [])


def test_a_tag_without_end_on_a_page_without_tables_is_no_fault() -> None:
    assert read("<p>x <b", "t.html") == ([], [])


def test_a_body_of_header_cells_below_a_head() -> None:
    (grid,), _ = read(
        "<table><thead><tr><th>a<th>b</thead><tbody><tr><th>c<th>$41.07$</tbody></table>", "t.html"
    )
    assert (len(grid.header), texts(grid)) == (1, [["a", "b"], ["c", "41.07"]])
    place = grid.rows[0][1].span_of(0, 5)
    assert place and place.column == 58
