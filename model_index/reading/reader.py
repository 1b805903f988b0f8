"""Read nodes as the type that a dialect expects, with a fault and a place for everything else.

A quantity's own parser (`zoo.model_index.quantities.parse`) turns a scalar's characters into a
number. So `no`, `012`, `1e-4` or an unquoted arXiv id mean what stands there, and a later edit can
replace exactly one scalar's characters.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, NoReturn

import yaml

from zoo.model_index.errors import Fault
from zoo.model_index.reading.limits import MAX_FAULTS, TooMuch
from zoo.model_index.reading.yaml_nodes import (
    Mapping,
    Node,
    Scalar,
    Sequence,
    Unreadable,
    compose,
    is_empty,
    is_merge,
    json_pairs,
    merged_parts,
)
from zoo.model_index.records.fields import fold_key
from zoo.model_index.records.place import Place

ODD_BREAK = re.compile("[\u0085\u2028\u2029]|\r(?!\n)")
# What a terminal acts on, and what turns the order of a line: seen by nobody, and obeyed. C1
# controls are among them.
STEERING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
KEY_ONCE = "each key once"
PROPERTIES = re.compile(r"(?:[!&]\S*\s+)*")  # a tag or an anchor before a scalar


class Item(NamedTuple):
    """One `key: value` of a mapping, and the path of the mapping."""

    key: str
    key_node: Node
    node: Node
    parent: str

    @property
    def path(self) -> str:
        """Return `Models[3].Metadata.FLOPs`."""
        return f"{self.parent}.{display_key(self.key)}" if self.parent else display_key(self.key)


Items = dict[str, Item]  # by the key in lower case, with a space for each underscore


def describe(node: Node | None) -> str:
    """Return a short description of a node, for `got ...` in a fault."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    return "nothing" if node is None or is_empty(node) else repr(cut(node.value))


def cut(text: str, length: int = 60) -> str:
    """Return the text, or as much of its beginning as fits."""
    return text if len(text) <= length else text[: length - 3] + "..."


@lru_cache(maxsize=4096)
def display_key(key: str, length: int = 40) -> str:
    """Return a key as a fault shows it: of bounded length, and on one line."""
    short = cut(key, length)
    return short if short.isprintable() else repr(short)


