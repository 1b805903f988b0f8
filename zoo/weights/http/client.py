"""Client for remote files of which only a few bytes are read.

    with Client() as client, ThreadPoolExecutor(16) as pool:
        files = list(pool.map(client.probe, urls))
        with client.open(files[0]) as file:
            names = zipfile.ZipFile(file).namelist()

Many threads may share a client. It sends at most `per_host` requests to a host at once; the others
wait. Each answer is compared with what the server stated before.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from zoo.model_index.errors import NoAnswer, RemoteError, Status, Torn
from zoo.weights.http.address_guard import (
    AddressGuard,
    Resolver,
    printable_url,
    system_resolver,
)
from zoo.weights.http.connection import BUDGET
from zoo.weights.http.range_file import LIMIT, RangeFile
from zoo.weights.http.request import Patience, Reply, Transport, contain_errors
from zoo.weights.http.response import RemoteFile, check_state, parse_probe
from zoo.weights.identity import Identity

T = TypeVar("T")

# Requests without an answer in time after which a host is left alone: an index may name thousands
# of addresses of one host.
MAX_TIMEOUTS = 8
# Statuses of an address that a redirect made for a short time.
EXPIRED = frozenset((400, 401, 403, 404, 410))


class Client:
    """Probe remote files and read parts of them.

    `allow_hosts` lifts the check for public IP addresses for `host` or `host:port`. `timeout`
    bounds, in seconds, each answer as a whole; of a long body, each 256 KiB. `patience` bounds the
    seconds of repeating one request. All methods raise `zoo.model_index.errors.RemoteError`.
    """

    def __init__(
        self,
        allow_hosts: Iterable[str] = (),
        *,
        per_host: int = 4,
        timeout: float = 30.0,
        patience: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
        resolve: Resolver = system_resolver,
    ):
        self.timeout, self.patience, self.sleep = timeout, patience, sleep
        self._timeouts: Counter[str] = Counter()  # by host, since its last answer
        self._transport = Transport(AddressGuard(allow_hosts, resolve), per_host, timeout)

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def probe(self, url: str, previous: Identity | None = None) -> RemoteFile:
        """Request the first byte of a file, and return what the server states about it.

        A GET for one byte and no HEAD: some servers refuse that, and presigned addresses are signed
        for GET.
        """
        return self._retry(url, lambda: self._probe(url, previous))

    def probe_size(self, file: str | RemoteFile) -> RemoteFile:
        """Probe an address; raise `Torn` where the server does not state the size."""
        remote = self.probe(file) if isinstance(file, str) else file
        if remote.size is None:
            raise Torn(remote.place, "the server does not state the file's size")
        return remote

    def open(self, file: str | RemoteFile, *, limit: int | None = LIMIT) -> RangeFile:
        """Open a seekable file that fetches what is read, at most `limit` bytes in all; None is no
        limit."""
        remote = self.probe_size(file)
        if not remote.ranges:
            raise Torn(remote.place, "the server sends whole files only; download it to read it")
        return RangeFile(
            remote.place, remote.size or 0, lambda start, end: self.read(remote, start, end), limit
        )

    def read(self, file: RemoteFile, start: int, end: int) -> bytes:
        """Read the bytes from `start` up to `end` of a file that must not have changed."""
        return self._retry(file.final, lambda: self._read(file, start, end))

    def _retry(self, url: str, request: Callable[[], T]) -> T:
        """Repeat a request while that may help and patience lasts; give up on a slow host."""
        host = urlsplit(url).netloc
        patience = self.new_patience()
        while True:
            if self._timeouts[host] >= MAX_TIMEOUTS:
                reason = f"its host did not answer in time {MAX_TIMEOUTS} times"
                raise NoAnswer(printable_url(url), reason)
            waited = BUDGET.total
            try:
                with contain_errors(url):
                    answer = request()
                self._timeouts[host] = 0
                return answer
            except RemoteError as error:
                late = isinstance(error, NoAnswer) and BUDGET.total - waited >= self.timeout
                self._timeouts[host] = self._timeouts[host] + 1 if late else 0
                patience.wait(error)

    def new_patience(self) -> Patience:
        """Return the retry budget of one request."""
        return Patience(self.patience, self.sleep)

    @contextmanager
    def pieces(self, file: RemoteFile, start: int) -> Iterator[Iterator[bytes]]:
        """Yield the pieces of a file from `start` to its end, from one request."""
        size = file.size or 0
        with self._request_part(file, start, size) if start else self._request_all(file) as reply:
            yield reply.pieces(size - start, self.timeout)

    def _probe(self, url: str, previous: Identity | None) -> RemoteFile:
        with self._transport.get(url, {"Range": "bytes=0-0"}) as reply:
            file = parse_probe(url, reply)
        unchanged = previous is not None and file.is_same(previous)
        return msgspec.structs.replace(file, unchanged=unchanged)

    def _read(self, file: RemoteFile, start: int, end: int) -> bytes:
        with self._request_part(file, start, end) as reply:
            return b"".join(reply.pieces(end - start, self.timeout))

    @contextmanager
    def _request_part(self, file: RemoteFile, start: int, end: int) -> Iterator[Reply]:
        headers = {"Range": f"bytes={start}-{end - 1}"}
        condition = file.etag or file.modified
        # A weak ETag does not hold for a range: RFC 9110, 13.1.5.
        if condition and not condition.startswith("W/"):
            headers["If-Range"] = condition
        with self._request(file, headers) as reply:
            check_state(file, reply)
            if reply.response.status != 206:
                reason = f"requested bytes {start} to {end - 1}, the server sends the whole file"
                raise Torn(reply.name, reason)
            expected, sent = f"bytes {start}-{end - 1}/{file.size}", reply.header("Content-Range")
            if sent != expected:
                raise Torn(reply.name, f"requested {expected!r}, the server sends {sent!r}")
            yield reply

    @contextmanager
    def _request_all(self, file: RemoteFile) -> Iterator[Reply]:
        with self._request(file, {}) as reply:
            check_state(file, reply)
            if (status := reply.response.status) != 200:
                raise Torn(reply.name, f"requested the whole file, the server answers {status}")
            yield reply

    @contextmanager
    def _request(self, file: RemoteFile, headers: dict[str, str]) -> Iterator[Reply]:
        """Request the address that redirects led to; the first address again, where that one
        expired."""
        with ExitStack() as stack:
            try:
                reply = stack.enter_context(self._transport.get(file.final, headers))
            except Status as error:
                if error.status not in EXPIRED or file.final == file.url:
                    raise
                reply = stack.enter_context(self._transport.get(file.url, headers))
            yield reply
