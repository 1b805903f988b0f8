"""A web server on the loopback, with files it serves well and in all the ways a server can go
wrong."""

import gzip
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from zoo.model_index.errors import RemoteError

ETAG = '"first"'


class Handler(BaseHTTPRequestHandler):
    """Hands each request to the behaviour that its path was given."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "Server"

    def do_GET(self) -> None:
        with self.server.counted():
            self.server.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            self.server.behaviours[self.path.partition("?")[0]](self)

    def log_message(self, *arguments: object) -> None:
        pass

    def head(self, status: int, headers: dict[str, object]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()

    def leave(self) -> None:
        """Break the connection off."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


Behaviour = Callable[[Handler], None]


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: str = "127.0.0.1") -> None:
        super().__init__((address, 0), Handler)
        self.behaviours: dict[str, Behaviour] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()
        self.busy = self.busiest = self.connections = 0
        self._lock = threading.Lock()

    def on(self, path: str, behaviour: Behaviour) -> str:
        self.behaviours[path] = behaviour
        return f"http://{self.host}{path}"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def get_request(self) -> tuple[socket.socket, object]:
        self.connections += 1
        return super().get_request()

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # clients that go away

    @contextmanager
    def counted(self) -> Iterator[None]:
        with self._lock:
            self.busy += 1
            self.busiest = max(self.busiest, self.busy)
        try:
            yield
        finally:
            with self._lock:
                self.busy -= 1


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Server]:
    with Server() as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()


def asked_range(handler: Handler, size: int) -> tuple[int, int] | None:
    """The start and the end of what is asked for, or None for all of it."""
    found = re.fullmatch(r"bytes=(\d+)-(\d+)", handler.headers.get("Range", ""))
    return (int(found[1]), min(int(found[2]) + 1, size)) if found else None


def ranged(
    data: bytes, headers: dict[str, object] | None = None, etag: str | None = ETAG
) -> Behaviour:
    """A well-behaved file."""

    def behave(handler: Handler) -> None:
        more = (headers or {}) | ({"ETag": etag} if etag else {})
        part = asked_range(handler, len(data))
        if handler.headers.get("If-Range", etag) not in (etag, more.get("Last-Modified")):
            part = None
        if part is None:
            handler.head(200, {"Content-Length": len(data)} | more)
            handler.wfile.write(data)
        elif part[0] >= len(data):
            handler.head(416, {"Content-Length": 0, "Content-Range": f"bytes */{len(data)}"} | more)
        else:
            body = data[slice(*part)]
            where = f"bytes {part[0]}-{part[1] - 1}/{len(data)}"
            handler.head(206, {"Content-Length": len(body), "Content-Range": where} | more)
            handler.wfile.write(body)

    return behave


def whole(data: bytes, headers: dict[str, object] | None = None) -> Behaviour:
    """Knows no ranges."""

    def behave(handler: Handler) -> None:
        handler.head(200, {"Content-Length": len(data)} | (headers or {}))
        handler.wfile.write(data)

    return behave


def lying(
    data: bytes,
    *,
    announced: int = 0,
    sent: int = 0,
    shift: int = 0,
    chunked: bool = False,
    headers: dict[str, object] | None = None,
) -> Behaviour:
    """Announces so many bytes more than asked for, sends so many more, sends them from so much
    further on."""

    def behave(handler: Handler) -> None:
        start, end = asked_range(handler, len(data)) or (0, len(data))
        where = f"bytes {start + shift}-{end + shift - 1}/{len(data)}"
        length = (
            {"Transfer-Encoding": "chunked"}
            if chunked
            else {"Content-Length": end - start + announced}
        )
        handler.head(206, {"Content-Range": where, "ETag": ETAG} | length | (headers or {}))
        body = (data + bytes(max(sent, 0)))[start : end + sent]
        handler.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if chunked else body)
        if sent < announced and not chunked:  # chunks have an end of their own
            handler.leave()

    return behave


def dripping(data: bytes, every: float, to: Callable[[Handler], bytes]) -> Behaviour:
    """Sends its answer byte by byte; `to` says what is sent at once before."""

    def behave(handler: Handler) -> None:
        handler.wfile.write(to(handler))
        for byte in data:
            if handler.server.closing.wait(every):
                return
            handler.wfile.write(bytes([byte]))

    return behave


def stalling(size: int, body: bytes = b"") -> Behaviour:
    """Sends the first bytes of a part, and nothing after."""

    def behave(handler: Handler) -> None:
        start, end = asked_range(handler, size) or (0, size)
        where = {
            "Content-Range": f"bytes {start}-{end - 1}/{size}",
            "Content-Length": end - start,
            "ETag": ETAG,
        }
        handler.head(206, where)
        handler.wfile.write(body)
        handler.server.closing.wait(20)
        handler.leave()

    return behave


def raw(text: bytes) -> Behaviour:
    """Exactly these bytes."""

    def behave(handler: Handler) -> None:
        handler.wfile.write(text)
        handler.leave()

    return behave


def status(number: int, headers: dict[str, object] | None = None, body: bytes = b"no") -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.head(number, {"Content-Length": len(body)} | (headers or {}))
        handler.wfile.write(body)

    return behave


def redirect(location: str, headers: dict[str, object] | None = None) -> Behaviour:
    return status(302, {"Location": location} | (headers or {}))


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """One after the other; the last one stays."""
    left = list(behaviours)

    def behave(handler: Handler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return behave


def zipped(data: bytes) -> Behaviour:
    return whole(gzip.compress(data), {"Content-Encoding": "gzip"})


def slow(seconds: float, behaviour: Behaviour) -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.server.closing.wait(seconds)
        behaviour(handler)

    return behave


def noting(end: threading.Event, behaviour: Behaviour) -> Behaviour:
    """Set the event once the behaviour ran to its end, which it does not when the client closes."""

    def behave(handler: Handler) -> None:
        behaviour(handler)
        end.set()

    return behave


def fault(kind: type[RemoteError], ask: Any, *arguments: Any) -> str:
    """What is said after the address."""
    with pytest.raises(kind) as raised:
        ask(*arguments)
    assert type(raised.value) is kind
    assert str(raised.value) == f"{raised.value.url}: {raised.value.reason}"
    return raised.value.reason
