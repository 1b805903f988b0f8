"""The text of a cell as a reader sees it: marks, tags, entities, formulas, links, footnotes."""

import pytest

from tests.model_index.reading.tables.read import cell


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("**82.1**", "82.1"),
        ("*DPN*-98", "DPN-98"),
        ("Reference<br>Top-1 Acc", "Reference Top-1 Acc"),
        ("params<br><sup>(M)", "params (M)"),
        ("mAP<sup>val<br>50-95", "mAP val 50-95"),
        ("Res2Net101_vd_<br>26w_4s_ssld", "Res2Net101_vd_ 26w_4s_ssld"),
        ("FLOPs (10<sup>9</sup>)", "FLOPs (10^9)"),
        ("10$^9$", "10^9"),
        ("AP<sub>50</sub>", "AP50"),
        ("AP<sup>50</sup>", "AP50"),
        ("AP<sup>b</sup>", "AP b"),
        ("AP$_{50}$", "AP50"),
        ("~81.3 &plusmn;&nbsp;0.2 %", "~81.3 ± 0.2 %"),
        ("81.3 $\\pm$ 0.2", "81.3 ± 0.2"),
        ("a\\|b", "a|b"),
        ("`a\\|b`", "a|b"),
        ("`<b>`", "<b>"),
        ("a <3 b & c", "a <3 b & c"),
        ("~~81~~ 82", "81 82"),
        ("<span style='x > y'>7</span>", "7"),
        ("7 <!-- measured once -->", "7"),
        ("![a picture](i.png) 7", "7"),
        ("R<sup>2</sup>", "R2"),
        ("$41.07$ / $3.5\\%$ $~2$", "41.07 / 3.5% ~2"),
    ],
)
def test_text_of_a_cell(written: str, text: str) -> None:
    assert cell(written).text == text


@pytest.mark.parametrize(
    ("written", "notes"),
    [
        ("81.3<sup>1</sup>", ("1",)),
        ("81.3<sup>a</sup>", ("a",)),
        ("81.3 <sup>[2](#two)</sup>", ("2",)),
        ("81.3[^best]", ("best",)),
        ("81.3 <a href='#r39'>[39]</a>", ("39",)),
        ("81.3 [[39]](#r39)", ("39",)),
        ("81.3\\*", ("*",)),
        ("81.3 †", ("†",)),
        ("81.3¹²", ("12",)),
        ("81.3$^\\dagger$", ("†",)),
    ],
)
def test_footnote_marks_are_taken_off(written: str, notes: tuple[str, ...]) -> None:
    assert (cell(written).text, cell(written).notes) == ("81.3", notes)


def test_links() -> None:
    assert cell("[a](u) [b](<v w> 'title') <a href='x?a&amp;b'>c</a>").links == (
        ("a", "u"),
        ("b", "v w"),
        ("c", "x?a&b"),
    )
    assert cell("[![config](i.png)](c.py)").links == (("config", "c.py"),)
    assert cell("see https://a.b/c_d.").links == (("https://a.b/c_d", "https://a.b/c_d"),)
    assert cell("<https://a.b>").links == (("https://a.b", "https://a.b"),)
    assert cell("[x] [y]").text == "[x] [y]"


def test_bold_is_a_cell_whose_whole_text_is() -> None:
    assert cell("**82**").bold and cell("<b>82</b>").bold and cell("__82__").bold
    assert not cell("**82** 83").bold and not cell("*82*").bold and not cell("").bold


def test_a_number_in_markup_can_be_pointed_at() -> None:
    written = "**82.1** / [45.0G](x)"
    number = cell(written)
    place = number.span_of(7, 12)
    assert number.text[7:12] == "45.0G" and place
    assert (place.line, place.column) == (1, 3 + written.index("45.0G"))
