"""YAML read as nodes with positions, never as guessed values.

`yaml.compose` gives a tree whose scalars keep their characters and offsets; a quantity's own parser
(`model_index.quantities`) turns them into numbers. So `no`, `012`, `1e-4` or an unquoted arXiv id
mean what stands there, and a later edit can replace exactly one scalar's characters.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import yaml

from model_index.errors import Fault

# The C loader is ten times faster; a PyYAML built without libyaml still has the other one.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_NODES = 2_000_000  # after expanding aliases: a few kilobytes of nested aliases can claim billions
MAX_DEPTH = 100  # libyaml's own recursion ends the process at some ten thousand
DEEP_BLOCK = re.compile(rf"^[ \t?:-]{{{MAX_DEPTH}}}", re.MULTILINE)
PROPERTIES = re.compile(r"(?:[!&]\S*\s+)*")  # a tag or an anchor before a scalar


@dataclass(frozen=True, slots=True)
class Place:
    """Where a claim stands: file, line and column counted from 1, and its span in characters."""

    file: str
    line: int
    column: int = 1
    start: int = 0
    end: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Item:
    """One `key: value` of a mapping."""

    key: str
    key_node: yaml.Node
    node: yaml.Node
    path: str


def describe(node: yaml.Node | None) -> str:
    """A short name of what stands at `node`, for `got ...` in a fault."""
    if node is None:
        return "nothing"
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return "nothing" if is_empty(node) else repr(cut(node.value))


def cut(text: str, length: int = 60) -> str:
    """The text, or as much of its beginning as fits."""
    return text if len(text) <= length else text[: length - 3] + "..."


def named(key: str, length: int = 40) -> str:
    """A key as a fault shows it: of bounded length, and on one line."""
    short = cut(key, length)
    return short if short.isprintable() else repr(short)


def is_empty(node: yaml.Node | None) -> bool:
    """True for an absent value: `key:` with nothing, `~` or `null`, unquoted."""
    return node is None or (isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null")


class Reader:
    """Reads one YAML text and collects its faults.

    `line` and `offset` say where the text starts in `file`, for a block inside a Markdown page.
    """

    def __init__(self, file: str, text: str, faults: list[Fault], line: int = 0, offset: int = 0):
        self.file, self.faults = file, faults
        self.line, self.offset = line, offset
        self.text = text
        if text.startswith("\ufeff"):  # libyaml leaves the mark out of its offsets
            self.text, self.offset = text[1:], offset + 1

    def root(self) -> yaml.Node | None:
        """The document's root node, or None where the file is empty or at fault."""
        try:
            if not self._shallow():
                return None
            node = yaml.compose(self.text, Loader=Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            got = " ".join(part for part in (error.context, error.problem) if part)
            last = self.text.count("\n")  # libyaml may point behind the end
            self._add(min(mark.line, last) if mark else 0, "", "valid YAML", got)
            return None
        except yaml.YAMLError as error:  # a character YAML does not allow
            line = self.text.count("\n", 0, getattr(error, "position", 0))
            self._add(line, "", "valid YAML", str(error).partition("\n")[0])
            return None
        return node if node is None or self._finite(node) else None

    def _shallow(self) -> bool:
        """Refuse deep nesting before the tree is built; only a text that could nest deeply is looked at twice."""
        if self.text.count("[") + self.text.count("{") < MAX_DEPTH and not DEEP_BLOCK.search(self.text):
            return True
        depth = 0
        for event in yaml.parse(self.text, Loader=Loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                self._add(
                    event.start_mark.line if event.start_mark else 0,
                    "",
                    f"at most {MAX_DEPTH} levels of nesting",
                    "more",
                )
                return False
        return True

    def _finite(self, root: yaml.Node) -> bool:
        """Refuse aliases that contain themselves or that expand without bound, in number or in depth."""
        sizes: dict[int, int] = {}
        depths: dict[int, int] = {}
        opened: set[int] = set()
        stack: list[tuple[yaml.Node, bool]] = [(root, False)]
        while stack:
            node, leaving = stack.pop()
            if leaving:
                opened.discard(id(node))
                below = children(node)
                sizes[id(node)] = 1 + sum(sizes[id(child)] for child in below)
                depths[id(node)] = isinstance(node, yaml.CollectionNode) + max(
                    (depths[id(c)] for c in below), default=0
                )
                if depths[id(node)] > MAX_DEPTH:
                    self.fault(node, "", f"at most {MAX_DEPTH} levels of nesting", "more")
                    return False
                if sizes[id(node)] > MAX_NODES:
                    self.fault(node, "", f"at most {MAX_NODES} values", "aliases that expand to more")
                    return False
            elif id(node) in opened:
                self.fault(node, "", "a finite value", "an alias that contains itself")
                return False
            elif id(node) not in sizes:
                opened.add(id(node))
                stack.append((node, True))
                stack.extend((child, False) for child in children(node))
        return True

    def fault(self, node: yaml.Node | None, path: str, expected: str, got: str | None = None) -> None:
        """Record a fault at `node`; `got` defaults to a description of it."""
        line = node.start_mark.line if node is not None else 0
        self._add(line, path, expected, describe(node) if got is None else got)

    def _add(self, line: int, path: str, expected: str, got: str) -> None:
        self.faults.append(Fault(self.file, self.line + line + 1, path, expected, got))

    def place(self, node: yaml.Node) -> Place:
        """Where a node's own characters stand: quotes included; tag, anchor and a block's trailing lines left out."""
        mark, end = node.start_mark, node.end_mark.index
        start = mark.index
        if isinstance(node, yaml.ScalarNode):
            if before := PROPERTIES.match(self.text, start, end):
                start = before.end()
            if node.style in ("|", ">"):
                end = start + len(self.text[start:end].rstrip())
        skipped = self.text[mark.index : start]
        line, column = mark.line + skipped.count("\n"), start - mark.index + mark.column
        if "\n" in skipped:
            column = len(skipped) - skipped.rindex("\n") - 1
        return Place(self.file, self.line + line + 1, column + 1, self.offset + start, self.offset + end)

    def mapping(self, node: yaml.Node | None, path: str) -> dict[str, Item]:
        """The items of a mapping by lower-case key; an absent node is an empty mapping."""
        if is_empty(node):
            return {}
        if not isinstance(node, yaml.MappingNode):
            self.fault(node, path, "a mapping")
            return {}
        items: dict[str, Item] = {}
        merged: dict[str, Item] = {}
        for key_node, value in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                for part in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    merged = self.mapping(part, path) | merged
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                self.fault(key_node, path, "a text key")
                continue
            key = key_node.value.strip()
            item = Item(key, key_node, value, f"{path}.{named(key)}" if path else named(key))
            if (folded := key.lower()) in items:
                self.fault(key_node, item.path, "each key once", f"{cut(key)!r} again")
            items[folded] = item
        return merged | items

    def sequence(
        self, node: yaml.Node | None, path: str, *, scalar_ok: bool = False
    ) -> Iterator[tuple[yaml.Node, str]]:
        """Each element of a list with its path; with `scalar_ok` a single value counts as a list of one."""
        if is_empty(node):
            return
        if isinstance(node, yaml.SequenceNode):
            for number, child in enumerate(node.value):
                yield child, f"{path}[{number}]"
        elif scalar_ok and node is not None and not isinstance(node, yaml.MappingNode):
            yield node, path
        else:
            self.fault(node, path, "a list")

    def text_of(self, node: yaml.Node | None, path: str) -> str | None:
        """A scalar's own characters (quotes and folding undone), or None where there is none."""
        if is_empty(node):
            return None
        if not isinstance(node, yaml.ScalarNode):
            self.fault(node, path, "text")
            return None
        return node.value


def children(node: yaml.Node) -> list[yaml.Node]:
    """The nodes directly below `node`."""
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


Plain: TypeAlias = str | list["Plain"] | dict[str, "Plain"] | None


def plain(node: yaml.Node | None) -> Plain:
    """The node as strings, lists and dicts; every scalar stays the text that stands there."""
    if node is None or is_empty(node):
        return None
    if isinstance(node, yaml.MappingNode):
        return {str(key.value).strip(): plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain(child) for child in node.value]
    return node.value


YAML = "tag:yaml.org,2002:"
SCALARS = {YAML + kind for kind in ("str", "int", "float", "bool", "null")}
TYPED = "text, a number, true, false, null, or lists and mappings of these"


class Arguments:
    """A builder's keyword arguments as Python values under YAML's own rules.

    Only what JSON can say: what a measurement was made with is kept in the ledger and compared there.
    """

    def __init__(self, reader: Reader):
        self.reader = reader
        self.known: dict[int, object] = {}  # by node: an alias is read once, and its faults are reported once

    def value(self, node: yaml.Node, path: str) -> object:
        """The value of a node; None, and a fault, where it is not allowed."""
        if id(node) not in self.known:
            self.known[id(node)] = self._read(node, path)
        return self.known[id(node)]

    def mapping(self, node: yaml.Node, path: str) -> dict[str, object]:
        """The values of a mapping by key, as its merge keys and then its own keys give them."""
        if not isinstance(node, yaml.MappingNode) or node.tag != YAML + "map":
            self.reader.fault(node, path, "a mapping", _tagged(node))
            return {}
        own: dict[str, object] = {}
        merged: dict[str, object] = {}
        for key, below in node.value:
            if key.tag == YAML + "merge":
                for part in below.value if isinstance(below, yaml.SequenceNode) else [below]:
                    merged = self.mapping(part, path) | merged
            elif not isinstance(key, yaml.ScalarNode) or key.tag != YAML + "str":
                self.reader.fault(key, path, "a text key, in quotes where YAML reads another type", _tagged(key))
            elif key.value in own:
                self.reader.fault(key, f"{path}.{named(key.value)}", "each key once", f"{cut(key.value)!r} again")
            else:
                own[key.value] = self.value(below, f"{path}.{named(key.value)}")
        return merged | own

    def _read(self, node: yaml.Node, path: str) -> object:
        if isinstance(node, yaml.MappingNode) and node.tag == YAML + "map":
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == YAML + "seq":
            return [self.value(child, f"{path}[{number}]") for number, child in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode) and node.tag in SCALARS:
            try:
                value: object = yaml.constructor.SafeConstructor().construct_object(node)
            except (ValueError, LookupError):  # the tag says a type that the characters are not
                value = math.nan
            if isinstance(value, int) and value.bit_length() > 64:
                self.reader.fault(node, path, TYPED, "a whole number of more than 64 bits")
                return None
            if not isinstance(value, float) or math.isfinite(value):
                return value
        self.reader.fault(node, path, TYPED, _tagged(node))
        return None


def _tagged(node: yaml.Node) -> str:
    """What stands at a node, with its type where YAML has one that is not plain to see."""
    kinds: dict[type[yaml.Node], str] = {yaml.MappingNode: "map", yaml.SequenceNode: "seq"}
    if node.tag == YAML + kinds.get(type(node), "str"):
        return describe(node)
    tag = "!!" + node.tag.removeprefix(YAML) if node.tag.startswith(YAML) else node.tag
    return f"{describe(node)} ({named(tag, 60)})"


def looked_up(fields: dict[str, Plain], key: str) -> Plain:
    """The value of a key that is given in lower case and may be spelled in any; None where it is absent."""
    return next((value for name, value in fields.items() if name.lower() == key), None)
