"""Probing remote files and reading parts of them, and what is said where a server errs."""

import json
import subprocess
import sys

import pytest
import weights_server as serve
from weights_server import ETAG, Server, fault

from zoo.model_index.errors import Status, Torn
from zoo.weights.http.client import Client
from zoo.weights.http.download import download
from zoo.weights.http.response import RemoteFile
from zoo.weights.identity import Identity

DATA = bytes(range(256)) * 400  # 102400 bytes
MODIFIED = "Wed, 01 Jul 2020 00:00:00 GMT"
SHA = "a" * 64


def test_what_a_probe_tells(server: Server, client: Client) -> None:
    url = server.on(
        "/a.pth", serve.ranged(DATA, {"Last-Modified": MODIFIED, "Content-Type": "application/zip"})
    )
    assert client.probe(url) == RemoteFile(
        url=url,
        final=url,
        size=len(DATA),
        ranges=True,
        etag=ETAG,
        modified=MODIFIED,
    )
    assert server.asked[0][1] == {
        "host": server.host,
        "range": "bytes=0-0",
        "accept": "*/*",
        "accept-encoding": "identity",
        "user-agent": "zoo/0.1.0",
    }


def test_a_file_that_is_known(server: Server, client: Client) -> None:
    url = server.on("/a", serve.ranged(DATA))
    assert client.probe(url, Identity(size=len(DATA), etag=ETAG)).unchanged
    assert client.probe(url, client.probe(url)).unchanged
    assert not client.probe(url, Identity(size=len(DATA) + 1, etag=ETAG)).unchanged
    assert not client.probe(url, Identity(size=len(DATA), etag='"other"')).unchanged
    assert not client.probe(url, Identity(size=len(DATA), modified=MODIFIED)).unchanged
    dated = server.on("/b", serve.ranged(DATA, {"Last-Modified": MODIFIED}, etag=None))
    assert client.probe(dated, Identity(size=len(DATA), modified=MODIFIED)).unchanged
    bare = server.on("/c", serve.ranged(DATA, etag=None))
    assert not client.probe(bare, client.probe(bare)).unchanged


def test_a_server_without_ranges_costs_no_download(server: Server, client: Client) -> None:
    url = server.on("/a", serve.whole(bytes(50_000_000)))
    answer = client.probe(url)
    assert (answer.size, answer.ranges) == (50_000_000, False)
    assert (
        fault(Torn, client.open, answer)
        == "the server sends whole files only; download it to read it"
    )


def test_an_empty_file(server: Server, client: Client) -> None:
    answer = client.probe(server.on("/a", serve.ranged(b"")))
    assert (answer.size, answer.ranges) == (0, True)
    with client.open(answer) as file:
        assert file.read() == b""


def test_a_size_nobody_states(server: Server, client: Client) -> None:
    where = {"Content-Range": "bytes 0-0/*", "ETag": ETAG}
    answer = client.probe(server.on("/a", serve.status(206, where, b"x")))
    assert answer.size is None
    assert fault(Torn, client.open, answer) == "the server does not state the file's size"
    assert fault(Torn, download, client, answer) == "the server does not state the file's size"


def test_the_digest_the_hub_states_before_it_redirects(server: Server, client: Client) -> None:
    server.on("/file", serve.ranged(DATA))
    linked = {"X-Linked-Etag": f'"{SHA}"', "X-Linked-Size": len(DATA)}
    answer = client.probe(server.on("/resolve", serve.redirect("/file?sig=secret", linked)))
    assert (answer.sha256, answer.size) == (SHA, len(DATA))
    assert answer.final == f"http://{server.host}/file?sig=secret"
    assert answer.place == f"http://{server.host}/file"
    small = client.probe(
        server.on("/small", serve.redirect("/file", {"X-Linked-Etag": '"' + "b" * 40 + '"'}))
    )
    assert small.sha256 is None  # Git's hash of a file that is not in LFS
    wrong = server.on("/wrong", serve.redirect("/file", {"X-Linked-Size": 7}))
    assert fault(Torn, client.probe, wrong) == "has 102400 bytes, a redirect announced 7"


@pytest.mark.parametrize(
    ("header", "digest"),
    [
        ("sha-256=:qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=:", SHA),
        ("sha-512=:AAAA:, sha-256=:qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=:", SHA),
        ("sha-256=:qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq:", None),
        ("sha-256=:====qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq:", None),
        ("md5=:AAAA:", None),
    ],
)
def test_the_digest_of_rfc_9530(
    server: Server, client: Client, header: str, digest: str | None
) -> None:
    assert (
        client.probe(server.on("/a", serve.ranged(DATA, {"Repr-Digest": header}))).sha256 == digest
    )


