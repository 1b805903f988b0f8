"""Limits of what reading an index may cost: bytes of a file, files that it names, values, faults.

A text says what is to be read in fewer characters than that takes: by aliases, by collections that
a thousand models inherit from, by files that each model names. So what is bounded is what comes of
it. Ten thousand entries come to a third of these limits; a file of 660,000 models, which is all
that 2,000,000 values can be, takes 18 seconds and 1.7 GB.
"""

import os
from pathlib import Path

from zoo.model_index.errors import ZooError

MAX_BYTES = 32 << 20  # of a file; ten thousand entries with four numbers each are 5 MB
# values of a text after expanding aliases: a few kilobytes of nested ones can claim billions
MAX_NODES = 2_000_000
MAX_DEPTH = 100  # levels of nesting
# values that all models of an index have from collections and from files of their own
MAX_INHERITED = 2_000_000
MAX_NAMED = 100_000  # files that an index names, each time that it does
MAX_FAULTS = 10_000


class TooLarge(ZooError):
    """A file of more than `MAX_BYTES`."""

    expected = f"a file of at most {MAX_BYTES >> 20} MiB"

    def __init__(self, path: str | Path, size: int):
        self.got = f"one of {size >> 20:,} MiB" if size > MAX_BYTES else "more"
        super().__init__(f"{path}: expected {self.expected}, got {self.got}")


class TooMuch(ZooError):
    """A limit was reached and reading ended; a fault names the place."""


def read_bytes(path: str | Path) -> bytes:
    """Read a file's bytes within the limit, whatever size it claims.

    Raises:
        TooLarge: it has more than `MAX_BYTES`.
        OSError: it cannot be read.
    """
    with open(path, "rb") as file:
        data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise TooLarge(path, os.fstat(file.fileno()).st_size)
    return data
