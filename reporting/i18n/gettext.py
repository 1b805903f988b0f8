"""The language that pages are written in: message catalogues in `locale/`, read by Babel.

What a page says is written in English where it stands, in a template or here, and passed through
`_`. A message is HTML that we wrote; its values are not, and a template's `_` makes them harmless.
A table that is made at import marks its words with `N_`, and whoever prints one passes it through
`_`.
"""

from collections.abc import Iterator
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
MESSAGE = [
    "variable_begin",
    "name",
    "lparen",
    "string",
    "rparen",
    "variable_end",
]  # `{{ _("message") }}` as tokens


@dataclass(frozen=True, slots=True)
class Messages:
    """A catalogue: translations by message, of a plural by its singular, in the order of the
    language's forms."""

    single: dict[str, str] = field(default_factory=dict)
    plural: dict[str, tuple[str, ...]] = field(default_factory=dict)


def languages() -> list[str]:
    """The languages that pages can be written in: English, and each that has a catalogue."""
    return [ENGLISH, *sorted(path.stem for path in LOCALE.glob("*.po"))]


@cache
def catalogue(language: str) -> Messages:
    """The messages of a language; none for English, and none that is not translated or only
    guessed."""
    if language == ENGLISH:
        return Messages()
    from babel.messages.pofile import read_po

    with (LOCALE / f"{language}.po").open(encoding="utf-8") as file:
        found = read_po(file, locale=language)
    made = Messages()
    for message in found:
        if message.fuzzy or not message.id or not message.string:
            continue
        if isinstance(message.id, str):
            made.single[message.id] = str(message.string)
        elif all(message.string):
            made.plural[message.id[0]] = tuple(message.string)
    return made


_current: ContextVar[str] = ContextVar("language", default=ENGLISH)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Everything inside is written in this language."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> str:
    """The language that is written now."""
    return _current.get()


def _(message: str, **values: object) -> str:
    """The message in the current language, with its `%(name)s` filled in where values are given."""
    said = catalogue(_current.get()).single.get(message, message)
    return said % values if values else said


def n_(one: str, many: str, count: int, **values: object) -> str:
    """The singular or plural of a message; `%(count)s` is the number."""
    found = catalogue(_current.get()).plural.get(one)
    said = (
        (one if count == 1 else many)
        if found is None
        else found[min(len(found) - 1, int(count != 1))]
    )
    return said % {"count": count, **values}


def N_(message: str) -> str:
    """Marks a message that is looked up later, where it is printed."""
    return message


def in_template(message: str, **values: object) -> Markup:
    """`_` of a template: the message is our own HTML, its values are made harmless; `%%` is `%`
    with and without."""
    said = _marked(_current.get(), message, bool(values))
    return said % {name: safe(value) for name, value in values.items()} if values else said


@cache
def _marked(language: str, message: str, filled: bool) -> Markup:
    said = catalogue(language).single.get(message, message)
    return Markup(said if filled else said.replace("%%", "%"))


class Said(Extension):
    """Messages without values, put into the template's text while it is read: a page has two
    hundred of them."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """`{{ _("message") }}` as text, everything else as it is."""
        found: list[Token] = []
        for token in stream:
            found.append(token)
            last = found[-len(MESSAGE) :]
            if [each.type for each in last] == MESSAGE and last[1].value == "_":
                said = str(in_template(last[3].value))
                found[-len(MESSAGE) :] = [Token(last[0].lineno, "data", said)]
        yield from found


def plural_in_template(one: str, many: str, count: int, **values: object) -> Markup:
    """`n_` of a template."""
    return Markup(n_(one, many, count, **{name: safe(value) for name, value in values.items()}))