class Reader:
    """Reads one YAML text and collects its faults.

    `line` and `offset` say where the text starts in `file`, for a block inside a Markdown page.
    """

    def __init__(self, file: str, text: str, faults: list[Fault], line: int = 0, offset: int = 0):
        self.file, self.faults = file, faults
        self.line, self.offset = line, offset
        self.text = text
        self._breaks: list[int] | None = None
        self._root: list[Node | None] = []
        if "\r" in text or not text.isascii():
            self._odd_breaks()
        if text.startswith("\ufeff"):  # libyaml leaves the mark out of its offsets
            self.text, self.offset = text[1:], offset + 1

    def _odd_breaks(self) -> None:
        """Count lines here where libyaml counts characters as line ends that editors and git do
        not."""
        text = self.text.removeprefix("\ufeff")
        if ODD_BREAK.search(text):
            self._breaks = [at for at, character in enumerate(text) if character == "\n"]

    def root(self) -> Node | None:
        """Return the document's root node, or None where the file is empty or at fault; it is
        read once."""
        if not self._root:
            self._root.append(self._composed())
        return self._root[0]

    def forget(self) -> None:
        """Release the nodes; they are read again when they are asked for again."""
        self._root = []

    def within(self, node: Node) -> "Reader":
        """Return a reader of the same text with a part of it as its root."""
        reader = Reader(self.file, self.text, self.faults, self.line, self.offset)
        reader._root = [node]
        return reader

    def _composed(self) -> Node | None:
        text = self.text
        if self.file.endswith(".json") and (text := json_pairs(text)) is not self.text:
            self._breaks = [at for at, character in enumerate(self.text) if character == "\n"]
        try:
            return compose(text)
        except Unreadable as error:
            self._add(error.line, "", error.expected, error.got)
            return None

    def fault(
        self,
        node: Node | None,
        path: str,
        expected: str,
        got: str | None = None,
        model: str = "",
    ) -> None:
        """Record a fault at `node`; `got` defaults to a description of it, `model` is the one that
        it is about."""
        line = self._position(node.start_mark.index, node.start_mark)[0] if node is not None else 0
        self._add(line, path, expected, describe(node) if got is None else got, model)

    def _add(self, line: int, path: str, expected: str, got: str, model: str = "") -> None:
        fault = Fault(self.file, self.line + line + 1, path, expected, got, model=model)
        self.faults.append(fault)
        if len(self.faults) >= 2 * MAX_FAULTS:
            # what a thousand models inherit is read a thousand times
            self.faults[:] = dict.fromkeys(self.faults)
            if len(self.faults) > MAX_FAULTS:
                self._stop(line, path, f"at most {MAX_FAULTS:,} faults")

    def stop(self, node: Node, path: str, expected: str) -> NoReturn:
        """End all reading with a fault at `node`: it asks for more than is allowed.

        Raises:
            TooMuch: always.
        """
        self._stop(self._position(node.start_mark.index, node.start_mark)[0], path, expected)

    def _stop(self, line: int, path: str, expected: str) -> NoReturn:
        fault = Fault(
            self.file, self.line + line + 1, path, expected, "more; what follows was not read"
        )
        self.faults.append(fault)
        raise TooMuch(str(fault))

    def place(self, node: Node) -> Place:
        """Return the place of a node's own characters: quotes included; tag, anchor and a
        block's trailing lines left out."""
        mark = node.start_mark
        start, end = mark.index, node.end_mark.index
        if type(node) is Scalar:
            if node.anchor or node.tag:
                start = PROPERTIES.match(self.text, start, end).end()  # type: ignore[union-attr]
            if node.style in ("|", ">"):
                end = start + len(self.text[start:end].rstrip())
        line, column = mark.line, mark.column
        if start != mark.index or self._breaks is not None:
            line, column = self._position(start, mark)
        return Place(
            self.file, self.line + line + 1, column + 1, self.offset + start, self.offset + end
        )

    def _position(self, index: int, mark: yaml.Mark) -> tuple[int, int]:
        """Return line and column, from 0, of the character at `index`, which may lie some way
        behind `mark`."""
        if self._breaks is not None:
            line = bisect_right(self._breaks, index - 1)
            return line, index - (self._breaks[line - 1] + 1 if line else 0)
        at, line, column = mark.index, mark.line, mark.column
        if at == index:
            return line, column
        skipped = self.text[at:index]
        if "\n" in skipped:
            return line + skipped.count("\n"), len(skipped) - skipped.rindex("\n") - 1
        return line, column + index - at

    def mapping(self, node: Node | None, path: str) -> Items:
        """Return the items of a mapping by folded key; an absent node is an empty mapping."""
        if type(node) is not Mapping:
            if not is_empty(node):
                self.fault(node, path, "a mapping")
            return {}
        items: Items = {}
        merging = False
        for key_node, value in node.pairs:
            if type(key_node) is not Scalar:
                self.fault(key_node, path, "a text key")
                continue
            if key_node.value == "<<" and is_merge(key_node):
                merging = True
                continue
            key = key_node.value.strip()
            item = Item(key, key_node, value, path)
            short = fold_key(key)
            if short in items:
                self.fault(key_node, item.path, KEY_ONCE, f"{cut(key)!r} again")
            items[short] = item
        if not merging:
            return items
        merged: Items = {}
        for part in reversed(merged_parts(node)):
            merged |= self.mapping(part, path)
        return merged | items

    def sequence(
        self, node: Node | None, path: str, *, single_ok: bool = False
    ) -> Iterator[tuple[Node, str]]:
        """Yield each element of a list with its path; with `single_ok` anything else counts as a
        list of one."""
        if isinstance(node, Sequence):
            for number, child in enumerate(node.items):
                yield child, f"{path}[{number}]"
        elif node is None or is_empty(node):
            return
        elif single_ok:
            yield node, path
        else:
            self.fault(node, path, "a list")

    def text_of(self, node: Node | None, path: str) -> str | None:
        """Return a scalar's own characters (quotes and folding undone), or None where there is
        none."""
        if type(node) is Scalar:
            return None if is_empty(node) else node.value
        if node is not None:
            self.fault(node, path, "text")
        return None
