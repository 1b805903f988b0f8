"""`Input:` in an index: in an entry, a collection, a publisher's report, beside a number."""

from zoo.model_index.load import load
from zoo.model_index.records.records import Index

COLLECTION = """\
Collections:
- Name: C
  Input: 16x112x112 clip
Models:
- Name: a
  In Collection: C
  Metadata: {FLOPs: 4 G, Image Size: 112}
- Name: b
  In Collection: C
  Input:
    pixel_values: 224x224 image
    input_ids: 1x77 int64
  Metadata:
    FLOPs:
    - {value: 4 G}
    - {value: 5 G, input: 128 tokens}
  Reported:
  - Publisher: another
    Input: 64 tokens with mask
    Metadata: {FLOPs: 3 G}
- Name: c
  Input: [520x960 image, 520x960 image]
  Metadata: {FLOPs: 3 G}
"""


def read(tmp_path, text: str) -> Index:
    file = tmp_path / "index.yml"
    file.write_text(text)
    return load([str(file)])


def test_an_entry_has_its_input_or_that_of_its_collection(tmp_path) -> None:
    index = read(tmp_path, COLLECTION)
    a, b, c = index.entries
    assert not index.faults
    assert str(a.input) == str(a.stated_input) == "16x112x112 clip"
    assert str(b.input) == "pixel_values=224x224 image, input_ids=1x77 int64"
    assert str(c.input) == "520x960 image, 520x960 image"
    assert a.input_place and b.input_place and (a.input_place.line, b.input_place.line) == (3, 11)
    assert not any(entry.unknown_keys for entry in index.entries)


def test_a_number_has_the_input_beside_it_else_its_publishers(tmp_path) -> None:
    a, b, _ = read(tmp_path, COLLECTION).entries
    assert [str(claim.input) for claim in a.claims if claim.quantity == "flops"] == [
        "112x112 image"
    ]
    inputs = [str(claim.input) for claim in b.all_claims() if claim.quantity == "flops"]
    assert inputs == ["None", "128 tokens", "64 tokens with mask"]


def test_an_input_that_cannot_be_read_is_a_fault_at_its_place(tmp_path) -> None:
    text = """\
Models:
- Name: a
  Input: 16x112 clip
  Metadata: {FLOPs: 4 G, Parameters: 3 M}
- Name: b
  Input:
    x: 224x224 imag
    y: [1]
- Name: c
  Input: [mask]
- Name: d
  Metadata:
    FLOPs:
    - {value: 5 G, input: 12 words}
    - {value: 6 G}
"""
    index = read(tmp_path, text)
    assert [str(fault).partition("index.yml:")[2] for fault in index.faults] == [
        "3: Models[0].Input: expected a clip such as 16x112x112 clip, got '16x112 clip'",
        "7: Models[1].Input.x: expected an input such as 224x224 image, 16x112x112 clip or 512 "
        "tokens with mask; did you mean image?, got '224x224 imag'",
        "8: Models[1].Input.y: expected an input such as 224x224 image, 16x112x112 clip or 512 "
        "tokens with mask, got a list",
        "10: Models[2].Input: expected tokens before their mask, such as 512 tokens with mask, "
        "got a list",
        "14: Models[3].Metadata.FLOPs[0].input: expected an input such as 224x224 image, "
        "16x112x112 clip or 512 tokens with mask, got '12 words'",
    ]
    unclear = {claim.quantity: claim.unclear for claim in index.entries[0].claims}
    assert unclear == {"flops": "its Input cannot be read", "parameters": ""}
    assert [claim.unclear for claim in index.entries[3].claims] == [
        "the input beside it cannot be read",
        "",
    ]
