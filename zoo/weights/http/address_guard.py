"""Which addresses may be asked for bytes. An address comes from an index, so whoever wrote the
index chose it.

It may be meant to guard what only this machine can: a service on localhost, a router, a cloud's
metadata. So an address has to be http or https, name no credentials, and every IP address its name
resolves to has to be public. `AddressGuard.addresses` is called for each connection, which then goes to
exactly what was checked (`zoo.weights.http.connection`); a name that resolves to something else the
second time gains nothing.
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

LONGEST = 8192  # characters; presigned addresses have about 2000
PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")
NUMBER = re.compile(
    r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)"
)  # what resolvers may read as an IPv4 address
LOCAL_NAMES = ("localhost", "local", "internal", "home.arpa", "localdomain")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in its last 32 bits

# Public as `ipaddress` has it, in some of the Python versions that are supported, and yet not for
# everybody.
CLOSED = {
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
    """Why an IP address may not be asked (`loopback`), or nothing where it is a public one."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return why_not_public(address.ipv4_mapped)
        if address in NAT64:
            return why_not_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    for network, why in CLOSED.items():
        if address.version == network.version and address in network:
            return why
    for attribute, why in KINDS.items():
        if getattr(address, attribute, False):
            return why
    return "" if address.is_global else "not public"


def shown(url: str) -> str:
    """An address as it may be printed: no query, fragment or credentials, ASCII, of bounded
    length."""
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


def resolved(host: str, port: int) -> list[str]:
    """All IP addresses of a name, as the system's resolver has them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class AddressGuard:
    """The rule for addresses, with the exceptions a user has made: `host` or `host:port`, for that
    host only."""

    def __init__(self, allow_hosts: Iterable[str] = (), resolve: Resolver = resolved):
        self.allowed = frozenset(map(_allowed, allow_hosts))
        self.resolve = resolve

    def allows(self, host: str, port: int) -> bool:
        """Whether a user has lifted the check of IP addresses for this host."""
        return bool({(host, None), (host, port)} & self.allowed)

    def checked(self, url: str) -> Url:
        """An address in its normal form and without fragment, or `Refused`. Looks nothing up."""
        name = shown(url)
        if len(url) > LONGEST or "\\" in url or not url.isprintable() or " " in url:
            raise Refused(name, "no valid address")
        try:
            parsed = parse_url(url)
        except LocationParseError:
            raise Refused(name, "no valid address") from None
        if parsed.scheme not in PORTS:
            raise Refused(
                name,
                f"only http and https are read, not {parsed.scheme or 'an address without a scheme'}",
            )
        if parsed.auth is not None:
            raise Refused(name, "an address with a user name or a password is not asked")
        host = (parsed.host or "").rstrip(".")
        if not HOST.fullmatch(host) or parsed.port == 0:
            raise Refused(name, "no valid host")
        if not self.allows(host, parsed.port or PORTS[parsed.scheme]):
            _check_spelling(name, host)
        return Url(parsed.scheme, None, host, parsed.port, parsed.path or "/", parsed.query)

    def next(self, url: str, location: str) -> str:
        """Where a redirect leads, or `Refused`."""
        try:  # http.client reads headers as Latin-1; what is not ASCII in them is UTF-8 today
            location = location.encode("latin-1").decode()
        except UnicodeError:
            raise Refused(shown(url), "redirects to what is no valid address") from None
        try:
            target = urljoin(url, location.strip().replace(" ", "%20"))
        except ValueError:
            raise Refused(shown(url), "redirects to what is no valid address") from None
        try:
            checked = str(self.checked(target))
        except Refused as error:
            raise Refused(shown(url), f"redirects to {error}") from None
        if url.startswith("https:") and checked.startswith("http:"):
            raise Refused(shown(url), f"redirects from https to {shown(checked)}")
        return checked

    def addresses(self, host: str, port: int, seconds: float) -> list[str]:
        """The IP addresses of a host, each of them checked; one that is why_not_public bars all.

        The system's resolver takes no time limit, so it is asked in a thread that nobody waits for
        longer than `seconds`.
        """
        answer: Future[list[str]] = Future()
        threading.Thread(
            target=_answer, args=(answer, self.resolve, host.strip("[]"), port), daemon=True
        ).start()
        try:
            found = answer.result(seconds)
        except TimeoutError:
            raise NoAnswer(host, f"{host} was not looked up in time", passing=True) from None
        except (OSError, UnicodeError) as error:
            passing = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
            raise NoAnswer(host, f"no address is known for {host}", passing=passing) from None
        for address in () if self.allows(host, port) else found:
            if why := why_not_public(ipaddress.ip_address(address)):
                raise Refused(host, _not_public(host, address, why))
        return found


def _allowed(text: str) -> tuple[str, int | None]:
    """`host`, `host:port`, `::1` or `[::1]:port` as host and port."""
    try:
        bare = f"[{text}]" if text.count(":") > 1 and "[" not in text else text
        parsed = parse_url(f"http://{bare}")
    except LocationParseError:
        parsed = Url()
    if not parsed.host or parsed.auth or parsed.path or parsed.query or parsed.fragment:
        raise UsageError(f"expected a host or host:port to allow, got {text!r}")
    return parsed.host.rstrip("."), parsed.port


def _check_spelling(name: str, host: str) -> None:
    """Refuse names that can only be local, IP addresses that are not public, and odd spellings of
    either."""
    if any(host == local or host.endswith(f".{local}") for local in LOCAL_NAMES):
        raise Refused(name, f"{host} is a local name; --allow-host {host} permits it")
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        if NUMBER.fullmatch(host) or host.startswith("["):
            raise Refused(name, f"{host} is no plain spelling of an IP address") from None
        return
    if why := why_not_public(address):
        raise Refused(name, _not_public(host, host.strip("[]"), why))


def _not_public(host: str, address: str, why: str) -> str:
    where = "is" if host.strip("[]") == address else f"resolves to {address},"
    return f"{host} {where} no public address ({why}); --allow-host {host} permits it"


def _answer(answer: Future[list[str]], resolve: Resolver, host: str, port: int) -> None:
    try:
        answer.set_result(resolve(host, port))
    except BaseException as error:  # belongs to the thread that asked
        answer.set_exception(error)
