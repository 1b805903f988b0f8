"""A model that takes something else than one image is refused before any work."""

from zoo.bench.availability import explain_entry
from zoo.model_index.load import read_text


def test_an_input_that_is_not_one_image_is_named_with_its_place() -> None:
    text = "Models:\n- Name: a\n  Builder: timm:resnet18\n  Input: 16x8x8 clip\n"
    index, faults = read_text("index.yml", text)
    assert not faults
    assert explain_entry(index.entries[0], ()) == (
        "it takes 16x8x8 clip (index.yml:4), and this command gives a model one image"
    )
