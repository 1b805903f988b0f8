"""Code for models that take something else than one image; tests/test_snippets_run.py runs it."""

from dataclasses import replace

import pytest

from zoo.model_index.records.input_text import parse_input
from zoo.model_index.records.records import Builder
from zoo.reporting.snippets.inputs import input_snippets
from zoo.reporting.snippets.parts import Pipeline, Recipe, Subject

R3D = Subject(builder=Builder("torchvision", "r3d_18"), name="r3d_18")


def test_a_clip() -> None:
    run, export = input_snippets(R3D, parse_input("16x112x112 clip"))
    assert run.heading == "Run it"
    head, _, tail = run.code.partition("\ndef show")
    assert head == "import torch\nfrom torchvision import models\n"
    assert tail.partition("\nmodel = ")[2] == (
        """models.get_model("r3d_18", weights="DEFAULT").eval()

# frames of a video, (batch, channels, frames, height, width)
clip = torch.randn(1, 3, 16, 112, 112)

with torch.inference_mode():
    output = model(clip)
show("output", output)
"""
    )
    assert "torch.export.export(model, (clip,))\n" in export.code


@pytest.mark.parametrize(
    ("given", "call"),
    [
        ("8x8 image pair", "model(first, second)"),
        ("8x8 image list", "model(images)"),
        ("8 tokens with mask", "model(tokens, attention_mask=mask)"),
        ("pixel_values=8x8 image, 5 tokens", "model(tokens, pixel_values=pixel_values)"),
        ("8x8 image, 9x9 image", "model(image, image_2)"),
        ("model=1x3 int64, 1x3 float", "model(tensor, model=model_2)"),
        ("8 tokens, 4 decoder tokens", "model(tokens, decoder_input_ids=decoder_tokens)"),
    ],
)
def test_arguments_are_as_the_forward_pass_takes_them(given: str, call: str) -> None:
    assert f"output = {call}\n" in input_snippets(R3D, parse_input(given))[0].code


def test_tensors_have_their_type_and_channels() -> None:
    grey = replace(R3D, recipe=Recipe(pipeline=Pipeline(channels=1)))
    spec = parse_input("8x9 image, x=2x3 int64, y=4 float16, z=4 bool")
    code = input_snippets(grey, spec)[0].code
    for line in (
        "image = torch.randn(1, 1, 8, 9)",
        "x = torch.ones(2, 3, dtype=torch.int64)",
        "y = torch.randn(4, dtype=torch.float16)",
        "z = torch.ones(4, dtype=torch.bool)",
    ):
        assert f"{line}\n" in code


def test_no_graph_takes_a_list() -> None:
    (run,) = input_snippets(R3D, parse_input("8x8 image list"))
    assert run.heading == "Run it"


@pytest.mark.parametrize("name", ["class", "größe"])
def test_a_name_that_is_no_argument_has_no_code(name: str) -> None:
    assert input_snippets(R3D, parse_input(f"{name}=8x8 image")) == []


def test_an_unknown_builder_has_no_code() -> None:
    nobody = Subject(builder=Builder("openmmlab", "atss r50"), name="atss")
    assert input_snippets(nobody, parse_input("8x8 image list")) == []
