"""OpenMMLab's names against timm: every row of the table names a model of timm, with its classes
and its input size."""

import pytest
from timm import is_model
from timm.models import get_pretrained_cfg

from zoo.model_index.dialects.openmmlab import VARIANTS, Variant, parse_name
from zoo.model_index.load import read_text
from zoo.models.builders import BuilderMissing, build


def cases(ours: str, variant: Variant) -> list[str]:
    """A full name of an architecture for each side that timm has a name for."""
    architecture, _, training = ours.partition("_")
    middle = (
        ""
        if not training
        else f"_{training}"
        if training.endswith("-pre")
        else f"_{training}-in21k-pre"
    )
    sides = [text.partition("=")[0] for text in variant.row.sides.split()] or [str(variant.side)]
    return [f"{architecture}{middle}_3rdparty_in1k-{side}px" for side in sides]


@pytest.mark.parametrize(("ours", "variant"), VARIANTS.items())
def test_every_row_names_a_timm_model(ours: str, variant: Variant) -> None:
    for name in cases(ours, variant):
        builder, size = parse_name(name)
        assert builder.kind == "timm", name
        assert is_model(builder.name), builder
        configuration = get_pretrained_cfg(builder.name)
        assert size is not None and configuration is not None
        classes = 0 if variant.row.classes == 0 else 1000
        assert builder.arguments.get("num_classes", configuration.num_classes) == classes, builder
        if configuration.fixed_input_size:
            assert configuration.input_size[1:] == size, builder


def test_a_model_that_timm_does_not_have_is_no_error() -> None:
    index, _ = read_text(
        "f.yml",
        "Models:\n- {Name: resnet18_8xb16_cifar10, Config: configs/a.py, Metadata: {FLOPs: 1}}\n",
    )
    with pytest.raises(
        BuilderMissing, match=r"^no builder is named, and timm has no model for this name"
    ):
        build(index.entries[0].builder)
