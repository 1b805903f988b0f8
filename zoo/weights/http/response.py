"""What servers say about a file, read from the headers of their answers."""

import base64
import binascii
import re
from collections.abc import Callable

import msgspec

from zoo.model_index.errors import Status, Torn
from zoo.weights.http.address_guard import shown
from zoo.weights.http.request import Reply

CONTENT_RANGE = re.compile(r"bytes (?:([0-9]{1,18})-([0-9]{1,18})|\*)/([0-9]{1,18}|\*)")


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """What tells one state of a remote file from another."""

    size: int | None = None
    etag: str | None = None
    modified: str | None = None  # Last-Modified, as the server printed it

    def same(self, other: "Identity") -> bool:
        """Whether both are one state, as far as servers can tell: equal sizes, and equal ETags, or
        dates where there are no ETags. Where neither is known, nothing is told to be the same."""
        if self.size is None or self.size != other.size:
            return False
        if self.etag or other.etag:
            return self.etag == other.etag
        return self.modified is not None and self.modified == other.modified


class RemoteFile(Identity, frozen=True, kw_only=True):
    """What a server says about a file. `final` may hold a signature that is as good as a password:
    show `place`."""

    url: str
    final: str
    ranges: bool  # whether a part of the file can be asked for
    sha256: str | None = None  # as the server states it; nothing was computed
    unchanged: bool = False  # the same state as the one that was known before

    @property
    def secure(self) -> bool:
        """Whether the file comes over https; redirects to http are not followed then."""
        return self.final.startswith("https:")

    @property
    def place(self) -> str:
        """The final address as it may be shown."""
        return shown(self.final)


def answer_of(url: str, reply: Reply) -> RemoteFile:
    """What an answer to a question for the first byte says about the file."""
    if (coding := reply.header("Content-Encoding") or "identity").lower() != "identity":
        raise Torn(reply.name, f"is sent as {coding!r}, asked for as it is")
    size, ranges = reply.length, False
    if reply.response.status != 200:
        size, ranges = _total(reply), True
    stated = _first(reply, STATED_SIZE)
    if stated is not None and size is not None and int(stated) != size:
        raise Torn(reply.name, f"has {size} bytes, {stated} were announced on the way")
    return RemoteFile(
        url=url,
        final=reply.url,
        size=size,
        ranges=ranges,
        etag=reply.header("ETag"),
        modified=reply.header("Last-Modified"),
        sha256=_first(reply, DIGESTS),
    )


def _total(reply: Reply) -> int | None:
    """The file's size, from the answer 206 or 416 to a question for its first byte."""
    sent = reply.header("Content-Range") or ""
    found = CONTENT_RANGE.fullmatch(sent)
    if reply.response.status == 416 and sent == "bytes */0":
        return 0
    if reply.response.status == 416:
        raise Status(reply.name, 416, "the server answers 416 to a question for the first byte")
    if found is None or found.group(1, 2) != ("0", "0") or reply.length not in (1, None):
        raise Torn(
            reply.name, f"asked for the first byte, {sent!r} of {reply.length} bytes is sent"
        )
    return None if found[3] == "*" else int(found[3])


def check_state(answer: RemoteFile, reply: Reply) -> None:
    """The file is in the state that was probed, as far as an answer of status 200 or 206 tells."""
    if reply.response.status == 416:
        raise Torn(
            reply.name, f"changed while it was read: it had {answer.size} bytes and is shorter now"
        )
    for name, before in (
        ("ETag", answer.etag),
        ("Last-Modified", answer.modified if not answer.etag else None),
    ):
        if before and (now := reply.header(name)) and now != before:
            raise Torn(
                reply.name, f"changed while it was read: {name} was {before!r} and is {now!r}"
            )
    if reply.response.status == 200 and reply.length not in (answer.size, None):
        raise Torn(
            reply.name,
            f"changed while it was read: it had {answer.size} bytes and has {reply.length}",
        )


def _hexadecimal(value: str) -> str | None:
    bare = value.strip().strip('"').lower()
    return bare if re.fullmatch(r"[0-9a-f]{64}", bare) else None


def _repr_digest(value: str) -> str | None:
    """RFC 9530: `sha-256=:base64:`, maybe among others."""
    found = re.search(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]{44}):", value)
    try:
        digest = base64.b64decode(found[1], validate=True) if found else b""
    except binascii.Error:
        return None
    return digest.hex() if len(digest) == 32 else None


def _number(value: str) -> str | None:
    return value if re.fullmatch(r"[0-9]{1,18}", value) else None


Readers = dict[str, Callable[[str], str | None]]  # by the header they read

# The Hugging Face hub states both at its own address, before it redirects to where the file lies;
# the first is a SHA-256 for files of Git LFS and Xet, and Git's shorter hash for all others.
DIGESTS: Readers = {"X-Linked-Etag": _hexadecimal, "Repr-Digest": _repr_digest}
STATED_SIZE: Readers = {"X-Linked-Size": _number}


def _first(reply: Reply, readers: Readers) -> str | None:
    """The first readable statement of any answer on the way."""
    values = (
        read(hop.headers.get(name, "").strip())
        for hop in reply.hops
        for name, read in readers.items()
    )
    return next((value for value in values if value is not None), None)
