"""Send one request: follow redirects, translate errors, decide when to repeat it.

Everything that urllib3 and http.client can raise leaves here as a `RemoteError` that names the
address.
"""

import http.client
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError, InvalidHeader, ProtocolError, ReadTimeoutError, SSLError
from urllib3.util import Retry

from zoo.model_index.errors import NoAnswer, Refused, RemoteError, Status, Torn
from zoo.version import __version__
from zoo.weights.http.address_guard import AddressGuard, printable_url
from zoo.weights.http.connection import BUDGET, Pools

MAX_REDIRECTS = 5
# statuses after which a repeated request may succeed
PASSING = frozenset((429, 500, 502, 503, 504))
# Bytes of an unwanted body that are read to keep the connection; for a longer body it is closed.
MAX_UNWANTED = 1 << 14
MAX_RETRY_AFTER = 64  # characters; a date has 29
FIRST_WAIT = 0.5  # seconds before a request is repeated for the first time
PIECE = 1 << 18  # bytes that have to arrive within the time limit, and that are in memory at once
HEADERS = {"User-Agent": f"zoo/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}


class Patience:
    """Decide how long a request is repeated: waits double, and they and the time that servers take
    come out of one budget of `seconds`."""

    def __init__(self, seconds: float, sleep: Callable[[float], None]):
        self.seconds, self.sleep = seconds, sleep
        self.reset()

    def reset(self) -> None:
        """Start a new budget, because data arrived."""
        self.next, self.waited, self.start = FIRST_WAIT, 0.0, BUDGET.total

    def wait(self, error: RemoteError) -> None:
        """Sleep before the request is repeated.

        Raises:
            RemoteError: the error itself, where repeating does not help or the budget is spent.
        """
        wait = self.next if error.wait is None else max(error.wait, self.next)
        spent = BUDGET.total - self.start + self.waited
        if not error.passing or spent + wait > self.seconds:
            raise error
        self.waited += wait
        self.next *= 2
        self.sleep(wait)


@dataclass(frozen=True)
class Reply:
    """A server's answer before its body is read, with the headers of all redirects before it."""

    url: str
    response: BaseHTTPResponse = field(repr=False)
    hops: tuple[BaseHTTPResponse, ...] = field(repr=False)

    @property
    def name(self) -> str:
        """The address for messages."""
        return printable_url(self.url)

    def header(self, name: str) -> str | None:
        """Return a header of the last answer if it is printable and not too long, else None."""
        value = self.response.headers.get(name, "").strip()
        return value if value and value.isprintable() and len(value) <= 1024 else None

    @property
    def length(self) -> int | None:
        """The number of bytes that the header announces for the body."""
        value = self.header("Content-Length") or ""
        return int(value) if re.fullmatch(r"[0-9]{1,18}", value) else None

    def check_encoding(self) -> None:
        """Raise `Torn` where the body is compressed, which was not requested."""
        if (encoding := self.header("Content-Encoding") or "identity").lower() != "identity":
            raise Torn(self.name, f"the server sends it as {encoding!r}, not unchanged")

    def pieces(self, size: int, seconds: float) -> Iterator[bytes]:
        """Yield exactly `size` bytes of the body in pieces, each within `seconds`."""
        self.check_encoding()
        if self.length is not None and self.length != size:
            raise Torn(self.name, f"expected {size} bytes, the server announces {self.length}")
        done = 0
        while done < size:
            piece = self._read(min(PIECE, size - done), seconds)
            if not piece:
                raise Torn(self.name, f"cut off after {done} of {size} bytes", passing=True)
            done += len(piece)
            yield piece
        if self.length is None and self._read(1, seconds):
            raise Torn(self.name, f"expected {size} bytes, the server sends more")

    def _read(self, size: int, seconds: float) -> bytes:
        BUDGET.reset(seconds, size)
        with translate_errors(self.url):
            return self.response.read(size, decode_content=False)


class Transport:
    """Send GET requests over pooled connections to addresses that the guard allows."""

    def __init__(self, guard: AddressGuard, per_host: int, seconds: float):
        self.guard, self.seconds = guard, seconds
        self.pools = Pools(guard, per_host)

    @contextmanager
    def get(self, url: str, headers: dict[str, str]) -> Iterator[Reply]:
        """Follow redirects from `url` and yield the answer, of status 200, 206 or 416.

        Afterwards the connection goes back to the pool, or is closed where much of the body is
        unread.
        """
        with contain_errors(url):
            reply = self._follow(url, headers)
        try:
            with contain_errors(reply.url):
                _check_status(reply.url, reply.response)
            yield reply
        finally:
            _release(reply.response)

    def _follow(self, url: str, headers: dict[str, str]) -> Reply:
        """Return the answer behind all redirects."""
        target = str(self.guard.check_url(url))
        hops: list[BaseHTTPResponse] = []
        while len(hops) <= MAX_REDIRECTS:
            with ExitStack() as stack:
                response = self._send(target, headers)
                stack.callback(_release, response)
                hops.append(response)
                if not (location := response.get_redirect_location()):
                    stack.pop_all()
                    return Reply(target, response, tuple(hops))
            target = self.guard.redirect_target(target, location)
        raise Refused(printable_url(url), f"redirects more than {MAX_REDIRECTS} times")

    def _send(self, url: str, headers: dict[str, str]) -> BaseHTTPResponse:
        BUDGET.reset(self.seconds)
        with translate_errors(url):
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
def contain_errors(url: str) -> Iterator[None]:
    """Turn an error that nobody expects into a `RemoteError` about this address: one answer of a
    server must not end the run."""
    try:
        yield
    except RemoteError:
        raise
    except Exception as error:
        reason = f"the answer cannot be understood ({type(error).__name__})"
        raise Torn(printable_url(url), reason) from error


@contextmanager
def translate_errors(url: str) -> Iterator[None]:
    """Turn what urllib3 raises into a `RemoteError` about this address."""
    name = printable_url(url)
    try:
        yield
    except (Refused, NoAnswer, Torn) as error:  # of a connection, which knows its host only
        raise type(error)(name, error.reason, passing=error.passing) from None
    except (ReadTimeoutError, TimeoutError):
        reason = f"no complete answer within {BUDGET.seconds:g} s"
        raise NoAnswer(name, reason, passing=True) from None
    except SSLError as error:
        cause = error.args[0] if error.args else error
        reasons = (getattr(cause, "verify_message", ""), getattr(cause, "reason", ""))
        reason = next(filter(None, reasons), "the connection failed")
        broken = isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError)
        raise NoAnswer(name, f"no trusted TLS connection: {reason}", passing=broken) from None
    except InvalidHeader:
        raise Torn(name, "the answer's headers contradict each other") from None
    except (ProtocolError, OSError) as error:
        if isinstance(_cause(error), http.client.IncompleteRead):
            raise Torn(name, "cut off before its end", passing=True) from None
        reason = f"the connection broke: {_describe(error)}"
        raise NoAnswer(name, reason, passing=True) from None
    except HTTPError as error:
        raise Torn(name, f"the answer is not HTTP ({type(error).__name__})") from None


