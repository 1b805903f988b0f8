"""The JSON Schema of an index, made from the table of quantities: what editors complete and check from.

Draft 7, because the YAML language server behind most editors reads drafts up to that one. It refuses what
`model_index.load` would refuse and describes the rest; keys it does not know are allowed, as they are
kept. A key may be spelled in any case: `properties` holds the spelling to complete, `patternProperties`
all others.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from model_index.dialects.pwc import BUILDER_KINDS
from model_index.keys import CHECKED, COLLECTION, LIBRARY, LINKS, METADATA, MODEL, PAPERS, REPORTED, RESULT
from model_index.quantities import COUNT, FILE_SIZE, MAX_LENGTH, NUMBER_ONLY, PERCENT, QUANTITIES, SIZE, Quantity

Schema = dict[str, Any]

DRAFT = "http://json-schema.org/draft-07/schema#"
SCALAR = ["string", "number", "boolean"]
TEXT = [*SCALAR, "null"]
OBJECT = ["object", "null"]
LIST = ["array", "null"]
HUGE = 1e31  # a number that no quantity can be


@dataclass(frozen=True, slots=True)
class Spelling:
    """How values of a parser are written: the pattern of a text, the smallest number, and examples."""

    pattern: re.Pattern[str] | None
    expected: str
    examples: tuple[str | int | float, ...]
    minimum: float | None = 0
    below: float = HUGE
    whole: bool = False


SPELLINGS = {
    "parse_count": Spelling(COUNT, "a count such as 15003675112 or 22.22 G", (11_700_000, "11.7 M", "4.1 GFLOPs")),
    "parse_bytes": Spelling(FILE_SIZE, "a number of bytes such as 247021307 or 235.6 MiB", (46_827_520, "247 MB")),
    "parse_percent": Spelling(PERCENT, "a percentage such as 80.16%", ("80.16%", 80.16, 0.8016), None),
    "parse_number": Spelling(NUMBER_ONLY, "a number such as 0.875", (0.875,), None),
    "parse_size": Spelling(
        SIZE, "an image size such as 224 or 224x285, height first", ("224", "224x285"), 1, 65537, True
    ),
    "parse_text": Spelling(None, f"a text of at most {MAX_LENGTH} characters", ()),
}
EXAMPLES = {"interpolation": ("bicubic", "bilinear", "nearest"), "id": ("resnet50", "resnet50.a1_in1k")}


def text() -> str:
    """The schema as a JSON document."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def schema() -> Schema:
    """The schema of a file: a whole index, or a part that another one imports."""
    top = {
        "Type": {"type": TEXT, "description": "What the file is.", "examples": ["model-index"]},
        "Library": _ref("library"),
        "Collections": _list("Families of models.", "collection"),
        "Models": _list("The models, and what is claimed about them.", "model"),
        "Import": {
            "description": "Files of this index, by paths or globs relative to this file.",
            "anyOf": [{"type": TEXT}, {"type": LIST, "items": {"type": TEXT}}],
        },
    }
    parts = ("Models", "Collections", "Import", "Library")
    return {
        "$schema": DRAFT,
        "title": "Model index",
        "description": "What a model zoo claims about its models, in the Papers-with-Code format.",
        "type": OBJECT,
        "anyOf": [*_any_of(parts), {"maxProperties": 0}, {"type": "null"}],
        **_keys(top),
        "definitions": _definitions(),
    }


def _definitions() -> dict[str, Schema]:
    metadata = {row.label: _ref(row.key) for row in QUANTITIES if row.spellings and not row.metric}
    metrics = {row.label: _ref(row.key) for row in QUANTITIES if row.spellings and row.metric}
    return {
        **{row.key: _quantity(row) for row in QUANTITIES if row.spellings},
        "metadata": _object("What is published about the model.", metadata | _described(METADATA)),
        "metrics": _object("Figures measured on the data set.", metrics),
        "result": _object("Figures for one task on one data set.", _described(RESULT) | {"Metrics": _ref("metrics")}),
        "builder": _builder(),
        "reported": _object(
            "What another publisher states about the same model.",
            {**_texts(REPORTED), "Metadata": _ref("metadata"), "Results": _list("Their figures.", "result")},
            "Publisher",
        ),
        "model": _object(
            "A model.",
            {
                **_texts(MODEL),
                "Metadata": _ref("metadata"),
                "Results": _list("Figures on data sets.", "result"),
                "Builder": _ref("builder"),
                "Reported": _list("What other publishers state about the same model.", "reported"),
                **_described(LINKS),
            },
            "Name",
        ),
        "collection": _object("A family of models.", {**_texts(COLLECTION), **_described(PAPERS)}, "Name"),
        "library": _object("Who publishes the figures of this file.", _texts(LIBRARY)),
    }


