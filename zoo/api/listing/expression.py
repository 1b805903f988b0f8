"""Read `--where` expressions: comparisons of columns, joined by and, or, not and parentheses.

Nothing is evaluated but what this grammar has:

    any  = all {"or" all}
    all  = term {"and" term}
    term = "not" term | "(" any ")" | COLUMN OPERATOR VALUE

The outcome of an expression is True, False, or None where a value is missing that decides it.
"""

import re
from collections.abc import Callable, Iterator
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from zoo.model_index.errors import UsageError

TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"[^"]*"|'[^']*')
      | (?P<operator><=|>=|!=|==|[<>=])
      | (?P<bracket>[()])
      | (?P<word>[^\s()<>=!"']+)
      | (?P<end>$)
      | (?P<other>.)
    )""",
    re.VERBOSE,
)
JOINS = ("and", "or", "not")
MOST_LEVELS = 50  # of parentheses and `not`

Row = TypeVar("Row")
Condition: TypeAlias = Callable[[Row], bool | None]


class Token(NamedTuple):
    """A word, a quoted text, an operator, a bracket, or the end; `start` is its position."""

    kind: str
    text: str
    start: int

    @property
    def bare(self) -> str:
        """Return the text without its quotes."""
        return self.text[1:-1] if self.kind == "text" else self.text

    def is_join(self, word: str) -> bool:
        """Return whether this is one of the words that join comparisons."""
        return self.kind == "word" and self.text.lower() == word


class WrongExpression(Exception):
    """What is wrong with a part of an expression; `token` is the part."""

    def __init__(self, message: str, token: Token):
        super().__init__(message)
        self.token = token


# Makes the condition of a comparison: column, operator, value.
Compare: TypeAlias = Callable[[Token, str, Token], Condition[Row]]


def parse(text: str, compare: Compare[Row]) -> Condition[Row]:
    """Return the condition that an expression states.

    Raises:
        UsageError: it cannot be read; the message points at the place.
    """
    try:
        return _Parser(list(_split(text)), compare).parse()
    except WrongExpression as error:
        raise UsageError(point_at(text, error)) from None


def point_at(text: str, error: WrongExpression) -> str:
    """Return the message of an error, the expression, and a mark below the part that is wrong."""
    token = error.token
    mark = "^" * max(1, len(token.text))
    line = "".join(" " if character.isspace() else character for character in text)
    return f"--where: {error}\n  {line}\n  {' ' * token.start}{mark}"


def _split(text: str) -> Iterator[Token]:
    for match in TOKEN.finditer(text):
        kind = match.lastgroup or ""
        token = Token(kind, match[kind], match.start(kind))
        if kind == "other":
            what = "a quote that is not closed" if token.text in "\"'" else "what no comparison has"
            raise WrongExpression(what, token)
        yield token
        if kind == "end":
            return


class _Parser(Generic[Row]):
    def __init__(self, tokens: list[Token], compare: Compare[Row]):
        self.tokens, self.compare, self.at, self.level = tokens, compare, 0, 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.next
        self.at += 1
        return token

    def parse(self) -> Condition[Row]:
        condition = self.parse_any()
        if self.next.kind != "end":
            raise WrongExpression("expected `and`, `or` or the end", self.next)
        return condition

    def parse_any(self) -> Condition[Row]:
        parts = [self.parse_all()]
        while self.next.is_join("or"):
            self.take()
            parts.append(self.parse_all())
        return parts[0] if len(parts) == 1 else lambda row: _decide(parts, row, True)

    def parse_all(self) -> Condition[Row]:
        parts = [self.parse_term()]
        while self.next.is_join("and"):
            self.take()
            parts.append(self.parse_term())
        return parts[0] if len(parts) == 1 else lambda row: _decide(parts, row, False)

    def parse_term(self) -> Condition[Row]:
        token = self.take()
        self.level += 1
        if self.level > MOST_LEVELS:
            raise WrongExpression(f"more than {MOST_LEVELS} levels", token)
        try:
            if token.is_join("not"):
                return _negate(self.parse_term())
            if token.text == "(" and token.kind == "bracket":
                return self.parse_brackets(token)
            return self.parse_comparison(token)
        finally:
            self.level -= 1

    def parse_brackets(self, opening: Token) -> Condition[Row]:
        condition = self.parse_any()
        if self.next.text != ")" or self.next.kind != "bracket":
            at = opening if self.next.kind == "end" else self.next
            message = "no `)` closes this" if at is opening else "expected `and`, `or` or `)`"
            raise WrongExpression(message, at)
        self.take()
        return condition

    def parse_comparison(self, column: Token) -> Condition[Row]:
        if column.kind != "word" or column.text.lower() in JOINS:
            raise WrongExpression("expected a column, as in gmacs<5", column)
        operator = self.take()
        if operator.kind != "operator":
            raise WrongExpression(f"expected <, <=, =, !=, >= or > behind {column.text}", operator)
        value = self.take()
        if value.kind not in ("word", "text"):
            raise WrongExpression(f"expected a value behind {operator.text}", value)
        return self.compare(column, operator.text, value)


def _decide(parts: list[Condition[Row]], row: Row, decisive: bool) -> bool | None:
    """Return `decisive` where any part is that, else None where any is missing."""
    outcomes = [part(row) for part in parts]
    if decisive in outcomes:
        return decisive
    return None if None in outcomes else not decisive


def _negate(condition: Condition[Row]) -> Condition[Row]:
    def negated(row: Row) -> bool | None:
        outcome = condition(row)
        return None if outcome is None else not outcome

    return negated
