"""Where the members of a tar lie, by their headers alone, and reading one of them out of the
middle.

Nothing is extracted, so a member's name leads nowhere; a name that would lead out of a folder is
passed over all the same, as are links and devices: an archive that has them is not what it seems.
Each member is read by its place, with a call that does not move the position of the open file, so
loader workers may share what their parent opened.
"""

import os
import tarfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

KEPT_OPEN = 64


@dataclass(frozen=True, slots=True)
class Member:
    """A regular file of a tar: `offset` and `size`, in bytes, are those of its content."""

    name: str
    offset: int
    size: int


@dataclass
class Index:
    """The members of one tar that can be read, and (name, reason) of what was passed over; "" is
    the tar itself."""

    members: list[Member] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def index(path: Path) -> Index:
    """Read the headers of a tar. Never raises for what is in it: a torn one is used as far as it
    can be read."""
    result = Index()
    try:
        length = path.stat().st_size
        with tarfile.open(path, "r:") as archive:
            for member in _members(archive):
                if reason := _unfit(member, length):
                    result.skipped.append((member.name, reason))
                elif member.isreg():
                    result.members.append(
                        Member(member.name.removeprefix("./"), member.offset_data, member.size)
                    )
            if not _ended(path, archive.offset):
                result.skipped.append(("", "no end mark where its members end; it may be cut off"))
    except OSError as error:
        result.skipped.append(("", f"cannot be read: {error.strerror or error}"))
    except (tarfile.TarError, ValueError) as error:
        result.skipped.append(("", f"not a tar that can be read to its end: {error}"))
    return result


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """One header after the other. A size below zero would lead back to a header that was read
    already."""
    last = -1
    while (member := archive.next()) is not None:
        if member.offset <= last:
            raise tarfile.ReadError("a header points back")
        last = member.offset
        yield member
        archive.members.clear()  # type: ignore[attr-defined]  # a list of 100,000 headers that nobody asks for


def _unfit(member: tarfile.TarInfo, length: int) -> str | None:
    """Why a member cannot be used, if it cannot. Folders are fit, and hold nothing."""
    if member.issym() or member.islnk():
        return "a link"
    if member.isdir():
        return None
    if not member.isreg() or member.issparse():
        return "not a plain file"
    if member.name.startswith("/") or ".." in member.name.split("/"):
        return "its name leads out of the archive"
    return "cut off" if member.offset_data + member.size > length else None


def _ended(path: Path, offset: int) -> bool:
    """Whether there is a block of zeros at the offset, as the format wants it after the last
    member."""
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(tarfile.BLOCKSIZE) == bytes(tarfile.BLOCKSIZE)


@dataclass
class Handles:
    """Files opened for reading by place; the least recently used is closed. Pickled without what is
    open."""

    descriptors: OrderedDict[Path, int] = field(default_factory=OrderedDict)

    def read(self, path: Path, offset: int, size: int) -> bytes:
        """`size` bytes of the file. OSError: it cannot be opened, or has become shorter."""
        content = os.pread(self._descriptor(path), size, offset) if size else b""
        if len(content) != size:
            raise OSError(f"{path}: cut off at byte {offset + len(content):,}")
        return content

    def _descriptor(self, path: Path) -> int:
        if path not in self.descriptors:
            while len(self.descriptors) >= KEPT_OPEN:
                os.close(self.descriptors.popitem(last=False)[1])
            self.descriptors[path] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.descriptors.move_to_end(path)
        return self.descriptors[path]

    def __getstate__(self) -> dict[str, object]:
        return {"descriptors": OrderedDict()}

    def __del__(
        self, close: Callable[[int], None] = os.close
    ) -> None:  # at the end of a process `os` may be gone
        for descriptor in self.descriptors.values():
            close(descriptor)
