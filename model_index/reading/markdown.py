"""Find the parts of a Markdown page that state something about models: front matter and HTML
comments."""

import re
from collections.abc import Iterator
from typing import NamedTuple

SUFFIXES = (".md", ".markdown", ".mdx")
TYPE = re.compile(r"^[ \t]*type\s*:\s*['\"]?model-?index['\"]?\s*$", re.IGNORECASE | re.MULTILINE)
UNTYPED = re.compile(r"^(?:models|collections)[ \t]*:[ \t]*$", re.IGNORECASE | re.MULTILINE)
FRONT = re.compile(
    r"\ufeff?---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE
)


class Block(NamedTuple):
    """YAML inside a page: its offset in characters, and its text."""

    offset: int
    text: str


def comments(page: str) -> Iterator[Block]:
    """Yield every comment with `Type: model-index`, and those without a Type that have Models or
    Collections."""
    end = line = counted = ticks = 0
    while (start := page.find("<!--", end) + 4) > 3:
        if (begun := page.rfind("\n", counted, start) + 1) > line:
            line, counted, ticks = begun, begun, 0
        ticks, counted = ticks + page.count("`", counted, start), start
        if ticks % 2:  # in a code span
            end = start
            continue
        if (end := page.find("-->", start)) < 0:
            break
        if TYPE.search(text := page[start:end]) or UNTYPED.search(text):
            yield Block(start, text)


def front_matter(page: str) -> Block | None:
    """Return the text between the two lines of `---` at the beginning of a page."""
    block = FRONT.match(page) if page.startswith(("---", "\ufeff---")) else None
    return Block(block.start(1), block[1]) if block else None
