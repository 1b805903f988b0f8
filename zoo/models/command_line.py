"""Command lines that reproduce evidence."""

import os
import shlex
from collections.abc import Mapping, Sequence

from zoo.models import search_path


def flags_of(*options: tuple[str, Sequence[str] | None]) -> str:
    """Return options with their values as a shell reads them, each behind a space: ` --index models
    --trust mine`."""
    return "".join(
        f" {name} {shlex.quote(value)}" for name, values in options for value in values or ()
    )


def flags_of_values(values: Mapping[str, object]) -> str:
    """Return options with one value each, those that have one: ` --opset 18 --precision fp32`."""
    stated = ((name, [str(value)]) for name, value in values.items() if value is not None)
    return flags_of(*stated)


def flags_of_code(
    index: Sequence[str], trust: Sequence[str]
) -> tuple[tuple[str, Sequence[str]], ...]:
    """Return the options, for `flags_of`, that say which models there are and whose code runs."""
    path = [os.path.relpath(folder) for folder in search_path.folders()]
    return ("--index", index), ("--trust", trust), ("--path", path)
