"""Which split of a data set is read: its spellings, and which one accuracies are published for by
convention."""

import re
from collections.abc import Iterable, Sequence

from zoo.model_index.errors import UsageError

SPELLINGS: dict[str, tuple[str, ...]] = {
    "validation": ("validation", "val", "valid"),
    "test": ("test", "testing"),
    "train": ("train", "training"),
}
"""The name of a split and how folders and files spell it."""

CONVENTION = ("validation", "test")
"""What is read where nobody says: the first of these that is there."""

_NAMES = {spelling: name for name, spellings in SPELLINGS.items() for spelling in spellings}


def canonical(split: str | None) -> str | None:
    """`val` is `validation`; a name that is in no row stays as it is."""
    return None if split is None else _NAMES.get(split.lower(), split)


def is_split(name: str) -> bool:
    """Whether a folder's name is the name of a split and of nothing else."""
    return name.lower() in _NAMES


def choose(wanted: str | None, available: Sequence[str], where: str) -> str:
    """The one of `available` that is `wanted`, in another spelling perhaps; without a wish the
    conventional one.

    UsageError: it is not there, or there is no wish and no convention; the message names the splits
    that are there.
    """
    if wanted is not None and wanted in available:
        return wanted
    for name in [canonical(wanted)] if wanted is not None else CONVENTION:
        if found := [each for each in available if canonical(each) == name]:
            return found[0]
    if wanted is None and len(available) == 1:
        return available[0]
    there = f"there are {', '.join(sorted(available))}" if available else "it has no splits"
    raise UsageError(
        f"{where}: " + (f"no split {wanted}; {there}" if wanted else f"say which --split; {there}")
    )


def split_of_file(name: str) -> str | None:
    """The split that a file's relative path names, as a folder or as a word:
    `data/validation-00000-of-00002.parquet`.

    The file's own words count before its folders'. None: it names no split, or two.
    """
    *folders, stem = name.lower().split("/")
    for words in [
        re.split(r"[^a-z]+", stem.partition(".")[0]),
        *([folder] for folder in reversed(folders)),
    ]:
        if found := {_NAMES[word] for word in words if word in _NAMES}:
            return found.pop() if len(found) == 1 else None
    return None


def select_files(
    wanted: str | None, names: Iterable[str], where: str
) -> tuple[list[str], str | None]:
    """The files of a split and the split's name. Files that name no split are all of one that has
    no name.

    UsageError: the split is not there.
    """
    splits: dict[str | None, list[str]] = {}
    for name in names:
        splits.setdefault(split_of_file(name), []).append(name)
    if wanted is None and set(splits) == {None}:
        return splits[None], None
    chosen = choose(wanted, [split for split in splits if split], where)
    return splits[chosen], chosen
