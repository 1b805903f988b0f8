"""Read a builder's keyword arguments: the only values of an index that follow YAML's rules for
types."""

import math

import yaml

from zoo.model_index.reading.reader import Reader, cut, describe, display_key
from zoo.model_index.reading.yaml_nodes import (
    YAML,
    Mapping,
    Node,
    Scalar,
    Sequence,
    is_merge,
    merged_parts,
    resolve_tag,
)

SCALARS = {YAML + kind for kind in ("str", "int", "float", "bool", "null")}
TYPED = "text, a number, true, false, null, or lists and mappings of these"


class Arguments:
    """A builder's keyword arguments as Python values under YAML's own rules.

    Only what JSON can say: what a measurement was made with is kept in the ledger and compared
    there.
    """

    def __init__(self, reader: Reader):
        self.reader = reader
        self.known: dict[
            int, object
        ] = {}  # by node: an alias is read once, and its faults are reported once

    def value(self, node: Node, path: str) -> object:
        """Return the value of a node; None, and a fault, where it is not allowed."""
        if id(node) not in self.known:
            self.known[id(node)] = self._read(node, path)
        return self.known[id(node)]

    def mapping(self, node: Node, path: str) -> dict[str, object]:
        """Return the values of a mapping by key: those of its merge keys, then its own."""
        if not isinstance(node, Mapping) or resolve_tag(node) != YAML + "map":
            self.reader.fault(node, path, "a mapping", _tagged(node))
            return {}
        values: dict[str, object] = {}
        merged: dict[str, object] = {}
        for part in reversed(merged_parts(node)):
            merged |= self.mapping(part, path)
        for key, below in node.pairs:
            if is_merge(key):
                continue
            if not isinstance(key, Scalar) or resolve_tag(key) != YAML + "str":
                self.reader.fault(
                    key, path, "a text key, in quotes where YAML reads another type", _tagged(key)
                )
            elif key.value in values:
                self.reader.fault(
                    key,
                    f"{path}.{display_key(key.value)}",
                    "each key once",
                    f"{cut(key.value)!r} again",
                )
            else:
                values[key.value] = self.value(below, f"{path}.{display_key(key.value)}")
        return merged | values

    def _read(self, node: Node, path: str) -> object:
        tag = resolve_tag(node)
        if isinstance(node, Mapping) and tag == YAML + "map":
            return self.mapping(node, path)
        if isinstance(node, Sequence) and tag == YAML + "seq":
            return [
                self.value(child, f"{path}[{number}]") for number, child in enumerate(node.items)
            ]
        if isinstance(node, Scalar) and tag in SCALARS:
            try:
                value: object = yaml.constructor.SafeConstructor().construct_object(
                    yaml.ScalarNode(tag, node.value)
                )
            # the tag says a type that the characters are not
            except (
                ValueError,
                LookupError,
                OverflowError,
            ):
                value = math.nan
            if isinstance(value, int) and value.bit_length() > 64:
                self.reader.fault(node, path, TYPED, "a whole number of more than 64 bits")
                return None
            if not isinstance(value, float) or math.isfinite(value):
                return value
        self.reader.fault(node, path, TYPED, _tagged(node))
        return None


def _tagged(node: Node) -> str:
    """Describe the value of a node, with its type where that is not obvious."""
    tag = resolve_tag(node)
    kind = "str" if isinstance(node, Scalar) else "map" if isinstance(node, Mapping) else "seq"
    if tag == YAML + kind:
        return describe(node)
    shown = "!!" + tag.removeprefix(YAML) if tag.startswith(YAML) else tag
    return f"{describe(node)} ({display_key(shown, 60)})"
