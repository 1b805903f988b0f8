"""The address that `zoo serve` listens on, tried before anything is built."""

import errno
import ipaddress
import socket
from contextlib import suppress
from typing import NamedTuple

from zoo.model_index.errors import UsageError

LARGEST = 65_535
NEXT = 100  # ports behind one that is in use, tried before any other
WILDCARDS = ("0.0.0.0", "::")


class Address(NamedTuple):
    """An address of this machine and a port."""

    host: str
    port: int

    @property
    def netloc(self) -> str:
        """The address as a URL has it: an IPv6 address in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def url(self, path: str = "/") -> str:
        """Return the URL to open in a browser on this machine."""
        if self.host in WILDCARDS:
            return Address("127.0.0.1" if self.host == "0.0.0.0" else "::1", self.port).url(path)
        return f"http://{self.netloc}{path}"


def find_address(host: str, port: int) -> Address:
    """Return the address to listen on, which nobody uses now; port 0 becomes a free one.

    Raises:
        UsageError: the port is in use or needs rights, or the host is none of this machine.
    """
    address = Address(_resolve(host), port)
    try:
        return Address(address.host, _listen(address))
    except OSError as error:
        raise UsageError(explain_refusal(address, error)) from error


def explain_refusal(address: Address, error: OSError) -> str:
    """Say why nobody can listen on an address, and what to type instead."""
    host, port = address
    match error.errno:
        case errno.EADDRINUSE:
            return f"port {port} is in use; zoo serve --port {_find_free_port(address)}"
        case errno.EACCES | errno.EPERM:
            free = _find_free_port(Address(host, 8000 + port if port < 1000 else 8000))
            return f"port {port} needs the rights of an administrator; zoo serve --port {free}"
        case errno.EADDRNOTAVAIL | errno.EAFNOSUPPORT | errno.EINVAL:
            return f"--host {host}: no address of this machine; zoo serve --host 127.0.0.1"
    return f"{address.netloc}: {error.strerror or error}"


def _resolve(host: str) -> str:
    """Return a host's address, an IPv4 one where it has both.

    Raises:
        UsageError: it has none.
    """
    name = host.strip().removeprefix("[").removesuffix("]")
    with suppress(ValueError):
        return str(ipaddress.ip_address(name))
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM) if name else []
    except (OSError, UnicodeError):
        found = []
    addresses = sorted(str(place[0]) for _, _, _, _, place in found)
    if not addresses:
        raise UsageError(f"--host {host!r}: no such host; zoo serve --host 127.0.0.1")
    return min(addresses, key=lambda address: ":" in address)


def _listen(address: Address) -> int:
    """Listen for a moment; return the port."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        probe.bind((address.host, address.port))
        probe.listen(1)
        return int(probe.getsockname()[1])


def _find_free_port(address: Address) -> int:
    """Return the next port that is free, or any."""
    for port in range(address.port + 1, min(address.port + NEXT, LARGEST) + 1):
        with suppress(OSError):
            return _listen(Address(address.host, port))
    return _listen(Address(address.host, 0))
