"""A file of which every byte that is read costs something, read within bounds.

A format says before each step how much the step may read at most. So a file that claims to have a
header of 2^60 bytes is refused before anything is read or allocated, and a reader that is led
astray stops.
"""

import io
from typing import Any, BinaryIO

from zoo.weights.formats.base import Unreadable, is_count

CHUNK = (
    1 << 16
)  # bytes that a stream reads at a time: a request of a remote file takes longer than its bytes


class BoundedFile(io.RawIOBase):
    """A seekable binary file of known size that gives no more bytes than the step at hand may
    read."""

    def __init__(self, file: BinaryIO, size: int):
        self.file, self.size, self.position = file, size, 0
        self.left, self.step = 0, "nothing"

    def allow(self, most: int, step: str) -> None:
        """What the next step is, and how many bytes it may read."""
        self.left, self.step = most, step

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
        """Up to so many bytes, fewer only at the end of the file."""
        rest = max(0, self.size - self.position)
        length = rest if length is None or length < 0 else min(length, rest)
        if length > self.left:
            raise Unreadable(
                f"{self.step} wants {length} bytes from byte {self.position} on, too many to be true"
            )
        self.left -= length
        self.file.seek(self.position)
        parts = []
        while length:
            part = self.file.read(length)
            if not part:
                raise Unreadable(
                    f"the file ends at byte {self.position}, {self.size} were announced"
                )
            parts.append(part)
            self.position += len(part)
            length -= len(part)
        return b"".join(parts)

    def at(self, offset: int, length: int) -> bytes:
        """Exactly these bytes."""
        if not is_count(offset) or not is_count(length) or offset + length > self.size:
            raise Unreadable(f"{self.step} runs beyond the end of the file at byte {self.size}")
        self.seek(offset)
        return self.read(length)


class Stream(io.BufferedReader):
    """A source read from its first byte on, in small pieces; never allocates what a hostile length
    asks for."""

    def __init__(self, source: BoundedFile):
        super().__init__(source, CHUNK)
        self.source = source

    def read(self, length: int | None = -1) -> bytes:
        """Up to so many bytes, fewer only at the end of the file."""
        if length is not None and length > CHUNK and length > self.source.left:
            raise Unreadable(
                f"{self.source.step} wants {length} bytes from byte {self.tell()} on, too many to be true"
            )
        return super().read(length)

    def exactly(self, length: int) -> bytes:
        data = self.read(length)
        if len(data) != length:
            raise Unreadable(
                f"{self.source.step} runs beyond the end of the file at byte {self.source.size}"
            )
        return data
