"""Command lines that reproduce evidence."""

import shlex
from collections.abc import Sequence


def flags_of(*options: tuple[str, Sequence[str] | None]) -> str:
    """Return options with their values as a shell reads them, each behind a space: ` --index models
    --trust mine`."""
    return "".join(
        f" {name} {shlex.quote(value)}" for name, values in options for value in values or ()
    )
