"""Build the JSON Schema of an index from the table of quantities; editors complete and check with
it.

Draft 7, which every version of the YAML language server behind most editors reads. It refuses what
`zoo.model_index.load` would refuse and describes the rest; keys it does not know are allowed, as
they are kept. Keys may be spelled in any case: `properties` holds the spelling to complete,
`patternProperties` all others. A keyword is about one type of value and passes all others, so what
may be a mapping, a list or a path needs no alternatives, which editors explain badly.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from zoo.model_index.dialects.base.entry_fields import BUILDER_KINDS
from zoo.model_index.quantities.parse import (
    COUNT,
    DURATION,
    FILE_SIZE,
    HOURS,
    MAX_ADDRESS,
    MAX_LENGTH,
    NUMBER_ONLY,
    PERCENT,
    RATE,
    SIZE,
)
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.table import QUANTITIES
from zoo.model_index.records.input_kinds import DTYPES, KINDS
from zoo.model_index.records.input_text import EXPECTED
from zoo.model_index.records.input_text import MAX_LENGTH as MAX_INPUT
from zoo.model_index.records.records import NO_BUILDER
from zoo.model_index.schema import descriptions

Schema = dict[str, Any]

DRAFT = "http://json-schema.org/draft-07/schema#"
SCALAR = ["string", "number", "boolean"]
TEXT = [*SCALAR, "null"]
OBJECT = ["object", "null"]
HUGE = 1e31  # a number that no quantity can be
BY_KEY = {row.key: row for row in QUANTITIES if row.spellings}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """How values of a parser are written: the pattern of a text, the smallest number, and
    examples."""

    pattern: re.Pattern[str] | None
    expected: str
    examples: tuple[str | int | float, ...]
    minimum: float | None = 0
    below: float = HUGE
    whole: bool = False


SPELLINGS = {
    "parse_count": Spelling(
        pattern=COUNT,
        expected="a count such as 15003675112 or 22.22 G",
        examples=(11_700_000, "11.7 M", "4.1 GFLOPs"),
    ),
    "parse_bytes": Spelling(
        pattern=FILE_SIZE,
        expected="a number of bytes such as 247021307 or 235.6 MiB",
        examples=(46_827_520, "247 MB"),
    ),
    "parse_percent": Spelling(
        pattern=PERCENT,
        expected="a percentage such as 80.16%",
        examples=("80.16%", 80.16, 0.8016),
        minimum=None,
    ),
    "parse_number": Spelling(
        pattern=NUMBER_ONLY, expected="a number such as 0.875", examples=(0.875,), minimum=None
    ),
    "parse_memory": Spelling(
        pattern=FILE_SIZE, expected="an amount of memory such as 4.4 GB", examples=("4.4 GB",)
    ),
    "parse_hours": Spelling(
        pattern=HOURS, expected="a duration such as 7.3 h", examples=("7.3 h", "3 days")
    ),
    "parse_milliseconds": Spelling(
        pattern=DURATION, expected="a duration such as 57.14 ms", examples=("57.14 ms", 57.14)
    ),
    "parse_rate": Spelling(
        pattern=RATE,
        expected="a number of images a second such as 1250",
        examples=(1250, "1250 images/s"),
    ),
    "parse_size": Spelling(
        pattern=SIZE,
        expected="an image size such as 224 or 224x285, height first",
        examples=("224", "224x285"),
        minimum=1,
        below=65537,
        whole=True,
    ),
    "parse_address": Spelling(
        pattern=None, expected=f"a text of at most {MAX_ADDRESS} characters", examples=()
    ),
    "parse_channels": Spelling(
        pattern=None,
        expected="a number for each channel, or one for all",
        examples=("0.485, 0.456, 0.406", 0.5),
    ),
    "parse_text": Spelling(
        pattern=None, expected=f"a text of at most {MAX_LENGTH} characters", examples=()
    ),
}


def text() -> str:
    """Return the schema as a JSON document."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def schema() -> Schema:
    """Return the schema of a file: a whole index, or a part that another one imports."""
    top = {
        "Type": {"type": TEXT, "description": "What the file is.", "examples": ["model-index"]},
        "Library": _may(
            "library", "Who publishes the figures of this file.", "object", "string", "null"
        ),
        "Collections": _many("collection", "Families of models."),
        "Models": _many("model", "The models, and what is claimed about them."),
        "Import": _texts("Files of this index, by paths or globs relative to this file."),
    }
    parts = ("Models", "Model", "Collections", "Collection", "Import", "Library", "Name")
    return {
        "$schema": DRAFT,
        "title": "Model index",
        "description": "What a model zoo claims about its models, in the Papers-with-Code format.",
        "type": ["object", "array", "null"],
        "items": _may("model", "A model.", "object", "string", "null"),
        "anyOf": [*_any_of(*parts), {"maxProperties": 0}],
        **_keys(top, {"Models": ("models", "model"), "Collections": ("collections", "collection")}),
        "definitions": {**{key: _quantity(row) for key, row in BY_KEY.items()}, **_parts()},
    }


