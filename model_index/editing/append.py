"""Append an item to a list of an index file: a model, a collection; every other byte is kept.

The new lines are indented as the list is, and end as the file's lines do. What YAML reads of the
new text is compared with what it read before: one more item, and nothing else.
"""

import os
from collections.abc import Sequence as Items
from pathlib import Path

from zoo.model_index.editing.splice import Change, is_installed_file, write
from zoo.model_index.errors import EditError
from zoo.model_index.reading.discover import suffix
from zoo.model_index.reading.yaml_nodes import (
    Mapping,
    Node,
    Scalar,
    Sequence,
    Unreadable,
    children_of,
    compose,
    is_empty,
    plain,
)
from zoo.model_index.records.fields import Plain

YAML = (".yml", ".yaml")
MARK = "\ufeff"  # a byte order mark, which libyaml leaves out of its offsets
MODELS, COLLECTIONS = ("Models", "Model"), ("Collections", "Collection")


def read_for_append(file: str) -> str:
    """Return the text of a file of YAML, "" for one that does not exist.

    Raises:
        EditError: it is of another format, cannot be read, or is not UTF-8.
    """
    path = Path(file)
    if suffix(path) not in YAML:
        raise EditError(f"{file}: entries are added to YAML files only; -o FILE.yml names one")
    if is_installed_file(file):
        raise EditError(f"{file}: part of an installed package; -o FILE.yml names another file")
    try:
        return path.read_bytes().decode() if path.exists() else ""
    except UnicodeDecodeError:
        raise EditError(f"{file}: is not UTF-8") from None
    except OSError as error:
        raise EditError(f"{file}: cannot be read: {error.strerror or error}") from error


def append_entry(file: str, before: str, model: Items[str], collection: Items[str] = ()) -> Change:
    """Return the change that adds a model, and the collection it is of where that is given, each as
    the lines of a YAML mapping.

    Raises:
        EditError: the file has no place for them that is written as a block.
    """
    after = before
    if collection:
        after = _append(file, after, COLLECTIONS, collection, ahead_of=MODELS)
    return Change(file, before, _append(file, after, MODELS, model))


def write_addition(change: Change) -> None:
    """Write a change; a file that is new is made.

    Raises:
        EditError: it cannot be written, or is not what it was.
    """
    if change.before or os.path.exists(change.file):
        write([change])
        return
    try:
        Path(change.file).parent.mkdir(parents=True, exist_ok=True)
        with open(change.file, "x", encoding="utf-8", newline="") as file:
            file.write(change.after)
    except OSError as error:
        raise EditError(f"{change.file}: cannot be written: {error.strerror or error}") from error


def _append(
    file: str, text: str, names: tuple[str, ...], lines: Items[str], ahead_of: tuple[str, ...] = ()
) -> str:
    mark = MARK if text.startswith(MARK) else ""
    body = text.removeprefix(MARK)
    root = _read(file, body)
    end = "\r\n" if "\r\n" in body else "\n"
    items = root if isinstance(root, Sequence) and not ahead_of else _find(root, names)
    if items is not None and not is_empty(items):
        if not isinstance(items, Sequence) or _is_flow(body, items):
            raise EditError(f"{file}: {names[0]} is not a list with an item a line, from a dash on")
        at, indent = _find_end(body, items), items.start_mark.column
        gap = items.items[-1].start_mark.column - indent
        new = _block(lines, indent, gap)
    elif items is not None:  # the key alone
        at, new = _line_end(body, items.start_mark.index), _block(lines, 0, 2)
    elif root is None or isinstance(root, Mapping):
        if isinstance(root, Mapping) and _is_flow(body, root):
            raise EditError(f"{file}: is written in brackets, to which nothing can be added")
        following = _find_key(root, ahead_of)
        at = following.start_mark.index if following else len(body)
        new = [f"{names[0]}:", *_block(lines, 0, 2)]
    else:
        raise EditError(f"{file}: has no list of {names[0]}")
    lead = end if at and body[at - 1] != "\n" else ""
    addition = lead + "".join(f"{line}{end}" for line in new)
    after = body[:at] + addition + body[at:]
    _compare(file, root, _read(file, after), names)
    return mark + after


def _read(file: str, text: str) -> Node | None:
    try:
        return compose(text)
    except Unreadable as error:
        raise EditError(
            f"{file}:{error.line + 1}: expected {error.expected}, got {error}"
        ) from None


def _find_key(root: Node | None, names: tuple[str, ...]) -> Scalar | None:
    keys = {name.lower() for name in names}
    pairs = root.pairs if isinstance(root, Mapping) else []
    return next(
        (k for k, _ in pairs if isinstance(k, Scalar) and k.value.strip().lower() in keys), None
    )


def _find(root: Node | None, names: tuple[str, ...]) -> Node | None:
    key = _find_key(root, names)
    pairs = root.pairs if isinstance(root, Mapping) else []
    return next((value for other, value in pairs if other is key), None) if key else None


def _is_flow(text: str, node: Node) -> bool:
    return text[node.start_mark.index] in "[{*&!"


def _find_end(text: str, items: Sequence) -> int:
    """Return where a list ends: behind its last characters and the comments indented below it."""
    at = _line_end(text, _last(items))
    while at < len(text):
        line = text[at : _line_end(text, at)]
        column = len(line) - len(line.lstrip())
        if not line.lstrip().startswith("#") or column <= items.start_mark.column:
            break
        at += len(line)
    return at


def _last(node: Node) -> int:
    """Return the offset of the last character of a node, whose mark may be behind blank lines."""
    if isinstance(node, Scalar):
        return max(node.start_mark.index, node.end_mark.index - 1)
    return max((_last(child) for child in children_of(node)), default=node.end_mark.index - 1)


def _line_end(text: str, at: int) -> int:
    """Return the offset behind the line that has a character."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _block(lines: Items[str], indent: int, gap: int) -> list[str]:
    """Return the lines of a mapping as an item of a list."""
    first, *others = lines
    dash = "-".ljust(max(gap, 2))
    return [f"{' ' * indent}{dash}{first}", *(f"{' ' * (indent + len(dash))}{o}" for o in others)]


def _compare(file: str, old: Node | None, new: Node | None, names: tuple[str, ...]) -> None:
    """Check that a list has one more item at its end, and nothing else is read otherwise."""
    before, after = _split(plain(old), names), _split(plain(new), names)
    if before[0] != after[0] or before[1] != after[1][:-1]:
        raise EditError(f"{file}: its values would be read otherwise with another entry")


def _split(value: Plain, names: tuple[str, ...]) -> tuple[dict[str, Plain], list[Plain]]:
    """Return the other values of a text, and the items of a list."""
    if isinstance(value, list):
        return {}, value
    keys = {name.lower() for name in names}
    values = value if isinstance(value, dict) else {}
    others = {key: part for key, part in values.items() if key.strip().lower() not in keys}
    items = next((part for key, part in values.items() if key.strip().lower() in keys), None)
    return others, items if isinstance(items, list) else []
