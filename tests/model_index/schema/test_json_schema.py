"""The schema of an index: it takes what the reader takes, refuses what the reader refuses, and
knows every quantity."""

import json
import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from zoo.model_index.load import DATA, read_text
from zoo.model_index.quantities.lookup import find, normalize
from zoo.model_index.quantities.metric_names import find_metric
from zoo.model_index.quantities.table import BY_KEY, QUANTITIES
from zoo.model_index.schema.json_schema import SPELLINGS, any_case, schema, text

SCHEMA = schema()
VALIDATOR = Draft7Validator(SCHEMA)


def problems(text: str) -> list[str]:
    """Where the schema finds something wrong in a YAML text: the paths of the deepest errors."""
    errors = list(VALIDATOR.iter_errors(yaml.safe_load(text)))
    return sorted({".".join(map(str, error.absolute_path)) for error in errors})


def faults(text: str) -> int:
    """How many faults the reader finds."""
    return len(read_text("f.yml", text)[1])


def test_it_is_a_schema_of_its_draft() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert json.loads(text()) == SCHEMA
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"


@pytest.mark.parametrize("path", sorted(DATA.glob("*.yml")), ids=lambda path: path.name)
def test_the_embedded_index_is_accepted(path: Any) -> None:
    assert problems(path.read_text(encoding="utf-8")) == []


ACCEPTED = (
    "",
    "Import: models/*.yml",
    "Import: [a.yml, b.yml]",
    "Library: {Name: Acme}\nCollections: [{Name: Net, Paper: https://papers.example}]",
    "models: [{name: a, metadata: {flops: 3e9, params: 12 M, Own Key: {x: [1]}}}]",
    "Models:\n- Name: a\n  Metadata: {FLOPs: , Parameters: 12, Image Size: 224x288, Crop Pct: "
    "'0.875'}\n  Results:\n",
    "Models:\n- {Name: a, Builder: 'torchvision:resnet18'}\n"
    "- {Name: b, Builder: {Name: 'a.b:C', Arguments: {x: 1}}}\n",
    "Models: [{Name: a, Builder: none}, {Name: b, Builder: None}]",
    "Models: models/*.yml",
    "Model: {Name: a, In Collection: [Net, Other], Metadata: a.yml, Results: a.yml}\n"
    "Library: library.yml",
    "[{Name: a, Metadata: {FLOPs: 1}}, a.yml]",
    "Name: a\nMetadata: [{Params (M): 25.6, GFLOPs: 4.1}, more.yml]",
    "Models: [{Name: a, Metadata: {Latency (ms): [{value: 57.1, hardware: V100}], FLOPs: {Value: 3 "
    "G}}}]",
    "Models: [{Name: a, Results: {Task: T, Metrics: [{type: accuracy, value: 70.1}, "
    "{top_1_accuracy: 70%}]}}]",
    "Models:\n- Name: a\n  Results: [{Task: T, Dataset: {Name: D}, Metrics: {Top 1 Accuracy: 70%, "
    "mAP: 0.4}}]\n"
    "  Reported: [{Publisher: Other, Metadata: {FLOPs: 3 G}}]\n",
)
REFUSED = {
    "Models: {a: 1}": "Models",
    "Models: [{Name: a, Metadata: {FLOPs: [1, 2]}}]": "Models.0.Metadata.FLOPs.0",
    "Models: [{Name: a, Metadata: {FLOPs: many}}]": "Models.0.Metadata.FLOPs",
    "Models: [{Name: a, Metadata: {flops: many}}]": "Models.0.Metadata.flops",
    "Models: [{Name: a, Metadata: {Params: -3}}]": "Models.0.Metadata.Params",
    "Models: [{Name: a, Metadata: {Image Size: large}}]": "Models.0.Metadata.Image Size",
    "Models: [{Name: a, Metadata: {Image Size: 0}}]": "Models.0.Metadata.Image Size",
    "Models: [{Name: a, Metadata: {Params (M): many}}]": "Models.0.Metadata.Params (M)",
    "Models: [{Name: a, Metadata: {Inference_Time: soon}}]": "Models.0.Metadata.Inference_Time",
    "Models: [{Name: a, Metadata: {FLOPs: [{value: many}]}}]": "Models.0.Metadata.FLOPs.0.value",
    "Models: [{Name: a, Metadata: {FLOPs: {hardware: V100}}}]": "Models.0.Metadata.FLOPs",
    "Models: [{Name: a, Metadata: {FLOPs: []}}]": "Models.0.Metadata.FLOPs",
    "Collections: [{Name: Net, Metadata: {FLOPs: many}}]\n"
    "Models: [{Name: a, In Collection: Net}]": "Collections.0.Metadata.FLOPs",
    "Models: [{Name: [a]}]": "Models.0.Name",
    "Models: [{Name: }]": "Models.0.Name",
    "Models: [{Metadata: {FLOPs: 1}}]": "Models.0",
    "Models: [{Name: a, Results: [{Metrics: none}]}]": "Models.0.Results.0.Metrics",
    "Models: [{Name: a, In Collection: {Name: Net}}]": "Models.0.In Collection",
    "Models: [{Name: a, Reported: {Publisher: Other}}]": "Models.0.Reported",
    "Models: [{Name: a, Results: [{Metrics: {Top 1 Accuracy: high}}]}]": (
        "Models.0.Results.0.Metrics.Top 1 Accuracy"
    ),
    "Models: [{Name: a, Reported: [{Metadata: {FLOPs: 1}}]}]": "Models.0.Reported.0",
    "Models: [{Name: a, Builder: resnet18}]": "Models.0.Builder",
    "Models: [{Name: a, Builder: {Arguments: {}}}]": "Models.0.Builder",
    "Models: [{Name: a, Builder: {Name: none}}]": "Models.0.Builder.Name",
    "Collections: [{Full Name: Net}]": "Collections.0",
    "Other: 1": "",
}