def _parts() -> dict[str, Schema]:
    metadata = {row.label: _ref(key) for key, row in BY_KEY.items() if not row.metric}
    metrics = {row.label: _ref(key) for key, row in BY_KEY.items() if row.metric}
    stated = {
        "Metadata": _many("metadata", "What is published about it."),
        "Results": _many("result", "Figures on data sets."),
    }
    measured = _may("metrics", "The figures.", "array", "object", "null") | {
        "items": _may("metrics", "", "object")
    }
    reported = _many("reported", "What other publishers state about the same model.")
    return {
        "metadata": _keys(metadata | _described(descriptions.METADATA)),
        "metrics": _keys(metrics),
        "result": _keys({**_described(descriptions.RESULT), "Metrics": measured}),
        "reported": _with(
            "Publisher",
            {**_described(descriptions.REPORTED, TEXT), "Input": _input(), **stated},
        ),
        "model": _with(
            "Name",
            {
                **_described(descriptions.MODEL, TEXT),
                "In Collection": _texts("The Name of its collection."),
                **stated,
                "Builder": _builder(),
                "Input": _input(),
                "Reported": reported | {"type": ["array", "null"]},
                **_described(descriptions.LINKS),
            },
        ),
        "collection": _with(
            "Name",
            {
                **_described(descriptions.COLLECTION, TEXT),
                "Input": _input(),
                **stated,
                **_described(descriptions.PAPERS),
            },
        ),
        "library": _keys(_described(descriptions.LIBRARY)),
    }


def _quantity(row: Quantity) -> Schema:
    """Return the schema of a quantity: one value, or a list of mappings with a value and the
    conditions it was measured under."""
    value = _value(row)
    if row.lenient:  # what is no number is no claim, and no fault
        return {key: value[key] for key in ("title", "description", "examples")}
    valued = _with("value", {"value": value})
    types = [*value["type"], "object", "array"]
    plain = ["number", "string"] if row.several else []
    return (
        value
        | valued
        | {"type": types, "items": {"type": ["object", *plain], **valued}, "minItems": 1}
    )


def _value(row: Quantity) -> Schema:
    """Return the schema of one value: a number, a text of its pattern, or none."""
    spelling = SPELLINGS[row.parse.__name__]
    unit = (
        f" In {row.unit}."
        if row.unit not in ("", "%", "fraction", "operations", row.label.lower())
        else ""
    )
    description = f"{row.description}{unit} Write it as it is published."
    value: Schema = {
        "title": row.label,
        "description": description,
        "type": TEXT,
        "maxLength": MAX_LENGTH,
    }
    if spelling.pattern is not None:
        value["type"] = ["integer" if spelling.whole else "number", "string", "null"]
        value["pattern"] = rf"^\s*(?:{any_case(spelling.pattern.pattern)})\s*$"
        value["patternErrorMessage"] = (
            f"expected {spelling.expected}"  # which VS Code shows, others ignore
        )
        value["exclusiveMaximum"] = spelling.below
        if spelling.minimum is not None:
            value["minimum"] = spelling.minimum
    return value | {"examples": list(row.examples or spelling.examples)}


