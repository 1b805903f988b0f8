"""What can go wrong, as a small tree.

ZooError            a known error: a message for the user, exit 2, no traceback
├── UsageError      the command asks for something that is not there
├── IndexFaults     one or more faults of index files, all reported at once
├── EditError       a value cannot be put into its file safely; nothing is written
└── LedgerError     a ledger document that cannot be read or written
"""

from collections.abc import Iterable
from dataclasses import dataclass


class ZooError(Exception):
    """A known error; its text is the whole message a user needs."""


class UsageError(ZooError):
    """The command line names something that does not exist."""


class EditError(ZooError):
    """A value cannot be put where a claim stands, or the file is no longer what was read."""


class LedgerError(ZooError):
    """A ledger document or folder cannot be used."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of an index file: where it stands, what was expected, what is there."""

    file: str
    line: int
    path: str
    expected: str
    got: str

    def __str__(self) -> str:
        path = f"{self.path}: " if self.path else ""
        return f"{self.file}:{self.line}: {path}expected {self.expected}, got {self.got}"


class IndexFaults(ZooError):
    """Every fault found while reading an index, in reading order; `files` are those that were read."""

    def __init__(self, faults: list[Fault], files: Iterable[str] = ()):
        self.faults = tuple(faults)
        self.files = tuple(dict.fromkeys([*files, *(fault.file for fault in self.faults)]))
        super().__init__("\n".join(map(str, faults)))
