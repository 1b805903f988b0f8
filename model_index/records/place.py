"""The place of a claim in a file."""

import msgspec


class Place(msgspec.Struct, frozen=True, gc=False):
    """File, line and column (counted from 1), and the span in characters, of a text."""

    file: str
    line: int
    column: int = 1
    start: int = 0
    end: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"
