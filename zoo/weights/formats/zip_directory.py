"""Open a zip file: check its directory before any member is read."""

import re
from itertools import pairwise
from struct import error as StructError
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from zoo.weights.formats.base import Unreadable, quote
from zoo.weights.formats.bounded_file import BoundedFile

MAX_DIRECTORY = 16 << 20
HEADER = 30  # bytes of a member's own header, before its name
ENCRYPTED = 0x1 | 0x40
OUTSIDE = re.compile(r"[/\\]|[A-Za-z]:[/\\]|(.*[/\\])?\.\.([/\\]|$)", re.DOTALL)
FAULTS = (BadZipFile, NotImplementedError, ValueError, RuntimeError, EOFError, StructError)


def open_archive(source: BoundedFile) -> ZipFile:
    """Open a zip file.

    Raises:
        Unreadable: a member is encrypted, duplicate, overlaps another or ends beyond the file.
    """
    source.allow(MAX_DIRECTORY, "the directory of the zip file")
    try:
        archive = ZipFile(source)
    except (*FAULTS, OSError) as error:
        raise Unreadable(f"a damaged zip file: {quote(str(error))}") from None
    if len(archive.NameToInfo) != len(archive.filelist):
        raise Unreadable("a zip file with two members of the same name")
    members = sorted(archive.filelist, key=lambda member: member.header_offset)
    for member in members:
        _check_member(member)
    starts = [member.header_offset for member in members] + [archive.start_dir]
    for member, (start, after) in zip(members, pairwise(starts), strict=True):
        if start < 0 or start + HEADER + len(member.orig_filename) + member.compress_size > after:
            raise Unreadable(f"member {quote(member.orig_filename)} overlaps the data after it")
    return archive


def _check_member(member: ZipInfo) -> None:
    name = member.orig_filename
    if OUTSIDE.match(name) or "\0" in name:
        raise Unreadable(f"member {quote(name)} has a path outside the zip file")
    if member.flag_bits & ENCRYPTED:
        raise Unreadable(f"member {quote(name)} is encrypted")
    if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise Unreadable(f"member {quote(name)} has a compression that no checkpoint has")
    if member.compress_type == ZIP_STORED and member.compress_size != member.file_size:
        raise Unreadable(f"member {quote(name)} is not compressed and has two sizes")


def read_member(archive: ZipFile, source: BoundedFile, member: ZipInfo, limit: int) -> bytes:
    """Read a member that is not compressed, and compare its checksum."""
    name = quote(member.orig_filename)
    if member.compress_type != ZIP_STORED:
        raise Unreadable(f"member {name} is compressed, which torch.save never does")
    if member.file_size > limit:
        raise Unreadable(f"member {name} has {member.file_size} bytes, which is not plausible")
    source.allow(limit + MAX_DIRECTORY, f"member {name}")
    try:
        return archive.read(member)
    except FAULTS as error:
        raise Unreadable(f"member {name} is damaged: {quote(str(error))}") from None
