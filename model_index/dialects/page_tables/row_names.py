"""Names of rows: as they stand, several in one cell, unique in a page, and as a builder's name."""

import re
from collections import Counter
from collections.abc import Sequence

from zoo.model_index.dialects.page_tables.table_settings import TableSettings
from zoo.model_index.quantities.parse import MAX_LENGTH, states_nothing
from zoo.model_index.records.records import NO_BUILDER, Builder

BROKEN = re.compile(r"(?<=[_-]) ")  # a line break inside of a name
MARKS = re.compile(r"[\s*†‡§¶^]+$|^[\s*†‡§¶]+")
SEVERAL = re.compile(r"\s+/\s+|\s*[,;]\s+|\s*\|\s*|\n")
SLASH = re.compile(r"\s*/\s*")
TIMM_NAME = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)?")
OF_TIMM = re.compile(r"^(?:timm|tu)[-_]")
TIMM = "timm"
LONGEST = 200  # characters of a name with what tells it apart


def clean_name(text: str) -> str:
    """Return the name in a cell, without footnote marks and breaks; empty where there is none."""
    name = MARKS.sub("", BROKEN.sub("", " ".join(text.split())))
    return "" if states_nothing(name) or len(name) > MAX_LENGTH else name


def split_names(text: str, count: int) -> list[str]:
    """Return the names of so many models in one cell: `ResNet-50 / ResNet-101`, and
    `ResNet-50/101`, whose second is `ResNet-101`. The whole name alone where they are not as
    many."""
    for separator in (SEVERAL, SLASH):
        parts = [clean_name(part) for part in separator.split(text)]
        if len(parts) == count and all(parts):
            first = parts[0]
            return [first, *(_complete(first, part) for part in parts[1:])]
    return [clean_name(text)]


def _complete(first: str, part: str) -> str:
    """Return the name that a part stands for: a number alone replaces that of the first name."""
    if not part.isdigit():
        return part
    return re.sub(r"\d+(?=\D*$)", part, first, count=1)


def guess_name(name: str) -> str:
    """Return a row's name as timm would spell it: in lower case, with underscores, and without
    the prefix by which other libraries mark timm's models."""
    return re.sub(r"[\s-]+", "_", OF_TIMM.sub("", name.lower()))


def builder_of(name: str, settings: TableSettings, unique: str = "") -> Builder:
    """Return what builds the model of a row: as the settings say of its name, or of what it is
    called to be `unique`; else timm's model of that very name, which is a guess; none for a name
    that timm cannot have."""
    guess = guess_name(name)
    if stated := settings.builder_of((unique or name, name), guess):
        return stated
    if TIMM_NAME.fullmatch(guess):
        return Builder(TIMM, guess, named=False)
    return Builder(NO_BUILDER, name, named=False)


def tell_apart(names: Sequence[str], qualifiers: Sequence[Sequence[str]]) -> list[str]:
    """Return a unique name for each row: one that stands in several rows gets in brackets what
    differs among them, and a number where nothing does.

    `qualifiers` are what each row may be told apart by, in the same order for all rows.
    """
    rows: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        rows.setdefault(name, []).append(number)
    unique = list(names)
    for name, numbers in rows.items():
        if len(numbers) > 1:
            words = _distinguish([qualifiers[number] for number in numbers])
            for number, own_words in zip(numbers, words, strict=True):
                unique[number] = _qualify(name, own_words)
    return _number_equals(unique)


def _distinguish(qualifiers: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return of each row as few qualifiers as tell it from the others, the first ones first."""
    chosen: list[tuple[str, ...]] = [() for _ in qualifiers]
    steps = [chosen]
    for column in zip(*qualifiers, strict=True):
        longer = [(*row, word) for row, word in zip(chosen, column, strict=True)]
        if len(set(chosen)) < len(set(longer)):
            chosen = longer
            steps.append(chosen)
    counts = [Counter(step) for step in steps]
    words = []
    for number, row in enumerate(chosen):
        fewest = next(
            (
                step[number]
                for step, count in zip(steps, counts, strict=True)
                if count[step[number]] == 1
            ),
            row,
        )
        words.append(list(filter(None, fewest)))
    return words


def _qualify(name: str, words: Sequence[str]) -> str:
    return f"{name} ({', '.join(words)})"[:LONGEST] if words else name


def _number_equals(names: Sequence[str]) -> list[str]:
    """Return the names with a number behind the second and each further equal one."""
    seen: Counter[str] = Counter()
    taken = set(names)
    unique = []
    for name in names:
        seen[name] += 1
        numbered = name
        while seen[name] > 1 and (numbered := f"{name} #{seen[name]}") in taken:
            seen[name] += 1
        taken.add(numbered)
        unique.append(numbered)
    return unique
