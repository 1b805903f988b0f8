"""What a column is called as an axis, and how its numbers are printed."""

from dataclasses import replace

import pytest

from zoo.reporting.i18n.gettext import speaking
from zoo.reporting.pages.columns import COLUMNS, Column
from zoo.reporting.pages.explore.axes import show_unit, words_of

BY_KEY = {column.key: column for column in COLUMNS}
TOP1 = replace(
    BY_KEY["flops"],
    key="top1",
    label="Top-1",
    note="ImageNet, crop 224",
    note_is_text=True,
    unit="%",
    better=1,
    dataset="ImageNet",
)


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        (BY_KEY["macs"], 11_670_000_000, "11.67 GMACs"),
        (BY_KEY["macs"], 1_300_000, "0.0013 GMACs"),
        (BY_KEY["flops"], 15_003_675_112, "15.00 GFLOPs"),
        (BY_KEY["parameters"], 61_570_728, "61.57 M"),
        (BY_KEY["layers"], 98, "98"),
        (TOP1, 79.65, "79.65 %"),
        (replace(TOP1, unit="images/s"), 1234.5, "1,234.5 images/s"),
    ],
)
def test_numbers_are_printed_in_a_single_unit(column: Column, value: float, text: str) -> None:
    assert show_unit(column, value) == text


def test_axes_have_the_words_of_the_field() -> None:
    macs, top1 = words_of(BY_KEY["macs"]), words_of(TOP1)
    assert (macs.label, macs.title, macs.noun) == ("GMACs", "GMACs, measured", "measured GMACs")
    assert macs.limit == "%(value)s GMACs"
    assert top1.label == "Top-1, % (crop 224)"
    assert top1.title == "Top-1, %, published (ImageNet, crop 224)"
    assert (top1.goal, top1.full) == ("top-1", "top-1 on ImageNet")
    assert top1.limit == "%(value)s %% top-1"
    assert words_of(replace(TOP1, label="Inference Time", dataset="")).goal == "inference time"
    assert words_of(replace(TOP1, label="CPU latency", dataset="")).goal == "CPU latency"
    with speaking("zh"):
        assert words_of(TOP1).full == "ImageNet 上的 top-1"
