"""Decide which addresses may be requested; an address comes from an index, so its author chose it.

An address may point at what only this machine can reach: a service on localhost, a router, a
cloud's metadata. So an address must be http or https and name no credentials, and every IP address
that its host resolves to must be public. `AddressGuard.resolve_host` runs for each connection, and
the connection goes to exactly the addresses that passed (`zoo.weights.http.connection`); a host
that resolves to something else the second time gains nothing.
"""

import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from urllib.parse import urljoin

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from zoo.model_index.errors import NoAnswer, Refused, UsageError

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], list[str]]  # (host, port) -> IP addresses as text; raises OSError

MAX_LENGTH = 8192  # characters; presigned addresses have about 2000
PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")
# What resolvers may read as an IPv4 address.
NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
LOCAL_NAMES = ("localhost", "local", "internal", "home.arpa", "localdomain")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in its last 32 bits

# Networks that `ipaddress` of some supported Python version calls public, though they are not.
NOT_PUBLIC = {
    ipaddress.ip_network(network): why
    for network, why in {
        # RFC 6890; 192.0.0.192 is the metadata service of Oracle's cloud
        "192.0.0.0/24": "reserved",
        "192.88.99.0/24": "reserved",  # RFC 7526: relays of 6to4
        "168.63.129.16/32": "a cloud's own",  # Azure's services for the machine itself
        "64:ff9b:1::/48": "private",  # RFC 8215: translation inside of one network
        "2001::/23": "reserved",  # RFC 2928: Teredo, benchmarking, ORCHID: no hosts
        "2002::/16": "a tunnel",  # RFC 7526: 6to4, any IPv4 address inside
        "3fff::/20": "reserved",  # RFC 9637: documentation
        "5f00::/16": "reserved",  # RFC 9602: segment routing
    }.items()
}
KINDS = {
    "is_unspecified": "unspecified",
    "is_loopback": "loopback",
    "is_link_local": "link-local",
    "is_site_local": "private",  # IPv6 only, RFC 3879
    "is_multicast": "multicast",
    "is_private": "private",
    "is_reserved": "reserved",
}


def why_not_public(address: IP) -> str:
    """Return why an IP address is not public (`loopback`), or an empty text if it is."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return why_not_public(address.ipv4_mapped)
        if address in NAT64:
            return why_not_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    for network, why in NOT_PUBLIC.items():
        if address.version == network.version and address in network:
            return why
    for attribute, why in KINDS.items():
        if getattr(address, attribute, False):
            return why
    return "" if address.is_global else "not public"


def printable_url(url: str) -> str:
    """Return an address for messages: without query, fragment and credentials, in ASCII, at most
    200 characters."""
    try:
        parsed = parse_url(url)
        text = str(Url(parsed.scheme, None, parsed.host, parsed.port, parsed.path))
    except LocationParseError:
        text = re.sub(r"//[^/]*@", "//", re.split(r"[?#]", url, maxsplit=1)[0])
    text = text.encode("ascii", "backslashreplace").decode()
    text = "".join(
        character if character.isprintable() else f"\\x{ord(character):02x}" for character in text
    )
    return text if len(text) <= 200 else text[:197] + "..."


def system_resolver(host: str, port: int) -> list[str]:
    """Return all IP addresses of a host from the system's resolver."""
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in rows))


