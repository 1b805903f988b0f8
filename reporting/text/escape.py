"""How values look to people, and how untrusted text is made harmless.

Everything that comes from an index file is untrusted. It enters pages through `safe` (as HTML),
`title` (as the page's Markdown heading) or `web_address` (as the target of a link), and in no other
way.
"""

import re
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from zoo.model_index.reading.reader import STEERING

# Fences are found before HTML blocks are, so their characters must not reach the Markdown parser
# either.
UNSAFE = re.compile(f"[&<>'\"`~\r{STEERING.pattern[1:-1]}]")
FENCES = str.maketrans({"`": "&#96;", "~": "&#126;", "\x02": "", "\x03": "", "\r": " ", "\x00": ""})
SIGN = "\ufffd"  # stands where a character stood that nobody would see

# A heading becomes the page's title, which themes print without escaping; nothing that could be
# markup stays.
TITLE = str.maketrans({"<": "‹", ">": "›", "&": "+", '"': "”", "'": "’"})
MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~^=:$@])")


def safe(value: object) -> Markup:
    """A value as HTML text; Markup passes unchanged, None is empty."""
    if isinstance(value, Markup):
        return value
    text = "" if value is None else str(value)
    if not UNSAFE.search(text):  # most text, and there are a thousand pieces on a page
        return Markup(text)
    return Markup(visible(str(escape(text)).translate(FENCES)))


def visible(text: str) -> str:
    """The text with a sign for each character that steers terminals or turns the order of a
    line."""
    return STEERING.sub(SIGN, text)


def title(text: str) -> Markup:
    """Text as one line of Markdown in which nothing has a meaning."""
    line = one_line(text).translate(TITLE).translate({0: None, 2: None, 3: None})
    return Markup(MARKDOWN.sub(lambda match: f"&#{ord(match[1])};", visible(line)))


def one_line(text: object) -> str:
    """The text with every run of white space and control characters as one space."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]", " ", str(text)).split())


def printable(text: object) -> str:
    """The text on one line, with a sign in the place of every character that a reader would not
    see."""
    return "".join(character if character.isprintable() else SIGN for character in one_line(text))


def backticks_to_code(text: str) -> Markup:
    """Our own text as HTML, with what stands between backticks as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def paragraphs(text: str) -> list[str]:
    """Plain text cut at empty lines."""
    return [one_line(part) for part in re.split(r"\n[ \t]*\n", text) if part.strip()]


def web_address(value: object) -> str | None:
    """The value if it is an http or https address that may become a link, else None."""
    text = value.strip() if isinstance(value, str) else ""
    if not re.fullmatch(r"https?://[^\s<>\"'`\\]+", text, re.IGNORECASE):
        return None
    try:
        return text if urlsplit(text).hostname else None
    except ValueError:
        return None
