"""GGUF, the format of llama.cpp: a header, named values, descriptions of the tensors, and the
tensors.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Vocabularies are among the
values, and have to be read through, for nothing says where they end.
"""

import struct
from typing import Any

from zoo.weights.formats.base import (
    Checkpoint,
    Tensor,
    Unreadable,
    UnsupportedFormat,
    checked,
    remarks,
    shown,
)
from zoo.weights.formats.bounded_file import BoundedFile, Stream
from zoo.weights.formats.dtypes import DTYPES, GGML

FORMAT = "gguf"
MAGIC = b"GGUF"
VERSIONS = (2, 3)
MOST_HEAD = 100 << 20
MOST_TEXTS = (
    2_000_000  # in arrays, all together: a vocabulary of 262 thousand has three arrays of them
)
MOST_KEYS = 65_536
MOST_TENSORS = 500_000
MOST_NAME = 65_535
MOST_KEPT = 1_000  # characters of a value
MOST_DIMENSIONS = 8
ALIGNMENT = "general.alignment"
NUMBERS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
STRING, ARRAY = 8, 9


def read(source: BoundedFile) -> Checkpoint:
    source.allow(MOST_HEAD, "the head of the file")
    source.seek(0)
    head = Head(Stream(source))
    head.stream.exactly(len(MAGIC))
    version = head.number("I")
    if version not in VERSIONS:
        raise UnsupportedFormat(
            f"GGUF of version {version}, or for a machine with another byte order"
        )
    tensors, keys = head.count(MOST_TENSORS, "tensors"), head.count(MOST_KEYS, "values")
    metadata = {}
    for _ in range(keys):
        key = head.text(MOST_NAME)
        if key in metadata:
            raise Unreadable(f"the value {shown(key)} comes twice")
        metadata[key] = str(head.value(head.number("I")))[:MOST_KEPT]
    rows = [head.tensor() for _ in range(tensors)]
    _lengths(rows, head.stream.tell(), metadata.get(ALIGNMENT, "32"), source.size)
    found = tuple(tensor for tensor, _ in rows)
    return Checkpoint(
        format=FORMAT, tensors=found, metadata=metadata, notes=remarks(one.name for one in found)
    )


class Head:
    """The part before the tensors, read from front to back."""

    def __init__(self, stream: Stream):
        self.stream = stream
        self.texts = 0

    def number(self, code: str) -> Any:
        return struct.unpack(f"<{code}", self.stream.exactly(struct.calcsize(f"<{code}")))[0]

    def count(self, most: int, what: str) -> int:
        found: int = self.number("Q")
        if found > most:
            raise Unreadable(f"it claims {found} {what}, too many to be true")
        return found

    def text(self, most: int = MOST_HEAD) -> str:
        length = self.count(most, "bytes of text")
        return self.stream.exactly(length).decode("utf-8", "backslashreplace")

    def value(self, kind: int) -> Any:
        """A number or text; of an array, how long it is."""
        if kind in NUMBERS:
            return self.number(NUMBERS[kind])
        if kind == STRING:
            return self.text()
        if kind == ARRAY:
            return self.array()
        raise Unreadable(f"a value of unknown type {kind} before byte {self.stream.tell()}")

    def array(self) -> str:
        kind = self.number("I")
        length = self.count(MOST_HEAD, "values in an array")
        if kind in NUMBERS:
            self.stream.exactly(length * struct.calcsize(NUMBERS[kind]))
        elif kind == STRING:
            self.texts += length
            if self.texts > MOST_TEXTS:
                raise Unreadable(f"its arrays hold more than {MOST_TEXTS} texts")
            for _ in range(length):
                self.stream.exactly(self.count(MOST_HEAD, "bytes of text"))
        else:
            raise UnsupportedFormat(f"an array of type {kind} before byte {self.stream.tell()}")
        return f"{length} values"

    def tensor(self) -> tuple[Tensor, int]:
        """A tensor and where its data starts, counted from the first tensor's."""
        name = self.text(MOST_NAME)
        dimensions = self.number("I")
        if dimensions > MOST_DIMENSIONS:
            raise Unreadable(f"tensor {shown(name)} has {dimensions} dimensions")
        shape = [self.number("Q") for _ in range(dimensions)]
        kind, offset = self.number("I"), self.number("Q")
        if kind not in GGML:
            raise Unreadable(f"tensor {shown(name)} is of unknown type {kind}")
        dtype = GGML[kind][0]
        if shape and shape[0] % DTYPES[dtype].block:
            raise Unreadable(f"tensor {shown(name)} has rows that are no whole blocks of {dtype}")
        return checked(name, dtype, shape[::-1]), offset


def _lengths(rows: list[tuple[Tensor, int]], end: int, alignment: str, size: int) -> None:
    """No tensor lies over another, or beyond the end of the file; no name comes twice."""
    step = int(alignment) if alignment.isdecimal() and len(alignment) < 10 else 0
    if not step or step & (step - 1):
        raise Unreadable(f"an alignment of {shown(alignment)}")
    if len({tensor.name for tensor, _ in rows}) != len(rows):
        raise Unreadable("two tensors of one name")
    start, after = -(-end // step) * step, 0
    for tensor, offset in sorted(rows, key=lambda row: (row[1], row[0].bytes)):
        if offset < after:
            raise Unreadable(f"tensor {shown(tensor.name)} overlaps the one before it")
        if offset % step:
            raise Unreadable(f"tensor {shown(tensor.name)} starts at no multiple of {step} bytes")
        after = offset + tensor.bytes
        if start + after > size:
            raise Unreadable(
                f"tensor {shown(tensor.name)} ends at byte {start + after} and the file at byte {size}"
            )
