"""Escape CSV cells that a spreadsheet would run as a formula."""

import re

FORMULA = ("=", "+", "-", "@", "'", "\t", "\r", "\n")
NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?%?")


def escape_cell(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run; a number stays a number.

    Text that already begins with an apostrophe gets another one, so that removing one apostrophe
    from such a cell always gives the text back.
    """
    return f"'{text}" if text.startswith(FORMULA) and not NUMBER.fullmatch(text) else text
