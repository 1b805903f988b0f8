"""Find the marks in a text of reStructuredText."""

import re
from collections.abc import Callable, Iterator, Mapping

from zoo.model_index.reading.tables.inline_marks import InlineMark, fold_label

RST = re.compile(
    r"""(?P<escape>\\(?:.|\Z|$))
    |(?P<literal>``[^`]++``)
    |(?P<note>\[(?:\#[\w.-]*|\d+|\*)\]_)
    |(?P<role>:[a-zA-Z][\w:.+-]{0,40}:`[^`]++`)
    |(?P<quoted>`[^`]++`_{0,2})
    |(?P<strong>\*\*(?=[^\s*])[^*]++\*\*)
    |(?P<emphasis>(?<![\w*])\*(?=[^\s*])[^*]++\*)
    |(?P<bare>\bhttps?://[^\s<>|)\]`]++)
    |(?P<name>(?<![\w-])[\w-]++(?<=[^_]_))(?!\w)""",
    re.VERBOSE | re.DOTALL,
)
EMBEDDED = re.compile(r"(.*?)\s*<([^<>]+)>", re.DOTALL)


def find_rst_marks(
    text: str, start: int, end: int, links: Mapping[str, str]
) -> Iterator[InlineMark]:
    """Yield the marks of `text[start:end]`; `links` are addresses by the folded name of their
    target."""
    for match in RST.finditer(text, start, end):
        yield from FINDERS[match.lastgroup or ""](match, links)


def _escape(match: re.Match[str], links: Mapping[str, str]) -> Iterator[InlineMark]:
    kind = "escape" if match[0][1:].strip() else "skip"
    yield InlineMark(kind, match.start(), match.end(), match[0])


def _literal(match: re.Match[str], links: Mapping[str, str]) -> Iterator[InlineMark]:
    yield InlineMark("literal", match.start(), match.end(), match[0][2:-2], 2)


def _note(match: re.Match[str], links: Mapping[str, str]) -> Iterator[InlineMark]:
    yield InlineMark("note", match.start(), match.end(), match[0][1:-2])


def _role(match: re.Match[str], links: Mapping[str, str]) -> Iterator[InlineMark]:
    """Yield what a role means: a power, a formula, else its text without a target in angles."""
    name, _, inner = match[0][1:-1].partition(":`")
    kind = ROLES.get(name.rpartition(":")[2], "literal")
    shown = EMBEDDED.fullmatch(inner)
    value = shown[1] if shown and kind == "literal" else inner
    yield InlineMark(kind, match.start(), match.end(), value, len(name) + 3)


def _quoted(match: re.Match[str], links: Mapping[str, str]) -> Iterator[InlineMark]:
    """Yield a link with its address in angles or at the target of its name; else a text."""
    inner = match[0].rstrip("_")[1:-1]
    shown = EMBEDDED.fullmatch(inner)
    address = shown[2] if shown else links.get(fold_label(inner), "")
    value = (shown[1] or shown[2]) if shown else inner
    is_link = match[0].endswith("_") and bool(address)
    if is_link:
        yield InlineMark("link", match.start(), match.start(), address)
    yield InlineMark("literal", match.start(), match.end(), value, match[0].index(value))
    if is_link:
        yield InlineMark("close link", match.end(), match.end())


def _name(match: re.Match[str], links: Mapping[str, str]) -> Iterator[InlineMark]:
    value = match[0][:-1]
    if address := links.get(fold_label(value)):
        yield InlineMark("link", match.start(), match.start(), address)
        yield InlineMark("literal", match.start(), match.end(), value)
        yield InlineMark("close link", match.end(), match.end())


def _strong(match: re.Match[str], links: Mapping[str, str]) -> Iterator[InlineMark]:
    yield InlineMark("bold", match.start(), match.start())
    yield InlineMark("literal", match.start(), match.end(), match[0][2:-2], 2)
    yield InlineMark("close bold", match.end(), match.end())


def _emphasis(match: re.Match[str], links: Mapping[str, str]) -> Iterator[InlineMark]:
    yield InlineMark("literal", match.start(), match.end(), match[0][1:-1], 1)


def _bare(match: re.Match[str], links: Mapping[str, str]) -> Iterator[InlineMark]:
    address = match[0].rstrip(".,;:!?\"'*_")
    yield InlineMark("address", match.start(), match.start() + len(address), address)


ROLES = {"sup": "raised", "superscript": "raised", "math": "math"}
FINDERS: dict[str, Callable[[re.Match[str], Mapping[str, str]], Iterator[InlineMark]]] = {
    "escape": _escape,
    "literal": _literal,
    "note": _note,
    "role": _role,
    "quoted": _quoted,
    "strong": _strong,
    "emphasis": _emphasis,
    "bare": _bare,
    "name": _name,
}
