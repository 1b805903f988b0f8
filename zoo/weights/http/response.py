"""Parse what servers state about a file in the headers of their answers."""

import base64
import binascii
import re
from collections.abc import Callable

from zoo.model_index.errors import Status, Torn
from zoo.weights.http.address_guard import printable_url
from zoo.weights.http.request import Reply
from zoo.weights.identity import Identity

CONTENT_RANGE = re.compile(r"bytes (?:([0-9]{1,18})-([0-9]{1,18})|\*)/([0-9]{1,18}|\*)")


class RemoteFile(Identity, frozen=True, kw_only=True):
    """A remote file as its server describes it.

    `final` is the address after redirects. It may hold a signature that is as good as a password:
    show `place` instead.
    """

    url: str
    final: str
    ranges: bool  # whether the server sends parts of the file
    sha256: str | None = None  # as the server states it
    unchanged: bool = False  # whether its state is the previous one

    @property
    def secure(self) -> bool:
        """Whether the file comes over https."""
        return self.final.startswith("https:")

    @property
    def place(self) -> str:
        """The final address for messages."""
        return printable_url(self.final)


def parse_probe(url: str, reply: Reply) -> RemoteFile:
    """Describe a file from the answer to a request for its first byte."""
    reply.check_encoding()
    size, ranges = reply.length, False
    if reply.response.status != 200:
        size, ranges = _total(reply), True
    stated = _first(reply, STATED_SIZE)
    if stated is not None and size is not None and int(stated) != size:
        raise Torn(reply.name, f"has {size} bytes, a redirect announced {stated}")
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
    """Parse the file's size from the answer 206 or 416 to a request for its first byte."""
    sent = reply.header("Content-Range") or ""
    match = CONTENT_RANGE.fullmatch(sent)
    if reply.response.status == 416 and sent == "bytes */0":
        return 0
    if reply.response.status == 416:
        raise Status(reply.name, 416, "the server answers 416 to a request for the first byte")
    if match is None or match.group(1, 2) != ("0", "0") or reply.length not in (1, None):
        reason = f"requested the first byte, the server sends {sent!r} of {reply.length} bytes"
        raise Torn(reply.name, reason)
    return None if match[3] == "*" else int(match[3])


def check_state(file: RemoteFile, reply: Reply) -> None:
    """Check that an answer of status 200 or 206 comes from the state that was probed.

    Raises:
        Torn: the file changed.
    """
    changed = "changed while it was read: "
    if reply.response.status == 416:
        raise Torn(reply.name, f"{changed}it had {file.size} bytes and is shorter now")
    modified = None if file.etag else file.modified
    for name, expected in (("ETag", file.etag), ("Last-Modified", modified)):
        if expected and (value := reply.header(name)) and value != expected:
            raise Torn(reply.name, f"{changed}{name} was {expected!r} and is {value!r}")
    if reply.response.status == 200 and reply.length not in (file.size, None):
        raise Torn(reply.name, f"{changed}it had {file.size} bytes and has {reply.length}")


def _hexadecimal(value: str) -> str | None:
    bare = value.strip().strip('"').lower()
    return bare if re.fullmatch(r"[0-9a-f]{64}", bare) else None


def _repr_digest(value: str) -> str | None:
    """Parse RFC 9530: `sha-256=:base64:`, possibly among other digests."""
    match = re.search(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]{44}):", value)
    try:
        digest = base64.b64decode(match[1], validate=True) if match else b""
    except binascii.Error:
        return None
    return digest.hex() if len(digest) == 32 else None


def _number(value: str) -> str | None:
    return value if re.fullmatch(r"[0-9]{1,18}", value) else None


Readers = dict[str, Callable[[str], str | None]]  # parser of a value, by header

# The Hugging Face Hub states both before it redirects to the file. The first is a SHA-256 for files
# of Git LFS and Xet, and Git's shorter hash for all others.
DIGESTS: Readers = {"X-Linked-Etag": _hexadecimal, "Repr-Digest": _repr_digest}
STATED_SIZE: Readers = {"X-Linked-Size": _number}


def _first(reply: Reply, readers: Readers) -> str | None:
    """Return the first valid value of any answer, redirects first."""
    values = (
        read(hop.headers.get(name, "").strip())
        for hop in reply.hops
        for name, read in readers.items()
    )
    return next((value for value in values if value is not None), None)
