"""Read the tables of a Markdown page: those of pipes, and those of HTML.

Markdown-it finds tables, headings, code and HTML of the page, and keeps their lines. The cells of a
line are split here, because it keeps no columns.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.token import Token

from zoo.model_index.reading.markdown import FRONT
from zoo.model_index.reading.tables.captions import Headings
from zoo.model_index.reading.tables.grid import Grid
from zoo.model_index.reading.tables.html_tables import OPENS, read_html_tables
from zoo.model_index.reading.tables.inline_marks import fold_label
from zoo.model_index.reading.tables.layout import GridRow, TableFrame, make_grid
from zoo.model_index.reading.tables.markup import read_cell
from zoo.model_index.reading.tables.source import MAX_COLUMNS, TableText

PIPES = "pipe_table"
PIPE = re.compile(r"(?<!\\)\|")
LINE_END = re.compile(r"\r\n?|\0")
NORMAL = {"\r\n": " \n", "\r": "\n", "\0": "\ufffd"}  # as long, so offsets stay
CLOSES = re.compile(r"</table\s*>", re.IGNORECASE)
STOPS = frozenset("`~>-*_+<#0123456789")  # what begins a block that ends a table
LONGEST_CAPTION = 300  # characters of a paragraph above a table that may be about it


def read_markdown_page(source: TableText) -> list[Grid]:
    """Return the tables of a page in reading order; those in code and in comments are none."""
    page = _Page(source)
    front = FRONT.match(source.text)
    text = LINE_END.sub(lambda match: NORMAL[match[0]], source.text)
    if front:  # a line of dashes under a text would make it a heading
        text = re.sub(r"[^\n]", " ", text[: front.end()]) + text[front.end() :]
    for token in _parser().parse(text, page.environment):
        page.take(token)
    return page.grids()


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark")
    parser.core.ruler.enableOnly(["block"])
    alternatives = {"alt": ["paragraph", "reference"]}
    parser.block.ruler.before("code", PIPES, _find_table, alternatives)  # type: ignore[arg-type]
    return parser


def _find_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Find a table of pipes, as the rule of Markdown-it does, and push one token with the offsets
    of its lines in place of nine for each cell."""
    if start + 2 > end or state.src[_first(state, start + 1)] not in "|-:":
        return False  # quickly, since every line is asked
    if not table(state, start, end, True):
        return False
    if silent:
        return True
    token = state.push(PIPES, "table", 0)
    stops = state.md.block.ruler.getRules("blockquote")
    line = start + 2
    while line < end and state.sCount[line] >= state.blkIndent:
        if state.is_code_block(line) or state.isEmpty(line):
            break
        if state.src[_first(state, line)] in STOPS and any(
            stop(state, line, end, True) for stop in stops
        ):
            break
        line += 1
    token.meta["lines"] = [
        (_first(state, number), state.eMarks[number]) for number in (start, *range(start + 2, line))
    ]
    token.map = [start, line]
    state.line = line
    return True


def _first(state: StateBlock, line: int) -> int:
    """Return the offset of the first character of a line that is no blank."""
    return min(state.bMarks[line] + state.tShift[line], len(state.src) - 1)


