"""Read ONNX: the initialisers of the graph, by their descriptions alone.

The format: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. A model is a message of protocol
buffers; the values of its tensors stand in it, or in files beside it. What a node does with a
tensor tells what the tensor is (`zoo.weights.formats.onnx_uses`).
"""

from collections.abc import Iterator
from typing import NamedTuple

from zoo.weights.formats.base import (
    Checkpoint,
    Tensor,
    Unreadable,
    UnsupportedFormat,
    check_tensor,
    is_relative_path,
    name_notes,
    quote,
)
from zoo.weights.formats.bounded_file import BoundedFile
from zoo.weights.formats.dtypes import ONNX
from zoo.weights.formats.onnx_uses import Node, TensorUses
from zoo.weights.formats.protobuf import BYTES, VARINT, Field, WireReader

FORMAT = "onnx"
MAX_READ = 200 << 20  # bytes of descriptions, and of what is read ahead
MAX_TENSORS = 500_000
MAX_NAME = 65_535
MAX_DIMENSIONS = 64
MAX_FILES = 2_000  # of values: some exporters write one for each tensor
MAX_DEPTH = 32  # of graphs in attributes of nodes
MAX_INPUTS = 64  # of a node that are looked at
STRING = 8  # a type of element that is no number
# The second field of a model, after the version of the format.
SECOND = frozenset(b"\x12\x1a\x22\x28\x32\x3a\x42\x72")
# Fields by message. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
MODEL_TEXTS = {2: "producer", 3: "producer version", 4: "domain"}
IR_VERSION, GRAPH, OPSET = 1, 7, 8
OPSETS_SINCE = 3  # the version of the format that requires an opset
NODE, INITIALIZER, SPARSE = 1, 5, 15
INPUT, OUTPUT, OPERATOR, ATTRIBUTE = 1, 2, 4, 5
ATTRIBUTE_NAME, ATTRIBUTE_INTEGER, ATTRIBUTE_TENSOR, ATTRIBUTE_GRAPH = 1, 3, 5, 6
ATTRIBUTE_GRAPHS = 11
DIMS, DATA_TYPE, TENSOR_NAME, RAW_DATA, EXTERNAL = 1, 2, 8, 9, 13
TYPED_DATA = frozenset((4, 5, 6, 7, 10, 11))


class TensorValues(NamedTuple):
    """Where the values of a tensor stand: bytes of raw data, fields with typed data and their
    bytes, or a part of a file."""

    raw: int = -1
    typed: int = 0
    external: tuple[tuple[str, str], ...] = ()


def starts_file(head: bytes) -> bool:
    """Return whether a file may be a model of ONNX: protocol buffers have no magic number."""
    return head[:1] == b"\x08" and len(head) > 2 and head[2] in SECOND


def read(source: BoundedFile) -> Checkpoint:
    source.allow(MAX_READ, "the descriptions of its tensors")
    reader = ModelReader(WireReader(source))
    reader.model(source.size)
    tensors = tuple(reader.tensors.values())
    return Checkpoint(
        format=FORMAT,
        tensors=tensors,
        metadata=reader.metadata,
        notes=(*name_notes(tensor.name for tensor in tensors), *reader.notes()),
        beside=reader.beside,
        uses=reader.uses.roles(reader.tensors),
        logical=reader.uses.logical(reader.tensors),
    )


