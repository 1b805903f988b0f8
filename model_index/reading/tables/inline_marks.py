"""Find the marks in a cell: emphasis, links, code, footnotes, tags, entities.

Markdown-it reads them too and keeps no places. Here every mark has its offsets, in time that grows
with the cell.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from zoo.model_index.reading.tables.tags import match_tag

ENTITY = r"(?P<entity>&(?:\#\d{1,7}|\#[xX][\da-fA-F]{1,6}|[a-zA-Z][a-zA-Z\d]{1,31});)"
FIGURE = r"(?P<figure>\$[ ]?\\?~?[+-]?\d[\d.,]{0,30}\\?[%x]?[ ]?\$)"  # a formula of one number
HTML = re.compile(rf"(?P<comment><!--)|(?P<tag></?[a-zA-Z])|{ENTITY}|{FIGURE}")
MARKDOWN = re.compile(
    r"""(?P<escape>\\[!-/:-@\[-`{-~])
    |(?P<code>`++)
    |(?P<note>\[\^[^\]\s]{1,40}\])
    |(?P<image>!\[)
    |(?P<open>\[)
    |(?P<close>\])
    |(?P<pointed><(?:[a-zA-Z][a-zA-Z\d+.-]{1,31}:[^\s<>]*+|[\w.+-]{1,64}@[\w.-]{1,250})>)
    |(?P<run>\*++|_++|~~)
    |(?P<math>\$[^$\n\\^_]{0,40}[\\^_][^$\n]{0,60}\$)
    |(?P<bare>\bhttps?://[^\s<>|)\]]++)"""
    rf"|{HTML.pattern}",
    re.VERBOSE,
)
MARKDOWN_TAG = re.compile(
    r"""</[a-zA-Z][a-zA-Z\d-]*+\s*+>|<[a-zA-Z][a-zA-Z\d-]*+
    (?:\s++[a-zA-Z_:][\w:.-]*+(?:\s*+=\s*+(?:[^"'=<>`\s]++|'[^']*+'|"[^"]*+"))?+)*+\s*+/?>""",
    re.VERBOSE,
)
TAIL = re.compile(
    r"""\(\s*+(?:<([^<>\n]*+)>|((?:[^\s()\\]|\\.|\([^\s()]*+\))*+))
    (?:\s++(?:"[^"]*+"|'[^']*+'|\([^)]*+\)))?+\s*+\)""",
    re.VERBOSE,
)
LABEL = re.compile(r"\[([^\[\]]{0,200})\]")
LONGEST_LABEL = 200
LONGEST_TAG = 4_000  # characters of a tag or a link's address
MOST_BROKEN = 20  # tags of a cell without an end; what is like them afterwards is text


@dataclass(slots=True)
class InlineMark:
    """A mark: its kind, a row of `WRITERS` in `markup`, where it stands, and what it says: an
    address, the text of an image, backticks. `value_at` is where the value begins in it."""

    kind: str
    start: int
    end: int
    value: str = ""
    value_at: int = 0


def fold_label(label: str) -> str:
    """Return the spelling of a link reference's label that look-ups use."""
    return " ".join(label.split()).casefold()


def find_marks(
    pattern: re.Pattern[str], text: str, start: int, end: int, links: Mapping[str, str]
) -> Iterator[InlineMark]:
    """Yield the marks of `text[start:end]`; what is none is literal."""
    finder = _Finder(text, end, links, strict=pattern is MARKDOWN)
    at = start
    while match := pattern.search(text, at, end):
        at = FINDERS[match.lastgroup or ""](finder, match)
    return iter([mark for mark in finder.marks if mark.kind])


class _Finder:
    """Finds the marks of one cell; those that may turn out to be literal have no kind yet."""

    def __init__(self, text: str, end: int, links: Mapping[str, str], *, strict: bool) -> None:
        self._strict = strict  # as Markdown, for which `a<b x<br>` has one tag
        self.text, self.end, self.links = text, end, links
        self.marks: list[InlineMark] = []
        self._brackets: list[InlineMark] = []
        self._runs: dict[str, InlineMark] = {}
        self._unclosed: set[int] = set()
        self._broken = 0

    def mark(self, kind: str, match: re.Match[str]) -> int:
        """Add a mark."""
        self.marks.append(InlineMark(kind, match.start(), match.end(), match[0]))
        return match.end()

    def code(self, match: re.Match[str]) -> int:
        ticks = len(match[0])
        if ticks not in self._unclosed:
            closing = re.compile(rf"(?<!`)`{{{ticks}}}(?!`)").search(
                self.text, match.end(), self.end
            )
            if closing:
                self.marks.append(InlineMark("code", match.start(), closing.end(), match[0]))
                return closing.end()
            self._unclosed.add(ticks)
        return match.end()

    def note(self, match: re.Match[str]) -> int:
        self.marks.append(InlineMark("note", match.start(), match.end(), match[0][2:-1]))
        return match.end()

    def bracket(self, match: re.Match[str]) -> int:
        opening = InlineMark("", match.start(), match.end())
        self.marks.append(opening)
        self._brackets.append(opening)
        return match.end()

    def figure(self, match: re.Match[str]) -> int:
        value = match[0].strip("$ \\").replace("\\%", "%")
        at = match[0].find(value)
        kind = "literal" if at >= 0 else "math"
        self.marks.append(
            InlineMark(kind, match.start(), match.end(), value if at >= 0 else match[0], max(0, at))
        )
        return match.end()

    def close(self, match: re.Match[str]) -> int:
        if not self._brackets:
            return match.end()
        opening = self._brackets.pop()
        address, end = self._target(opening, match)
        if address is None:
            return match.end()
        if opening.end - opening.start == 2:  # an image, up to its end
            opening.kind, opening.value = "image", self.text[opening.end : match.start()]
            opening.end = end
        else:
            opening.kind, opening.value = "link", address
            self.marks.append(InlineMark("close link", match.start(), end))
        return end

    def _target(self, opening: InlineMark, match: re.Match[str]) -> tuple[str | None, int]:
        """Return the address behind a bracket that closes, and where it ends."""
        last = min(self.end, match.end() + LONGEST_TAG)
        if tail := TAIL.match(self.text, match.end(), last):
            return tail[1] or tail[2], tail.end()
        label = LABEL.match(self.text, match.end(), self.end)
        end = label.end() if label else match.end()
        name = label[1] if label else ""
        if not name and match.start() - opening.end <= LONGEST_LABEL:
            name = self.text[opening.end : match.start()]
        return self.links.get(fold_label(name)), end

    def pointed(self, match: re.Match[str]) -> int:
        self.marks.append(InlineMark("address", match.start(), match.end(), match[0][1:-1], 1))
        return match.end()

    def bare(self, match: re.Match[str]) -> int:
        address = match[0].rstrip(".,;:!?\"'*_")
        end = match.start() + len(address)
        self.marks.append(InlineMark("address", match.start(), end, address))
        return end

    def run(self, match: re.Match[str]) -> int:
        """Add a run of stars, which may open or close emphasis by what stands around it."""
        before = self.text[match.start() - 1 : match.start()]
        after = self.text[match.end() : min(match.end() + 1, self.end)]
        within = match[0][0] == "_" and before.isalnum() and after.isalnum()
        run = InlineMark("", match.start(), match.end())
        self.marks.append(run)
        strong = len(match[0]) > 1 and match[0][0] != "~"
        opening = self._runs.pop(match[0], None)
        if opening and before and not before.isspace() and not within:
            opening.kind, run.kind = ("bold", "close bold") if strong else ("skip", "skip")
        elif after and not after.isspace() and not within:
            self._runs[match[0]] = run
        elif opening:
            self._runs[match[0]] = opening
        return match.end()

    def comment(self, match: re.Match[str]) -> int:
        close = self.text.find("-->", match.end(), self.end)
        end = close + 3 if close >= 0 else self.end
        self.marks.append(InlineMark("skip", match.start(), end))
        return end

    def tag(self, match: re.Match[str]) -> int:
        last = min(self.end, match.start() + LONGEST_TAG)
        if self._strict and not MARKDOWN_TAG.match(self.text, match.start(), last):
            return match.end()
        tag = match_tag(self.text, match.start(), last) if self._broken < MOST_BROKEN else None
        if tag is None:
            self._broken += 1
            return match.end()
        self.marks.append(InlineMark("tag", tag.start, tag.end))
        return tag.end


def _simple(kind: str) -> Callable[[_Finder, re.Match[str]], int]:
    return lambda finder, match: finder.mark(kind, match)


FINDERS: dict[str, Callable[[_Finder, re.Match[str]], int]] = {
    "escape": _simple("escape"),
    "code": _Finder.code,
    "note": _Finder.note,
    "image": _Finder.bracket,
    "open": _Finder.bracket,
    "close": _Finder.close,
    "pointed": _Finder.pointed,
    "bare": _Finder.bare,
    "run": _Finder.run,
    "math": _simple("math"),
    "figure": _Finder.figure,
    "comment": _Finder.comment,
    "tag": _Finder.tag,
    "entity": _simple("entity"),
}
