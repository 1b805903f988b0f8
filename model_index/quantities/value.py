"""The parsed value of a quantity."""

from decimal import Decimal

import msgspec

Size = tuple[int, int]  # height and width in pixels
Value = Decimal | str | Size


class ParsedValue(msgspec.Struct, frozen=True, gc=False):
    """A value in the quantity's base unit.

    `digits` counts the significant digits that were printed, and `step` is the unit of the last of
    them: `61.57 M` is 61570000 in 4 digits of 10000 each, and `61.570 M` in 5 digits of 1000. The
    zeros at the end of a whole count (`61570000`) are padding, not precision, but two digits are
    always significant where two were printed (`80 M` does not stand for 84 M). Both are None where
    a value has no digits to round to.
    """

    value: Value
    digits: int | None = None
    step: Decimal | None = None


def agrees(parsed: ParsedValue, value: Value) -> bool:
    """Return whether the parsed value equals this one: a number to its printed digits, a text in
    any case."""
    if isinstance(parsed.value, str):
        return isinstance(value, str) and parsed.value.casefold() == value.casefold()
    if isinstance(parsed.value, Decimal) and isinstance(value, Decimal):
        return abs(parsed.value - value) <= (parsed.step or 0) / 2
    return parsed.value == value


def to_plain(value: Decimal | str | tuple[int, int] | None) -> object:
    """Return a value as JSON has it: an int where it is whole."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return list(value) if isinstance(value, tuple) else value
