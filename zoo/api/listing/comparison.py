"""Conditions on the cells of a model: what `--where` compares."""

import re
from collections.abc import Callable
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from zoo.api.listing.columns import (
    GIGA,
    MEGA,
    SEVERAL,
    Column,
    describe_unknown,
    find_unit,
)
from zoo.api.listing.expression import Condition, Token, WrongExpression
from zoo.api.listing.row import ModelRow

NUMBER = re.compile(r"([+-]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?)\s*([a-z%/]*)", re.I)
SUFFIXES = {"k": 10**3, "m": 10**6, "g": 10**9, "b": 10**9, "t": 10**12}
LETTERS = {MEGA: "M", GIGA: "G"}
SMALL = 10_000  # fewer parameters or operations than any model has
PLAIN = ("", "%", "ms")
SIZE = re.compile(r"(\d{1,6})x(\d{1,6})", re.I)
EQUALITY = {"=": True, "==": True, "!=": False}
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "=": lambda a, b: a == b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">=": lambda a, b: a >= b,
    ">": lambda a, b: a > b,
}


class ConditionMaker:
    """Makes conditions of comparisons; `find_column` returns the column of a name.

    `columns` are those that were compared, by key; `doubts` are numbers that may be meant in the
    unit that the table shows.
    """

    def __init__(self, find: Callable[[str], Column | None]) -> None:
        self.find_column = find
        self.columns: dict[str, Column] = {}
        self.doubts: list[str] = []

    def compare(self, name: Token, operator: str, value: Token) -> Condition[ModelRow]:
        """Return the condition of a column, an operator and a value.

        Raises:
            WrongExpression: an unknown column, or a value that is none of it.
        """
        column = self.find_column(name.text)
        if column is None:
            raise WrongExpression(describe_unknown(name.text), name)
        self.columns[column.key] = column
        if not column.number:
            return _compare_text(column, operator, value)
        if match := SIZE.fullmatch(value.bare):
            return _compare_size(column, operator, (int(match[1]), int(match[2])), value)
        number = _read_number(column, value, find_unit(name.text))
        if 0 < number < SMALL and column.shown > 1:
            letter = LETTERS[column.shown]
            meant = f"{name.text}{operator}{value.bare}{letter}"
            self.doubts.append(f"{name.text} counts ones: did you mean {meant}?")
        return _compare_number(column, COMPARE[operator], number)


def _compare_number(
    column: Column, test: Callable[[Decimal, Decimal], bool], limit: Decimal
) -> Condition[ModelRow]:

    def condition(row: ModelRow) -> bool | None:
        number = row.number(column)
        return None if number is None else test(number, limit)

    return condition


def _compare_text(column: Column, operator: str, value: Token) -> Condition[ModelRow]:
    if operator not in EQUALITY:
        raise WrongExpression(f"{column.key} is text: compare it by = or !=", value)
    pattern, equal = value.bare.casefold(), EQUALITY[operator]

    def condition(row: ModelRow) -> bool | None:
        cell = row.cell(column)
        if cell is None:
            return None
        text = str(cell.value).casefold()
        texts = text.split(SEVERAL) if column.several else [text]
        return any(text == pattern or fnmatchcase(text, pattern) for text in texts) == equal

    return condition


def _compare_size(
    column: Column, operator: str, size: tuple[int, int], value: Token
) -> Condition[ModelRow]:
    if operator not in EQUALITY:
        raise WrongExpression("compare a size of two sides by = or !=", value)

    def condition(row: ModelRow) -> bool | None:
        cell = row.cell(column)
        return None if cell is None else (cell.value == size) == EQUALITY[operator]

    return condition


def _read_number(column: Column, value: Token, unit: Decimal) -> Decimal:
    """Return a number in the column's base unit: `5` is in the unit of the column's name, `5G`
    and `5M` are in base units."""
    match = NUMBER.fullmatch(value.bare)
    suffix = match[2].lower() if match else ""
    if match is None or not (suffix in PLAIN or suffix in SUFFIXES):
        raise WrongExpression(f"{column.key} needs a number, as 5, 2.5 or 25M", value)
    number = Decimal(match[1])
    return number * SUFFIXES.get(suffix, unit)
