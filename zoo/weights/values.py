"""Load the values of a checkpoint's tensors, from where our own reader finds them.

torch's `weights_only` loader refuses plain data beside a state dict that our reader passes over: a
Namespace, a number of numpy. It would build every object of the file; here only the bytes of the
tensors are read.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from zoo.weights.formats import Checkpoint, Unreadable
from zoo.weights.formats.base import Extent, quote

State = dict[str, torch.Tensor]
# What torch, safetensors and zipfile raise about a file that is damaged, or that changed.
FAULTS = (
    OSError,
    RuntimeError,
    LookupError,
    TypeError,
    ValueError,
    EOFError,
    SafetensorError,
    BadZipFile,
)


def load_values(path: Path, contents: Checkpoint) -> State:
    """Return the tensors of a safetensors or torch file on the CPU, by their names in the file;
    `contents` is what reading the file has given.

    Raises:
        Unreadable: a tensor cannot be loaded, or the file was damaged.
    """
    try:
        return LOADERS[contents.format](path, contents)
    except FAULTS as error:
        line = (str(error).splitlines() or [type(error).__name__])[0]
        raise Unreadable(f"{path}: its values cannot be loaded: {line}") from error


def _load_safetensors(path: Path, contents: Checkpoint) -> State:
    state: State = load_file(path)
    return state


def _load_zip(path: Path, contents: Checkpoint) -> State:
    with ZipFile(path) as archive:
        for folder in {str(place).rpartition("/data/")[0] for place in contents.storages.values()}:
            order = f"{folder}/byteorder"
            if order in archive.NameToInfo and archive.read(order) != b"little":
                raise Unreadable(f"{path}: its numbers begin with their highest byte")
        return _load_extents(
            path, contents, lambda key, length: archive.read(str(contents.storages[key]))
        )


def _load_legacy(path: Path, contents: Checkpoint) -> State:
    with path.open("rb") as file:

        def read(key: str, length: int) -> bytes:
            file.seek(int(contents.storages[key]))
            return file.read(length)

        return _load_extents(path, contents, read)


LOADERS: dict[str, Callable[[Path, Checkpoint], State]] = {
    "safetensors": _load_safetensors,
    "torch zip": _load_zip,
    "torch legacy": _load_legacy,
}


def _load_extents(path: Path, contents: Checkpoint, read: Callable[[str, int], bytes]) -> State:
    """Make the tensors out of their storages; `read` returns at least so many bytes of one."""
    lengths: dict[str, int] = {}
    shapes = {tensor.name: tensor for tensor in contents.tensors}
    extents: dict[str, Extent] = {}
    for name, tensor in shapes.items():
        if name not in contents.extents or not hasattr(torch, tensor.dtype):
            raise Unreadable(f"{path}: {quote(name)} of {tensor.dtype} cannot be loaded")
        extents[name] = extent = contents.extents[name]
        size = getattr(torch, tensor.dtype).itemsize
        steps = zip(tensor.shape, extent.stride, strict=True)
        last = sum((length - 1) * step for length, step in steps) if tensor.elements else -1
        end = extent.start + (last + 1) * size
        lengths[extent.storage] = max(lengths.get(extent.storage, 0), end)

    @cache
    def storage(key: str) -> torch.UntypedStorage:
        data = bytearray(read(key, lengths[key]))
        if not data:
            return torch.UntypedStorage(0)
        return torch.frombuffer(data, dtype=torch.uint8).untyped_storage()

    state = {}
    for name, extent in extents.items():
        tensor = shapes[name]
        dtype = getattr(torch, tensor.dtype)
        first, rest = divmod(extent.start, dtype.itemsize)
        if rest:
            raise Unreadable(f"{path}: {quote(name)} lies between the elements of its storage")
        value = torch.empty(0, dtype=dtype)
        state[name] = value.set_(storage(extent.storage), first, tensor.shape, extent.stride)
    return state
