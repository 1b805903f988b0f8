"""The numbers of a cell."""

import pytest

from zoo.model_index.dialects.page_tables.cell_numbers import SIZE, read_numbers

CELLS = [
    ("0.797", ["0.797"]),
    ("45.0G", ["45.0G"]),
    ("80.1 ± 0.2", ["80.1"]),
    ("~5.3M", ["5.3M"]),
    ("1,234", ["1,234"]),
    ("1 234", ["1 234"]),
    ("224/384", ["224", "384"]),
    ("82.1 85.1", ["82.1", "85.1"]),
    ("85.1 (84.9)", ["85.1"]),
    ("85.1†", ["85.1"]),
    ("97.8 MB", ["97.8 MB"]),
    ("100%", ["100%"]),
    ("1.5e9", ["1.5e9"]),
    ("-", []),
    ("—", []),
    ("N/A", []),
    ("3x", []),
    ("<0.1", []),
    ("224x224", []),
    ("above + test-time aug.", []),
]


@pytest.mark.parametrize(("text", "numbers"), CELLS)
def test_the_numbers_of_a_cell(text: str, numbers: list[str]) -> None:
    found = read_numbers(text)
    assert [number.raw for number in found] == numbers
    assert [text[number.start : number.end] for number in found] == numbers


def test_sizes_of_a_cell() -> None:
    assert [number.raw for number in read_numbers("224x224 / 384x384", SIZE)] == [
        "224x224",
        "384x384",
    ]


def test_a_part_without_a_number_is_counted() -> None:
    assert [number.part for number in read_numbers("- / 85.1")] == [1]


def test_error_and_approximation_stand_beside_the_number() -> None:
    assert read_numbers("80.1 ± 0.2")[0].error == "0.2"
    assert read_numbers("≈ 80.1")[0].about
