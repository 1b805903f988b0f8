"""What torch.save writes since 1.6: a zip file of one pickle, and a member for each storage.

The directory of the zip file has the size of every storage, so the directory and the pickle tell
everything.
"""

from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from zoo.weights.formats import pickles, state_dict, zip_directory
from zoo.weights.formats.base import Checkpoint, Unreadable, UnsupportedFormat, shown
from zoo.weights.formats.bounded_file import BoundedFile
from zoo.weights.formats.torch_pickle import TorchReader

FORMAT = "torch zip"
PICKLE = "/data.pkl"


def read(source: BoundedFile, archive: ZipFile) -> Checkpoint:
    """Of a zip file that has a `data.pkl`."""
    members = archive.NameToInfo
    first, *more = [name for name in members if name.endswith(PICKLE)]
    if more:
        raise Unreadable("a zip file with two pickles that could be the checkpoint")
    folder = first.removesuffix(PICKLE)
    if any(
        name == f"{folder}/constants.pkl" or name.startswith(f"{folder}/code/") for name in members
    ):
        raise UnsupportedFormat(
            "a TorchScript program: its tensors lie in objects of its own code, not in a state dict"
        )
    reader = TorchReader()
    root = reader.read(
        BytesIO(zip_directory.whole(archive, source, members[first], pickles.MOST_BYTES))
    )
    for key, size in reader.storages.items():
        _storage(members.get(f"{folder}/data/{key}"), key, size)
    return state_dict.checkpoint(FORMAT, root, reader.refused)


def _storage(member: ZipInfo | None, key: str, size: int) -> None:
    if member is None:
        raise Unreadable(f"the zip file has no storage {shown(key)}")
    if member.compress_type != ZIP_STORED:
        raise Unreadable(f"storage {shown(key)} is compressed, which torch.save never does")
    if member.file_size != size:
        raise Unreadable(
            f"storage {shown(key)} has {member.file_size} bytes where its tensors want {size}"
        )
