"""Collect the text of a cell: what a reader sees, and where its characters stand in the file."""

import re
from typing import NamedTuple

from zoo.model_index.reading.tables.grid import GridCell, Link, Piece
from zoo.model_index.reading.tables.source import TableText

WORDS = re.compile(r"\S+(?: \S+)*")
# Marks of footnotes behind a text: `81.3*`, `DPN-98 †`, `81.3²`, and not `10²`.
MARKS = re.compile(
    r"(?<=[\w)%\]])[ ]?(?P<mark>[*†‡§¶]{1,3})$|(?<!10)(?<=[\w)%\]])(?P<power>[¹²³⁰⁴-⁹]+)$"
)
REFERENCE = re.compile(r"\[\d{1,3}\]")
NOTE_TEXT = re.compile(r"[\[(]?(?:\d{1,2}|[*†‡§¶#]{1,3}|[a-z])[\])]?")
AFTER_NUMBER = re.compile(r"[\d)%MGBK]$")
LETTER = re.compile(r"(?:^|[^\w-])[A-Za-z]$")  # R² is no footnote
TEN = re.compile(r"(?:^|[^\d.,])10$")
POWER = re.compile(r"[+−-]?\d{1,2}")
DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


class CellText:
    """The text of one cell as it is collected from the file.

    White space is one space, none at both ends.
    """

    def __init__(self, source: TableText) -> None:
        self.source = source
        self.bold_depth = 0
        self._notes: list[str] = []
        self._links: list[Link] = []
        self._parts: list[str] = []
        self._length = 0
        self._pieces: list[Piece] = []
        self._blank = False
        self._thin_parts = 0
        self._link: tuple[_State, str] | None = None
        self._raised: _State | None = None

    def literal(self, start: int, end: int) -> None:
        """Add characters of the file."""
        text = self.source.text[start:end]
        for match in WORDS.finditer(text):
            self._blank = self._blank or match.start() > 0
            self._add(match[0], start + match.start())
        self._blank = self._blank or text[-1:].isspace()

    def text(self, text: str) -> None:
        """Add characters that stand otherwise in the file."""
        self._blank = self._blank or text[:1].isspace()
        if words := " ".join(text.split()):
            self._add(words, None)
            self._blank = text[-1:].isspace()

    def space(self) -> None:
        """Add a blank or a line break."""
        self._blank = True

    def open_link(self, address: str) -> None:
        """Begin the text of a link."""
        self.close_link()
        self._link = (self._state(), address)

    def close_link(self, instead: str = "") -> None:
        """End a link; `instead` is its text where it has none, such as that of an image.

        A number in brackets that leads to a place of the page is a footnote's mark.
        """
        if self._link:
            state, address = self._link
            text = "".join(self._parts[state.parts :]).strip()
            if address.startswith("#") and REFERENCE.fullmatch(text) and state.parts:
                self._notes.append(text.strip("[]"))
                self._drop(state)
            else:
                self._links.append(Link(text or instead, address))
            self._link = None

    def add_note(self, mark: str) -> None:
        """Add a footnote's mark."""
        self._notes.append(mark)

    def open_raised(self) -> None:
        """Begin a text that stands higher."""
        self.close_raised()
        self._raised = self._state()

    def close_raised(self) -> None:
        """End a text that stands higher: a footnote mark is taken off, `10` to a power is
        `10^9`."""
        state, self._raised = self._raised, None
        if state is None:
            return
        before = "".join(self._parts[max(0, state.parts - 4) : state.parts])
        raised = "".join(self._parts[state.parts :]).strip()
        if TEN.search(before) and POWER.fullmatch(raised):
            self._insert("^", state)
        elif _is_note(before, raised):
            self._notes.append(raised.strip("[]()"))
            self._drop(state)
        elif before[-1:].isalnum() and raised[:1].isalpha():
            self._insert(" ", state)

    def finish(self, start: int, end: int) -> GridCell:
        """Return the cell, whose characters are `text[start:end]` of the source."""
        self.close_link()
        self.close_raised()
        text, notes = "".join(self._parts), self._notes
        while match := MARKS.search(text):
            mark = match["mark"] or match["power"].translate(DIGITS)
            notes = [mark, *notes]
            text = text[: match.start()]
        return GridCell(
            text=text,
            span=self.source.place(start, end),
            pieces=_cut(self._pieces, len(text), end - start),
            links=tuple(self._links),
            bold=bool(text) and not self._thin_parts,
            notes=tuple(notes),
        )

    def _add(self, words: str, start: int | None) -> None:
        if self._blank and self._length:
            self._parts.append(" ")
            self._length += 1
        self._blank = False
        if start is not None:
            line, column = self.source.position(start)
            where = self.source.offset + start
            self._pieces.append(Piece(self._length, where, len(words), line, column))
        self._parts.append(words)
        self._length += len(words)
        self._thin_parts += self.bold_depth <= 0

    def _state(self) -> "_State":
        counts = len(self._parts), len(self._pieces), len(self._links)
        return _State(*counts, self._length, self._blank)

    def _insert(self, text: str, state: "_State") -> None:
        self._parts.insert(state.parts, text)
        self._length += len(text)
        later = self._pieces[state.pieces :]
        self._pieces[state.pieces :] = [piece._replace(at=piece.at + len(text)) for piece in later]

    def _drop(self, state: "_State") -> None:
        del self._parts[state.parts :]
        del self._pieces[state.pieces :]
        del self._links[state.links :]
        self._length, self._blank = state.length, state.blank


class _State(NamedTuple):
    """How much of a cell stands before a text that may be taken off."""

    parts: int
    pieces: int
    links: int
    length: int
    blank: bool


def _is_note(before: str, raised: str) -> bool:
    """Return whether a text that stands higher is a footnote's mark: `1` behind anything, but the
    `50` of AP and letters behind a number only."""
    if not before.strip() or not NOTE_TEXT.fullmatch(raised):
        return False
    mark = raised.strip("[]()")
    if mark.isdigit() and len(mark) == 1:
        return not LETTER.search(before)
    return not mark.isalnum() or raised != mark or bool(AFTER_NUMBER.search(before))


def _cut(pieces: list[Piece], length: int, written: int) -> tuple[Piece, ...]:
    """Return the pieces of the first characters of a text; none where it stands in the file as it
    is."""
    kept_pieces = tuple(
        piece._replace(length=min(piece.length, length - piece.at))
        for piece in pieces
        if piece.at < length
    )
    return () if len(kept_pieces) == 1 and kept_pieces[0].length == written else kept_pieces
