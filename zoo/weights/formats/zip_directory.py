"""The directory of a zip file, checked before anything in it is read."""

import re
from itertools import pairwise
from struct import error as StructError
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from zoo.weights.formats.base import Unreadable, shown
from zoo.weights.formats.bounded_file import BoundedFile

MOST_DIRECTORY = 16 << 20
HEADER = 30  # bytes of a member's own header, before its name
ENCRYPTED = 0x1 | 0x40
OUTSIDE = re.compile(r"[/\\]|[A-Za-z]:[/\\]|(.*[/\\])?\.\.([/\\]|$)", re.DOTALL)
FAULTS = (BadZipFile, NotImplementedError, ValueError, RuntimeError, EOFError, StructError)


def directory(source: BoundedFile) -> ZipFile:
    """The zip file with its list of members. None is encrypted, there twice, over another or beyond
    the end."""
    source.allow(MOST_DIRECTORY, "the directory of the zip file")
    try:
        archive = ZipFile(source)  # type: ignore[arg-type]
    except (*FAULTS, OSError) as error:
        raise Unreadable(f"a zip file that is torn: {shown(str(error))}") from None
    if len(archive.NameToInfo) != len(archive.filelist):
        raise Unreadable("a zip file with two members of one name")
    members = sorted(archive.filelist, key=lambda member: member.header_offset)
    for member in members:
        _checked(member)
    starts = [member.header_offset for member in members] + [archive.start_dir]
    for member, (start, after) in zip(members, pairwise(starts), strict=True):
        if start < 0 or start + HEADER + len(member.orig_filename) + member.compress_size > after:
            raise Unreadable(f"member {shown(member.orig_filename)} lies over what comes after it")
    return archive


def _checked(member: ZipInfo) -> None:
    name = member.orig_filename
    if OUTSIDE.match(name) or "\0" in name:
        raise Unreadable(f"member {shown(name)} has a path that leads out of the zip file")
    if member.flag_bits & ENCRYPTED:
        raise Unreadable(f"member {shown(name)} is encrypted")
    if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise Unreadable(f"member {shown(name)} is compressed in a way that checkpoints are not")
    if member.compress_type == ZIP_STORED and member.compress_size != member.file_size:
        raise Unreadable(f"member {shown(name)} is not compressed and has two sizes")


def whole(archive: ZipFile, source: BoundedFile, member: ZipInfo, most: int) -> bytes:
    """The bytes of a member that is not compressed; its checksum is compared."""
    name = shown(member.orig_filename)
    if member.compress_type != ZIP_STORED:
        raise Unreadable(f"member {name} is compressed, which torch.save never does")
    if member.file_size > most:
        raise Unreadable(f"member {name} has {member.file_size} bytes, too many to be true")
    source.allow(most + MOST_DIRECTORY, f"member {name}")
    try:
        return archive.read(member)
    except FAULTS as error:
        raise Unreadable(f"member {name} is torn: {shown(str(error))}") from None
