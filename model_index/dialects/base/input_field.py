"""Read what a model takes: `Input: 16x112x112 clip`, a list of parts, or a mapping of them by the
arguments that they are passed by."""

from collections.abc import Iterator

from zoo.model_index.reading.reader import Item, Reader, display_key
from zoo.model_index.reading.yaml_nodes import Mapping, Node, Scalar, Sequence, is_empty
from zoo.model_index.records.input_spec import InputPart, InputSpec
from zoo.model_index.records.input_text import (
    EXPECTED,
    join_input,
    parse_input,
    parse_part,
    parse_parts,
)

KEY = "input"


def read_input(reader: Reader, item: Item, model: str) -> InputSpec | None:
    """Return the input under a key; None, and a fault at each part that cannot be read."""
    before = len(reader.faults)
    parts = [
        part
        for node, path, name in _elements(reader, item.node, item.path)
        for part in _parts(reader, node, path, name, model)
    ]
    if len(reader.faults) > before:
        return None
    try:
        return join_input(parts)
    except ValueError as error:
        reader.fault(item.node, item.path, str(error), model=model)
        return None


def _elements(reader: Reader, node: Node, path: str) -> Iterator[tuple[Node, str, str]]:
    """Yield each part, its path and the name of its argument."""
    if isinstance(node, Mapping):
        for key, value in node.pairs:
            if type(key) is Scalar:
                yield value, f"{path}.{display_key(key.value)}", key.value.strip()
            else:
                reader.fault(key, path, "the name of an argument")
    elif isinstance(node, Sequence):
        for number, child in enumerate(node.items):
            yield child, f"{path}[{number}]", ""
    else:
        yield node, path, ""


def _parts(reader: Reader, node: Node, path: str, name: str, model: str) -> list[InputPart]:
    if type(node) is not Scalar or is_empty(node):
        reader.fault(node, path, EXPECTED, model=model)
        return []
    try:
        return [parse_part(node.value, name)] if name else parse_parts(node.value)
    except ValueError as error:
        reader.fault(node, path, str(error), model=model)
        return []


def read_condition(item: Item | None) -> InputSpec | None:
    """Return the input that stands beside a number; None where there is none that can be read."""
    if item is None or type(item.node) is not Scalar or is_empty(item.node):
        return None
    try:
        return parse_input(item.node.value)
    except ValueError:
        return None