def _quantity(row: Quantity) -> Schema:
    """The values a quantity may have: as a number, as a text of its pattern, or none."""
    spelling = SPELLINGS[row.parse.__name__]
    unit = f" In {row.unit}." if row.unit not in ("", "%", "fraction", "operations", row.label.lower()) else ""
    about = f"{CHECKED[row.check]}{unit} Write it as it is published."
    made: Schema = {"title": row.label, "description": about, "type": TEXT, "maxLength": MAX_LENGTH}
    if spelling.pattern is not None:
        number = "integer" if spelling.whole else "number"
        made["type"] = [number, "string", "null"]
        made["pattern"] = rf"^\s*(?:{any_case(spelling.pattern.pattern)})\s*$"
        made["patternErrorMessage"] = f"expected {spelling.expected}"  # which VS Code shows, others ignore
        made["exclusiveMaximum"] = spelling.below
        if spelling.minimum is not None:
            made["minimum"] = spelling.minimum
    return made | {"examples": list(EXAMPLES.get(row.key, spelling.examples))}


def _builder() -> Schema:
    name = r"[^\W\d]\w*"
    dotted = rf"{name}(?:\.{name})*"
    made_by = {
        "type": "string",
        "pattern": rf"^\s*(?:(?:{'|'.join(BUILDER_KINDS)}):\s*\S.*|{dotted}:{dotted})$",
        "patternErrorMessage": "expected a builder such as timm:resnet50 or package.module:callable",
        "examples": ["timm:resnet50", "torchvision:resnet50", "torchvision.models.densenet:DenseNet"],
    }
    arguments = {"type": OBJECT, "description": "Keyword arguments: plain data that names no weights."}
    with_arguments = _object("A builder and its arguments.", {"Name": made_by, "Arguments": arguments}, "Name")
    about = "How the live model is made, where neither ID nor Name says it."
    return {"description": about, "anyOf": [made_by, with_arguments | {"type": "object"}]}


def _object(description: str, properties: dict[str, Schema], required: str = "") -> Schema:
    """A mapping, or nothing where no key is required."""
    if not required:
        return {"description": description, "type": OBJECT, **_keys(properties)}
    properties = properties | {required: _given(properties[required])}
    return {"description": description, "type": "object", **_keys(properties), "anyOf": _any_of([required])}


def _keys(properties: dict[str, Schema]) -> Schema:
    """Keys in the spelling to complete, and in any other: in any case, and by a quantity's other names."""
    spelled: dict[str, tuple[str, ...]] = {label: (label.lower(),) for label in properties}
    spelled |= {row.label: row.spellings for row in QUANTITIES if row.label in properties}
    patterns = {
        rf"^\s*(?:{'|'.join(any_case(s) for s in spellings)})\s*$": properties[label]
        for label, spellings in spelled.items()
    }
    return {"properties": properties, "patternProperties": patterns}


def _any_of(keys: Iterable[str]) -> list[Schema]:
    """One of these keys, as it is usually spelled: `Name`, `name` or `NAME`."""
    return [{"required": [spelled]} for key in keys for spelled in (key, key.lower(), key.upper())]


def _given(value: Schema) -> Schema:
    """A value that may not be empty."""
    return value | {"type": SCALAR, "pattern": r"\S"} if value["type"] == TEXT else value


def _list(description: str, items: str) -> Schema:
    return {"description": description, "type": LIST, "items": _ref(items)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _texts(described: dict[str, str]) -> dict[str, Schema]:
    return {key: {"type": TEXT, "description": description} for key, description in described.items()}


def _described(described: dict[str, str]) -> dict[str, Schema]:
    return {key: {"description": description} for key, description in described.items()}


def any_case(pattern: str) -> str:
    """The pattern with each letter in both cases: a schema's patterns know no flags."""
    made, inside, escaped = [], False, False
    for character in pattern:
        both = character.lower() + character.upper()
        if escaped or len(both) != 2 or both[0] == both[1] or not character.isascii():
            made.append(character)
        else:
            made.append(both if inside else f"[{both}]")
        if not escaped:
            inside = character == "[" or (inside and character != "]")
        escaped = not escaped and character == "\\"
    return "".join(made)
