"""Split HTML into tags, with their places.

The standard library's `html.parser` keeps places too, but takes time that grows with the square of
the text where tags do not end. Here a tag without an end is the end of what can be read, as it is
for browsers.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

TAG = re.compile(
    r"""<(/?)([a-zA-Z][^\s/>]*+)
    ((?:[\s/]++
      |[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+
      |=)*+)>""",
    re.VERBOSE,
)
ATTRIBUTE = re.compile(
    r"""([^\s/>=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"'][^\s>]*+))?+)?+"""
)
START = re.compile(r"<(?:!--|[a-zA-Z/!?])")
RAW = ("script", "style", "template", "textarea", "xmp", "iframe", "noscript")


class Tag(NamedTuple):
    """A tag: its name in lower case, whether it closes an element, the characters of its
    attributes, and where it begins and ends in the text."""

    name: str
    closing: bool
    attributes: str
    start: int
    end: int

    def attribute(self, name: str) -> str:
        """Return the value of an attribute, "" where it has none."""
        for match in ATTRIBUTE.finditer(self.attributes):
            if match[1].lower() == name:
                return unescape(match[2] or match[3] or match[4] or "")
        return ""


class CutOff(Exception):
    """HTML that ends within a tag or a comment, which begins at `at`."""

    def __init__(self, at: int, what: str) -> None:
        self.at, self.what = at, what
        super().__init__(what)


def match_tag(text: str, at: int, end: int) -> Tag | None:
    """Return the tag that begins at an offset; None where there is none."""
    match = TAG.match(text, at, end)
    if match is None:
        return None
    return Tag(match[2].lower(), bool(match[1]), match[3], at, match.end())


def tags(text: str, start: int, end: int) -> Iterator[Tag]:
    """Yield the tags of a part of a text; comments, declarations and what stands in scripts are
    skipped.

    Raises:
        CutOff: a tag, a comment or a script without an end.
    """
    at = start
    while match := START.search(text, at, end):
        begin = match.start()
        if match[0] in ("<!", "<?", "<!--"):
            at = _skip(text, begin, end, "-->" if match[0] == "<!--" else ">")
            continue
        tag = match_tag(text, begin, end)
        if tag is None:
            if text[begin + 1] == "/" and not text[begin + 2 : begin + 3].isalpha():
                at = begin + 2  # `</3` is text
                continue
            raise CutOff(begin, "a tag")
        yield tag
        at = tag.end
        if tag.name in RAW and not tag.closing:
            closing = re.compile(f"</{tag.name}", re.IGNORECASE).search(text, at, end)
            if closing is None:
                raise CutOff(begin, f"<{tag.name}>")
            at = closing.start()


def _skip(text: str, begin: int, end: int, mark: str) -> int:
    close = text.find(mark, begin + 2, end)
    if close < 0:
        raise CutOff(begin, "a comment" if mark == "-->" else "a declaration")
    return close + len(mark)
