"""Fields of a file as plain text, lists and mappings, and looking one up by its key."""

from functools import lru_cache
from typing import TypeAlias

Plain: TypeAlias = str | list["Plain"] | dict[str, "Plain"] | None


def look_up(fields: dict[str, Plain], key: str) -> Plain:
    """Return the value of a key in any spelling, None where it is absent; `key` is as `fold_key`
    returns it."""
    return next((value for name, value in fields.items() if fold_key(name) == key), None)


@lru_cache(maxsize=4096)
def fold_key(key: str) -> str:
    """Return the spelling of a key that look-ups use: `Batch_Size` is `batch size`."""
    return key.strip().lower().replace("_", " ")
