"""Write the model-index block of a model page: an HTML comment that other readers understand too.

Two readers decide its form: this project's, which keeps each scalar's characters, and the
`model-index` package, which renders the page's Markdown, takes its comments and reads them by
YAML's rules. So a scalar is plain only where both read the value of the index, and double-quoted
otherwise, with escapes for the characters that would end the comment. Everything else in this
package that writes YAML uses the same functions.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import yaml

from zoo.model_index.reading.yaml_nodes import Loader
from zoo.model_index.records.fields import Plain, fold_key
from zoo.model_index.records.records import Collection, Entry

PLAIN = re.compile(r"[A-Za-z0-9_./+(][A-Za-z0-9_./@+%()=:;, -]*")
# text of several lines, none of them with blanks at its end
LINES = re.compile(r"[^\s#](?:[^\n]*\S)?(?:\n+(?:[^\n]*\S))+")
ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "<": "\\x3c", ">": "\\x3e"}


class Exact(str):
    """Text that a reader must see as text, even where it looks like a number."""


class Bare(str):
    """The digits of a number, which a reader must see as a number: `80.10` keeps its last digit."""


def block(entry: Entry, collection: Sequence[str]) -> str:
    """Return the comment with the entry, its collection, as `collection_lines` writes it, and its
    publisher."""
    lines = ["Type: model-index"]
    if entry.library:
        lines += mapping({"Library": entry.library})
    lines += [*collection, *mapping({"Models": [fields(entry)]})]
    return "<!--\n" + "\n".join(lines) + "\n-->"


def collection_lines(collection: Collection | None) -> list[str]:
    """Return the lines of a collection; its models share them."""
    if collection is None:
        return []
    stated = {
        key: value
        for key, value in collection.fields.items()
        if not _is_translation(collection.fields, key)
    }
    return mapping({"Collections": [stated]})


def _is_translation(fields: Mapping[str, Plain], key: str) -> bool:
    """Whether a field such as `Description (zh)` translates another one; a page in one language
    leaves it out."""
    return key.endswith(")") and fold_key(key.rpartition(" (")[0]) in map(fold_key, fields)


def fields(entry: Entry) -> dict[str, object]:
    """Return every field of the entry, with typed keyword arguments of the builder: `'6'` and `6`
    are different."""
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
    """Write a mapping as lines; with `literal`, text of several lines as a readable block."""
    lines = []
    for key, value in fields.items():
        head = f"{' ' * indent}{scalar(str(key), exact=True)}:"
        if type(value) is str and not literal:  # most values; a scalar is never empty
            lines.append(f"{head} {scalar(value)}")
        elif isinstance(value, Mapping) and value:
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
    """Whether a block gives back these characters: plain lines without other white space or control
    characters."""
    return text.replace("\n", " ").isprintable() and bool(LINES.fullmatch(text))


def _sequence(items: Sequence[object], indent: int, literal: bool) -> list[str]:
    lines = []
    for item in items:
        if type(item) is str:
            lines.append(f"{' ' * indent}- {scalar(item)}")
        elif isinstance(item, Mapping) and item:
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
    """Write a builder's argument that is not text; YAML has read it, unlike all other values."""
    return yaml.safe_dump(value, width=10**6).removesuffix("\n...\n").strip()


@lru_cache(maxsize=4096)  # a family repeats its keys, techniques and collection
def scalar(text: str, exact: bool = False) -> str:
    """Write a scalar: plain where reading it gives back the same characters, else double-quoted."""
    if (
        PLAIN.fullmatch(text)
        and "--" not in text
        and not text.endswith((" ", ":", "-"))
        and _same(text, exact)
    ):
        return text
    return '"' + re.sub(r"-(?=-)", r"\\x2d", "".join(map(_escape, text))) + '"'


def _same(text: str, exact: bool) -> bool:
    if ": " in text or " #" in text:
        return False
    try:
        value = yaml.load(text, Loader=Loader)
    # ValueError: text that looks like a date that does not exist
    except (yaml.YAMLError, ValueError):
        return False
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and not exact
    return value == text if isinstance(value, str) else number and str(value) == text


def _escape(character: str) -> str:
    if character in ESCAPES:
        return ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
