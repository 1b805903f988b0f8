"""Remote files, of which a few bytes are read: is it there, how large is it, has it changed, what
does it begin with?

    with Client() as client, ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(client.probe, urls))
        with client.open(answers[0]) as file:
            names = zipfile.ZipFile(file).namelist()

A client may be used by many threads at once; a host is asked by at most `per_host` of them, the
others wait for their turn. What a server says is not believed until it has been compared with what
it said before.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import TypeVar

import msgspec

from zoo.model_index.errors import RemoteError, Status, Torn
from zoo.weights.http.address_guard import AddressGuard, Resolver, resolved
from zoo.weights.http.range_file import LIMIT, RangeFile
from zoo.weights.http.request import Patience, Reply, Transport
from zoo.weights.http.response import Identity, RemoteFile, answer_of, check_state

T = TypeVar("T")

EXPIRED = frozenset(
    (400, 401, 403, 404, 410)
)  # of an address that a redirect made for a short time


class Client:
    """Asks about remote files, reads parts of them, downloads them.

    `allow_hosts` lifts the check for public IP addresses for `host` or `host:port`. `timeout`
    bounds, in seconds, each answer as a whole; of a long body, each 256 KiB. `patience` bounds what
    goes into waiting and asking again. All methods raise `zoo.model_index.errors.RemoteError`.
    """

    def __init__(
        self,
        allow_hosts: Iterable[str] = (),
        *,
        per_host: int = 4,
        timeout: float = 30.0,
        patience: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
        resolve: Resolver = resolved,
    ):
        self.timeout, self.patience, self.sleep = timeout, patience, sleep
        self._transport = Transport(AddressGuard(allow_hosts, resolve), per_host, timeout)

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def probe(self, url: str, known: Identity | None = None) -> RemoteFile:
        """What the server says about a file, for the price of its first byte.

        A GET for one byte and no HEAD: some servers refuse that, and presigned addresses are signed
        for GET.
        """
        return self.patiently(lambda: self._probe(url, known))

    def open(self, file: str | RemoteFile, *, limit: int | None = LIMIT) -> RangeFile:
        """A seekable file that fetches what is read of it, at most `limit` bytes in all; None is no
        limit."""
        answer = self.probe_size(file)
        if not answer.ranges:
            raise Torn(answer.place, "the server sends whole files only; download it to read it")
        return RangeFile(
            answer.place, answer.size or 0, lambda start, end: self.read(answer, start, end), limit
        )

    def read(self, answer: RemoteFile, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end` of the file, which has to be in the state that
        `answer` tells of."""
        return self.patiently(lambda: self._read(answer, start, end))

    def patiently(self, ask: Callable[[], T]) -> T:
        """Ask again while that may help and patience lasts."""
        patience = self.new_patience()
        while True:
            try:
                return ask()
            except RemoteError as error:
                patience.wait(error)

    def new_patience(self) -> Patience:
        """What decides, for one question, whether it is asked again."""
        return Patience(self.patience, self.sleep)

    @contextmanager
    def pieces(self, answer: RemoteFile, start: int) -> Iterator[Iterator[bytes]]:
        """The file from `start` to its end, piece by piece, asked for once."""
        size = answer.size or 0
        with self._part(answer, start, size) if start else self._whole(answer) as reply:
            yield reply.pieces(size - start, self.timeout)

    def probe_size(self, file: str | RemoteFile) -> RemoteFile:
        answer = self.probe(file) if isinstance(file, str) else file
        if answer.size is None:
            raise Torn(answer.place, "the server does not say how long the file is")
        return answer

    def _probe(self, url: str, known: Identity | None) -> RemoteFile:
        with self._transport.ask(url, {"Range": "bytes=0-0"}) as reply:
            answer = answer_of(url, reply)
        return msgspec.structs.replace(answer, unchanged=known is not None and answer.same(known))

    def _read(self, answer: RemoteFile, start: int, end: int) -> bytes:
        with self._part(answer, start, end) as reply:
            return b"".join(reply.pieces(end - start, self.timeout))

    @contextmanager
    def _part(self, answer: RemoteFile, start: int, end: int) -> Iterator[Reply]:
        headers = {"Range": f"bytes={start}-{end - 1}"}
        if condition := answer.etag or answer.modified:
            headers["If-Range"] = condition
        if condition and condition.startswith(
            "W/"
        ):  # a weak ETag is none for a range, RFC 9110, 13.1.5
            del headers["If-Range"]
        with self._ask(answer, headers) as reply:
            check_state(answer, reply)
            if reply.response.status != 206:
                raise Torn(
                    reply.name, f"asked for bytes {start} to {end - 1}, the whole file is sent"
                )
            asked, sent = f"bytes {start}-{end - 1}/{answer.size}", reply.header("Content-Range")
            if sent != asked:
                raise Torn(reply.name, f"asked for {asked!r}, {sent!r} is sent")
            yield reply

    @contextmanager
    def _whole(self, answer: RemoteFile) -> Iterator[Reply]:
        with self._ask(answer, {}) as reply:
            check_state(answer, reply)
            if reply.response.status != 200:
                raise Torn(
                    reply.name,
                    f"asked for the whole file, the server answers {reply.response.status}",
                )
            yield reply

    @contextmanager
    def _ask(self, answer: RemoteFile, headers: dict[str, str]) -> Iterator[Reply]:
        """Asks where redirects led to before; and from the start again, where that address holds no
        longer."""
        with ExitStack() as stack:
            try:
                reply = stack.enter_context(self._transport.ask(answer.final, headers))
            except Status as error:
                if error.status not in EXPIRED or answer.final == answer.url:
                    raise
                reply = stack.enter_context(self._transport.ask(answer.url, headers))
            yield reply
