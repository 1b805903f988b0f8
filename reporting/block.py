"""The model-index block of a model page: an HTML comment that other readers understand too.

Two readers decide how it is written: this project's own, which keeps each scalar's characters, and the
`model-index` package, which renders the page's Markdown, takes its comments and reads them by YAML's
rules. So a scalar stands plain only where both see what the index said, and double-quoted otherwise,
with the characters that would end the comment written as escapes.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import yaml

from model_index.nodes import Loader, Plain
from model_index.records import Entry, Index

PLAIN = re.compile(r"[A-Za-z0-9_./+(][A-Za-z0-9_./@+%()=:;, -]*")
ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "<": "\\x3c", ">": "\\x3e"}


class Exact(str):
    """Text that a reader must see as text, even where it looks like a number."""


def block(index: Index, entry: Entry) -> str:
    """The comment with the entry, its collection and who publishes it."""
    collection = index.collection(entry.collection)
    lines = ["Type: model-index"]
    if entry.library:
        lines += _mapping({"Library": entry.library}, 0)
    if collection:
        lines += _mapping({"Collections": [collection.fields]}, 0)
    lines += _mapping({"Models": [{key: _field(entry, key, value) for key, value in entry.fields.items()}]}, 0)
    return "<!--\n" + "\n".join(lines) + "\n-->"


def _field(entry: Entry, name: str, value: Plain) -> object:
    """A field; the builder's with its keyword arguments as typed values: `'6'` and `6` call different things."""
    if name.lower() != "builder" or not isinstance(value, dict):
        return value
    return {key: _exact(entry.builder.arguments) if key.lower() == "arguments" else part for key, part in value.items()}


def _exact(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _exact(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_exact(part) for part in value]
    return Exact(value) if isinstance(value, str) else value


def _mapping(fields: Mapping[str, object], indent: int) -> list[str]:
    lines = []
    for key, value in fields.items():
        head = f"{' ' * indent}{scalar(str(key), exact=True)}:"
        if isinstance(value, Mapping) and value:
            lines += [head, *_mapping(value, indent + 2)]
        elif isinstance(value, Sequence) and not isinstance(value, (str, bytes)) and value:
            lines += [head, *_sequence(value, indent)]
        else:
            lines.append(f"{head} {_leaf(value)}".rstrip())
    return lines


def _sequence(items: Sequence[object], indent: int) -> list[str]:
    lines = []
    for item in items:
        if isinstance(item, Mapping) and item:
            inner = _mapping(item, indent + 2)
            lines += [f"{' ' * indent}- {inner[0].lstrip()}", *inner[1:]]
        elif isinstance(item, Sequence) and not isinstance(item, (str, bytes)) and item:
            lines += [f"{' ' * indent}-", *_sequence(item, indent + 2)]
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
    return scalar(str(value), exact=isinstance(value, Exact)) if isinstance(value, str) else _typed(value)


def _typed(value: object) -> str:
    """A builder's argument that is no text; the only values here that YAML has already read."""
    return yaml.safe_dump(value, width=10**6).removesuffix("\n...\n").strip()


@lru_cache(maxsize=4096)  # a family repeats its keys, techniques and collection
def scalar(text: str, exact: bool = False) -> str:
    """One scalar: plain where its plain reading gives back the same characters, else double-quoted."""
    if PLAIN.fullmatch(text) and "--" not in text and not text.endswith((" ", ":", "-")) and _same(text, exact):
        return text
    return '"' + re.sub(r"-(?=-)", r"\\x2d", "".join(map(_escaped, text))) + '"'


def _same(text: str, exact: bool) -> bool:
    if ": " in text or " #" in text:
        return False
    try:
        value = yaml.load(text, Loader=Loader)
    except (yaml.YAMLError, ValueError):  # ValueError: text that looks like a date that does not exist
        return False
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and not exact
    return value == text if isinstance(value, str) else number and str(value) == text


def _escaped(character: str) -> str:
    if found := ESCAPES.get(character):
        return found
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
