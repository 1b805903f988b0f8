"""The numbers of a cell: one, or several that are parted by a slash, a bar or a line break.

A number may have `~` before it, `± 0.2` or a second number in brackets behind it. What is left of
it are the characters that its quantity's parser reads.
"""

import re
from dataclasses import dataclass

from zoo.model_index.quantities.parse import MAX_LENGTH, UNSIGNED, states_nothing

UNIT = r"(?:\s?(?:%|[kKMGBT]i?B?|[µu]?ms|us|s|px|dB|h|hours?|fps|FLOPs|MACs|GFLOPs|GMACs|MFLOPs))?"
NUMBER = re.compile(
    rf"\s*(?P<about>[~≈∼]|about\s|ca\.?\s|approx\.?\s)?\s*"
    rf"(?P<raw>[+\-\u2212]?{UNSIGNED}{UNIT})"
    rf"\s*(?:(?:±|\+/-|\+-|\\pm)\s*(?P<error>{UNSIGNED}%?))?"
    rf"\s*(?P<rest>[(\[（][^()\[\]（）]*[)\]）])?\s*(?P<mark>[*†‡§¶^]*)\s*"
)
SIZE = re.compile(r"\s*(?P<raw>\d{1,5}(?:\s?[x×X*]\s?\d{1,5}){0,2})\s*(?:px|pixels)?\s*")
PARTS = re.compile(r"\s*[/|;]\s*|\s*<br\s*/?>\s*|\n")
BLANK = re.compile(r"\s+")
BOUND = re.compile(r"\s*[<>≤≥]")
DIGIT = re.compile(r"\d")
MOST_PARTS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class CellNumber:
    """One number: its characters `text[start:end]` of the cell, and what stands around it.

    `part` counts the parts of the cell before it, those without a number too.
    """

    raw: str
    start: int
    end: int
    about: bool = False
    error: str = ""
    rest: str = ""
    part: int = 0


def read_numbers(text: str, pattern: re.Pattern[str] = NUMBER) -> list[CellNumber]:
    """Return the numbers of a cell that holds nothing else; none for a cell with other text."""
    if len(text) > MAX_LENGTH * MOST_PARTS or states_nothing(text) or not DIGIT.search(text):
        return []
    if (whole := pattern.fullmatch(text)) is not None:
        return [_number(whole, 0, 0)]
    for separator in (PARTS, BLANK):
        parts = _split(text, separator)
        if not 1 < len(parts) <= MOST_PARTS:
            continue
        matches = [
            (pattern.fullmatch(text_of_part), at, number)
            for number, (text_of_part, at) in enumerate(parts)
            if not states_nothing(text_of_part)
        ]
        if matches and all(match for match, _, _ in matches):
            return [_number(match, at, number) for match, at, number in matches if match]
    return []


def count_parts(text: str) -> int:
    """Return how many parts a cell has that are parted by a slash, a bar or a line break."""
    return len(_split(text, PARTS))


def is_numeric(text: str) -> bool:
    """Return whether a cell is one number and nothing else but its unit, error or mark."""
    return len(text) <= MAX_LENGTH and NUMBER.fullmatch(text) is not None


def is_bound(text: str) -> bool:
    """Return whether a cell says `< 0.1`, which is no value."""
    return BOUND.match(text) is not None


def _split(text: str, separator: re.Pattern[str]) -> list[tuple[str, int]]:
    """Return the parts of a text between separators, and where each begins."""
    parts, at = [], 0
    for match in separator.finditer(text):
        parts.append((text[at : match.start()], at))
        at = match.end()
    parts.append((text[at:], at))
    return [(part, start) for part, start in parts if part.strip()]


def _number(match: re.Match[str], at: int, part: int) -> CellNumber:
    groups = match.groupdict()
    return CellNumber(
        raw=match["raw"],
        start=at + match.start("raw"),
        end=at + match.end("raw"),
        about=bool(groups.get("about")),
        error=groups.get("error") or "",
        rest=groups.get("rest") or "",
        part=part,
    )