class ModelReader:
    """Collects the tensors of a model, the files that hold their values, and their uses."""

    def __init__(self, wire: WireReader):
        self.wire, self.uses = wire, TensorUses()
        self.tensors: dict[str, Tensor] = {}
        self.beside: dict[str, int] = {}  # the bytes that a file must have, by its path
        self.metadata: dict[str, str] = {}
        self.texts = 0  # tensors of texts
        self.depth = 0  # of the graph that is read in those that it is part of

    def notes(self) -> Iterator[str]:
        if self.texts:
            yield f"{self.texts} tensors hold texts; they are not listed"

    def model(self, size: int) -> None:
        """Read the whole file."""
        graphs = opsets = 0
        for field in self.wire.message(0, size):
            if field.number == IR_VERSION and field.kind == VARINT:
                self.metadata["ir version"] = str(field.value)
            elif field.number in MODEL_TEXTS:
                self.metadata[MODEL_TEXTS[field.number]] = self.wire.text(field, MAX_NAME)
            elif field.number == GRAPH and field.kind == BYTES:
                graphs += 1
                self._graph(field)
            elif field.number == OPSET:
                opsets += 1
        if graphs != 1:
            raise UnsupportedFormat("a protocol buffer without the graph of an ONNX model")
        if not opsets and int(self.metadata.get("ir version", 0)) >= OPSETS_SINCE:
            raise Unreadable("it names no version of its operators: the end of the file is missing")

    def _graph(self, graph: Field) -> None:
        if self.depth > MAX_DEPTH:
            raise Unreadable(f"graphs in graphs, more than {MAX_DEPTH} deep")
        for field in self.wire.message(graph.start, graph.end):
            if field.kind != BYTES:
                continue
            if field.number == NODE:
                self._node(field)
            elif field.number == INITIALIZER:
                self._tensor(field)
            elif field.number == SPARSE:
                values = next(iter(self.wire.message(field.start, field.end)), None)
                if values and values.kind == BYTES:
                    self._tensor(values)

    def _node(self, node: Field) -> None:
        operator, inputs, outputs = "", list[str](), list[str]()
        numbers, values = dict[str, int](), list[Field]()
        for field in self.wire.message(node.start, node.end):
            if field.number == INPUT and len(inputs) < MAX_INPUTS:
                inputs.append(self.wire.text(field, MAX_NAME))
            elif field.number == OUTPUT and not outputs:
                outputs.append(self.wire.text(field, MAX_NAME))
            elif field.number == OPERATOR:
                operator = self.wire.text(field, MAX_NAME)
            elif field.number == ATTRIBUTE and field.kind == BYTES:
                values += self._attribute(field, numbers)
        if operator == "Constant" and outputs:
            for value in values:
                self._tensor(value, outputs[0])
                self.uses.constants.add(outputs[0])
        self.uses.add(Node(operator, tuple(inputs), tuple(outputs), numbers))

    def _attribute(self, attribute: Field, numbers: dict[str, int]) -> Iterator[Field]:
        """Yield the tensors of an attribute, add its number, and read its graphs."""
        name = ""
        for field in self.wire.message(attribute.start, attribute.end):
            if field.number == ATTRIBUTE_NAME:
                name = self.wire.text(field, MAX_NAME)
            elif field.number == ATTRIBUTE_INTEGER and field.kind == VARINT:
                numbers[name] = field.value
            elif field.number == ATTRIBUTE_TENSOR and field.kind == BYTES:
                yield field
            elif field.number in (ATTRIBUTE_GRAPH, ATTRIBUTE_GRAPHS) and field.kind == BYTES:
                self.depth += 1
                self._graph(field)
                self.depth -= 1

    def _tensor(self, tensor: Field, name: str = "") -> None:
        """Add a tensor under its own name, or under that of the node that gives it."""
        shape, kind, values = list[int](), 0, TensorValues()
        for field in self.wire.message(tensor.start, tensor.end):
            if field.number == DIMS and len(shape) <= MAX_DIMENSIONS:
                shape += self.wire.varints(field, MAX_DIMENSIONS)
            elif field.number == DATA_TYPE:
                kind = field.value
            elif field.number == TENSOR_NAME:
                name = name or self.wire.text(field, MAX_NAME)
            elif field.number == RAW_DATA:
                values = values._replace(raw=field.end - field.start)
            elif field.number in TYPED_DATA:
                values = values._replace(typed=values.typed + max(1, field.end - field.start))
            elif field.number == EXTERNAL and field.kind == BYTES:
                pair = self._pair(field)
                values = values._replace(external=(*values.external, pair)[:MAX_DIMENSIONS])
        if kind == STRING:
            self.texts += 1
            return
        if kind not in ONNX:
            raise Unreadable(f"tensor {quote(name)} has the unknown type {kind}")
        self._add(check_tensor(name, ONNX[kind], shape), values)

    def _pair(self, field: Field) -> tuple[str, str]:
        texts = {part.number: self.wire.text(part, MAX_NAME) for part in self._fields(field)}
        return texts.get(1, ""), texts.get(2, "")

    def _fields(self, field: Field) -> Iterator[Field]:
        return self.wire.message(field.start, field.end)

    def _add(self, tensor: Tensor, values: TensorValues) -> None:
        if tensor.name in self.tensors:
            if not self.depth:
                raise Unreadable(f"the tensor {quote(tensor.name)} occurs twice")
            # two graphs that a node chooses from may use the same names
            tensor = Tensor(f"{tensor.name} #{len(self.tensors)}", tensor.dtype, tensor.shape)
        if len(self.tensors) == MAX_TENSORS:
            raise Unreadable(f"it has more than {MAX_TENSORS} tensors, which is not plausible")
        if values.external:
            self._add_part(tensor, dict(values.external))
        elif values.raw >= 0 and values.raw != tensor.bytes:
            fault = f"has {values.raw} bytes, it needs {tensor.bytes}"
            raise Unreadable(f"tensor {quote(tensor.name)} {fault}")
        elif values.raw < 0 and tensor.elements > max(0, values.typed) * 2:
            fault = f"of {tensor.elements} elements has {values.typed} bytes of values"
            raise Unreadable(f"tensor {quote(tensor.name)} {fault}")
        self.tensors[tensor.name] = tensor

    def _add_part(self, tensor: Tensor, part: dict[str, str]) -> None:
        """Note how long the file must be that holds the values of a tensor."""
        place, offset = part.get("location", ""), part.get("offset", "0")
        length = part.get("length", str(tensor.bytes))
        if not is_relative_path(place):
            raise Unreadable(f"tensor {quote(tensor.name)} is in {quote(place)}, not in its folder")
        if not all(text.isascii() and text.isdecimal() for text in (offset, length)):
            raise Unreadable(f"tensor {quote(tensor.name)} has no place in {quote(place)}")
        if len(offset) > 18 or len(length) > 18 or int(length) != tensor.bytes:
            fault = f"has {length[:18]} bytes in {quote(place)}, it needs {tensor.bytes}"
            raise Unreadable(f"tensor {quote(tensor.name)} {fault}")
        if place not in self.beside and len(self.beside) == MAX_FILES:
            raise Unreadable(
                f"its values are in more than {MAX_FILES} files, which is not plausible"
            )
        self.beside[place] = max(self.beside.get(place, 0), int(offset) + int(length))
