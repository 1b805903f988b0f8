"""Read the words of a metric's name: `mIoU(ms+flip)` is `miou` under conditions, `AP@0.5` is
`ap50`.

Words may stand in any order, with any marks between them. What is no word of a row and no condition
makes it another metric.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.rows.image_quality import RESTORATION
from zoo.model_index.quantities.table import QUANTITIES

Words = tuple[str, ...]

MARKUP = re.compile(r"<[^<>]{0,80}>")
WORD = re.compile(r"[^\W\d_]+|\d*\.\d+|\d+|[^\w\s\-()\[\]{}:,./@+^*\\$\u2191\u2193]")
UNITS = {"%": "%", "percent": "%"}
SYNONYMS = {"normalised": "normalized", "boxes": "box", "masks": "mask", "\u03b1": "a"}
SPLITS = {
    ("train",): "train",
    ("training",): "train",
    ("val",): "validation",
    ("valid",): "validation",
    ("validation",): "validation",
    ("test",): "test",
    ("testing",): "test",
    ("dev", "test"): "test-dev",
    ("dev",): "dev",
}
SPLIT, SCALE, FLIP, CHANNEL, THRESHOLD = "split", "test scale", "flip", "channel", "threshold"
# What a name may say besides the metric: the words, the condition and its value.
CONDITIONS = (
    *((words, SPLIT, value) for words, value in SPLITS.items()),
    (("multi", "scale"), SCALE, "multiple"),
    (("ms",), SCALE, "multiple"),
    (("scale", "single"), SCALE, "single"),
    (("ss",), SCALE, "single"),
    (("flip",), FLIP, "yes"),
    (("y",), CHANNEL, "Y"),
    (("rgb",), CHANNEL, "RGB"),
)
SHOTS = re.compile(r"\b(\d{1,3}|zero|one|few)[ -]?shots?\b", re.IGNORECASE)  # `5-shot F1`
NUMBERS = {"zero": "0", "one": "1"}
TASKS = {CHANNEL: RESTORATION}  # of conditions that metrics of one task have
MOST_LETTERS = 100
PLAIN = frozenset({"score", "overall", "eval", "evaluation"})


@dataclass(frozen=True, slots=True)
class Name:
    """A metric's name, read: its row, the unit that it states, and conditions."""

    row: Quantity
    unit: str = ""
    conditions: tuple[tuple[str, str], ...] = ()


def words_of(label: str) -> Words:
    """Return the words of a name, sorted: `AP@0.5` and `AP50` are `50`, `ap`."""
    text = MARKUP.sub(" ", label).lower()
    return tuple(sorted(SYNONYMS.get(word, _number(word)) for word in WORD.findall(text)))


def _number(word: str) -> str:
    """Return the percent of a fraction: `0.5` and `.50` are `50`."""
    if "." not in word or not word.replace(".", "").isdecimal():
        return word
    percent = Decimal(word) * 100
    whole = percent == percent.to_integral_value() and percent <= 100
    return f"{percent:.0f}" if whole else word


@lru_cache(maxsize=4096)
def read_name(label: str) -> Name | None:
    """Return what a name says; None where a word of it is not understood."""
    shots = SHOTS.search(label[:MOST_LETTERS])
    words = words_of(SHOTS.sub(" ", label[:MOST_LETTERS], 1))
    if not words or len(label) > MOST_LETTERS:
        return None
    unit = next((UNITS[word] for word in words if word in UNITS), "")
    words = tuple(word for word in words if word not in UNITS)
    if not shots and (row := BY_WORDS.get(words)):
        return Name(row, unit)
    left, conditions = _take_conditions(words)
    if shots:
        conditions.append(("shots", NUMBERS.get(shots[1].lower(), shots[1])))
    row = BY_WORDS.get(left) or BY_WORDS.get(_without(left, PLAIN))
    if row is None and (numbers := [word for word in left if word.isdecimal()]):
        row = BY_WORDS.get(_without(left, numbers))
        if row is None or not row.threshold or len(numbers) > 1:
            return None
        conditions.append((THRESHOLD, str(Decimal(numbers[0]) / 100)))
    return Name(row, unit, tuple(conditions)) if row and _may_have(row, conditions) else None


def _may_have(row: Quantity, conditions: Sequence[tuple[str, str]]) -> bool:
    """Tell whether a metric may have these conditions, each once.

    An accuracy that `zoo eval` measures has a split alone: a zero-shot top-1 is another metric.
    """
    keys = [key for key, _ in conditions]
    return (
        len(set(keys)) == len(keys)
        and (not row.evaluated or set(keys) <= {SPLIT})
        and all(TASKS.get(key, row.task) == row.task for key in keys)
    )


def _take_conditions(words: Words) -> tuple[Words, list[tuple[str, str]]]:
    left, conditions = list(words), []
    for needed, key, value in CONDITIONS:
        if all(word in left for word in needed):
            for word in needed:
                left.remove(word)
            conditions.append((key, value))
    return tuple(left), conditions


def _without(words: Words, others: Iterable[str]) -> Words:
    return tuple(word for word in words if word not in set(others))


def _by_words(rows: Sequence[Quantity]) -> dict[Words, Quantity]:
    """Return rows by the words of their spellings and of their labels."""
    named: dict[Words, Quantity] = {}
    for row in rows:
        for spelling in (*row.spellings, row.label):
            named.setdefault(words_of(spelling), row)
    return named


BY_WORDS = _by_words([row for row in QUANTITIES if row.metric and row.spellings])
