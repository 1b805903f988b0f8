"""Choose the split of a data set: its spellings, and the conventional split of published
accuracies."""

import re
from collections.abc import Iterable, Sequence

from zoo.model_index.errors import UsageError

SPELLINGS: dict[str, tuple[str, ...]] = {
    "validation": ("validation", "val", "valid"),
    "test": ("test", "testing"),
    "train": ("train", "training"),
}
"""The name of a split and its spellings in folders and files."""

CONVENTION = ("validation", "test")
"""The default split: the first of these that exists."""

_NAMES = {spelling: name for name, spellings in SPELLINGS.items() for spelling in spellings}


def canonical(split: str | None) -> str | None:
    """Return the name of a spelling (`validation` for `val`); other names stay as they are."""
    return None if split is None else _NAMES.get(split.lower(), split)


def is_split(name: str) -> bool:
    """Whether a folder's whole name is the name of a split."""
    return name.lower() in _NAMES


def choose(wanted: str | None, available: Sequence[str], where: str) -> str:
    """Choose the `wanted` split among those available, in any spelling; None: the conventional one.

    Raises:
        UsageError: it does not exist, or nothing is wanted and no convention applies. The message
            lists the available splits.
    """
    if wanted is not None and wanted in available:
        return wanted
    for name in [canonical(wanted)] if wanted is not None else CONVENTION:
        for split in available:
            if canonical(split) == name:
                return split
    if wanted is None and len(available) == 1:
        return available[0]
    splits = f"there are {', '.join(sorted(available))}" if available else "it has no splits"
    problem = f"no split {wanted}" if wanted else "choose one with --split"
    raise UsageError(f"{where}: {problem}; {splits}")


def split_of_file(name: str) -> str | None:
    """Return the split that a file's relative path names, as in
    `data/validation-00000-of-00002.parquet`.

    The words of the file's name take precedence over its folders. None: it names no split, or two.
    """
    *folders, stem = name.lower().split("/")
    in_stem = re.split(r"[^a-z]+", stem.partition(".")[0])
    for words in [in_stem, *([folder] for folder in reversed(folders))]:
        if splits := {_NAMES[word] for word in words if word in _NAMES}:
            return splits.pop() if len(splits) == 1 else None
    return None


def select_files(
    wanted: str | None, names: Iterable[str], where: str
) -> tuple[list[str], str | None]:
    """Select the files of a split; files that name no split form one without a name.

    Raises:
        UsageError: the split does not exist.
    """
    splits: dict[str | None, list[str]] = {}
    for name in names:
        splits.setdefault(split_of_file(name), []).append(name)
    if wanted is None and set(splits) == {None}:
        return splits[None], None
    chosen = choose(wanted, [split for split in splits if split], where)
    return splits[chosen], chosen
