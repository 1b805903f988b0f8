"""What a checkpoint file holds, and what can be wrong with it.

ZooError ├── Unreadable          the file is torn, hostile or of no known format; the message says
what and where │   └── UnsupportedFormat     the file is what it should be, but nothing here reads it └──
NeedsMore           the list of tensors is behind (nearly) all of the file's bytes
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from zoo.model_index.errors import ZooError
from zoo.weights.formats.dtypes import DTYPES

MOST_DIMENSIONS = 64
MOST_ELEMENTS = 2**63  # torch and numpy count with signed 64 bits
MOST_SHOWN = 80  # characters of a file's own text in a message


class Unreadable(ZooError):
    """The file does not hold what its format promises."""


class UnsupportedFormat(Unreadable):
    """The format is known and not read."""


class NeedsMore(ZooError):
    """What the file holds cannot be told from a part of it; `bytes` is what reading it would
    take."""

    def __init__(self, message: str, bytes: int):
        super().__init__(message)
        self.bytes = bytes


class Tensor(msgspec.Struct, frozen=True, gc=False):
    """One tensor: its name as the file has it, a row of `DTYPES`, and its shape as torch writes
    it."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def elements(self) -> int:
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        return DTYPES[self.dtype].bytes(self.elements)


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says it holds.

    `key` is where in the file the tensors were found: `state_dict`, `model_ema`, or None for the
    file itself; `alternatives` are the keys of other state dicts in the same file, `others` the
    remaining keys beside them (`epoch`, `optimizer`). `metadata` is the format's own. `places` is
    filled by an index of shards: which file has which tensor. `notes` are remarks for a reader, one
    sentence each.
    """

    format: str
    tensors: tuple[Tensor, ...]
    key: str | None = None
    alternatives: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    metadata: dict[str, str] = {}
    places: dict[str, str] = {}
    notes: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """Of all tensors; two that share their data both count."""
        return sum(tensor.bytes for tensor in self.tensors)

    @property
    def shards(self) -> tuple[str, ...]:
        """The files that have the tensors, where this is an index of shards."""
        return tuple(dict.fromkeys(self.places.values()))


def shown(text: object) -> str:
    """A file's own text in a message: quoted, without control characters, not long."""
    value = text[:MOST_SHOWN] if isinstance(text, str | bytes) else type(text).__name__
    return ascii(value) + (
        "..." if isinstance(text, str | bytes) and len(text) > MOST_SHOWN else ""
    )


def is_count(value: Any) -> bool:
    """Whether a number from a file can be a size, a length or an offset."""
    return type(value) is int and 0 <= value < MOST_ELEMENTS


def checked(name: str, dtype: str, shape: Sequence[Any]) -> Tensor:
    """A tensor as a file describes it, refused where no tensor can be like that."""
    if dtype not in DTYPES:
        raise Unreadable(f"tensor {shown(name)} is of unknown type {shown(dtype)}")
    if len(shape) > MOST_DIMENSIONS:
        raise Unreadable(f"tensor {shown(name)} has {len(shape)} dimensions")
    if not all(map(is_count, shape)) or DTYPES[dtype].bytes(math.prod(shape)) >= MOST_ELEMENTS:
        raise Unreadable(f"tensor {shown(name)} has a shape that no tensor can have")
    return Tensor(name, dtype, tuple(shape))


def remarks(names: Iterable[str]) -> tuple[str, ...]:
    """What a reader should know about tensor names: they are data, and kept as they are."""
    names = tuple(names)
    hidden = [name for name in names if not name.isprintable()]
    paths = [
        name for name in names if ".." in name.replace("\\", "/").split("/") or name.startswith("/")
    ]
    rows = ((hidden, "control characters in the names of"), (paths, "path parts in the names of"))
    return tuple(
        f"{text} {len(found)} tensors, first {shown(found[0])}" for found, text in rows if found
    )
