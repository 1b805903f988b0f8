"""Records and errors of checkpoint files.

ZooError
├── Unreadable              the file is truncated, hostile or of no known format
│   └── UnsupportedFormat   the format is known, but nothing here reads it
└── NeedsMore               the list of tensors needs (nearly) all of the file's bytes
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from zoo.model_index.errors import ZooError
from zoo.weights.formats.dtypes import DTYPES

MAX_DIMENSIONS = 64
MAX_ELEMENTS = 2**63  # torch and numpy count with signed 64 bits
MAX_QUOTE = 80  # characters of a file's text in a message


class Unreadable(ZooError):
    """The file does not follow its format."""


class UnsupportedFormat(Unreadable):
    """The format is known, but nothing here reads it."""


class NeedsMore(ZooError):
    """A part of the file does not list its tensors; `bytes` is what reading it takes."""

    def __init__(self, message: str, bytes: int):
        super().__init__(message)
        self.bytes = bytes


class Tensor(msgspec.Struct, frozen=True, gc=False):
    """A tensor: its name in the file, its dtype (a key of `DTYPES`), and its shape in torch's
    order."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def elements(self) -> int:
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        return DTYPES[self.dtype].bytes(self.elements)


class Extent(NamedTuple):
    """Where a tensor's values lie: in a storage, from a byte on, with a stride in elements."""

    storage: str
    start: int
    stride: tuple[int, ...]


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a file as the file describes it.

    `key` is the entry that holds the tensors: `state_dict`, `model_ema`, or None for the file
    itself. `alternatives` are the keys of other state dicts in the same file, `others` the
    remaining keys (`epoch`, `optimizer`). `metadata` is the format's, and `tied` what it states of
    names that share the data of a tensor. An index of shards fills `places`: the file of each
    tensor. `notes` are remarks for a reader, one sentence each.

    Of a file of torch, `extents` are where the tensors lie by name, and `storages` where the
    storages are in the file: members of the zip file, or positions. A tensor that is more than its
    elements, a quantised one for example, has no extent.

    `hidden` are entries of a state dict that hold tensors inside of other objects, as torch's
    quantised linear layers do. `beside` are files that hold the values of tensors, with the bytes
    that each must have. `uses` is what a graph does with a tensor, by its name
    (`zoo.weights.formats.onnx_uses`), and `logical` the number of weights in a tensor that packs
    several of them in an element.
    """

    format: str
    tensors: tuple[Tensor, ...]
    key: str | None = None
    alternatives: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    metadata: dict[str, str] = {}
    tied: dict[str, str] = {}
    places: dict[str, str] = {}
    notes: tuple[str, ...] = ()
    extents: dict[str, Extent] = {}
    storages: dict[str, str | int] = {}
    hidden: tuple[str, ...] = ()
    beside: dict[str, int] = {}
    uses: dict[str, str] = {}
    logical: dict[str, int] = {}

    @property
    def bytes(self) -> int:
        """The bytes of all tensors; two that share their data both count."""
        return sum(tensor.bytes for tensor in self.tensors)

    @property
    def ordered(self) -> bool:
        """Whether the tensors keep the order of the state dict: safetensors sorts its tensors, and
        indexes of shards are sorted by name."""
        return not self.places and not self.format.startswith("safetensors")

    @property
    def shards(self) -> tuple[str, ...]:
        """The files that hold the tensors of an index of shards."""
        return tuple(dict.fromkeys(self.places.values()))


def quote(text: object) -> str:
    """Quote a file's text for a message, without control characters and not too long."""
    if not isinstance(text, str | bytes):
        return ascii(type(text).__name__)
    return ascii(text[:MAX_QUOTE]) + ("..." if len(text) > MAX_QUOTE else "")


def is_relative_path(text: str) -> bool:
    """Return whether a file's text names a file in its own folder or below it."""
    parts = text.split("/")
    plain = text.isprintable() and not set(text) & set("\\:")
    return plain and not {"", ".", ".."} & set(parts)


def is_count(value: Any) -> bool:
    """Return whether a number from a file can be a size, a length or an offset."""
    return type(value) is int and 0 <= value < MAX_ELEMENTS


def check_tensor(name: str, dtype: str, shape: Sequence[Any]) -> Tensor:
    """Return a tensor as a file describes it.

    Raises:
        Unreadable: no tensor can have this type or shape.
    """
    if dtype not in DTYPES:
        raise Unreadable(f"tensor {quote(name)} has the unknown type {quote(dtype)}")
    if len(shape) > MAX_DIMENSIONS:
        raise Unreadable(f"tensor {quote(name)} has {len(shape)} dimensions")
    if not all(map(is_count, shape)) or DTYPES[dtype].bytes(math.prod(shape)) >= MAX_ELEMENTS:
        raise Unreadable(f"tensor {quote(name)} has an impossible shape")
    return Tensor(name, dtype, tuple(shape))


def name_notes(names: Iterable[str]) -> tuple[str, ...]:
    """Return notes about odd tensor names, which are data and stay unchanged."""
    names = tuple(names)
    hidden = [name for name in names if not name.isprintable()]
    paths = [name for name in names if name.startswith("/") or _climbs(name)]
    rows = (("control characters", hidden), ("path parts", paths))
    return tuple(
        f"{text} in the names of {len(odd)} tensors, first {quote(odd[0])}"
        for text, odd in rows
        if odd
    )


def _climbs(name: str) -> bool:
    return ".." in name.replace("\\", "/").split("/")
