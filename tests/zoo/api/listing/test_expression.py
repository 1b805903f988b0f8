"""What `--where` understands, and where its messages point."""

import pytest

from zoo.api.listing.expression import Condition, Token, parse
from zoo.model_index.errors import UsageError

VALUES = {"a": True, "b": False, "c": None}


def compare(column: Token, operator: str, value: Token) -> Condition[None]:
    """The value of a letter; `a=0` is its opposite."""
    outcome = VALUES[column.text]
    if outcome is not None and value.bare == "0":
        outcome = not outcome
    return lambda row: outcome


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("a=1", True),
        ("a=1 and b=1", False),
        ("a=1 or b=1", True),
        ("not b=1", True),
        ("NOT a=1 OR b=1", False),
        ("not (a=1 and b=1)", True),
        ("a=1 or b=1 and b=1", True),  # `and` binds closer
        ("(a=1 or b=1) and b=1", False),
        ("a = '0'", False),
        ('a="1"and b=0', True),
        # what is missing decides nothing, whether it is negated or not
        ("c=1", None),
        ("not c=1", None),
        ("a=1 and c=1", None),
        ("b=1 and c=1", False),
        ("a=1 or c=1", True),
        ("b=1 or c=1", None),
    ],
)
def test_the_outcome(text: str, outcome: bool | None) -> None:
    assert parse(text, compare)(None) is outcome


@pytest.mark.parametrize(
    ("text", "message", "marked"),
    [
        ("a=1 and", "expected a column, as in gmacs<5", 7),
        ("a=1 b=1", "expected `and`, `or` or the end", 4),
        ("a", "expected <, <=, =, !=, >= or > behind a", 1),
        ("a=", "expected a value behind =", 2),
        ("1<a<2", "expected `and`, `or` or the end", 3),
        ("(a=1", "no `)` closes this", 0),
        ("(a=1 a=1)", "expected `and`, `or` or `)`", 5),
        ("a=1)", "expected `and`, `or` or the end", 3),
        ("a='x", "a quote that is not closed", 2),
        ("a=1 ! b=1", "what no comparison has", 4),
        ("and=1", "expected a column, as in gmacs<5", 0),
        ("", "expected a column, as in gmacs<5", 0),
        ("not " * 60 + "a=1", "more than 50 levels", 200),
    ],
)
def test_what_cannot_be_read_is_pointed_at(text: str, message: str, marked: int) -> None:
    values = VALUES | {"1": True}
    with pytest.raises(UsageError) as error:
        parse(text, lambda column, *others: lambda row: values[column.text])
    first, second, third = str(error.value).split("\n")
    assert first == f"--where: {message}"
    assert second == f"  {text}"
    assert third.index("^") == marked + 2


def test_code_is_no_expression() -> None:
    for text in ("__import__('os').system('x')", "a=1; b=1", "lambda: 1", "a=1 and f(2)"):
        with pytest.raises(UsageError):
            parse(text, compare)


def test_a_line_that_steers_a_terminal_keeps_its_columns() -> None:
    with pytest.raises(UsageError) as error:
        parse("a=1\n\tb", compare)
    assert len(str(error.value).split("\n")) == 3
