"""Check keys that nothing reads: a slip of a known key silently makes a claim no claim."""

from collections import Counter
from collections.abc import Iterator
from functools import cache, reduce
from operator import or_

from zoo.model_index.errors.suggestions import count_edits
from zoo.model_index.quantities.lookup import find, normalize
from zoo.model_index.quantities.metric_words import words_of
from zoo.model_index.quantities.table import QUANTITIES
from zoo.model_index.records.fields import fold_key
from zoo.model_index.records.known_keys import KNOWN
from zoo.model_index.records.records import Index, UnknownKey

MOST_EDITS = 2  # letters that a slip changes, and no more than one in three
LETTERS_AN_EDIT = 3
QUANTITY_LEVELS = ("Metadata", "Metrics")
SHORTEST = 5  # letters of a word of a metric's name that may be a slip: `MAE` is none of `MSE`
LONGEST = 100  # letters of a key that is compared; no known one is half as long
SPELLINGS = {spelling: row.label for row in QUANTITIES for spelling in row.spellings}


def find_misspelt_keys(index: Index) -> Iterator[tuple[UnknownKey, str, str]]:
    """Yield each unknown key that is nearly a known one, the model, and what was meant."""
    for entry in index.entries:
        for key in entry.unknown_keys:
            if message := _find_slip(key):
                yield key, entry.name, message


def _find_slip(key: UnknownKey) -> str:
    if key.where == "a model" and (row := find(key.label)) and row.key != "weights":
        where = "the Metrics of a result" if row.metric else "Metadata"
        return f"{key.label!r} beside Name is not read: expected it in {where}"
    if meant := _find_nearest(key):
        return f"unknown key {key.label!r} of {key.where}: did you mean {meant}?"
    return ""


def _find_nearest(key: UnknownKey) -> str:
    """Return the known key that the fewest edits make of this one; empty where none is near."""
    label = normalize(key.label)
    most = min(MOST_EDITS, len(label) // LETTERS_AN_EDIT)
    if not most or len(label) > LONGEST:
        return ""
    letters = _letters(label)
    similar = [
        (known, name)
        for length in range(len(label) - most, len(label) + most + 1)
        for known, name, others in _choices(key.where).get(length, ())
        if (letters ^ others).bit_count() <= 2 * most  # an edit changes two at most
    ]
    if key.where == "Metrics":
        similar = [pair for pair in similar if _differ_by_a_word(label, pair[0])]
    edits, name = min(
        ((count_edits(label, known), name) for known, name in similar), default=(0, "")
    )
    return name if 0 < edits <= most else ""


@cache
def _choices(where: str) -> dict[int, list[tuple[str, str, int]]]:
    """Return the known keys of a place by their length: spelling, name and letters."""
    known = {fold_key(name): name for name in KNOWN[where]}
    choices: dict[int, list[tuple[str, str, int]]] = {}
    for spelling, name in (known | (SPELLINGS if where in QUANTITY_LEVELS else {})).items():
        choices.setdefault(len(spelling), []).append((spelling, name, _letters(spelling)))
    return choices


def _letters(text: str) -> int:
    """Return the letters of a text as a set of bits; far letters may share a bit."""
    return reduce(or_, (1 << ord(letter) % 64 for letter in text), 0)


def _differ_by_a_word(label: str, known: str) -> bool:
    """Tell whether all words of two names of metrics are the same but for a long one: any other
    name is that of another metric."""
    words, others = Counter(words_of(label)), Counter(words_of(known))
    left = [*(words - others).elements(), *(others - words).elements()]
    return len(left) == 2 and all(word.isalpha() and len(word) >= SHORTEST for word in left)
