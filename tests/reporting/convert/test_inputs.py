"""Every target keeps what a model takes, or says that it has no place for it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from zoo.model_index.load import load
from zoo.model_index.records.records import Index
from zoo.reporting.convert import TARGETS
from zoo.reporting.convert.losses import Conversion
from zoo.reporting.views.catalogue import Catalogue, Zoo

INDEX = """
Collections:
- {Name: Text, Input: 512 tokens with mask}
Models:
- Name: a
  Builder: torchvision:r3d_18
  Input: 16x112x112 clip
  Metadata: {FLOPs: 40.7 G}
- Name: b
  Builder: my.net:Net
  Input: {pixel_values: 224x224 image, input_ids: 1x77 int64}
  Metadata: {FLOPs: [{value: 1.2 G, input: 128 tokens}]}
- {Name: c, Builder: 'my.net:Text', In Collection: Text, Metadata: {FLOPs: 2 G}}
"""


@pytest.fixture
def convert(tmp_path: Path) -> Callable[[str], Conversion]:
    (tmp_path / "f.yml").write_text(INDEX)
    index = load([tmp_path / "f.yml"])

    def make(target: str) -> Conversion:
        zoo = Zoo(index=index, findings=(), evidence={}, primary={})
        return TARGETS[target].convert(Catalogue.of(zoo), False)

    return make


def _lost(conversion: Conversion) -> list[tuple[str, str, str]]:
    return [row for row in conversion.losses.rows() if "Input" in row[0]]


@pytest.mark.parametrize("target", ["pwc", "openmmlab"])
def test_an_index_is_read_back_with_its_inputs(
    target: str, convert: Callable[[str], Conversion], again: Callable[[Conversion], Index]
) -> None:
    converted = convert(target)
    assert _lost(converted) == []
    entries = again(converted).entries
    assert [str(entry.input) for entry in entries] == [
        "16x112x112 clip",
        "pixel_values=224x224 image, input_ids=1x77 int64",
        "512 tokens with mask",
    ]
    claims = [claim for entry in entries for claim in entry.claims if claim.quantity == "flops"]
    assert [str(claim.input) for claim in claims] == ["None", "128 tokens", "None"]


def test_a_card_has_it_in_its_text(convert: Callable[[str], Conversion]) -> None:
    converted = convert("huggingface")
    why = "in the card's text; the front matter has no place for it"
    assert _lost(converted) == [("Input", "2", why)]
    texts = "\n".join(converted.files.values())
    for text in (
        "- Input: 16x112x112 clip\n",
        "- Input: pixel\\_values=224x224 image, input\\_ids=1x77 int64\n",
        "- Input: 512 tokens with mask\n",
        "(input: 128 tokens)",
    ):
        assert text in texts


def test_a_table_of_claims_has_only_those_of_claims(convert: Callable[[str], Conversion]) -> None:
    converted = convert("csv")
    why = "a table of claims has no column for it"
    assert _lost(converted) == [("Input", "2", why), ("Collection.Input", "1", why)]
    (text,) = converted.files.values()
    assert ",input=128 tokens," in text
