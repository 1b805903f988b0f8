"""Index the members of a tar by its headers, and read single members.

Nothing is extracted, so a member's name is never used as a path. Names that lead out of a folder,
links and devices are skipped nevertheless: an archive with them is suspicious. Members are read by
offset with a call that does not move the file position, so loader workers may share files that
their parent opened.
"""

import os
import tarfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

MOST_OPEN = 64


@dataclass(frozen=True, slots=True)
class Member:
    """A regular file in a tar; `offset` and `size` of its content are in bytes."""

    name: str
    offset: int
    size: int


@dataclass
class TarIndex:
    """The readable members of a tar, and (name, reason) of skipped ones; "" is the tar itself."""

    members: list[Member] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def index_tar(path: Path) -> TarIndex:
    """Read the headers of a tar. It raises no errors: a damaged tar is used as far as it can be
    read."""
    result = TarIndex()
    try:
        length = path.stat().st_size
        with tarfile.open(path, "r:") as archive:
            for member in _members(archive):
                if reason := _skip_reason(member, length):
                    result.skipped.append((member.name, reason))
                elif member.isreg():
                    result.members.append(
                        Member(member.name.removeprefix("./"), member.offset_data, member.size)
                    )
            if not _has_end_mark(path, archive.offset):
                result.skipped.append(("", "no end mark where its members end; it may be cut off"))
    except OSError as error:
        result.skipped.append(("", f"cannot be read: {error.strerror or error}"))
    except (tarfile.TarError, ValueError) as error:
        result.skipped.append(("", f"not a tar that can be read to its end: {error}"))
    return result


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Yield the headers one after the other.

    Raises:
        tarfile.ReadError: a negative size leads back to an earlier header.
    """
    last = -1
    while (member := archive.next()) is not None:
        if member.offset <= last:
            raise tarfile.ReadError("a header points back")
        last = member.offset
        yield member
        # tarfile keeps every header in a list, which nothing here reads.
        archive.members.clear()  # type: ignore[attr-defined]


def _skip_reason(member: tarfile.TarInfo, length: int) -> str | None:
    """Why a member cannot be used; None for files and folders."""
    if member.issym() or member.islnk():
        return "a link"
    if member.isdir():
        return None
    if not member.isreg() or member.issparse():
        return "not a plain file"
    if member.name.startswith("/") or ".." in member.name.split("/"):
        return "its name leads out of the archive"
    return "cut off" if member.offset_data + member.size > length else None


def _has_end_mark(path: Path, offset: int) -> bool:
    """Whether a block of zeros is at the offset, as the format requires after the last member."""
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(tarfile.BLOCKSIZE) == bytes(tarfile.BLOCKSIZE)


@dataclass
class Handles:
    """Open files for reading at offsets; the least recently used is closed. Open files are not
    pickled."""

    descriptors: OrderedDict[Path, int] = field(default_factory=OrderedDict)

    def read(self, path: Path, offset: int, size: int) -> bytes:
        """Read `size` bytes of the file at the offset.

        Raises:
            OSError: it cannot be opened, or it is too short.
        """
        content = os.pread(self._descriptor(path), size, offset) if size else b""
        if len(content) != size:
            raise OSError(f"{path}: cut off at byte {offset + len(content):,}")
        return content

    def _descriptor(self, path: Path) -> int:
        if path not in self.descriptors:
            while len(self.descriptors) >= MOST_OPEN:
                os.close(self.descriptors.popitem(last=False)[1])
            self.descriptors[path] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.descriptors.move_to_end(path)
        return self.descriptors[path]

    def __getstate__(self) -> dict[str, object]:
        return {"descriptors": OrderedDict()}

    # `os` may be gone at the end of a process, so `close` is a default value.
    def __del__(self, close: Callable[[int], None] = os.close) -> None:
        for descriptor in self.descriptors.values():
            close(descriptor)
