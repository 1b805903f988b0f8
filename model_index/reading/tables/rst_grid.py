"""Read the grid tables of reStructuredText: cells drawn with dashes, pipes and plus signs."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import NamedTuple

from zoo.model_index.reading.tables.grid import GridCell
from zoo.model_index.reading.tables.layout import GridRow
from zoo.model_index.reading.tables.rst_lines import Line, widen

TOP = re.compile(r"[ ]*\+-[-+]*\+")
HEADER = re.compile(r"\+=[=+]*\+")


class Box(NamedTuple):
    """A cell: the lines and columns of its borders."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Steps:
    """How many characters may still be looked at to find the cells of all drawings of a page."""

    left: int = 5_000_000


class NoGrid(Exception):
    """Lines that are no table."""


def find_grid_end(lines: Sequence[Line], first: int) -> int:
    """Return the number of the last line of a drawing that begins at a line."""
    indent = lines[first].indent
    last = first
    while last + 1 < len(lines) and lines[last + 1].text[indent : indent + 1] in ("+", "|"):
        if lines[last + 1].indent != indent:
            break
        last += 1
    return last


def read_grid_rows(
    lines: Sequence[Line], read: Callable[[Sequence[tuple[int, int]]], GridCell], steps: Steps
) -> tuple[list[GridRow], list[GridRow]]:
    """Return the rows of the header, and the others.

    Raises:
        NoGrid: a drawing with a gap, or one that is too large.
    """
    indent = lines[0].indent
    drawing = [widen(line.text)[indent:] for line in lines]
    width = len(drawing[0])
    drawing = [text.ljust(width)[:width] for text in drawing]
    header_end = next((at for at, text in enumerate(drawing) if HEADER.fullmatch(text)), 0)
    drawing = [text.replace("=", "-") if HEADER.fullmatch(text) else text for text in drawing]
    boxes = _Boxes(drawing, steps).find()
    tops = sorted({box.top for box in boxes} | {box.bottom for box in boxes})
    lefts = sorted({box.left for box in boxes} | {box.right for box in boxes})
    rows = {top: GridRow(lines[top].start, lines[top].start) for top in tops[:-1]}
    rank = {top: number for number, top in enumerate(tops)}
    column = {left: number for number, left in enumerate(lefts)}
    for box in sorted(boxes):
        first, last = indent + box.left + 1, indent + box.right
        inner = lines[box.top + 1 : box.bottom] or [lines[box.top]._replace(text="")]
        cell = read([line.part(first, last) for line in inner])
        spans = column[box.right] - column[box.left], rank[box.bottom] - rank[box.top]
        rows[box.top].cells.append((cell, *spans))
    header = [row for top, row in rows.items() if top < header_end]
    return header, [row for top, row in rows.items() if top >= header_end]


class _Boxes:
    """Finds the cells of a drawing: from each corner to the nearest corner that closes a cell."""

    def __init__(self, drawing: Sequence[str], steps: Steps) -> None:
        self._drawing = drawing
        self._bottom, self._right = len(drawing) - 1, len(drawing[0]) - 1
        self._steps = steps

    def find(self) -> list[Box]:
        """Return all cells, which must fill the drawing.

        Raises:
            NoGrid: they do not, or there is too much to look at.
        """
        corners, boxes = [(0, 0)], []
        done = [-1] * len(self._drawing[0])
        while corners:
            top, left = heappop(corners)
            if top == self._bottom or left == self._right or top <= done[left]:
                continue
            box = self._box(top, left)
            if box is None:
                continue
            done[left : box.right] = [box.bottom - 1] * (box.right - left)
            boxes.append(box)
            heappush(corners, (top, box.right))
            heappush(corners, (box.bottom, left))
        if not boxes or any(row != self._bottom - 1 for row in done[:-1]):
            raise NoGrid
        return boxes

    def _box(self, top: int, left: int) -> Box | None:
        for right in range(left + 1, self._right + 1):
            mark = self._at(top, right)
            if mark == "+":
                if bottom := self._bottom_of(top, left, right):
                    return Box(top, left, bottom, right)
            elif mark != "-":
                return None
        return None

    def _bottom_of(self, top: int, left: int, right: int) -> int:
        """Return the line that closes a cell between two columns; 0 for none."""
        for bottom in range(top + 1, self._bottom + 1):
            if self._at(bottom, left) not in "+|" or (mark := self._at(bottom, right)) not in "+|":
                return 0
            if mark == "+" and self._at(bottom, left) == "+":
                self._steps.left -= right - left
                if set(self._drawing[bottom][left:right]) <= {"-", "+"}:
                    return bottom
        return 0

    def _at(self, line: int, column: int) -> str:
        self._steps.left -= 1
        if self._steps.left < 0:
            raise NoGrid
        return self._drawing[line][column]
