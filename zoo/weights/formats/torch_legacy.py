"""What torch.save wrote before 1.6, and some still do: five pickles, and then the storages in one
row.

The pickles are a magic number, a version, a description of the system, the object, and the order of
the storages. Each storage is its number of elements in eight bytes, and the elements. So the head
of the file tells everything, also how long the file has to be.
"""

from zoo.weights.formats import pickles, state_dict
from zoo.weights.formats.base import Checkpoint, Unreadable, UnsupportedFormat
from zoo.weights.formats.bounded_file import BoundedFile, Stream
from zoo.weights.formats.pickles import decoded
from zoo.weights.formats.torch_pickle import TorchReader

FORMAT = "torch legacy"
MAGIC_NUMBER = 0x1950A86A20F9469CFC6C  # torch.serialization.MAGIC_NUMBER
MAGIC = MAGIC_NUMBER.to_bytes(10, "little")
FIRST = 32  # bytes that have the magic number in them, whatever the pickle's protocol
VERSION = 1001
COUNT = 8  # bytes before each storage


def read(source: BoundedFile) -> Checkpoint:
    source.allow(pickles.MOST_BYTES, "the pickle")
    if MAGIC not in source.at(0, min(FIRST, source.size)):
        raise UnsupportedFormat("a Python pickle that torch.save did not write")
    source.seek(0)
    stream, reader = Stream(source), TorchReader()
    if reader.read(stream) != MAGIC_NUMBER:
        raise Unreadable("its first pickle is not the number that torch.save writes")
    if reader.read(stream) != VERSION:
        raise Unreadable(f"a pickle of torch.save whose version is not {VERSION}")
    reader.read(stream)
    root = reader.read(stream)
    _lengths(reader.read(stream), reader.storages, stream.tell(), source.size)
    return state_dict.checkpoint(FORMAT, root, reader.refused)


def _lengths(keys: object, storages: dict[str, int], start: int, size: int) -> None:
    """The storages that follow are those the tensors lie in, and they end within the file."""
    texts = type(keys) is list and all(isinstance(key, str | bytes) for key in keys)
    if not texts or sorted(map(decoded, keys)) != sorted(storages):  # type: ignore[call-overload]
        raise Unreadable(f"the list of storages before byte {start} is not that of its tensors")
    end = start + sum(COUNT + length for length in storages.values())
    if end > size:
        raise Unreadable(f"its storages end at byte {end} and the file at byte {size}")
