"""One question: what is asked again, where redirects lead, and how long it may take."""

import socket
import threading
import time
from email.utils import formatdate
from typing import Any

import pytest
import weights_server as serve
from weights_server import ETAG, Server, fault

from zoo.model_index.errors import NoAnswer, Refused, RemoteError, Status, Torn
from zoo.weights.http.client import Client

DATA = bytes(range(256)) * 400  # 102400 bytes
NO_HTTP = "the connection broke: the answer is not HTTP"
FIRST = "requested the first byte, the server sends"
TWO_LENGTHS = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"
PART = b"HTTP/1.1 206 OK\r\nContent-Length: 100\r\nContent-Range: bytes 100-199/102400\r\n\r\n"


@pytest.mark.parametrize(
    ("behaviour", "kind", "reason"),
    [
        (serve.status(404), Status, "the server answers 404 Not Found"),
        (serve.status(403, body=bytes(1 << 20)), Status, "the server answers 403 Forbidden"),
        (serve.status(204, body=b""), Status, "the server answers 204 No Content"),
        (serve.status(799), Status, "the server answers 799"),
        (serve.status(416), Status, "the server answers 416 to a request for the first byte"),
        (serve.zipped(DATA), Torn, "the server sends it as 'gzip', not unchanged"),
        (serve.lying(DATA, shift=7), Torn, f"{FIRST} 'bytes 7-7/102400' of 1 bytes"),
        (
            serve.lying(DATA, announced=9, sent=9),
            Torn,
            f"{FIRST} 'bytes 0-0/102400' of 10 bytes",
        ),
        (serve.status(206, {"ETag": ETAG}), Torn, f"{FIRST} '' of 2 bytes"),
        (serve.raw(TWO_LENGTHS), Torn, "the answer's headers contradict each other"),
    ],
)
def test_answers_that_are_not_asked_for_again(
    server: Server, client: Client, behaviour: serve.Behaviour, kind: type[RemoteError], reason: str
) -> None:
    url = server.on("/a", behaviour)
    assert fault(kind, client.probe, f"{url}?token=secret") == reason
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (serve.raw(b""), "the connection broke: closed without an answer"),
        (serve.raw(b"SSH-2.0-OpenSSH_9.2\r\n"), NO_HTTP),
        (
            serve.raw(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"),
            NO_HTTP,
        ),
        (
            serve.raw(b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000 + b"\r\n\r\n"),
            NO_HTTP,
        ),
    ],
)
def test_connections_that_break_are_tried_again(
    server: Server, client: Client, slept: list[float], behaviour: serve.Behaviour, reason: str
) -> None:
    assert fault(NoAnswer, client.probe, server.on("/a", behaviour)) == reason
    assert len(server.asked) == 6
    assert slept == [0.5, 1, 2, 4, 8]


