"""The record of what a model takes, and its spelling."""

import pytest

from zoo.model_index.records.input_kinds import KINDS
from zoo.model_index.records.input_spec import InputTensor, image_input
from zoo.model_index.records.input_text import EXPECTED, parse_input


def shapes(text: str, channels: int = 3, batch: int = 1) -> list[tuple[int, ...]]:
    return [tensor.shape for tensor in parse_input(text).tensors(channels, batch)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("224 image", [(1, 3, 224, 224)]),
        ("224x285 image", [(1, 3, 224, 285)]),
        ("1x28x28 image", [(1, 1, 28, 28)]),
        ("16x112x112 clip", [(1, 3, 16, 112, 112)]),
        ("1x16x112x112 clip", [(1, 1, 16, 112, 112)]),
        ("520x960 image pair", [(1, 3, 520, 960)] * 2),
        ("800x1066 image list", [(3, 800, 1066)]),
        ("512 tokens", [(1, 512)]),
        ("512 tokens with mask, 64 decoder tokens", [(1, 512), (1, 512), (1, 64)]),
        ("16000 samples", [(1, 16000)]),
        ("1x16000 samples", [(1, 1, 16000)]),
        ("80x3000 features", [(1, 80, 3000)]),
        ("224x224 image and 77 tokens", [(1, 3, 224, 224), (1, 77)]),
        ("pixel_values=224x224 image, input_ids=1x77 int64", [(1, 3, 224, 224), (1, 77)]),
        ("1x3x224x224", [(1, 3, 224, 224)]),
        ("2x7 float tensor", None),
    ],
)
def test_each_kind_makes_its_tensors(text: str, expected: list[tuple[int, ...]] | None) -> None:
    if expected is None:
        with pytest.raises(ValueError, match="an input such as"):
            parse_input(text)
    else:
        assert shapes(text) == expected


def test_every_example_of_the_table_is_read_and_printed_the_same() -> None:
    for kind in KINDS.values():
        spec = parse_input(kind.example)
        assert str(spec) == kind.example
        assert any(part.noun == kind.noun for part in spec.parts)
        assert parse_input(str(spec)) == spec


def test_a_batch_makes_more_of_everything() -> None:
    assert shapes("512 tokens with mask", batch=4) == [(4, 512), (4, 512)]
    assert shapes("8x8 image list", batch=2) == [(3, 8, 8), (3, 8, 8)]
    assert shapes("x=1x77 int64", batch=3) == [(3, 77)]


def test_tensors_say_how_they_are_passed() -> None:
    assert parse_input("5 tokens with mask").tensors() == (
        InputTensor(shape=(1, 5), dtype="int64", fill="ids"),
        InputTensor(shape=(1, 5), dtype="int64", fill="ones", keyword="attention_mask"),
    )
    named = parse_input("x=8x8 image list").tensors()
    assert named == (InputTensor(shape=(3, 8, 8), keyword="x", listed=True),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", EXPECTED),
        ("16x112 clip", "a clip such as 16x112x112 clip"),
        ("tokens", "tokens such as 512 tokens"),
        ("512 token", f"{EXPECTED}; did you mean tokens?"),
        ("224x224", f"{EXPECTED}, with the word that says what it is"),
        ("0x4 image", "numbers from 1 to 2,147,483,647"),
        ("mask", "tokens before their mask, such as 512 tokens with mask"),
        ("a=8x8 image pair", "an image pair without a name: it is two arguments"),
        ("a=3 tokens, a=4 tokens", "each argument once; a stands twice"),
        ("2147483647x2147483647 image", "a tensor of at most 1,099,511,627,776 elements"),
        ("x" * 501, "an input of at most 500 characters"),
        (", ".join(["3 tokens"] * 33), "an input of at most 32 parts"),
    ],
)
def test_what_cannot_be_read_says_what_was_expected(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_input(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("spec", "stated", "expected"),
    [
        ("16x112x112 clip", "128x128 image", "16x128x128 clip"),
        ("16x112x112 clip", "8x96x96 clip", "8x96x96 clip"),
        ("1x28x28 image", "32x32 image", "1x32x32 image"),
        ("512 tokens with mask", "128 tokens", "128 tokens with mask"),
        ("x=224x224 image, y=77 tokens", "384x384 image", "x=384x384 image, y=77 tokens"),
        ("512 tokens", "16x112x112 clip", "16x112x112 clip"),
        ("512 tokens", "224x224 image", "224x224 image"),
    ],
)
def test_an_input_takes_the_sizes_that_are_stated(spec: str, stated: str, expected: str) -> None:
    assert str(parse_input(spec).adapt(parse_input(stated))) == expected
    assert parse_input(spec).adapt(None) == parse_input(spec)


def test_an_image_is_shown_by_its_sides() -> None:
    assert image_input((224, 285)).show() == "224x285"
    assert image_input((224, 285)) == parse_input("224x285 image")
    assert parse_input("16x112x112 clip").show() == "16x112x112 clip"
    assert parse_input("16x112x112 clip").image_size == (112, 112)
    assert parse_input("512 tokens with mask").length == 512
