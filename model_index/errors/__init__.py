"""The errors of the project, as a small tree.

ZooError            a known error: a message for the user, exit 2, no traceback
├── UsageError      the command asks for something that is not there
│   └── UnknownModel        an index has no model of this name
├── IndexFaults     one or more faults of index files, all reported at once
├── EditError       a value cannot be put into its file safely; nothing is written
├── LedgerError     a ledger document that cannot be read or written
│   ├── ReadOnly            nobody may write there, which may be meant
│   └── BadDocument         what lies there is no evidence, or another cell's
│       └── LaterDocument   it was written by a later version
├── Unkept          a run came to its end, and something it found could not be written; a line each
├── CacheError      a download cannot be kept: no space, no permission
└── RemoteError     a remote file cannot be read; says which one and why
    ├── Refused     its address may not be asked, or leads to one that may not
    ├── NoAnswer    no such name, no connection, no trusted certificate, or nothing in time
    ├── Status      an HTTP status that brings no file
    └── Torn        not what was asked for: cut off, too long, compressed, changed in between
"""

from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass, field

from zoo.model_index.errors.suggestions import describe_unknown


class ZooError(Exception):
    """A known error; its text is the whole message a user needs."""


class UsageError(ZooError):
    """The command line names something that does not exist."""


class UnknownModel(UsageError):
    """No model of an index has the name; `index` is what the index is called, `others` are names
    of models that are in no index."""

    def __init__(self, name: str, index: str, names: Sequence[str], others: Sequence[str] = ()):
        self.name, self.index, self.names = name, index, names
        models = f"{len(names):,} model{'s' * (len(names) != 1)}"
        hint = f"{models} in {index}; `zoo list` lists them"
        super().__init__(describe_unknown("no model", name, [*names, *others], hint))


class EditError(ZooError):
    """A claim cannot be edited, or its file has changed since it was read."""


class LedgerError(ZooError):
    """A ledger document or folder cannot be used."""


class ReadOnly(LedgerError):
    """A read-only ledger."""


class BadDocument(LedgerError):
    """A file in the place of a document that is no document of its cell."""


class LaterDocument(BadDocument):
    """A document of a later format; it is neither used nor replaced."""


class Unkept(ZooError):
    """The work is done, but some of it could not be written."""


class CacheError(ZooError):
    """A download cannot be stored in the cache."""


class RemoteError(ZooError):
    """A remote file cannot be read. `url` is its address as it may be shown: without query and
    credentials.

    `passing` says whether asking again may help, `wait` how many seconds the server wants to be
    left alone before.
    """

    def __init__(self, url: str, reason: str, *, passing: bool = False, wait: float | None = None):
        self.url, self.reason = url, reason
        self.passing, self.wait = passing, wait
        super().__init__(f"{url}: {reason}")


class Refused(RemoteError):
    """The address is not allowed, or leads to one that is not. No request was sent there."""


class NoAnswer(RemoteError):
    """No such host, no connection, no trusted certificate, or a timeout."""


class Status(RemoteError):
    """The server answered with an HTTP status other than a file; `status` is its number."""

    def __init__(
        self,
        url: str,
        status: int,
        reason: str,
        *,
        passing: bool = False,
        wait: float | None = None,
    ):
        self.status = status
        super().__init__(url, reason, passing=passing, wait=wait)


class Torn(RemoteError):
    """The server sent other bytes than requested or announced."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of an index file: its place, what was expected, and what stands there.

    `model` is the model whose cell cannot be read; empty where it is not known. `meant` is the
    name that a misspelt one is near to.
    """

    file: str
    line: int
    path: str
    expected: str
    got: str
    _: KW_ONLY
    model: str = field(default="", compare=False)
    meant: str = field(default="", compare=False)

    def __str__(self) -> str:
        path = f"{self.path}: " if self.path else ""
        if self.meant:
            path += f"did you mean {self.meant}? "
        return f"{self.file}:{self.line}: {path}expected {self.expected}, got {self.got}"


class IndexFaults(ZooError):
    """Every fault found while reading an index, in reading order; `files` are those that were
    read."""

    def __init__(self, faults: list[Fault], files: Iterable[str] = ()):
        self.faults = tuple(faults)
        self.files = tuple(dict.fromkeys([*files, *(fault.file for fault in self.faults)]))
        super().__init__("\n".join(map(str, faults)))
