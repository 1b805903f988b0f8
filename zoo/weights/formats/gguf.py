"""Read GGUF, the format of llama.cpp: a header, named values, tensor descriptions, tensors.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Vocabularies are among the
values and have to be read through, since nothing states where they end.
"""

import struct
from typing import Any

from zoo.weights.formats.base import (
    Checkpoint,
    Tensor,
    Unreadable,
    UnsupportedFormat,
    check_tensor,
    name_notes,
    quote,
)
from zoo.weights.formats.bounded_file import BoundedFile, Stream
from zoo.weights.formats.dtypes import DTYPES, GGML

FORMAT = "gguf"
MAGIC = b"GGUF"
VERSIONS = (2, 3)
MAX_HEAD = 100 << 20
MAX_TEXTS = 2_000_000  # in all arrays: a vocabulary of 262 thousand has three arrays of them
MAX_KEYS = 65_536
MAX_TENSORS = 500_000
MAX_NAME = 65_535
MAX_VALUE = 1_000  # characters
MAX_DIMENSIONS = 8
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
    source.allow(MAX_HEAD, "the head of the file")
    source.seek(0)
    head = HeadReader(Stream(source))
    head.stream.exactly(len(MAGIC))
    version = head.number("I")
    if version not in VERSIONS:
        raise UnsupportedFormat(f"GGUF of version {version}, or of another byte order")
    count, keys = head.count(MAX_TENSORS, "tensors"), head.count(MAX_KEYS, "values")
    metadata = {}
    for _ in range(keys):
        key = head.text(MAX_NAME)
        if key in metadata:
            raise Unreadable(f"the value {quote(key)} occurs twice")
        metadata[key] = str(head.value(head.number("I")))[:MAX_VALUE]
    rows = [head.tensor() for _ in range(count)]
    _check_layout(rows, head.stream.tell(), metadata.get(ALIGNMENT, "32"), source.size)
    tensors = tuple(tensor for tensor, _ in rows)
    notes = name_notes(tensor.name for tensor in tensors)
    return Checkpoint(format=FORMAT, tensors=tensors, metadata=metadata, notes=notes)


class HeadReader:
    """Reader of the part before the tensors, from front to back."""

    def __init__(self, stream: Stream):
        self.stream = stream
        self.texts = 0

    def number(self, code: str) -> Any:
        return struct.unpack(f"<{code}", self.stream.exactly(struct.calcsize(f"<{code}")))[0]

    def count(self, limit: int, unit: str) -> int:
        count: int = self.number("Q")
        if count > limit:
            raise Unreadable(f"it claims {count} {unit}, which is not plausible")
        return count

    def text(self, limit: int = MAX_HEAD) -> str:
        length = self.count(limit, "bytes of text")
        return self.stream.exactly(length).decode("utf-8", "backslashreplace")

    def value(self, kind: int) -> Any:
        """Read a number or text; skip an array and return its length."""
        if kind in NUMBERS:
            return self.number(NUMBERS[kind])
        if kind == STRING:
            return self.text()
        if kind == ARRAY:
            return self.array()
        raise Unreadable(f"a value of unknown type {kind} before byte {self.stream.tell()}")

    def array(self) -> str:
        kind = self.number("I")
        length = self.count(MAX_HEAD, "values in an array")
        if kind in NUMBERS:
            self.stream.exactly(length * struct.calcsize(NUMBERS[kind]))
        elif kind == STRING:
            self.texts += length
            if self.texts > MAX_TEXTS:
                raise Unreadable(f"its arrays hold more than {MAX_TEXTS} texts")
            for _ in range(length):
                self.stream.exactly(self.count(MAX_HEAD, "bytes of text"))
        else:
            raise UnsupportedFormat(f"an array of type {kind} before byte {self.stream.tell()}")
        return f"{length} values"

    def tensor(self) -> tuple[Tensor, int]:
        """Read a tensor, and the offset of its data from that of the first tensor."""
        name = self.text(MAX_NAME)
        dimensions = self.number("I")
        if dimensions > MAX_DIMENSIONS:
            raise Unreadable(f"tensor {quote(name)} has {dimensions} dimensions")
        shape = [self.number("Q") for _ in range(dimensions)]
        kind, offset = self.number("I"), self.number("Q")
        if kind not in GGML:
            raise Unreadable(f"tensor {quote(name)} has the unknown type {kind}")
        dtype = GGML[kind][0]
        if shape and shape[0] % DTYPES[dtype].block:
            raise Unreadable(f"tensor {quote(name)} has rows of incomplete blocks of {dtype}")
        return check_tensor(name, dtype, shape[::-1]), offset


def _check_layout(rows: list[tuple[Tensor, int]], end: int, alignment: str, size: int) -> None:
    """Refuse tensors that overlap, end beyond the file, or have the same name."""
    step = int(alignment) if alignment.isdecimal() and len(alignment) < 10 else 0
    if not step or step & (step - 1):
        raise Unreadable(f"invalid alignment {quote(alignment)}")
    if len({tensor.name for tensor, _ in rows}) != len(rows):
        raise Unreadable("two tensors have the same name")
    start, after = -(-end // step) * step, 0
    for tensor, offset in sorted(rows, key=lambda row: (row[1], row[0].bytes)):
        if offset < after:
            raise Unreadable(f"tensor {quote(tensor.name)} overlaps the one before it")
        if offset % step:
            raise Unreadable(
                f"tensor {quote(tensor.name)} does not start at a multiple of {step} bytes"
            )
        after = offset + tensor.bytes
        if start + after > size:
            fault = f"ends at byte {start + after}, the file at byte {size}"
            raise Unreadable(f"tensor {quote(tensor.name)} {fault}")
