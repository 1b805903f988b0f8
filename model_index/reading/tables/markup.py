"""Read the text of a cell: Markdown's marks, HTML's tags, or only the characters."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from html import unescape

from zoo.model_index.reading.tables.cell_text import CellText
from zoo.model_index.reading.tables.grid import GridCell
from zoo.model_index.reading.tables.inline_marks import HTML, MARKDOWN, InlineMark, find_marks
from zoo.model_index.reading.tables.math_text import read_math
from zoo.model_index.reading.tables.source import TableText
from zoo.model_index.reading.tables.tags import Tag, match_tag

BREAKS = frozenset("br p div li ul ol hr tr td th table details summary".split())
BOLD = frozenset(("b", "strong"))


def read_cell(
    source: TableText, start: int, end: int, links: Mapping[str, str] | None = None
) -> GridCell:
    """Return a cell of a Markdown table, whose characters are `text[start:end]`; `links` are the
    addresses of the page's link references by their folded label."""
    return read_marks(source, [(start, end)], partial(find_marks, MARKDOWN), links or {})


def read_html_cell(source: TableText, start: int, end: int) -> GridCell:
    """Return a cell of an HTML table, whose characters are `text[start:end]`."""
    return read_marks(source, [(start, end)], partial(find_marks, HTML), {})


def read_marks(
    source: TableText,
    parts: Sequence[tuple[int, int]],
    find: Callable[[str, int, int, Mapping[str, str]], Iterator[InlineMark]],
    links: Mapping[str, str],
) -> GridCell:
    """Return a cell whose characters are those of several parts of the text; `find` returns the
    marks of a part."""
    parts = [source.strip(*part) for part in parts]
    parts = [part for part in parts if part[0] < part[1]] or parts[:1]
    start, end = parts[0][0], parts[-1][1]
    if source.is_too_long(start, end):
        return source.empty_cell(start)
    if len(parts) == 1 and (cell := source.plain_cell(start, end)):
        return cell
    writer = _Writer(source)
    for first, last in parts:
        writer.write(first, last, find(source.text, first, last, links))
    return writer.text.finish(start, end)


class _Writer:
    """Writes the marks of one cell as text."""

    def __init__(self, source: TableText) -> None:
        self.source = source
        self.text = CellText(source)
        self._image = ""  # what an image shows to those who cannot see it
        self._until = 0  # the end of what is not text

    def write(self, start: int, end: int, marks: Iterator[InlineMark]) -> None:
        """Write a part of the cell, behind a blank."""
        self.text.space()
        at = start
        for mark in marks:
            if mark.start >= self._until:
                self.text.literal(max(at, self._until), mark.start)
                WRITERS[mark.kind](self, mark)
            at = max(mark.end, self._until)
        self.text.literal(at, end)

    def escape(self, mark: InlineMark) -> None:
        self.text.literal(mark.start + 1, mark.end)

    def literal(self, mark: InlineMark) -> None:
        """Write characters within the mark, as they are."""
        first = mark.start + mark.value_at
        self.text.literal(first, first + len(mark.value))

    def code(self, mark: InlineMark) -> None:
        ticks = len(mark.value)
        at = mark.start + ticks
        for part in self.source.text[at : mark.end - ticks].split("\\|"):
            self.text.literal(at, at + len(part))
            at += len(part) + 1  # the pipe, without its backslash
            if at < mark.end - ticks:
                self.text.literal(at, at + 1)
                at += 1

    def note(self, mark: InlineMark) -> None:
        self.text.add_note(mark.value)

    def link(self, mark: InlineMark) -> None:
        self.text.open_link(mark.value)
        self._image = ""

    def close_link(self, mark: InlineMark) -> None:
        self.text.close_link(self._image)

    def image(self, mark: InlineMark) -> None:
        self._image = mark.value
        self._until = mark.end

    def address(self, mark: InlineMark) -> None:
        self.text.open_link(mark.value)
        self.literal(mark)
        self.text.close_link()

    def bold(self, mark: InlineMark) -> None:
        self.text.bold_depth += 1

    def close_bold(self, mark: InlineMark) -> None:
        self.text.bold_depth -= 1

    def skip(self, mark: InlineMark) -> None:
        """Write nothing."""

    def entity(self, mark: InlineMark) -> None:
        self.text.text(unescape(mark.value))

    def raised(self, mark: InlineMark) -> None:
        self.text.open_raised()
        self.literal(mark)
        self.text.close_raised()

    def math(self, mark: InlineMark) -> None:
        raised = mark.value.startswith("$^")
        if raised:
            self.text.open_raised()
        self.text.text(read_math(mark.value))
        if raised:
            self.text.close_raised()

    def tag(self, mark: InlineMark) -> None:
        tag = match_tag(self.source.text, mark.start, mark.end)
        assert tag is not None
        if tag.name in BREAKS:
            self.text.space()
        elif tag.name in BOLD:
            self.text.bold_depth += -1 if tag.closing else 1
        elif tag.name == "sup":
            (self.text.close_raised if tag.closing else self.text.open_raised)()
        elif tag.name == "img":
            self._image = tag.attribute("alt")
        elif tag.name == "a":
            self._anchor(tag)

    def _anchor(self, tag: Tag) -> None:
        if tag.closing:
            self.text.close_link(self._image)
        elif address := tag.attribute("href"):
            self.text.open_link(address)
            self._image = ""


WRITERS: dict[str, Callable[[_Writer, InlineMark], None]] = {
    "escape": _Writer.escape,
    "literal": _Writer.literal,
    "code": _Writer.code,
    "note": _Writer.note,
    "link": _Writer.link,
    "close link": _Writer.close_link,
    "image": _Writer.image,
    "address": _Writer.address,
    "bold": _Writer.bold,
    "close bold": _Writer.close_bold,
    "skip": _Writer.skip,
    "entity": _Writer.entity,
    "raised": _Writer.raised,
    "math": _Writer.math,
    "tag": _Writer.tag,
}
