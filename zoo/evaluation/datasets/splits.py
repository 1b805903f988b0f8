"""Choose the split of a data set, by convention that of published accuracies."""

import re
from collections.abc import Iterable, Sequence

from zoo.evaluation.split_names import NAMES, canonical, is_split
from zoo.model_index.errors import UsageError
from zoo.model_index.errors.suggestions import describe_unknown, find_close

CONVENTION = ("validation", "test")
"""The default split: the first of these that exists."""


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
    if wanted and find_close(wanted, available):
        raise UsageError(describe_unknown("no split", wanted, available, f"{where}: {splits}"))
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
        if splits := {NAMES[word] for word in words if word in NAMES}:
            return splits.pop() if len(splits) == 1 else None
    return None


def select_files(
    wanted: str | None, names: Iterable[str], where: str
) -> tuple[list[str], str | None]:
    """Select the files of a split; files that name no split form one, which is the `wanted` one
    where there is no other.

    Raises:
        UsageError: the split does not exist.
    """
    splits: dict[str | None, list[str]] = {}
    for name in names:
        splits.setdefault(split_of_file(name), []).append(name)
    if set(splits) == {None} and (wanted is None or is_split(wanted)):
        return splits[None], wanted
    chosen = choose(wanted, [split for split in splits if split], where)
    return splits[chosen], chosen
