"""Build a tree of YAML or JSON nodes with positions from libyaml's events.

A scalar is libyaml's own event: its characters, its quotes, its marks. Nothing is guessed about its
type; who needs one asks `resolved`. Building the tree here rather than by `yaml.compose`, which
looks up a type for every scalar and makes a second object of it, takes half the time of reading an
index.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.resolver import Resolver

from zoo.model_index.reading.limits import MAX_DEPTH, MAX_NODES
from zoo.model_index.records.fields import Plain

# The C loader is ten times faster; a PyYAML built without libyaml still has the other one.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

YAML = "tag:yaml.org,2002:"
NULLS = frozenset({"", "~", "null", "Null", "NULL"})  # what YAML 1.1 reads as nothing
# JSON writes a character beyond U+FFFF as two escapes, which libyaml does not take.
PAIR = re.compile(
    r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
)

DEPTH_EXPECTED = f"at most {MAX_DEPTH} levels of nesting"
# Newer versions of libyaml refuse deep nesting themselves: "Maximum nesting level reached".
TOO_DEEP = re.compile(r"nesting|depth", re.IGNORECASE)

if TYPE_CHECKING:

    class Scalar:
        """libyaml's event of a scalar, whose marks are always there."""

        value: str
        anchor: str | None
        tag: str | None
        implicit: tuple[bool, bool]  # whether a plain, a quoted scalar may leave its type to YAML
        style: str
        start_mark: yaml.Mark
        end_mark: yaml.Mark

else:
    Scalar = yaml.ScalarEvent


class Mapping:
    """`pairs` of key and value node in the order of the file."""

    __slots__ = ("end_mark", "pairs", "start_mark", "tag")

    def __init__(self, start: Any):
        self.start_mark: yaml.Mark = start.start_mark
        self.end_mark: yaml.Mark = start.end_mark
        self.tag: str | None = start.tag
        self.pairs: list[tuple[Node, Node]] = []

    def close(self, children: "list[Node]", end: Any) -> None:
        self.pairs = list(zip(children[::2], children[1::2], strict=True))
        self.end_mark = end.end_mark


class Sequence:
    """`items` in the order of the file."""

    __slots__ = ("end_mark", "items", "start_mark", "tag")

    def __init__(self, start: Any):
        self.start_mark: yaml.Mark = start.start_mark
        self.end_mark: yaml.Mark = start.end_mark
        self.tag: str | None = start.tag
        self.items: list[Node] = []

    def close(self, children: "list[Node]", end: Any) -> None:
        self.items = children
        self.end_mark = end.end_mark


Node: TypeAlias = Scalar | Mapping | Sequence


class Unreadable(Exception):
    """A text that is no single, finite YAML document; `line` is counted from 0."""

    def __init__(self, line: int, expected: str, got: str):
        super().__init__(got)
        self.line, self.expected, self.got = line, expected, got


