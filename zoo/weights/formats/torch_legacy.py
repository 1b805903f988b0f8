"""Read the format of torch.save before 1.6: five pickles, and then the storages.

The pickles are a magic number, a version, a description of the system, the object, and the order of
the storages. Each storage is its number of elements in eight bytes, and the elements. So the head
of the file states everything, even the length of the file.
"""

from typing import Any

from zoo.weights.formats import pickles, state_dict
from zoo.weights.formats.base import Checkpoint, Unreadable, UnsupportedFormat
from zoo.weights.formats.bounded_file import BoundedFile, Stream
from zoo.weights.formats.pickles import decode_name
from zoo.weights.formats.torch_pickle import TorchReader

FORMAT = "torch legacy"
MAGIC_NUMBER = 0x1950A86A20F9469CFC6C  # torch.serialization.MAGIC_NUMBER
MAGIC = MAGIC_NUMBER.to_bytes(10, "little")
HEAD = 32  # bytes that contain the magic number, whatever the pickle's protocol
VERSION = 1001
COUNT = 8  # bytes before each storage


def read(source: BoundedFile) -> Checkpoint:
    source.allow(pickles.MAX_BYTES, "the pickle")
    if MAGIC not in source.at(0, min(HEAD, source.size)):
        raise UnsupportedFormat("a Python pickle that torch.save did not write")
    source.seek(0)
    stream, reader = Stream(source), TorchReader()
    if reader.read(stream) != MAGIC_NUMBER:
        raise Unreadable("its first pickle is not the magic number of torch.save")
    if reader.read(stream) != VERSION:
        raise Unreadable(f"a pickle of torch.save whose version is not {VERSION}")
    reader.read(stream)
    root = reader.read(stream)
    keys = reader.read(stream)
    places = _find_storages(keys, reader.storages, stream.tell(), source.size)
    return state_dict.find_state_dict(FORMAT, root, reader.refused, places)


def _find_storages(keys: Any, storages: dict[str, int], start: int, size: int) -> dict[str, int]:
    """Return the position of each storage's elements; refuse a list of storages that is not that of
    the tensors, or a file too short for them."""
    texts = type(keys) is list and all(isinstance(key, str | bytes) for key in keys)
    names = [decode_name(key) for key in keys] if texts else []
    if not texts or sorted(names) != sorted(storages):
        raise Unreadable(f"the list of storages before byte {start} is not that of its tensors")
    places = {}
    for name in names:
        places[name] = start + COUNT
        start += COUNT + storages[name]
    if start > size:
        raise Unreadable(f"its storages end at byte {start}, the file at byte {size}")
    return places
