"""Paragraphs and tables in few columns: no number and no word is broken, nothing is lost."""

import pytest

from zoo.cli.output.layout import arrange, measure, pad, wrap

COLUMNS = ("Model", "Quantity", "Claimed", "Empty", "Why")
ROWS = [
    ("dpn98", "FLOPs", "15,003,675,112", "", "thop's convention at 224x285, which nobody states"),
    ("dpn98", "Parameters", "61,570,728", "", ""),
]
RIGHT = ("Claimed",)


def test_a_table_that_fits_has_aligned_columns_and_no_empty_ones() -> None:
    assert arrange(COLUMNS, ROWS, RIGHT, width=100) == [
        "Model  Quantity           Claimed  Why",
        "dpn98  FLOPs       15,003,675,112  thop's convention at 224x285, which nobody states",
        "dpn98  Parameters      61,570,728",
    ]


def test_text_is_folded_at_words_and_numbers_stay_whole() -> None:
    assert arrange(COLUMNS, ROWS, RIGHT, width=66) == [
        "Model  Quantity           Claimed  Why",
        "dpn98  FLOPs       15,003,675,112  thop's convention at 224x285,",
        "                                   which nobody states",
        "dpn98  Parameters      61,570,728",
    ]


def test_what_does_not_fit_stands_below_its_row() -> None:
    assert arrange(COLUMNS, ROWS, RIGHT, ["a note", ""], width=40) == [
        "Model  Quantity           Claimed",
        "dpn98  FLOPs       15,003,675,112",
        "  Why: thop's convention at 224x285,",
        "  which nobody states",
        "  a note",
        "dpn98  Parameters      61,570,728",
    ]


@pytest.mark.parametrize("width", range(1, 120))
def test_nothing_is_lost_and_no_word_is_broken(width: int) -> None:
    lines = arrange(COLUMNS, ROWS, RIGHT, ["a note", ""], width=width)
    words = " ".join(lines).replace(",", " ").replace(":", " ").split()
    for row in ROWS:
        for word in " ".join(row).replace(",", " ").split():
            assert word in words
    assert all("15,003,675,112" in line for line in lines if "15,003" in line)
    longest = max(map(len, " ".join((*COLUMNS, *(c for row in ROWS for c in row))).split()))
    assert max(map(measure, lines)) <= max(width, longest + 3)


def test_wide_characters_align() -> None:
    lines = arrange(("Model", "N"), [("café手写", "1"), ("abc", "22")], ("N",), width=80)
    assert lines == ["Model      N", "café手写   1", "abc       22"]
    assert {measure(line) for line in lines} == {12}
    assert measure("e\u0301") == 1 and pad("手", 4, right=True) == "  手"


def test_chinese_text_is_folded_between_characters() -> None:
    text = "每一个公布的数字，都与模型比较 and words"
    lines = wrap(text, 10)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert max(map(measure, lines)) <= 12  # a comma stays with the character before it
    assert not any(line.startswith("，") for line in lines)


def test_an_empty_table_has_its_header() -> None:
    assert arrange(("A", "B"), [], width=20) == ["A  B"]
