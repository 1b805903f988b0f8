"""Connections that go to checked addresses only and end in time.

urllib3 pools them, bounded for each host. Two things differ from urllib3. A connection resolves its
host, checks the IP addresses (`zoo.weights.http.address_guard`) and connects to exactly these. And
its socket asks a budget before each wait: a socket's time-out bounds one wait only, so a server
that sends a byte a second would be waited for until the file is complete. The budget bounds bytes
too, whatever the libraries above want to read: http.client takes a chunk of size -1 for one without
end.
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

from zoo.model_index.errors import NoAnswer, Torn
from zoo.weights.http.address_guard import AddressGuard

MAX_POOLS = 256  # above that the pool that was idle for longest is closed
MAX_HEADERS = 1 << 18  # bytes of an answer's headers, and of what is read ahead


class Budget(threading.local):
    """The time that this thread may still wait for the network, and the bytes it may still take.

    Time starts at the first wait for a server, so waiting for a turn at a busy host does not count.
    """

    seconds = 30.0
    started: float | None = None
    earlier = 0.0  # seconds of former budgets
    bytes = 0

    def reset(self, seconds: float, size: int = 0) -> None:
        """Start a new budget, at the next wait, for headers and `size` bytes of a body.

        A body may come in many small chunks, each with a header of its own.
        """
        self.earlier += self.spent
        self.seconds, self.started = seconds, None
        self.bytes = 2 * size + MAX_HEADERS

    @property
    def spent(self) -> float:
        """Seconds since the first wait."""
        return 0.0 if self.started is None else time.monotonic() - self.started

    @property
    def total(self) -> float:
        """Seconds that this thread has waited for servers in all."""
        return self.earlier + self.spent

    def remaining(self) -> float:
        """Return the seconds that remain.

        Raises:
            TimeoutError: none remain.
        """
        if self.started is None:
            self.started = time.monotonic()
        if (remaining := self.seconds - self.spent) <= 0:
            raise TimeoutError(f"not done within {self.seconds:g} s")
        return remaining

    def take(self, size: int) -> int:
        """Take bytes that have arrived, and return their number.

        Raises:
            Torn: more than the budget has.
        """
        self.bytes -= size
        if self.bytes < 0:
            raise Torn("", "the server sends more than was requested")
        return size


BUDGET = Budget()


class PlainSocket(socket.socket):
    """Socket that waits no longer, and takes no more, than the budget allows."""

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        self.settimeout(BUDGET.remaining())
        return BUDGET.take(super().recv_into(*arguments, **options))


class TlsSocket(ssl.SSLSocket):
    """TLS socket that waits no longer, and takes no more, than the budget allows. A handshake
    bounds its own time."""

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        self.settimeout(BUDGET.remaining())
        return BUDGET.take(super().recv_into(*arguments, **options))


class _GuardedConnection(HTTPConnection):
    """Connection to addresses that passed the guard; all requests go through it."""

    def __init__(self, guard: AddressGuard, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self.guard = guard

    def _new_conn(self) -> socket.socket:
        bare = self.host.strip("[]")
        host = f"[{bare}]" if ":" in bare else bare
        addresses = self.guard.resolve_host(host, self.port, BUDGET.remaining())
        failures: dict[str, OSError] = {}
        for position, address in enumerate(addresses):
            try:
                return _connect(address, self.port, len(addresses) - position)
            except OSError as error:
                failures[address] = error
        why = "; ".join(f"{address} {_describe(error)}" for address, error in failures.items())
        passing = any(
            isinstance(error, TimeoutError | ConnectionResetError) for error in failures.values()
        )
        raise NoAnswer(host, f"cannot connect: {why or 'the host has no address'}", passing=passing)


class _GuardedTlsConnection(_GuardedConnection, HTTPSConnection):
    """TLS connection to addresses that passed the guard."""


CONNECTIONS = {"http": _GuardedConnection, "https": _GuardedTlsConnection}


class Pools(PoolManager):
    """Pools of connections, at most `per_host` open to a host at once; further requests wait for
    one. Uses no proxies."""

    def __init__(self, guard: AddressGuard, per_host: int):
        super().__init__(MAX_POOLS, maxsize=per_host, block=True)
        self.guard = guard

    def _new_pool(
        self, scheme: str, host: str, port: int, request_context: dict[str, Any] | None = None
    ) -> HTTPConnectionPool:
        context = dict(request_context or self.connection_pool_kw)
        if scheme == "https":
            context["ssl_context"] = _tls_context()
        pool = super()._new_pool(scheme, host, port, context)
        pool.ConnectionCls = partial(CONNECTIONS[scheme], self.guard)  # type: ignore[assignment]
        return pool


def _tls_context() -> ssl.SSLContext:
    """Return Python's default TLS context, which trusts the authorities of the system and of
    certifi."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.sslsocket_class = TlsSocket
    return context


def _connect(address: str, port: int, share: int) -> socket.socket:
    """Connect to exactly this IP address, within its share of the remaining time."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    connection = PlainSocket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(BUDGET.remaining() / share)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.connect((address, port))
        connection.settimeout(BUDGET.remaining())
    except BaseException:
        connection.close()
        raise
    return connection


def _describe(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "does not answer"
    return (error.strerror or str(error)).lower()
