"""Fit paragraphs and tables into a number of columns. Pure functions: text in, lines out.

A word is never broken, so no number and no path is: a line that holds a single longer word is
longer than the limit, and a terminal wraps it.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cached_property

GAP = "  "
INDENT = 2  # columns before what stands below a row
# What `zoo.cli.output.console.style` puts around text; it takes no columns.
STYLE = re.compile("\x1b\\S*?\\[[0-9;]*m")
NO_WIDTH = ("Mn", "Me")


def measure(text: str) -> int:
    """Return the columns that a text takes: two for a wide character, none for an accent."""
    if text.isascii() and "\x1b" not in text:
        return len(text)
    return sum(map(_measure_character, STYLE.sub("", text)))


def _measure_character(character: str) -> int:
    if not character.isprintable():  # printed as a replacement character
        return 1
    if unicodedata.category(character) in NO_WIDTH:
        return 0
    return 1 + (unicodedata.east_asian_width(character) in "WF")


def pad(text: str, width: int, right: bool = False) -> str:
    """Fill a text with spaces to a width, before it with `right`."""
    space = " " * (width - measure(text))
    return space + text if right else text + space


def wrap(text: str, width: int | None, indent: int = 0) -> list[str]:
    """Break a paragraph at spaces, and behind wide characters; indent each line."""
    space = " " * indent
    if width is None or indent + measure(text) <= width:
        return [space + text]
    lines, line = [], ""
    for gap, piece in _split(text):
        if line and indent + measure(line + gap + piece) > width:
            lines.append(space + line)
            line = piece
        else:
            line += (gap if line else "") + piece
    return [*lines, space + line]


def _split(text: str) -> list[tuple[str, str]]:
    """Split a text where it may be broken; each piece with the spaces before it."""
    pieces = []
    for gap, word in re.findall(r"(\s*)(\S+)", text):
        if word.isascii():
            pieces.append((gap, word))
            continue
        for number, part in enumerate(_split_wide(word)):
            pieces.append(("" if number else gap, part))
    return pieces


def _split_wide(word: str) -> list[str]:
    """Split a word behind its wide characters; closing marks stay with the character before."""
    parts: list[str] = []
    for character in word:
        last = parts[-1][-1] if parts else ""
        wide = measure(character) == 2 and unicodedata.category(character)[0] != "P"
        behind = measure(last) == 2 and character.isalnum()
        if not parts or behind or (wide and last not in "(“‘「『（《【"):
            parts.append(character)
        else:
            parts[-1] += character
    return parts


def arrange_fields(rows: Sequence[tuple[str, str]], width: int) -> list[str]:
    """Return the lines of labels and texts: each text folded behind its label, or below it where
    labels leave it less than half of the width."""
    column = max((measure(label) for label, _ in rows), default=0) + len(GAP)
    lines = []
    for label, text in rows:
        if 2 * column > width:
            lines += [label, *wrap(text, width, INDENT)]
        else:
            first, *others = wrap(text, width, column)
            lines += [pad(label, column) + first[column:], *others]
    return lines


class _Column:
    """A column of a table and its width."""

    def __init__(self, name: str, cells: Sequence[str], number: bool, header: bool):
        self.name, self.cells, self.number = name, cells, number
        self.texts = (name, *cells) if header else tuple(cells)
        self.width = max(map(measure, self.texts))

    def describe(self, number: int) -> str:
        """Return a cell with the column's name, for a line of its own."""
        name, cell = STYLE.sub("", self.name), self.cells[number]
        return f"{name}: {cell}" if name else cell

    @cached_property
    def narrowest(self) -> int:
        """The narrowest width that breaks no word, and at which no cell has many lines."""
        if self.number:
            return self.width
        words = (word for text in self.texts for _, word in _split(text))
        return max(max(map(measure, words)), -(-self.width // 2))


def arrange(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[str] = (),
    notes: Sequence[str] = (),
    *,
    width: int,
) -> list[str]:
    """Return the lines of a table of at most `width` columns, the header first, and the note of a
    row below it."""
    first, *body = arrange_rows(columns, rows, right, width=width)
    lines = list(first)
    for number, row in enumerate(body):
        lines += row
        if number < len(notes) and notes[number]:
            lines += wrap(notes[number], width, INDENT)
    return lines


def arrange_rows(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[str] = (),
    *,
    width: int,
    header: bool = True,
) -> list[list[str]]:
    """Return the lines of the header and of each row of a table of at most `width` columns.

    Cells of `right` columns stay whole, others are folded at words. A column that does not fit
    moves below its row, as `Name: cell`, without a name as it is. A column without any text is left
    out.
    """
    cells = zip(*rows, strict=True) if rows else [()] * len(columns)
    table = [
        _Column(name, column, name in right, header)
        for name, column in zip(columns, cells, strict=True)
        if any(column) or not rows
    ]
    beside, below = _fit(table, width)
    result = [_lay_out([[column.name] for column in beside], beside)] if header else []
    for number in range(len(rows)):
        folded = [wrap(column.cells[number], column.width) for column in beside]
        lines = _lay_out(folded, beside)
        texts = [column.describe(number) for column in below if column.cells[number]]
        result.append(lines + (wrap(", ".join(texts), width, INDENT) if texts else []))
    return result


def hang(start: str, text: str, width: int) -> list[str]:
    """Return a paragraph behind `start`; its further lines are indented to the same column."""
    indent = measure(start)
    first, *more = wrap(text, width, indent)
    return [start + first[indent:], *more]


def _fit(table: list[_Column], width: int) -> tuple[list[_Column], list[_Column]]:
    """Narrow the columns of text to fit; return those that do, and those that move below.

    The first column stays. Columns of text move before numbers, wide ones first.
    """
    beside = list(table)
    below: list[_Column] = []

    def excess(widths: Sequence[int]) -> int:
        return sum(widths) + len(GAP) * (len(widths) - 1) - width

    if excess([column.width for column in beside]) <= 0:
        return beside, below
    while len(beside) > 1 and excess([column.narrowest for column in beside]) > 0:
        last = max(
            enumerate(beside[1:]), key=lambda item: (not item[1].number, item[1].narrowest, item[0])
        )[1]
        beside.remove(last)
        below.append(last)
    while (over := excess([column.width for column in beside])) > 0:
        loose = [column for column in beside if column.width > column.narrowest]
        if not loose:
            break
        widest = max(loose, key=lambda column: column.width)
        widest.width = max(widest.narrowest, widest.width - over)
    return beside, [column for column in table if column in below]


def _lay_out(folded: Sequence[Sequence[str]], columns: Sequence[_Column]) -> list[str]:
    """Put the lines of cells beside each other."""
    lines = []
    for number in range(max(map(len, folded), default=0)):
        parts = [
            pad(cell[number] if number < len(cell) else "", column.width, column.number)
            for cell, column in zip(folded, columns, strict=True)
        ]
        lines.append(GAP.join(parts).rstrip())
    return lines