def _cause(error: Exception) -> Exception:
    """Return the error that urllib3 wrapped."""
    return error.args[1] if len(error.args) > 1 and isinstance(error.args[1], Exception) else error


def _describe(error: Exception) -> str:
    """Return what broke a connection, without any text from the server."""
    cause = _cause(error)
    if isinstance(cause, http.client.RemoteDisconnected):
        return "closed without an answer"
    if isinstance(cause, http.client.HTTPException):
        return "the answer is not HTTP"
    return (getattr(cause, "strerror", None) or type(cause).__name__).lower()


def _check_status(url: str, response: BaseHTTPResponse) -> None:
    status = response.status
    if status in (200, 206, 416):
        return
    try:
        phrase = f" {http.HTTPStatus(status).phrase}"
    except ValueError:
        phrase = ""
    wait = _retry_after(response.headers.get("Retry-After", ""))
    later = f"; it asks to retry after {wait:g} s" if wait is not None else ""
    reason = f"the server answers {status}{phrase}{later}"
    raise Status(printable_url(url), status, reason, passing=status in PASSING, wait=wait)


def _retry_after(text: str) -> float | None:
    """Parse the seconds of a `Retry-After` header, which is a number or a date."""
    if not text or len(text) > MAX_RETRY_AFTER:
        return None
    try:
        return Retry().parse_retry_after(text)
    except (InvalidHeader, ValueError, OverflowError):
        return None


def _release(response: BaseHTTPResponse) -> None:
    """Return the connection to the pool, open where little of the body is unread, else closed."""
    length = response.length_remaining
    unread = length if isinstance(length, int) else MAX_UNWANTED + 1
    BUDGET.reset(1.0, MAX_UNWANTED)  # a connection is not worth more
    try:
        if unread <= MAX_UNWANTED and not response.closed:
            response.read(MAX_UNWANTED)
    except Exception:  # whatever the rest of an unwanted body is
        pass
    finally:
        if unread > MAX_UNWANTED or not response.closed:
            response.close()
        response.release_conn()
