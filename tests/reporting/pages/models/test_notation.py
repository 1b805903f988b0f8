"""Numbers of the table of models: one unit for all of a column, in its header."""

import pytest

from zoo.reporting.pages.columns import COLUMNS, END, Column, Raw
from zoo.reporting.pages.models.notation import (
    aside_of,
    full_title,
    lower_title,
    show_value,
    title_of,
)
from zoo.reporting.pages.speed_columns import CPU_LATENCY

BY_KEY = {column.key: column for column in (*COLUMNS, *END)}
LATENCY = Column(
    key="latency-x",
    label=CPU_LATENCY,
    note="Acme",
    note_is_text=True,
    raw=lambda model: None,
    unit="ms",
)


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        (BY_KEY["macs"], 1_905_864_000_000, "1,905.86"),
        (BY_KEY["macs"], 601_600, "0.0006"),
        (BY_KEY["macs"], 0, "0.00"),
        (BY_KEY["parameters"], 61_570_728, "61.57"),
        (BY_KEY["file_size"], 98_700_000, "98.7"),
        (BY_KEY["input"], "224x224", "224×224"),
        (BY_KEY["crop_pct"], 0.875, "0.875"),
        (BY_KEY["family"], None, ""),
        (LATENCY, 26.0613, "26.1"),
    ],
)
def test_a_column_has_one_notation(column: Column, value: Raw, text: str) -> None:
    assert show_value(column, value) == text


def test_the_header_has_the_unit() -> None:
    heads = [(title_of(column), aside_of(column)) for column in (LATENCY, *BY_KEY.values())]
    assert {
        ("CPU", "ms"),
        ("GMACs", ""),
        ("Params", "M"),
        ("FLOPs", "G, claimed"),
        ("Params", "M, claimed"),
        ("File size", "MB"),
        ("Input", "px"),
        ("Family", ""),
    } <= set(heads)
    assert full_title(LATENCY) == "CPU latency, Acme, ms"
    assert full_title(BY_KEY["macs"]) == "Multiply-adds, measured, GMACs"


def test_names_in_capitals_stay() -> None:
    labels = ("Top-1", "mIoU", "PQ")
    columns = [Column(key=label, label=label, raw=lambda model: None) for label in labels]
    assert [lower_title(column) for column in columns] == ["top-1", "mIoU", "PQ"]
