"""The model-index block of a model page: an HTML comment that other readers understand too.

Two readers decide how it is written: this project's own, which keeps each scalar's characters, and
the `model-index` package, which renders the page's Markdown, takes its comments and reads them by
YAML's rules. So a scalar stands plain only where both see what the index said, and double-quoted
otherwise, with the characters that would end the comment written as escapes. Everything else here
that writes YAML writes it in the same way.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import yaml

from zoo.model_index.reading.yaml_nodes import Loader
from zoo.model_index.records.fields import Plain, fold_key
from zoo.model_index.records.records import Entry, Index

PLAIN = re.compile(r"[A-Za-z0-9_./+(][A-Za-z0-9_./@+%()=:;, -]*")
LINES = re.compile(
    r"[^\s#](?:[^\n]*\S)?(?:\n+(?:[^\n]*\S))+"
)  # text of several lines, none with blanks at its end
ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "<": "\\x3c", ">": "\\x3e"}


class Exact(str):
    """Text that a reader must see as text, even where it looks like a number."""


class Bare(str):
    """The digits of a number, which a reader must see as a number: `80.10` keeps its last digit."""


def block(index: Index, entry: Entry) -> str:
    """The comment with the entry, its collection and who publishes it."""
    collection = index.collection(entry.collection)
    lines = ["Type: model-index"]
    if entry.library:
        lines += mapping({"Library": entry.library})
    if collection:
        stated = {
            key: value
            for key, value in collection.fields.items()
            if not _is_translation(collection.fields, key)
        }
        lines += mapping({"Collections": [stated]})
    lines += mapping({"Models": [fields(entry)]})
    return "<!--\n" + "\n".join(lines) + "\n-->"


def _is_translation(fields: Mapping[str, Plain], key: str) -> bool:
    """Whether a field such as `Description (zh)` translates another one; a page in one language
    leaves it out."""
    return key.endswith(")") and fold_key(key.rpartition(" (")[0]) in map(fold_key, fields)


def fields(entry: Entry) -> dict[str, object]:
    """Every field of the entry, the builder's keyword arguments typed: `'6'` and `6` call different
    things."""
    return {key: _field(entry, key, value) for key, value in entry.fields.items()}


def _field(entry: Entry, name: str, value: Plain) -> object:
    if fold_key(name) != "builder" or not isinstance(value, dict):
        return value
    return {
        key: _exact(entry.builder.arguments) if fold_key(key) == "arguments" else part
        for key, part in value.items()
    }


def _exact(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _exact(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_exact(part) for part in value]
    return Exact(value) if isinstance(value, str) else value


def mapping(fields: Mapping[str, object], indent: int = 0, *, literal: bool = False) -> list[str]:
    """A mapping as lines; with `literal`, text of several lines as a block that people can read."""
    lines = []
    for key, value in fields.items():
        head = f"{' ' * indent}{scalar(str(key), exact=True)}:"
        if isinstance(value, Mapping) and value:
            lines += [head, *mapping(value, indent + 2, literal=literal)]
        elif isinstance(value, Sequence) and not isinstance(value, (str, bytes)) and value:
            lines += [head, *_sequence(value, indent, literal)]
        elif literal and isinstance(value, str) and _readable(value):
            lines += [
                f"{head} |-",
                *(f"{' ' * (indent + 2)}{line}".rstrip() for line in value.split("\n")),
            ]
        else:
            lines.append(f"{head} {_leaf(value)}".rstrip())
    return lines


def _readable(text: str) -> bool:
    """Whether a block gives back these characters: no other white space or control characters than
    plain lines have."""
    return text.replace("\n", " ").isprintable() and bool(LINES.fullmatch(text))


def _sequence(items: Sequence[object], indent: int, literal: bool) -> list[str]:
    lines = []
    for item in items:
        if isinstance(item, Mapping) and item:
            inner = mapping(item, indent + 2, literal=literal)
            lines += [f"{' ' * indent}- {inner[0].lstrip()}", *inner[1:]]
        elif isinstance(item, Sequence) and not isinstance(item, (str, bytes)) and item:
            lines += [f"{' ' * indent}-", *_sequence(item, indent + 2, literal)]
        else:
            lines.append(f"{' ' * indent}- {_leaf(item) or '~'}")
    return lines


def _leaf(value: object) -> str:
    if value is None:
        return "~"
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return "[]"
    if isinstance(value, Bare):
        return value
    return (
        scalar(str(value), exact=isinstance(value, Exact))
        if isinstance(value, str)
        else _typed(value)
    )


def _typed(value: object) -> str:
    """A builder's argument that is no text; the only values here that YAML has already read."""
    return yaml.safe_dump(value, width=10**6).removesuffix("\n...\n").strip()


@lru_cache(maxsize=4096)  # a family repeats its keys, techniques and collection
def scalar(text: str, exact: bool = False) -> str:
    """One scalar: plain where its plain reading gives back the same characters, else
    double-quoted."""
    if (
        PLAIN.fullmatch(text)
        and "--" not in text
        and not text.endswith((" ", ":", "-"))
        and _same(text, exact)
    ):
        return text
    return '"' + re.sub(r"-(?=-)", r"\\x2d", "".join(map(_escaped, text))) + '"'


def _same(text: str, exact: bool) -> bool:
    if ": " in text or " #" in text:
        return False
    try:
        value = yaml.load(text, Loader=Loader)
    except (
        yaml.YAMLError,
        ValueError,
    ):  # ValueError: text that looks like a date that does not exist
        return False
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and not exact
    return value == text if isinstance(value, str) else number and str(value) == text


def _escaped(character: str) -> str:
    if found := ESCAPES.get(character):
        return found
    if character.isprintable():
        return character
    code = ord(character)
    return (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}"
        if code < 0x10000
        else f"\\U{code:08x}"
    )
