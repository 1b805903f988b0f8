"""Connections that go to checked addresses only and end in time.

urllib3 pools them, bounded for each host. Two things are its own here. A connection resolves its
host, checks what it got (`zoo.weights.http.address_guard`) and connects to just that. And its
socket asks a clock before each wait: the time-outs of sockets bound one wait each, so a server that
sends a byte a second would be waited for until the file is complete.
"""

import socket
import ssl
import threading
import time
from functools import partial
from typing import Any

import certifi
from urllib3 import HTTPConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from zoo.model_index.errors import NoAnswer
from zoo.weights.http.address_guard import AddressGuard

HOSTS = 256  # pools that are kept; above that the one that was idle for longest goes


class Clock(threading.local):
    """How long this thread may still wait for the network. It starts at the first wait for a
    server, so that waiting for one's turn at a busy host does not count."""

    seconds = 30.0
    started: float | None = None
    before = 0.0

    def reset(self, seconds: float) -> None:
        """Allow so many seconds, from the next wait on."""
        self.before += self.spent
        self.seconds, self.started = seconds, None

    @property
    def spent(self) -> float:
        """Seconds since the first wait."""
        return 0.0 if self.started is None else time.monotonic() - self.started

    @property
    def total(self) -> float:
        """Seconds of this thread that went into servers, ever."""
        return self.before + self.spent

    def left(self) -> float:
        """Seconds that are left; raises TimeoutError where none are."""
        if self.started is None:
            self.started = time.monotonic()
        if (left := self.seconds - self.spent) <= 0:
            raise TimeoutError(f"not done within {self.seconds:g} s")
        return left


CLOCK = Clock()


class PlainSocket(socket.socket):
    """A socket that waits no longer than the clock has left."""

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        self.settimeout(CLOCK.left())
        return super().recv_into(*arguments, **options)


class TlsSocket(ssl.SSLSocket):
    """The same with TLS. A handshake keeps to its time as a whole by itself."""

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        self.settimeout(CLOCK.left())
        return super().recv_into(*arguments, **options)


class _Checked(HTTPConnection):
    """Where a connection is made: the one place that all requests go through."""

    def __init__(self, guard: AddressGuard, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self.guard = guard

    def _new_conn(self) -> socket.socket:
        bare = self.host.strip("[]")
        host = f"[{bare}]" if ":" in bare else bare
        addresses = self.guard.addresses(host, self.port, CLOCK.left())
        reasons: dict[str, OSError] = {}
        for at, address in enumerate(addresses):
            try:
                return _connected(address, self.port, len(addresses) - at)
            except OSError as error:
                reasons[address] = error
        why = "; ".join(f"{address} {_why(error)}" for address, error in reasons.items())
        passing = any(
            isinstance(error, TimeoutError | ConnectionResetError) for error in reasons.values()
        )
        raise NoAnswer(host, f"cannot connect: {why or 'the name has no address'}", passing=passing)


class _CheckedTls(_Checked, HTTPSConnection):  # type: ignore[misc]
    """The same with TLS."""


CONNECTIONS = {"http": _Checked, "https": _CheckedTls}


class Pools(PoolManager):
    """Connections for each host, at most `per_host` at once; who comes later waits for a turn. No
    proxies."""

    def __init__(self, guard: AddressGuard, per_host: int):
        super().__init__(HOSTS, maxsize=per_host, block=True)
        self.guard = guard

    def _new_pool(
        self, scheme: str, host: str, port: int, request_context: dict[str, Any] | None = None
    ) -> HTTPConnectionPool:
        context = dict(request_context or self.connection_pool_kw)
        if scheme == "https":
            context["ssl_context"] = _trust()
        pool = super()._new_pool(scheme, host, port, context)
        pool.ConnectionCls = partial(CONNECTIONS[scheme], self.guard)  # type: ignore[assignment]
        return pool


def _trust() -> ssl.SSLContext:
    """TLS as Python's defaults have it, trusting the system's authorities and, where it has none,
    certifi's."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.sslsocket_class = TlsSocket
    return context


def _connected(address: str, port: int, share: int) -> socket.socket:
    """A connection to exactly this IP address, within its share of the time that is left."""
    opened = PlainSocket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        opened.settimeout(CLOCK.left() / share)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.connect((address, port))
        opened.settimeout(CLOCK.left())
    except BaseException:
        opened.close()
        raise
    return opened


def _why(error: OSError) -> str:
    return (
        "does not answer"
        if isinstance(error, TimeoutError)
        else (error.strerror or str(error)).lower()
    )