class _Page:
    """The tables and headings of one page, as its tokens are read.

    Tables are read at the end, since a link's address may stand below it.
    """

    def __init__(self, source: TableText) -> None:
        self.source = source
        self.environment: dict[str, dict[str, dict[str, str]]] = {"references": {}}
        self._headings = Headings()
        self._pipes: list[tuple[list[tuple[int, int]], tuple[str, ...], str]] = []
        self._grids: list[Grid] = []
        self._level = 0
        self._paragraph = ""
        self._html: tuple[int, int] | None = None  # where a table of HTML is, whose end is missing
        self._depth = 0  # how many tables of HTML are open
        self._hidden = 0  # the end of a comment that goes on behind its block

    def take(self, token: Token) -> None:
        """Read a token of the page."""
        if token.map and self.source.line_start(token.map[0]) < self._hidden:
            return
        if action := ACTIONS.get(token.type):
            action(self, token)
        if token.type in ENDS:
            self._read_html()

    def grids(self) -> list[Grid]:
        """Return the tables in reading order."""
        self._read_html()
        references = self.environment["references"].items()
        links = {fold_label(label): target["href"] for label, target in references}
        for lines, headings, caption in self._pipes:
            grid = _read_pipes(self.source, lines, headings, caption, links)
            if grid:
                self._grids.append(grid)
        return sorted(self._grids, key=lambda grid: grid.place.start)

    def open_heading(self, token: Token) -> None:
        self._level = int(token.tag[1])

    def text(self, token: Token) -> None:
        """Read the text of a heading or a paragraph."""
        self._paragraph = ""
        if len(token.content) > LONGEST_CAPTION:
            text = ""
        else:
            part = TableText(self.source.file, token.content)
            text = read_cell(part, 0, len(token.content)).text
        if self._level:
            self._headings.add(self._level, text)
            self._level = 0
        else:
            self._paragraph = text

    def pipes(self, token: Token) -> None:
        self._pipes.append((token.meta["lines"], self._headings.above(), self._paragraph))
        self._paragraph = ""

    def html(self, token: Token) -> None:
        """Read a block of HTML; one that begins a table runs up to the block that ends it."""
        self._paragraph = ""
        first, last = token.map or (0, 0)
        start, end = self.source.line_start(first), self.source.line_start(last)
        self._hidden = self._comment_end(start, end)
        opens, closes = (
            len(mark.findall(self.source.text, start, end)) for mark in (OPENS, CLOSES)
        )
        self._depth = max(0, self._depth + opens - closes)
        self._html = (self._html[0] if self._html else start, end)
        if not self._depth:
            self._read_html()

    def _comment_end(self, start: int, end: int) -> int:
        """Return where a comment ends that begins in a block and does not end there; else 0."""
        text = self.source.text
        begin = text.rfind("<!--", start, end)
        if begin < 0 or text.find("-->", begin, end) >= 0:
            return 0
        return max(0, text.find("-->", end))

    def _read_html(self) -> None:
        if self._html:
            start, end = self._html
            self._html, self._depth = None, 0
            self._grids += read_html_tables(self.source, start, end, self._headings)


ACTIONS: dict[str, Callable[[_Page, Token], None]] = {
    "heading_open": _Page.open_heading,
    "inline": _Page.text,
    PIPES: _Page.pipes,
    "html_block": _Page.html,
}
ENDS = frozenset(("heading_open", "fence", "code_block", PIPES))  # of a table of HTML without end


def _read_pipes(
    source: TableText,
    lines: Sequence[tuple[int, int]],
    headings: tuple[str, ...],
    caption: str,
    links: Mapping[str, str],
) -> Grid | None:
    """Return the table of these lines, its header first."""
    frame = TableFrame(start=lines[0][0], end=lines[-1][1], headings=headings, caption=caption)
    width = len(_split(source.text, *lines[0]))
    if width > MAX_COLUMNS:
        width = source.bound_width(lines[0][0], source.text.count("|", *lines[0]) - 1)
    rows = []
    for start, end in lines:
        spans = _split(source.text, start, end)
        if not source.take_cells(start, min(len(spans), width)):
            break
        row = GridRow(start, end)
        row.cells = [(read_cell(source, *span, links), 1, 1) for span in spans[: width + 1]]
        rows.append(row)
    return make_grid(source, frame, rows[:1], rows[1:])


def _split(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return where each cell of a line begins and ends; a pipe behind a backslash is text."""
    line = text[start:end]
    start += len(line) - len(line.lstrip())
    end = start + len(line.strip())
    pipes = [match.start() for match in islice(PIPE.finditer(text, start, end), MAX_COLUMNS + 3)]
    if len(pipes) > MAX_COLUMNS + 2:  # of very many, the first
        end = pipes.pop()
    if pipes and pipes[0] == start:
        start, pipes = start + 1, pipes[1:]
    if pipes and pipes[-1] == end - 1 and end > start:
        end, pipes = pipes[-1], pipes[:-1]
    return list(zip([start, *(at + 1 for at in pipes)], [*pipes, end], strict=True))
