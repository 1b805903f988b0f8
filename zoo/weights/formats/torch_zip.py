"""Read the format of torch.save since 1.6: a zip file of one pickle and a member per storage.

The zip file's directory states the size of every storage, so the directory and the pickle suffice.
"""

from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from zoo.weights.formats import pickles, state_dict, zip_directory
from zoo.weights.formats.base import Checkpoint, Unreadable, UnsupportedFormat, quote
from zoo.weights.formats.bounded_file import BoundedFile
from zoo.weights.formats.torch_pickle import TorchReader

FORMAT = "torch zip"
PICKLE = "/data.pkl"


def read(source: BoundedFile, archive: ZipFile) -> Checkpoint:
    """Read a zip file that has a `data.pkl`."""
    members = archive.NameToInfo
    first, *more = [name for name in members if name.endswith(PICKLE)]
    if more:
        raise Unreadable("a zip file with two pickles that may be the checkpoint")
    folder = first.removesuffix(PICKLE)
    code = (f"{folder}/constants.pkl", f"{folder}/code/")
    if any(name == code[0] or name.startswith(code[1]) for name in members):
        raise UnsupportedFormat(
            "a TorchScript program: its tensors belong to objects of its code, not to a state dict"
        )
    data = zip_directory.read_member(archive, source, members[first], pickles.MAX_BYTES)
    reader = TorchReader()
    root = reader.read(BytesIO(data))
    for key, size in reader.storages.items():
        _check_storage(members.get(f"{folder}/data/{key}"), key, size)
    places = {key: f"{folder}/data/{key}" for key in reader.storages}
    return state_dict.find_state_dict(FORMAT, root, reader.refused, places)


def _check_storage(member: ZipInfo | None, key: str, size: int) -> None:
    if member is None:
        raise Unreadable(f"the zip file has no storage {quote(key)}")
    if member.compress_type != ZIP_STORED:
        raise Unreadable(f"storage {quote(key)} is compressed, which torch.save never does")
    if member.file_size != size:
        length = member.file_size
        raise Unreadable(f"storage {quote(key)} has {length} bytes, its tensors need {size}")