def test_headers_that_are_no_text_are_none(server: Server, client: Client) -> None:
    odd = {"Last-Modified": "\x1b[2J"}
    assert client.probe(server.on("/a", serve.ranged(DATA, odd))).modified is None
    long = {"Last-Modified": "a" * 2000}
    assert client.probe(server.on("/b", serve.ranged(DATA, long))).modified is None


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (serve.whole(DATA), "requested bytes 100 to 199, the server sends the whole file"),
        (serve.whole(DATA + b"x"), "changed while it was read: it had 102400 bytes and has 102401"),
        (serve.lying(DATA, announced=7, sent=7), "expected 100 bytes, the server announces 107"),
        (serve.lying(DATA, announced=-7, sent=-7), "expected 100 bytes, the server announces 93"),
        (serve.lying(DATA, sent=7, chunked=True), "expected 100 bytes, the server sends more"),
        (
            serve.lying(DATA, shift=1),
            "requested 'bytes 100-199/102400', the server sends 'bytes 101-200/102400'",
        ),
        (
            serve.lying(DATA + b"x"),
            "requested 'bytes 100-199/102400', the server sends 'bytes 100-199/102401'",
        ),
        (
            serve.lying(DATA, headers={"Content-Encoding": "br"}),
            "the server sends it as 'br', not unchanged",
        ),
        (
            serve.ranged(DATA, etag='"second"'),
            """changed while it was read: ETag was '"first"' and is '"second"'""",
        ),
        (
            serve.ranged(DATA[:50]),
            "changed while it was read: it had 102400 bytes and is shorter now",
        ),
    ],
)
def test_parts_that_are_not_what_was_asked_for(
    server: Server, client: Client, behaviour: serve.Behaviour, reason: str
) -> None:
    answer = client.probe(server.on("/a", serve.ranged(DATA)))
    server.on("/a", behaviour)
    assert fault(Torn, client.read, answer, 100, 200) == reason
    assert len(server.asked) == 2


def test_a_chunked_part_is_fine(server: Server, client: Client) -> None:
    answer = client.probe(server.on("/a", serve.ranged(DATA)))
    server.on("/a", serve.lying(DATA, chunked=True))
    assert client.read(answer, 100, 200) == DATA[100:200]
    assert client.read(answer, 0, len(DATA)) == DATA


def test_the_state_is_part_of_the_question(server: Server, client: Client) -> None:
    asked: list[str | None] = []
    states = [(ETAG, MODIFIED), ("W/" + ETAG, MODIFIED), (None, MODIFIED), (None, None)]
    for number, (etag, modified) in enumerate(states):
        headers: dict[str, object] = {"Last-Modified": modified} if modified else {}
        answer = client.probe(server.on(f"/{number}", serve.ranged(DATA, headers, etag)))
        server.asked.clear()
        assert client.read(answer, 5, 9) == DATA[5:9]
        asked.append(server.asked[0][1].get("if-range"))
    assert asked == [ETAG, None, MODIFIED, None]


def test_an_address_that_expired_is_asked_for_anew(server: Server, client: Client) -> None:
    for number in (1, 2):
        server.on(f"/{number}", serve.ranged(DATA))
    answer = client.probe(
        server.on("/a", serve.in_turn(serve.redirect("/1"), serve.redirect("/2")))
    )
    server.on("/1", serve.status(403))
    assert client.read(answer, 5, 9) == DATA[5:9]
    assert [path for path, _ in server.asked] == ["/a", "/1", "/1", "/a", "/2"]
    server.on("/2", serve.status(403))
    assert fault(Status, client.read, answer, 5, 9) == "the server answers 403 Forbidden"


def test_head_is_never_asked(server: Server, client: Client) -> None:
    url = server.on("/a", serve.ranged(DATA))  # the server answers 501 to HEAD
    with client.open(client.probe(url)) as file:
        assert file.read(10) == DATA[:10]


def test_importing_is_light() -> None:
    heavy = "{'torch', 'numpy', 'requests', 'aiohttp'}"
    code = (
        "import sys, json, zoo.weights.http.client; "
        f"print(json.dumps(sorted(set(sys.modules) & {heavy})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
