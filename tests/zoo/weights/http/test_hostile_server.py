"""What a server may send to harm: each costs its own address, little memory and little time."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import weights_server as serve
from weights_server import ETAG, Handler, Server, fault

from zoo.model_index.errors import NoAnswer, Refused, RemoteError, Status, Torn
from zoo.weights.describe import InspectOptions, describe_reference
from zoo.weights.http import client as client_module
from zoo.weights.http.client import Client
from zoo.weights.http.range_file import RangeFile
from zoo.weights.http.response import RemoteFile

DATA = bytes(range(256)) * 400  # 102400 bytes
PART = b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 100-199/102400\r\n"
CHUNKED = PART + b'ETag: "first"\r\nTransfer-Encoding: chunked\r\n\r\n'
MORE = "the server sends more than was requested"
MEBIBYTE = bytes(1 << 20)


def endless(start: bytes, piece: bytes, sent: list[int]) -> serve.Behaviour:
    """Sends a beginning, then a piece again and again, until nobody takes it; counts the bytes."""

    def behave(handler: Handler) -> None:
        handler.wfile.write(start)
        while not handler.server.closing.is_set() and sum(sent) < 64 << 20:
            handler.wfile.write(piece)
            sent.append(len(piece))

    return behave


@pytest.mark.parametrize(
    ("start", "piece", "kind", "reason"),
    [
        (CHUNKED + b"-1\r\n", MEBIBYTE, Torn, MORE),
        (CHUNKED + b"-ffffff\r\n", MEBIBYTE, Torn, "the answer cannot be understood (ValueError)"),
        (CHUNKED + b"f" * 3000 + b"\r\n", MEBIBYTE, Torn, "expected 100 bytes, the server sends"),
        (CHUNKED + b"1;", b"x" * 65536, NoAnswer, "the connection broke: "),
        (CHUNKED + b"100\r\n", MEBIBYTE, Torn, "expected 100 bytes, the server sends more"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 50, NoAnswer, "the connection broke: the answer is"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"a" * 65536, NoAnswer, "the connection broke: the answer is"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100, Torn, MORE),
        (
            b"HTTP/1.1 302 Found\r\nLocation: /ok\r\n\r\n",
            MEBIBYTE,
            Torn,
            "requested 'bytes 100-199/102400', the server sends ",
        ),
        (b"<html>hello", b"", NoAnswer, "the connection broke: the answer is not HTTP"),
        (b"HTTP/1.1 " + b"2" * 4000 + b" OK\r\n\r\n", b"", NoAnswer, "the connection broke: "),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", b"", Torn, "requested bytes"),
    ],
    ids=[
        "chunk of -1",
        "chunk of -ffffff",
        "huge chunk",
        "endless chunk extension",
        "chunk beyond the range",
        "endless headers",
        "endless header",
        "endless continue",
        "endless body of a redirect",
        "no HTTP",
        "status of 4000 digits",
        "negative length",
    ],
)
def test_an_answer_without_end_or_sense_is_an_error_of_its_address(
    server: Server,
    clients: Any,
    start: bytes,
    piece: bytes,
    kind: type[RemoteError],
    reason: str,
) -> None:
    client = clients(timeout=2, patience=0)
    answer = client.probe(server.on("/a", serve.ranged(DATA)))
    server.on("/ok", serve.status(206, {"Content-Range": "bytes 0-0/5", "ETag": ETAG}, b"x"))
    sent: list[int] = []
    server.on("/a", endless(start, piece, sent) if piece else serve.raw(start))
    assert fault(kind, client.read, answer, 100, 200).startswith(reason)
    assert sum(sent) < 16 << 20  # what was in the buffers of both sides


@pytest.mark.parametrize(
    "value",
    [
        "9" * 5000,
        "9" * 400,
        "Wed, 21 Oct 99999999999999 07:28:00 GMT",
        "Wed, 21 Oct 1015 07:28:00 +99999999999999999999",
        "-7",
        "1e9",
        "\xb2",
        "inf",
    ],
)
def test_a_time_to_come_back_that_makes_no_sense(server: Server, clients: Any, value: str) -> None:
    client = clients(patience=0)
    url = server.on("/a", serve.status(503, {"Retry-After": value}))
    reason = fault(Status, client.probe, url)
    assert reason.startswith("the server answers 503 Service Unavailable") and len(reason) < 150


@pytest.mark.parametrize("error", [ValueError, OverflowError, RecursionError, LookupError])
def test_an_error_of_a_library_that_nobody_expects(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(*arguments: object) -> None:
        raise error("surprise")

    url = server.on("/a", serve.ranged(DATA))
    reason = f"the answer cannot be understood ({error.__name__})"
    for name in (
        "zoo.weights.http.client.parse_probe",
        "zoo.weights.http.request._check_status",
        "urllib3.HTTPResponse.get_redirect_location",
    ):
        with monkeypatch.context() as patch:
            patch.setattr(name, fail)
            assert fault(Torn, client.probe, url) == reason
    assert client.probe(url).size == len(DATA)


def test_a_host_that_never_answers_is_given_up(
    server: Server, clients: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "MAX_TIMEOUTS", 2)
    client = clients(timeout=0.1, patience=0)
    names = [f"/{number}" for number in range(5)]
    urls = [server.on(name, serve.stalling(9)) for name in names]
    reasons = [fault(NoAnswer, client.read, remote(client, url), 0, 9) for url in urls]
    assert reasons[:2] == ["no complete answer within 0.1 s"] * 2
    assert reasons[2:] == ["its host did not answer in time 2 times"] * 3
    assert len(server.asked) == 2


def remote(client: Client, url: str) -> Any:
    """A file at an address that was not asked yet."""
    return RemoteFile(url=url, final=url, size=9, ranges=True, etag=ETAG)


def test_a_host_that_answers_in_between_is_not_given_up(
    server: Server, clients: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "MAX_TIMEOUTS", 2)
    client = clients(timeout=0.1, patience=0)
    stalled = remote(client, server.on("/stall", serve.stalling(9)))
    missing = server.on("/missing", serve.status(404))
    for _ in range(3):
        fault(NoAnswer, client.read, stalled, 0, 9)
        fault(Status, client.probe, missing)


def test_a_file_that_arrives_slowly_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(range(0, 1000, 40))
    monkeypatch.setattr("time.monotonic", lambda: next(times))
    file = RangeFile("far", 1 << 20, lambda start, end: bytes(end - start), seconds=100)
    with pytest.raises(Torn, match=r"^far: reading it takes more than 100 s$"):
        while file.read(1 << 14):
            file.seek(1 << 16, 1)


def test_one_bad_answer_costs_one_reference(server: Server, client: Client) -> None:
    url = server.on("/a.pth", serve.status(503, {"Retry-After": "9" * 5000}))
    facts = describe_reference(url, None, client, InspectOptions())
    assert facts.failure == "no answer" and "answers 503" in (facts.error or "")
    surprise = describe_reference("x\0.pth", None, client, InspectOptions())
    assert surprise.failure


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], int]]:
    """A reader of checkpoints that fails as nobody expects; returns how often."""
    calls: list[int] = []

    def fail(*arguments: object) -> None:
        calls.append(1)
        raise IndexError("out of range")

    monkeypatch.setattr("zoo.weights.remote_files.read", fail)
    yield lambda: len(calls)


def test_a_reader_that_fails_costs_one_reference(
    server: Server, client: Client, broken: Callable[[], int]
) -> None:
    url = server.on("/a.pth", serve.ranged(DATA))
    facts = describe_reference(url, None, client, InspectOptions())
    assert (facts.failure, broken()) == ("unreadable", 1)
    assert facts.error == f"{url}: it cannot be read (IndexError: out of range)"


def test_a_refused_redirect_stays_refused(server: Server, client: Client) -> None:
    """Errors with a name of their own are not swallowed by the one for all others."""
    url = server.on("/a", serve.redirect("file:///etc/passwd"))
    assert "only http and https" in fault(Refused, client.probe, url)
    assert threading.active_count() < 50