def compose(text: str) -> Node | None:
    """Return the root node of a text, None where it is empty.

    Raises:
        Unreadable: no YAML, more than one document, nested too deeply, or aliases without end.
    """
    try:
        return _composed(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        got = " ".join(part for part in (error.context, error.problem) if part)
        last = text.count("\n")  # libyaml may point behind the end
        line = min(mark.line, last) if mark else 0
        if TOO_DEEP.search(got):
            raise Unreadable(line, DEPTH_EXPECTED, "more") from None
        raise Unreadable(line, "valid YAML", got) from None
    except yaml.YAMLError as error:  # a character YAML does not allow
        line = text.count("\n", 0, getattr(error, "position", 0))
        raise Unreadable(line, "valid YAML", str(error).partition("\n")[0]) from None


def _composed(text: str) -> Node | None:
    event_of = Loader(text).get_event
    event_of()  # the start of the stream
    if type(event_of()) is yaml.StreamEndEvent:
        return None
    anchors: dict[str, Node] = {}
    children: list[Node] = []
    stack: list[tuple[list[Node], Mapping | Sequence]] = []
    opened: Mapping | Sequence
    anchored, aliased = "&" in text, False
    left = MAX_NODES
    while True:
        event = event_of()
        kind = type(event)
        if kind is Scalar:
            children.append(event)
            left -= 1
            if anchored and event.anchor:
                anchors[event.anchor] = event
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            opened = Mapping(event) if kind is MappingStartEvent else Sequence(event)
            children.append(opened)
            stack.append((children, opened))
            left -= 1
            if len(stack) > MAX_DEPTH:
                raise _too_deep(event)
            children = []
            if event.anchor:
                anchors[event.anchor] = opened
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            inner, (children, opened) = children, stack.pop()
            opened.close(inner, event)
        elif kind is AliasEvent:
            children.append(_aliased(event, anchors, stack))
            aliased = True
        else:  # the end of the document
            break
        if left < 0:
            raise _too_many(event, "more")
    if type(second := event_of()) is not yaml.StreamEndEvent:
        line = second.start_mark.line if second.start_mark else 0
        raise Unreadable(
            line,
            "valid YAML",
            "expected a single document in the stream but found another document",
        )
    if aliased:
        _refuse_expansion(children[0])
    return children[0]


def _aliased(
    event: Any, anchors: dict[str, Node], stack: list[tuple[list[Node], Mapping | Sequence]]
) -> Node:
    node = anchors.get(event.anchor)
    line = event.start_mark.line
    if node is None:
        raise Unreadable(line, "valid YAML", f"found undefined alias {event.anchor!r}")
    if any(opened is node for _, opened in stack):
        raise Unreadable(line, "a finite value", "an alias that contains itself")
    return node


def _too_deep(node: Any) -> Unreadable:
    return Unreadable(node.start_mark.line, DEPTH_EXPECTED, "more")


def _too_many(node: Any, got: str) -> Unreadable:
    return Unreadable(node.start_mark.line, f"at most {MAX_NODES} values", got)


def _refuse_expansion(root: Node) -> None:
    """Refuse aliases that expand without bound, in number or in depth."""
    sizes: dict[int, tuple[int, int]] = {}
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, leaving = stack.pop()
        if leaving:
            below = [sizes[id(child)] for child in children_of(node)]
            size = 1 + sum(part[0] for part in below)
            depth = (not isinstance(node, Scalar)) + max((part[1] for part in below), default=0)
            if depth > MAX_DEPTH:
                raise _too_deep(node)
            if size > MAX_NODES:
                raise _too_many(node, "aliases that expand to more")
            sizes[id(node)] = size, depth
        elif id(node) not in sizes:
            sizes[id(node)] = 1, 0
            stack.append((node, True))
            stack.extend((child, False) for child in children_of(node) if id(child) not in sizes)


def children_of(node: Node) -> list[Node]:
    """Return the nodes directly below `node`."""
    if isinstance(node, Mapping):
        return [part for pair in node.pairs for part in pair]
    return node.items if isinstance(node, Sequence) else []


def json_pairs(text: str) -> str:
    """Return JSON text with two escapes for one character written as YAML's one, of the same
    length.

    The two characters to spare hold an escaped line break, which stands for nothing.
    """
    return PAIR.sub(_pair, text) if "\\ud" in text or "\\uD" in text else text


def _pair(match: re.Match[str]) -> str:
    high, low = int(match[2], 16), int(match[3], 16)
    return f"{match[1]}\\U{0x10000 + (high - 0xD800) * 0x400 + low - 0xDC00:08X}\\\n"


_RESOLVER = Resolver()


def resolve_tag(node: Node) -> str:
    """Return the tag that YAML's rules give a node, such as `tag:yaml.org,2002:int`."""
    if isinstance(node, Scalar):
        if node.tag is None or node.tag == "!":
            resolve: Callable[..., str] = _RESOLVER.resolve
            return resolve(yaml.ScalarNode, node.value, node.implicit)
        return node.tag
    return node.tag or YAML + ("map" if isinstance(node, Mapping) else "seq")


def is_merge(key: Node) -> bool:
    """Return whether a key is `<<`, unquoted."""
    return type(key) is Scalar and key.value == "<<" and key.implicit[0]


def merged_parts(node: Mapping) -> list[Node]:
    """Return what the merge keys of a mapping bring in; of two parts the first goes before the
    second."""
    values = [value for key, value in node.pairs if is_merge(key)]
    return [
        part
        for value in values
        for part in (value.items if isinstance(value, Sequence) else [value])
    ]


def is_empty(node: Node | None) -> bool:
    """Return whether a value is absent: `key:` with nothing, `~` or `null`, unquoted."""
    if type(node) is Scalar:
        return node.value in NULLS and (
            node.implicit[0] if node.tag is None else node.tag == YAML + "null"
        )
    return node is None


def plain(node: Node | None) -> Plain:
    """Return the node as strings, lists and dicts; every scalar keeps its text."""
    if type(node) is Scalar:
        value = node.value
        return None if value in NULLS and is_empty(node) else value
    if type(node) is Mapping:
        values = {_key(key): plain(value) for key, value in node.pairs}
        return (
            _merged(node)
            if "<<" in values and any(is_merge(key) for key, _ in node.pairs)
            else values
        )
    return [plain(child) for child in node.items] if type(node) is Sequence else None


def _merged(node: Mapping) -> dict[str, Plain]:
    """Return a mapping with what its merge keys bring in; its own keys override that."""
    merged: dict[str, Plain] = {}
    for part in reversed(merged_parts(node)):
        below = plain(part)
        merged |= below if isinstance(below, dict) else {}
    return merged | {_key(key): plain(value) for key, value in node.pairs if not is_merge(key)}


def _key(node: Node) -> str:
    return node.value.strip() if type(node) is Scalar else ""
