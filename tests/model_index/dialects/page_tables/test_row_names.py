"""Names of rows."""

import pytest

from zoo.model_index.dialects.page_tables.row_names import (
    builder_of,
    clean_name,
    split_names,
    tell_apart,
)
from zoo.model_index.dialects.page_tables.table_settings import NO_SETTINGS, TableSettings


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ResNet-50", "ResNet-50"),
        ("Res2Net50_ 26w_4s", "Res2Net50_26w_4s"),
        ("ViT-B/16 *", "ViT-B/16"),
        ("—", ""),
        ("x" * 101, ""),
    ],
)
def test_a_name_is_cleaned(text: str, name: str) -> None:
    assert clean_name(text) == name


def test_several_models_stand_in_one_cell() -> None:
    assert split_names("ResNet-50 / ResNet-101", 2) == ["ResNet-50", "ResNet-101"]
    assert split_names("ResNet-50/101", 2) == ["ResNet-50", "ResNet-101"]
    assert split_names("ViT-B/16", 3) == ["ViT-B/16"]


def test_the_builder_is_a_guess() -> None:
    builder = builder_of("DPN-98", NO_SETTINGS)
    assert (str(builder), builder.named) == ("timm:dpn_98", False)
    assert str(builder_of("GN (from scratch)", NO_SETTINGS)) == "none"


def test_the_settings_say_what_builds_a_model() -> None:
    settings = TableSettings(builders={"ConvNeXt-T": "timm:convnext_tiny", "ViT-*": "none"})
    assert str(builder_of("convnext-t", settings)) == "timm:convnext_tiny"
    assert builder_of("ConvNeXt-T", settings).named
    assert str(builder_of("ViT-B", settings)) == "none"
    settings = TableSettings(builders={"*": "timm:{name}.a1_in1k"})
    assert str(builder_of("ResNet 50", settings)) == "timm:resnet_50.a1_in1k"


def test_rows_of_one_name_are_told_apart_by_what_differs() -> None:
    names = tell_apart(
        ["R50", "R50", "R101"], [("", "Faster R-CNN", "1x"), ("", "Mask", "1x"), ("", "Mask", "")]
    )
    assert names == ["R50 (Faster R-CNN)", "R50 (Mask)", "R101"]
    assert tell_apart(["R50", "R50"], [("a",), ("a",)]) == ["R50", "R50 #2"]