class AddressGuard:
    """The rule for addresses, with a user's exceptions: `host` or `host:port`."""

    def __init__(self, allow_hosts: Iterable[str] = (), resolve: Resolver = system_resolver):
        self.exceptions = frozenset(map(_parse_host, allow_hosts))
        self.resolve = resolve

    def allows(self, host: str, port: int) -> bool:
        """Return whether the user lifted the check of IP addresses for this host."""
        return bool({(host, None), (host, port)} & self.exceptions)

    def check_url(self, url: str) -> Url:
        """Return an address in its normal form, without fragment. Resolves no host.

        Raises:
            Refused: the address is invalid or not allowed.
        """
        name = printable_url(url)
        if len(url) > MAX_LENGTH or "\\" in url or not url.isprintable() or " " in url:
            raise Refused(name, "invalid address")
        try:
            parsed = parse_url(url)
        except LocationParseError:
            raise Refused(name, "invalid address") from None
        if parsed.scheme not in PORTS:
            scheme = parsed.scheme or "an address without a scheme"
            raise Refused(name, f"only http and https are supported, not {scheme}")
        if parsed.auth is not None:
            raise Refused(name, "an address must not contain a user name or a password")
        host = (parsed.host or "").rstrip(".")
        if not HOST.fullmatch(host) or parsed.port == 0:
            raise Refused(name, "invalid host")
        if not self.allows(host, parsed.port or PORTS[parsed.scheme]):
            _check_spelling(name, host)
        return Url(parsed.scheme, None, host, parsed.port, parsed.path or "/", parsed.query)

    def redirect_target(self, url: str, location: str) -> str:
        """Return the address that a redirect leads to.

        Raises:
            Refused: that address is invalid or not allowed, or http after https.
        """
        try:  # http.client reads headers as Latin-1; what is not ASCII in them is UTF-8 today
            location = location.encode("latin-1").decode()
        except UnicodeError:
            raise Refused(printable_url(url), "redirects to an invalid address") from None
        try:
            target = urljoin(url, location.strip().replace(" ", "%20"))
        except ValueError:
            raise Refused(printable_url(url), "redirects to an invalid address") from None
        try:
            normal = str(self.check_url(target))
        except Refused as error:
            raise Refused(printable_url(url), f"redirects to {error}") from None
        if url.startswith("https:") and normal.startswith("http:"):
            raise Refused(printable_url(url), f"redirects from https to {printable_url(normal)}")
        return normal

    def resolve_host(self, host: str, port: int, seconds: float) -> list[str]:
        """Resolve a host to IP addresses, all of which must be public.

        The system's resolver takes no time limit, so it runs in a thread that nobody waits for
        longer than `seconds`.

        Raises:
            Refused: an IP address is not public.
            NoAnswer: the host cannot be resolved in time.
        """
        future: Future[list[str]] = Future()
        arguments = (future, self.resolve, host.strip("[]"), port)
        threading.Thread(target=_run_resolver, args=arguments, daemon=True).start()
        try:
            addresses = future.result(seconds)
        except TimeoutError:
            raise NoAnswer(host, f"resolving {host} timed out", passing=True) from None
        except (OSError, UnicodeError) as error:
            passing = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
            raise NoAnswer(host, f"could not resolve {host} (offline?)", passing=passing) from None
        for address in () if self.allows(host, port) else addresses:
            if why := why_not_public(ipaddress.ip_address(address)):
                raise Refused(host, _not_public(host, address, why))
        return addresses


def _parse_host(text: str) -> tuple[str, int | None]:
    """Parse `host`, `host:port`, `::1` or `[::1]:port` into host and port."""
    try:
        bare = f"[{text}]" if text.count(":") > 1 and "[" not in text else text
        parsed = parse_url(f"http://{bare}")
    except LocationParseError:
        parsed = Url()
    if not parsed.host or parsed.auth or parsed.path or parsed.query or parsed.fragment:
        raise UsageError(f"expected a host or host:port to allow, got {text!r}")
    return parsed.host.rstrip("."), parsed.port


def _check_spelling(name: str, host: str) -> None:
    """Refuse local names, IP addresses that are not public, and odd spellings of either."""
    if any(host == local or host.endswith(f".{local}") for local in LOCAL_NAMES):
        raise Refused(name, f"{host} is a local name; --allow-host {host} permits it")
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        if NUMBER.fullmatch(host) or host.startswith("["):
            raise Refused(name, f"{host} is not the plain form of an IP address") from None
        return
    if why := why_not_public(address):
        raise Refused(name, _not_public(host, host.strip("[]"), why))


def _not_public(host: str, address: str, why: str) -> str:
    """Return the reason for refusing a host."""
    if host.strip("[]") == address:
        fault = f"{host} is not a public address"
    else:
        fault = f"{host} resolves to {address}, which is not a public address"
    return f"{fault} ({why}); --allow-host {host} permits it"


def _run_resolver(future: Future[list[str]], resolve: Resolver, host: str, port: int) -> None:
    try:
        future.set_result(resolve(host, port))
    except BaseException as error:  # raised again in the thread that waits
        future.set_exception(error)
