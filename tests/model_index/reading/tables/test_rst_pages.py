"""Tables of reStructuredText: simple ones, grids, csv-table and list-table."""

from tests.model_index.reading.tables.read import read, texts

SIMPLE = """\
Zoo
===

Nets
----

=========  ======  =====
name       AP
---------  -------------
\\          box     mask
=========  ======  =====
`a <u>`_   1.5     **2**
b [1]_     3       4 :sup:`2`
long
name       5
=========  ======  =====

====  ==
c     d
e     6
====  ==
"""

GRID = """\
.. table:: On COCO

   +------+-----------+
   | name | AP        |
   |      +-----+-----+
   |      | box | 模型|
   +======+=====+=====+
   | a    | 1   | 2   |
   | b    |     |     |
   +------+-----+-----+
   | more             |
   +------------------+
"""

DIRECTIVES = """\
.. csv-table:: Results
   :header: "name", "acc"
   :widths: 1, 2

   "a", 1.5
   b, "2,5"

.. list-table:: More
   :header-rows: 1

   * - name
     - acc
   * - a
       net
     - | 3
   * - b
     -

.. csv-table::
   :file: x.csv

.. code-block:: rst

   == ==
   a  b
   == ==

Example::

   == ==
   a  b
   == ==

.. a comment

   == ==
   a  b
   == ==

.. raw:: html

   <table><tr><th>x<tr><td>7</table>

.. _u: https://a.b
"""


def test_simple_tables() -> None:
    (first, second), faults = read(SIMPLE, "t.rst")
    assert not faults
    assert texts(first) == [
        ["name", "AP", "AP"],
        ["", "box", "mask"],
        ["a", "1.5", "2"],
        ["b", "3", "4"],
        ["long", "", ""],
        ["name", "5", ""],
    ]
    assert len(first.header) == 2 and first.headings == ("Zoo", "Nets")
    assert first.rows[0][0].links == (("a", "u"),) and first.rows[0][2].bold
    assert (first.rows[1][0].notes, first.rows[1][2].notes) == (("1",), ("2",))
    assert texts(second) == [["c", "d"], ["e", "6"]]


def test_grid_tables() -> None:
    (grid,), faults = read(GRID, "t.rst")
    assert not faults
    assert texts(grid) == [
        ["name", "AP", "AP"],
        ["name", "box", "模型"],
        ["a b", "1", "2"],
        ["more", "more", "more"],
    ]
    assert len(grid.header) == 2 and grid.groups == {1} and grid.caption == "On COCO"


def test_directives() -> None:
    grids, faults = read(DIRECTIVES, "t.rst")
    assert [texts(grid) for grid in grids] == [
        [["name", "acc"], ["a", "1.5"], ["b", "2,5"]],
        [["name", "acc"], ["a net", "3"], ["b", ""]],
        [["x"], ["7"]],
    ]
    assert [grid.caption for grid in grids] == ["Results", "More", ""]
    assert faults == ["20: expected a table in this page, got file 'x.csv', which is not followed"]


def test_links_of_targets() -> None:
    (grid,), _ = read("== ==\na  b\nu_ `v`_\n== ==\n\n.. _u: https://a.b\n.. _v: c\n", "t.rst")
    assert [cell.links for cell in grid.rows[0]] == [(("u", "https://a.b"),), (("v", "c"),)]


def test_a_drawing_with_gaps_and_a_table_without_end() -> None:
    grids, faults = read("+--+--+\n| a|b |\n+--+\n\n== ==\na  b\n", "t.rst")
    assert grids == []
    assert faults == [
        "1: expected a table whose cells are closed, got a drawing with gaps",
        "5: expected a table that ends with a line of =, got no such line",
    ]


def test_a_cell_without_a_line() -> None:
    (grid,), _ = read("+--+\n|a |\n+--+\n+--+\n|b |\n+--+\n", "t.rst")
    assert texts(grid) == [["a"], [""], ["b"]]
