"""One question to a server: the address and its redirects, what went wrong, and when to ask again.

Everything that urllib3 and http.client can raise leaves here as a `RemoteError` that names the
address.
"""

import http.client
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError, InvalidHeader, ProtocolError, ReadTimeoutError, SSLError
from urllib3.util import Retry

from zoo import __version__
from zoo.model_index.errors import NoAnswer, Refused, RemoteError, Status, Torn
from zoo.weights.http.address_guard import AddressGuard, shown
from zoo.weights.http.connection import CLOCK, Pools

HOPS = 5  # redirects that are followed
PASSING = frozenset((429, 500, 502, 503, 504))  # statuses after which asking again may help
REST = (
    1 << 14
    # bytes of an unwanted body that are read to keep the connection; a longer one costs the connection
)
FIRST = 0.5  # seconds until a question is asked for the second time
PIECE = 1 << 18  # bytes that have to arrive within the time limit, and that are in memory at once
HEADERS = {"User-Agent": f"zoo/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}


class Patience:
    """How long a question is asked again: waits double, and they and the time that servers took
    come out of one budget of `seconds`."""

    def __init__(self, seconds: float, sleep: Callable[[float], None]):
        self.seconds, self.sleep = seconds, sleep
        self.reset()

    def reset(self) -> None:
        """Start again, because something arrived."""
        self.next, self.waited, self.begun = FIRST, 0.0, CLOCK.total

    def wait(self, error: RemoteError) -> None:
        """Sleep before the question is asked again; raises the error where it is not."""
        wait = self.next if error.wait is None else max(error.wait, self.next)
        if not error.passing or CLOCK.total - self.begun + self.waited + wait > self.seconds:
            raise error
        self.waited += wait
        self.next *= 2
        self.sleep(wait)


@dataclass(frozen=True)
class Reply:
    """A server's answer before its body is read: the address that gave it, and the headers of all
    on the way."""

    url: str
    response: BaseHTTPResponse = field(repr=False)
    hops: tuple[BaseHTTPResponse, ...] = field(repr=False)

    @property
    def name(self) -> str:
        """The address as it may be shown."""
        return shown(self.url)

    def header(self, name: str) -> str | None:
        """A header of the last answer, of printable characters and bounded length, or None."""
        value = self.response.headers.get(name, "").strip()
        return value if value and value.isprintable() and len(value) <= 1024 else None

    @property
    def length(self) -> int | None:
        """How many bytes the body is said to have."""
        value = self.header("Content-Length") or ""
        return int(value) if re.fullmatch(r"[0-9]{1,18}", value) else None

    def pieces(self, size: int, seconds: float) -> Iterator[bytes]:
        """Exactly `size` bytes of the body, in pieces; each has so many seconds to arrive."""
        if (self.header("Content-Encoding") or "identity").lower() != "identity":
            raise Torn(
                self.name, f"is sent as {self.header('Content-Encoding')!r}, asked for as it is"
            )
        if self.length is not None and self.length != size:
            raise Torn(self.name, f"expected {size} bytes, {self.length} are announced")
        done = 0
        while done < size:
            piece = self._read(min(PIECE, size - done), seconds)
            if not piece:
                raise Torn(self.name, f"cut off after {done} of {size} bytes", passing=True)
            done += len(piece)
            yield piece
        if self.length is None and self._read(1, seconds):
            raise Torn(self.name, f"expected {size} bytes, more are sent")

    def _read(self, size: int, seconds: float) -> bytes:
        CLOCK.reset(seconds)
        with told(self.url):
            return self.response.read(size, decode_content=False)


class Transport:
    """Asks servers, over pooled connections, what they may be asked."""

    def __init__(self, guard: AddressGuard, per_host: int, seconds: float):
        self.guard, self.seconds = guard, seconds
        self.pools = Pools(guard, per_host)

    @contextmanager
    def ask(self, url: str, headers: dict[str, str]) -> Iterator[Reply]:
        """The answer of the server that an address leads to, of status 200, 206 or 416. Afterwards
        its connection goes back to the pool, or is closed where much of the body is left."""
        target = str(self.guard.checked(url))
        hops: list[BaseHTTPResponse] = []
        while location := (response := self._one(target, headers)).get_redirect_location():
            _finish(response)
            hops.append(response)
            if len(hops) > HOPS:
                raise Refused(shown(url), f"redirects more than {HOPS} times")
            target = self.guard.next(target, location)
        try:
            _check_status(target, response)
            yield Reply(target, response, (*hops, response))
        finally:
            _finish(response)

    def _one(self, url: str, headers: dict[str, str]) -> BaseHTTPResponse:
        CLOCK.reset(self.seconds)
        with told(url):
            return self.pools.urlopen(
                "GET",
                url,
                headers=HEADERS | headers,
                redirect=False,
                retries=False,
                preload_content=False,
                decode_content=False,
            )

    def close(self) -> None:
        """Close all idle connections."""
        self.pools.clear()


@contextmanager
def told(url: str) -> Iterator[None]:
    """Turns what urllib3 raises into what went wrong with this address."""
    name = shown(url)
    try:
        yield
    except (Refused, NoAnswer) as error:  # of a connection, which knows its host only
        raise type(error)(name, error.reason, passing=error.passing) from None
    except (ReadTimeoutError, TimeoutError):
        raise NoAnswer(
            name, f"no complete answer within {CLOCK.seconds:g} s", passing=True
        ) from None
    except SSLError as error:
        reason = error.args[0] if error.args else error
        why = (
            getattr(reason, "verify_message", "")
            or getattr(reason, "reason", "")
            or "the connection failed"
        )
        broken = isinstance(reason, ssl.SSLEOFError | ssl.SSLZeroReturnError)
        raise NoAnswer(name, f"no trusted TLS connection: {why}", passing=broken) from None
    except InvalidHeader:
        raise Torn(name, "the answer's headers contradict each other") from None
    except (ProtocolError, OSError) as error:
        if isinstance(_cause(error), http.client.IncompleteRead):
            raise Torn(name, "cut off before its end", passing=True) from None
        raise NoAnswer(name, f"the connection broke: {_broken(error)}", passing=True) from None
    except HTTPError as error:
        raise Torn(name, f"the answer is no HTTP ({type(error).__name__})") from None


def _cause(error: Exception) -> Exception:
    """What urllib3 wrapped."""
    return error.args[1] if len(error.args) > 1 and isinstance(error.args[1], Exception) else error


def _broken(error: Exception) -> str:
    """What broke a connection, without anything that a server wrote."""
    cause = _cause(error)
    if isinstance(cause, http.client.RemoteDisconnected):
        return "closed without an answer"
    if isinstance(cause, http.client.HTTPException):
        return "what is sent is no HTTP"
    return (getattr(cause, "strerror", None) or type(cause).__name__).lower()


def _check_status(url: str, response: BaseHTTPResponse) -> None:
    status = response.status
    if status in (200, 206, 416):
        return
    try:
        phrase = f" {http.HTTPStatus(status).phrase}"
    except ValueError:
        phrase = ""
    wait = _wait(response.headers.get("Retry-After", ""))
    later = f", to be asked again in {wait:g} s" if wait is not None else ""
    reason = f"the server answers {status}{phrase}{later}"
    raise Status(shown(url), status, reason, passing=status in PASSING, wait=wait)


def _wait(after: str) -> float | None:
    """The seconds a `Retry-After` header asks for, as a number or as a date."""
    try:
        return Retry().parse_retry_after(after) if after else None
    except InvalidHeader:
        return None


def _finish(response: BaseHTTPResponse) -> None:
    """Give the connection back: as it is where little of the body is left, else closed."""
    left = response.length_remaining if isinstance(response.length_remaining, int) else REST + 1
    CLOCK.reset(1.0)  # it is not worth more
    try:
        if left <= REST and not response.closed:
            response.read(REST)
    except (HTTPError, OSError):
        pass
    finally:
        if left > REST or not response.closed:
            response.close()
        response.release_conn()