def _builder() -> Schema:
    name = r"[^\W\d]\w*"
    dotted = rf"{name}(?:\.{name})*"
    spelled = rf"(?:{'|'.join(BUILDER_KINDS)}):\s*\S.*|{dotted}:{dotted}"
    made_by = {
        "type": "string",
        "description": "How the live model is made, where neither ID nor Name says it.",
        "pattern": rf"^\s*(?:{spelled})\s*$",
        "patternErrorMessage": "expected a builder such as timm:resnet50 "
        "or package.module:callable",
        "examples": [
            "timm:resnet50",
            "torchvision:resnet50",
            "torchvision.models.densenet:DenseNet",
        ],
    }
    arguments = {
        "type": OBJECT,
        "description": "Keyword arguments: plain data that names no weights.",
    }
    return made_by | {
        "type": ["string", "object", "null"],
        "pattern": rf"^\s*(?:{spelled}|{any_case(NO_BUILDER)})\s*$",
        "description": f"{made_by['description']} `none` or null: nothing builds it.",
        **_with("Name", {"Name": made_by, "Arguments": arguments}),
    }


def _input() -> Schema:
    """Return the schema of what a model takes: a text, a list of parts, or parts by argument."""
    nouns = "|".join([*map(any_case, (*KINDS, *DTYPES)), r"\d"])
    part = {
        "type": "string",
        "maxLength": MAX_INPUT,
        "pattern": rf"(?:{nouns})\s*$",
        "patternErrorMessage": f"expected {EXPECTED}",
    }
    return part | {
        "type": ["string", "array", "object", "null"],
        "description": "What the model takes: the sizes and the word of each part.",
        "examples": [kind.example for kind in KINDS.values()],
        "items": part,
        "additionalProperties": part,
        "minItems": 1,
    }


def _with(required: str, properties: dict[str, Schema]) -> Schema:
    """Return the schema of a mapping with a required key whose value may not be empty."""
    value = properties[required]
    if value["type"] == TEXT:
        properties = properties | {required: value | {"type": SCALAR, "pattern": r"\S"}}
    return {**_keys(properties), "anyOf": _any_of(required)}


def _keys(
    properties: dict[str, Schema], others: dict[str, tuple[str, ...]] | None = None
) -> Schema:
    """Return the schema of keys: in the spelling to complete, and in any case and by a
    quantity's other names."""
    spelled: dict[str, tuple[str, ...]] = {label: (label.lower(),) for label in properties}
    spelled |= {
        row.label: (*row.spellings, *row.units)
        for row in BY_KEY.values()
        if row.label in properties
    }
    patterns = {
        rf"^\s*(?:{'|'.join(map(_spelled, spellings))})\s*$": properties[label]
        for label, spellings in (spelled | (others or {})).items()
    }
    return {"properties": properties, "patternProperties": patterns}


def _spelled(spelling: str) -> str:
    """Return the pattern of a key: `top 1` may be `Top-1` or `top_1`, `params (m)` may be
    `Params(M)`."""
    escaped = re.sub(r"[()/]", r"\\\g<0>", any_case(spelling))
    return escaped.replace(r" \(", r"[\s_-]*\(").replace(" ", r"[\s_-]+")


def _any_of(*names: str) -> list[Schema]:
    """Require one of these keys, as it is usually spelled: `Name`, `name` or `NAME`."""
    cases = (str.capitalize, str.lower, str.upper)
    return [
        {"required": [spelled]}
        for spelled in dict.fromkeys(case(name) for name in names for case in cases)
    ]


def _many(name: str, description: str) -> Schema:
    """Return the schema of a list of these and of paths of files that hold some, or of one of
    either."""
    element = _may(name, "", "object", "string", "null")
    return _may(name, description, "array", "object", "string", "null") | {"items": element}


def _may(name: str, description: str, *types: str) -> Schema:
    """Return the schema of one of these where it is a mapping, and of the types allowed."""
    return ({"description": description} if description else {}) | {
        "type": list(types),
        "allOf": [_ref(name)],
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _texts(description: str) -> Schema:
    return {"type": [*TEXT, "array"], "description": description, "items": {"type": TEXT}}


def _described(described: dict[str, str], type: list[str] | None = None) -> dict[str, Schema]:
    limits: Schema = {"type": type} if type else {}
    return {key: limits | {"description": description} for key, description in described.items()}


def any_case(pattern: str) -> str:
    """Return the pattern with each letter in both cases: a schema's patterns have no flags."""
    parts, inside, escaped = [], False, False
    for character in pattern:
        both = character.lower() + character.upper()
        if escaped or len(both) != 2 or both[0] == both[1] or not character.isascii():
            parts.append(character)
        else:
            parts.append(both if inside else f"[{both}]")
        if not escaped:
            inside = character == "[" or (inside and character != "]")
        escaped = not escaped and character == "\\"
    return "".join(parts)
