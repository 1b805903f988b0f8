"""Read a file within bounds, since every byte may cost time or network.

Before each step a format states how much the step may read. So a file that claims a header of 2^60
bytes is refused before anything is read or allocated, and a misled reader stops.
"""

import io
from typing import Any, BinaryIO

from zoo.weights.formats.base import Unreadable, is_count

CHUNK = 1 << 16  # bytes that a stream reads at once: a remote request costs more than its bytes


class BoundedFile(io.RawIOBase):
    """Seekable binary file of known size that gives no more bytes than a step may read."""

    def __init__(self, file: BinaryIO, size: int):
        self.file, self.size, self.position = file, size, 0
        self.allowed, self.step = 0, "nothing"

    def allow(self, limit: int, step: str) -> None:
        """Name the next step and the number of bytes that it may read."""
        self.allowed, self.step = limit, step

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise OSError("before the first byte of the file")
        self.position = start + offset
        return self.position

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def read(self, length: int | None = -1) -> bytes:
        """Read up to `length` bytes, fewer only at the end of the file."""
        available = max(0, self.size - self.position)
        length = available if length is None or length < 0 else min(length, available)
        if length > self.allowed:
            raise too_large(self.step, length, self.position)
        self.allowed -= length
        self.file.seek(self.position)
        parts = []
        while length:
            part = self.file.read(length)
            if not part:
                raise Unreadable(f"the file ends at byte {self.position} instead of {self.size}")
            parts.append(part)
            self.position += len(part)
            length -= len(part)
        return b"".join(parts)

    def at(self, offset: int, length: int) -> bytes:
        """Read exactly these bytes."""
        if not is_count(offset) or not is_count(length) or offset + length > self.size:
            raise beyond_end(self)
        self.seek(offset)
        return self.read(length)


def too_large(step: str, length: int, position: int) -> Unreadable:
    """Return the error for a step that needs more bytes than it may read."""
    return Unreadable(f"{step} needs {length} bytes from byte {position}, which is not plausible")


def beyond_end(file: BoundedFile) -> Unreadable:
    """Return the error for a step that reads past the end."""
    return Unreadable(f"{file.step} extends beyond the end of the file at byte {file.size}")


class Stream(io.BufferedReader):
    """Read a file from front to back in small pieces, without allocating hostile lengths."""

    def __init__(self, source: BoundedFile):
        super().__init__(source, CHUNK)
        self.source = source

    def read(self, length: int | None = -1) -> bytes:
        """Read up to `length` bytes, fewer only at the end of the file."""
        if length is not None and length > CHUNK and length > self.source.allowed:
            raise too_large(self.source.step, length, self.tell())
        return super().read(length)

    def exactly(self, length: int) -> bytes:
        """Read exactly `length` bytes."""
        data = self.read(length)
        if len(data) != length:
            raise beyond_end(self.source)
        return data
