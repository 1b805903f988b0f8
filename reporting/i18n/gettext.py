"""Translate messages of pages, with the catalogues in `locale/` that Babel reads.

Messages are written in English, in a template or in code, and passed through `_`. A message is our
own HTML; its values are not, and a template's `_` escapes them. A table that is created at import
marks its words with `N_`, and the code that prints a word passes it through `_`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup

from zoo.reporting.text.escape import safe

LOCALE = Path(__file__).parents[1] / "locale"
ENGLISH = "en"
# `{{ _("message") }}` as tokens
MESSAGE = ["variable_begin", "name", "lparen", "string", "rparen", "variable_end"]


@dataclass(frozen=True, slots=True)
class Messages:
    """A catalogue: translations by message; those of a plural by its singular, in the order of the
    language's forms."""

    single: dict[str, str] = field(default_factory=dict)
    plural: dict[str, tuple[str, ...]] = field(default_factory=dict)


def languages() -> list[str]:
    """Return the languages of pages: English, and each that has a catalogue."""
    return [ENGLISH, *sorted(path.stem for path in LOCALE.glob("*.po"))]


@cache
def catalogue(language: str) -> Messages:
    """Return the translated messages of a language, without fuzzy ones; none for English."""
    if language == ENGLISH:
        return Messages()
    from babel.messages.pofile import read_po

    with (LOCALE / f"{language}.po").open(encoding="utf-8") as file:
        entries = read_po(file, locale=language)
    messages = Messages()
    for message in entries:
        if message.fuzzy or not message.id or not message.string:
            continue
        if isinstance(message.id, str):
            messages.single[message.id] = str(message.string)
        elif all(message.string):
            messages.plural[message.id[0]] = tuple(message.string)
    return messages


_current: ContextVar[str] = ContextVar("language", default=ENGLISH)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Use this language for every message inside the block."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> str:
    """Return the language of the current block."""
    return _current.get()


def _(message: str, **values: object) -> str:
    """Translate a message; values, if any, fill its `%(name)s`."""
    text = catalogue(_current.get()).single.get(message, message)
    return text % _separated(values) if values else text


def n_(singular: str, plural: str, count: int, **values: object) -> str:
    """Translate the singular or plural of a message; `%(count)s` is the number."""
    forms = catalogue(_current.get()).plural.get(singular, (singular, plural))
    text = forms[min(len(forms) - 1, int(count != 1))]
    return text % _separated({"count": count, **values})


def _separated(values: Mapping[str, object]) -> dict[str, object]:
    """Write whole numbers with separators: `2,279`."""
    return {k: f"{v:,}" if type(v) is int else v for k, v in values.items()}


def N_(message: str) -> str:
    """Mark a message that is translated later, where it is printed."""
    return message


def in_template(message: str, **values: object) -> Markup:
    """Translate a message of a template: it is our own HTML, its values are escaped; `%%` is `%`
    with and without values."""
    text = _markup(_current.get(), message, bool(values))
    if not values:
        return text
    return text % {name: safe(value) for name, value in _separated(values).items()}


@cache
def _markup(language: str, message: str, has_values: bool) -> Markup:
    text = catalogue(language).single.get(message, message)
    return Markup(text if has_values else text.replace("%%", "%"))


class InlineMessages(Extension):
    """Puts messages without values into a template while it is parsed: a page has two hundred of
    them."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Replace `{{ _("message") }}` by its text."""
        tokens: list[Token] = []
        for token in stream:
            tokens.append(token)
            last = tokens[-len(MESSAGE) :]
            if [part.type for part in last] == MESSAGE and last[1].value == "_":
                text = str(in_template(last[3].value))
                tokens[-len(MESSAGE) :] = [Token(last[0].lineno, "data", text)]
        yield from tokens


def plural_in_template(singular: str, plural: str, count: int, **values: object) -> Markup:
    """Translate the singular or plural of a template's message; its values are escaped."""
    escaped = {name: safe(value) for name, value in _separated(values).items()}
    return Markup(n_(singular, plural, count, **escaped))