@pytest.mark.parametrize("text", ACCEPTED)
def test_what_can_be_read_is_accepted(text: str) -> None:
    assert (faults(text), problems(text)) == (0, [])


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    assert faults(text) > 0
    assert REFUSED[text] in problems(text)


def test_every_quantity_can_be_completed_in_its_usual_spelling() -> None:
    definitions = SCHEMA["definitions"]
    for row in QUANTITIES:
        assert row.parse.__name__ in SPELLINGS
        if row.spellings:
            place = definitions["metrics" if row.metric else "metadata"]
            assert place["properties"][row.label] == {"$ref": f"#/definitions/{row.key}"}
            assert normalize(row.label) in row.spellings
            assert definitions[row.key]["description"].endswith("Write it as it is published.")
            for spelling in (*row.spellings, *row.units):
                for key in (
                    spelling,
                    spelling.upper(),
                    spelling.replace(" ", "_"),
                    spelling.replace(" (", "("),
                ):
                    assert find_metric(key, None, ()).row is row if row.metric else find(key) is row
                    fits = [
                        pattern for pattern in place["patternProperties"] if re.search(pattern, key)
                    ]
                    assert [place["patternProperties"][fit] for fit in fits] == [
                        place["properties"][row.label]
                    ], key


def test_patterns_need_no_more_than_javascript_has() -> None:
    """No inline flags, no named groups, no escapes that JavaScript refuses: an editor's schema is
    read there."""
    found: set[str] = set()

    def look(value: Any) -> None:
        if isinstance(value, dict):
            found.update(value.get("patternProperties", ()))
            found.update([value["pattern"]] if isinstance(value.get("pattern"), str) else [])
            for below in value.values():
                look(below)

    look(SCHEMA)
    assert len(found) > 30
    for pattern in found:
        assert not re.search(r"\(\?(?![:=!])|\\[^\^.dDsSwW+*?()\[\]{}|/$\\]", pattern), pattern


@pytest.mark.parametrize(
    "row", [row for row in QUANTITIES if row.spellings], ids=lambda row: row.key
)
def test_examples_are_what_they_show(row: Any) -> None:
    definition = SCHEMA["definitions"][row.key]
    for example in definition["examples"]:
        assert row.parse(str(example))
        assert Draft7Validator(definition).is_valid(example)


NUMERIC = [
    row.key
    for row in QUANTITIES
    if row.spellings and SPELLINGS[row.parse.__name__].pattern and not row.lenient
]
PIECES = st.sampled_from([*"1.,_eE+- GmBkxX%?", "22", "ib", "FLOPs", "params", "224", "3x", "000"])


@given(st.sampled_from(NUMERIC), st.lists(PIECES, max_size=7).map("".join))
def test_a_text_is_accepted_exactly_if_it_is_parsed(key: str, written: str) -> None:
    try:
        BY_KEY[key].parse(written)
        parsed = True
    except ValueError as error:
        if re.search(
            r"below 1e|between 1 and|a number of bytes", str(error)
        ):  # bounds that no pattern holds
            return
        parsed = False
    assert Draft7Validator(SCHEMA["definitions"][key]).is_valid(written) is parsed


def test_any_case() -> None:
    assert any_case(r"a1[kx]\d(?:b\])[^\Wz]") == r"[aA]1[kKxX]\d(?:[bB]\])[^\WzZ]"
