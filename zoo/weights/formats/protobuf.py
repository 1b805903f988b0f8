"""Read the wire format of protocol buffers from a file, without loading what is skipped.

The format: https://protobuf.dev/programming-guides/encoding. A message is fields; each has a number
and either a number or so many bytes. Bytes that nobody asks for are passed over by seeking, so of a
model of gigabytes only the descriptions of its tensors are read.
"""

from collections.abc import Iterator
from typing import NamedTuple

from zoo.weights.formats.base import Unreadable
from zoo.weights.formats.bounded_file import BoundedFile

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
WIDTHS = {FIXED64: 8, FIXED32: 4}
VARINT_BYTES = 10
FIRST_WINDOW = 1 << 10
LAST_WINDOW = 1 << 16
MAX_FIELDS = 3_000_000


class Field(NamedTuple):
    """A field of a message: its number, its type on the wire, its value where it is a number, and
    where its bytes start and end."""

    number: int
    kind: int
    value: int
    start: int
    end: int


class WireReader:
    """Reader of messages by their positions in a file. It reads ahead little after a jump, and more
    the longer it goes on without one."""

    def __init__(self, source: BoundedFile):
        self.source = source
        self.fields = 0
        self._window, self._at, self._step = b"", 0, FIRST_WINDOW

    def message(self, start: int, end: int) -> Iterator[Field]:
        """Yield the fields of the message that takes these bytes.

        Raises:
            Unreadable: the bytes are no message, or the file has more fields than is plausible.
        """
        while start < end:
            field = self._field(start, end)
            self.fields += 1
            if self.fields > MAX_FIELDS:
                raise Unreadable(f"it has more than {MAX_FIELDS:,} fields, which is not plausible")
            yield field
            start = field.end

    def text(self, field: Field, limit: int) -> str:
        """Return the text of a field."""
        if field.kind != BYTES or field.end - field.start > limit:
            length = field.end - field.start
            raise Unreadable(f"a text of {length} bytes before byte {field.end}")
        data = self._bytes(field.start, field.end - field.start)
        return data.decode("utf-8", "backslashreplace")

    def varints(self, field: Field, limit: int) -> list[int]:
        """Return the numbers of a field that is repeated: it has one of them, or all, packed."""
        if field.kind == VARINT:
            return [field.value]
        numbers, at = list[int](), field.start
        while field.kind == BYTES and at < field.end and len(numbers) <= limit:
            number, at = self._varint(at, field.end)
            numbers.append(number)
        return numbers

    def _field(self, start: int, end: int) -> Field:
        tag, at = self._varint(start, end)
        number, kind = tag >> 3, tag & 7
        if kind == VARINT:
            value, stop = self._varint(at, end)
            return Field(number, kind, value, at, stop)
        if kind == BYTES:
            length, at = self._varint(at, end)
        elif kind in WIDTHS:
            length = WIDTHS[kind]
        else:
            raise Unreadable(f"a field of type {kind} at byte {start}: no protocol buffer")
        if not number or at + length > end:
            raise Unreadable(f"the field at byte {start} extends beyond its message")
        return Field(number, kind, 0, at, at + length)

    def _varint(self, at: int, end: int) -> tuple[int, int]:
        value = shift = 0
        data = self._bytes(at, min(VARINT_BYTES, end - at))
        for count, byte in enumerate(data, 1):
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value & (2**64 - 1), at + count
            shift += 7
        raise Unreadable(f"a number without an end at byte {at}")

    def _bytes(self, at: int, length: int) -> bytes:
        """Return bytes of the window, which moves where it does not hold them."""
        offset = at - self._at
        if offset < 0 or offset + length > len(self._window):
            goes_on = 0 <= offset <= len(self._window)
            self._step = min(2 * self._step, LAST_WINDOW) if goes_on else FIRST_WINDOW
            size = min(max(length, self._step), self.source.size - at)
            self._window, self._at, offset = self.source.at(at, size), at, 0
        return self._window[offset : offset + length]