def test_nobody_listens(clients: Any, slept: list[float]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    client = clients(allow_hosts=[f"127.0.0.1:{port}"])
    assert fault(NoAnswer, client.probe, f"http://127.0.0.1:{port}/a") == (
        "cannot connect: 127.0.0.1 connection refused"
    )
    assert slept == []


def test_too_many_requests(server: Server, client: Client, slept: list[float]) -> None:
    url = server.on("/a", serve.in_turn(serve.status(429, {"Retry-After": 7}), serve.ranged(DATA)))
    assert client.probe(url).size == len(DATA)
    assert slept == [7]


def test_a_date_to_come_back(server: Server, client: Client, slept: list[float]) -> None:
    later = serve.status(503, {"Retry-After": formatdate(time.time() + 9, usegmt=True)})
    assert client.probe(server.on("/a", serve.in_turn(later, serve.ranged(DATA)))).size == len(DATA)
    assert [7 < seconds <= 9 for seconds in slept] == [True]


def test_to_come_back_much_later(server: Server, client: Client, slept: list[float]) -> None:
    url = server.on("/a", serve.status(429, {"Retry-After": 3600}))
    assert fault(Status, client.probe, url) == (
        "the server answers 429 Too Many Requests; it asks to retry after 3600 s"
    )
    assert (len(server.asked), slept) == (1, [])


@pytest.mark.parametrize("number", [500, 502, 503, 504])
def test_an_error_that_stays(
    server: Server, client: Client, slept: list[float], number: int
) -> None:
    url = server.on("/a", serve.status(number, {"Retry-After": "soon"}))
    with pytest.raises(Status) as raised:
        client.probe(url)
    assert raised.value.status == number
    assert slept == [0.5, 1, 2, 4, 8] and sum(slept) < 30


def test_the_bound_of_patience(server: Server, clients: Any, slept: list[float]) -> None:
    url = server.on("/a", serve.status(503))
    fault(Status, clients(patience=5).probe, url)
    assert slept == [0.5, 1, 2]


def test_the_time_that_servers_take_is_part_of_patience(
    server: Server, clients: Any, slept: list[float]
) -> None:
    client = clients(timeout=0.3, patience=1)
    answer = client.probe(server.on("/a", serve.ranged(DATA)))
    server.on("/a", serve.stalling(len(DATA), b"half"))
    assert fault(NoAnswer, client.read, answer, 0, 99) == "no complete answer within 0.3 s"
    assert slept == [0.5]


def test_redirects(server: Server, client: Client) -> None:
    server.on("/file", serve.ranged(DATA))
    for hop in range(5):
        server.on(f"/{hop}", serve.redirect(f"/{hop + 1}" if hop < 4 else "/file"))
    answer = client.probe(f"http://{server.host}/0#part")
    assert answer.final == f"http://{server.host}/file"
    assert server.connections == 1
    server.on("/4", serve.redirect("/5"))
    server.on("/5", serve.redirect("/file"))
    assert fault(Refused, client.probe, f"http://{server.host}/0") == "redirects more than 5 times"
    loop = server.on("/loop", serve.redirect("/loop"))
    assert fault(Refused, client.probe, loop) == "redirects more than 5 times"


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("file:///etc/passwd", "only http and https are supported, not file"),
        (
            "http://127.0.0.1:1/",
            "127.0.0.1 is not a public address (loopback); --allow-host 127.0.0.1 permits it",
        ),
        (
            "http://10.0.0.1/latest",
            "10.0.0.1 is not a public address (private); --allow-host 10.0.0.1 permits it",
        ),
        ("http://0x7f.1/", "0x7f.1 is not the plain form of an IP address"),
        ("http://localhost:1/", "localhost is a local name; --allow-host localhost permits it"),
    ],
)
def test_redirects_that_are_refused(
    server: Server, client: Client, location: str, reason: str
) -> None:
    url = server.on("/a", serve.redirect(location))
    assert (
        fault(Refused, client.probe, f"{url}?token=secret") == f"redirects to {location}: {reason}"
    )
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "cut", [serve.lying(DATA, sent=-40), serve.lying(DATA, sent=-40, chunked=True)]
)
def test_a_part_that_is_cut_off_is_asked_for_again(
    server: Server, client: Client, slept: list[float], cut: serve.Behaviour
) -> None:
    answer = client.probe(server.on("/a", serve.ranged(DATA)))
    server.on("/a", serve.in_turn(cut, serve.ranged(DATA)))
    assert client.read(answer, 100, 200) == DATA[100:200]
    assert slept == [0.5]


# What the last question meets is a race: a server that breaks off closes the connection that is
# asked again.
CLOSED = "the connection broke: closed without an answer"


def test_a_part_that_stays_cut_off(server: Server, client: Client, slept: list[float]) -> None:
    answer = client.probe(server.on("/a", serve.ranged(DATA)))
    server.on("/a", serve.lying(DATA, sent=-40))
    with pytest.raises(RemoteError) as error:
        client.read(answer, 100, 200)
    assert error.value.reason in ("cut off before its end", CLOSED)
    assert len(slept) == 5
    server.on("/a", serve.lying(DATA, sent=-40, chunked=True))
    with pytest.raises(RemoteError) as error:
        client.read(answer, 100, 200)
    assert error.value.reason in ("cut off after 60 of 100 bytes", CLOSED)


@pytest.mark.parametrize(
    "behaviour",
    [
        serve.stalling(len(DATA)),
        serve.stalling(len(DATA), b"half"),
        serve.slow(9, serve.ranged(DATA)),
        serve.dripping(DATA, 0.02, lambda handler: b"HTTP/1.1 206 Partial Content\r\nX: "),
        serve.dripping(b"HTTP/1.1 100 Continue\r\n\r\n" * 400, 0.001, lambda handler: b""),
        serve.dripping(DATA, 0.02, lambda handler: PART),
    ],
    ids=["nothing", "stall", "no headers", "slow headers", "continue", "slow body"],
)
def test_no_answer_takes_longer_than_its_time(
    server: Server, clients: Any, behaviour: serve.Behaviour
) -> None:
    client = clients(timeout=0.25, patience=0)
    answer = client.probe(server.on("/a", serve.ranged(DATA)))
    server.on("/a", serve.noting(end := threading.Event(), behaviour))
    assert fault(NoAnswer, client.read, answer, 100, 200) == "no complete answer within 0.25 s"
    assert not end.is_set()  # the server would go on for 9 s or longer


def test_what_timed_out_is_asked_again(server: Server, clients: Any, slept: list[float]) -> None:
    url = server.on("/a", serve.in_turn(serve.slow(5, serve.ranged(DATA)), serve.ranged(DATA)))
    assert clients(timeout=0.2).probe(url).size == len(DATA)
    assert slept == [0.5]
