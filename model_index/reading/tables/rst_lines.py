"""Lines of reStructuredText: their indents, and the columns of wide characters."""

from typing import NamedTuple
from unicodedata import combining, east_asian_width

from zoo.model_index.reading.tables.source import TableText


class Line(NamedTuple):
    """A line: its number from 0, where it begins in the text, and its characters without the
    blanks at its end."""

    number: int
    start: int
    text: str

    @property
    def indent(self) -> int:
        """Return the number of blanks that it begins with."""
        return len(self.text) - len(self.text.lstrip())

    def part(self, first: int, last: int | None) -> tuple[int, int]:
        """Return the offsets of the characters from one column to before another, from 0, None for
        all that follow; a wide character takes two columns."""
        end = len(self.text)
        if self.text.isascii():
            stop = end if last is None else min(last, end)
            return self.start + min(first, end), self.start + max(min(first, end), stop)
        columns = _columns(self.text)
        begin = next((at for at, column in enumerate(columns) if column >= first), end)
        if last is not None:
            end = next((at for at, column in enumerate(columns) if column >= last), end)
        return self.start + begin, self.start + max(begin, end)


def _columns(text: str) -> list[int]:
    columns, column = [], 0
    for character in text:
        columns.append(column)
        wide = east_asian_width(character) in "WF"
        column += 0 if combining(character) else 1 + wide
    return columns


def widen(text: str) -> str:
    """Return a line with one more character behind each that takes two columns, and none for one
    that takes no column."""
    if text.isascii():
        return text
    return "".join(
        "" if combining(character) else character + "\0" * (east_asian_width(character) in "WF")
        for character in text
    )


def split_lines(source: TableText) -> list[Line]:
    """Return the lines of a text."""
    lines, start = [], 0
    for number, text in enumerate(source.text.split("\n")):
        lines.append(Line(number, start, text.rstrip()))
        start += len(text) + 1
    return lines
