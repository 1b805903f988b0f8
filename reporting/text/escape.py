"""Escape untrusted text.

Everything from an index file is untrusted. It enters pages only through `safe` (as HTML), `title`
(as the page's Markdown heading) or `web_address` (as the target of a link).
"""

import re
from functools import lru_cache
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from zoo.model_index.reading.reader import STEERING

# The Markdown parser reads fences before HTML blocks, so it must not see their characters either.
UNSAFE = re.compile(f"[&<>'\"`~\r{STEERING.pattern[1:-1]}]")
FENCES = str.maketrans({"`": "&#96;", "~": "&#126;", "\x02": "", "\x03": "", "\r": " ", "\x00": ""})
ADDRESS = re.compile(r"https?://[^\s<>\"'`\\]+", re.IGNORECASE)
BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
REPLACEMENT = "\ufffd"  # replaces a character that a reader would not see

# A heading becomes the page's title, which themes print without escaping, so it has no markup
# characters.
TITLE = str.maketrans({"<": "‹", ">": "›", "&": "+", '"': "”", "'": "’"})
SHORT = 80  # characters of a text that other pages are likely to have as well
MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~^=:$@])")


def safe(value: object) -> Markup:
    """Escape a value as HTML text; Markup passes unchanged, None is empty."""
    if isinstance(value, Markup):
        return value
    if type(value) is str and len(value) <= SHORT:
        return _safe_text(value)
    return _escape("" if value is None else str(value))


@lru_cache(maxsize=16384)  # pages repeat their words
def _safe_text(text: str) -> Markup:
    return _escape(text)


def line(text: str) -> str:
    """Escape text as HTML on one line: a plain string, for code that joins pieces of a page."""
    return _line(text) if len(text) <= SHORT else str(_escape(one_line(text)))


@lru_cache(maxsize=16384)
def _line(text: str) -> str:
    return str(_escape(one_line(text)))


def _escape(text: str) -> Markup:
    if not UNSAFE.search(text):  # most text, and there are a thousand pieces on a page
        return Markup(text)
    return Markup(replace_invisible(str(escape(text)).translate(FENCES)))


def replace_invisible(text: str) -> str:
    """Replace each character that controls terminals or reverses the order of a line."""
    return STEERING.sub(REPLACEMENT, text)


def title(text: str) -> Markup:
    """Escape text as one line of Markdown without any markup."""
    line = one_line(text).translate(TITLE).translate({0: None, 2: None, 3: None})
    return Markup(MARKDOWN.sub(lambda match: f"&#{ord(match[1])};", replace_invisible(line)))


def one_line(text: object) -> str:
    """Replace every run of white space and control characters by one space."""
    line = str(text)
    if line.isprintable() and "  " not in line and line == line.strip():
        return line  # most text: a space is the only white space that is printable
    return " ".join(BREAKS.sub(" ", line).split())


def printable(text: object) -> str:
    """Return the text on one line, with a sign for every invisible character."""
    return "".join(
        character if character.isprintable() else REPLACEMENT for character in one_line(text)
    )


def backticks_to_code(text: str) -> Markup:
    """Escape text as HTML, with code between backticks."""
    return Markup(re.sub("&#96;(.+?)&#96;", r"<code>\1</code>", str(safe(str(text)))))


def paragraphs(text: str) -> list[str]:
    """Split plain text at empty lines."""
    return [one_line(part) for part in re.split(r"\n[ \t]*\n", text) if part.strip()]


def web_address(value: object) -> str | None:
    """Return the value if it is an http or https address that may become a link, else None."""
    text = value.strip() if isinstance(value, str) else ""
    if not ADDRESS.fullmatch(text):
        return None
    try:
        return text if urlsplit(text).hostname else None
    except ValueError:
        return None
