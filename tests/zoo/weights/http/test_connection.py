"""Connections: to checked addresses only, with TLS, a few for each host."""

import socket
import ssl
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import which
from typing import Any

import pytest
import weights_server as serve
from weights_server import Server, fault

from zoo.model_index.errors import NoAnswer, Refused, RemoteError
from zoo.weights.http import connection
from zoo.weights.http.client import Client

DATA = bytes(range(256)) * 400  # 102400 bytes


def test_an_address_that_is_not_allowed_is_not_even_connected_to(
    server: Server, clients: Any
) -> None:
    url = server.on("/a", serve.ranged(DATA))
    assert "not a public address (loopback)" in fault(Refused, clients(allow_hosts=[]).probe, url)
    named = clients(allow_hosts=[], resolve=lambda host, port: ["127.0.0.1"])
    assert fault(Refused, named.probe, url.replace("127.0.0.1", "weights.example")) == (
        "weights.example resolves to 127.0.0.1, which is not a public address (loopback); "
        "--allow-host weights.example permits it"
    )
    assert server.connections == 0


def test_connections_go_to_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch, clients: Any
) -> None:
    found = iter([["93.184.215.14", "2606:2800:21f::1"], ["127.0.0.1"]])
    asked: list[str] = []
    connected: list[object] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(found)

    def connect(self: socket.socket, address: object) -> None:
        connected.append(address)
        raise TimeoutError

    monkeypatch.setattr(connection.PlainSocket, "connect", connect)
    assert fault(Refused, clients(resolve=resolve).probe, "https://rebinding.example/a").startswith(
        "rebinding.example resolves to 127.0.0.1"
    )
    assert asked == ["rebinding.example"] * 2  # once for each attempt
    assert connected == [("93.184.215.14", 443), ("2606:2800:21f::1", 443)]


def test_an_address_that_does_not_answer_leaves_time_for_the_next(
    server: Server, clients: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = connection.PlainSocket.connect

    def connect(self: socket.socket, address: tuple[str, int]) -> None:
        if address[0] == "127.0.0.9":
            time.sleep(self.gettimeout() or 0)
            raise TimeoutError
        real(self, address)

    monkeypatch.setattr(connection.PlainSocket, "connect", connect)
    port = server.server_address[1]
    client = clients(
        allow_hosts=["a.example"], resolve=lambda *_: ["127.0.0.9", "127.0.0.1"], timeout=0.4
    )
    server.on("/a", serve.ranged(DATA))
    assert client.probe(f"http://a.example:{port}/a").size == len(DATA)
    assert server.asked[0][1]["host"] == f"a.example:{port}"
    lost = clients(
        allow_hosts=["a.example"],
        resolve=lambda *_: ["127.0.0.9", "127.0.0.9"],
        timeout=0.1,
        patience=0,
    )
    with pytest.raises(NoAnswer) as raised:
        lost.probe(f"http://a.example:{port}/a?token=secret")
    assert (
        str(raised.value) == f"http://a.example:{port}/a: cannot connect: 127.0.0.9 does not answer"
    )


def test_proxies_of_the_environment_are_not_used(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert client.probe(server.on("/a", serve.ranged(DATA))).size == len(DATA)


def test_no_cookies_and_no_credentials(server: Server, client: Client) -> None:
    server.on("/file", serve.ranged(DATA, {"Set-Cookie": "a=1"}))
    url = server.on("/a", serve.redirect("/file", {"Set-Cookie": "b=2"}))
    client.probe(url)
    client.probe(url)
    assert {name for _, headers in server.asked for name in headers} & {
        "cookie",
        "authorization",
        "referer",
    } == set()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody has signed, with its key."""
    if which("openssl") is None:
        pytest.skip("openssl, which makes a certificate, is not installed")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
        "-days 2 -subj /CN=127.0.0.1"
    )
    files = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run([*command.split(), *files], check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


def test_tls(certificate: Path, monkeypatch: pytest.MonkeyPatch, slept: list[float]) -> None:
    with serve.serving(certificate) as server:
        options: dict[str, Any] = {"allow_hosts": [server.host], "sleep": slept.append}
        url = server.on("/a", serve.ranged(DATA)).replace("http:", "https:")
        with Client(**options) as client:
            reason = "no trusted TLS connection: self-signed certificate"
            assert fault(NoAnswer, client.probe, url) == reason
        assert slept == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with Client(**options, timeout=0.5, patience=0) as client:
            answer = client.probe(url)
            assert (answer.secure, answer.size) == (True, len(DATA))
            assert client.read(answer, 1000, 90_000) == DATA[1000:90_000]
            down = server.on("/down", serve.redirect(url.replace("https:", "http:"))).replace(
                "http:", "https:"
            )
            assert (
                fault(Refused, client.probe, down)
                == f"redirects from https to http://{server.host}/a"
            )
            drip = serve.dripping(bytes(900), 0.05, lambda handler: b"HTTP/1.1 200 OK\r\nA:")
            server.on("/drip", serve.noting(end := threading.Event(), drip))
            reason = "no complete answer within 0.5 s"
            assert fault(NoAnswer, client.probe, url[:-1] + "drip") == reason
            assert not end.is_set()  # the server would go on for 45 s


def test_plain_http_where_tls_is_expected(server: Server, client: Client) -> None:
    url = server.on("/a", serve.ranged(DATA)).replace("http:", "https:")
    assert "no trusted TLS connection: " in fault(NoAnswer, client.probe, url)


def test_at_most_so_many_at_once(server: Server, clients: Any) -> None:
    urls = [server.on(f"/{number}", serve.slow(0.02, serve.ranged(DATA))) for number in range(24)]
    client = clients(per_host=3)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(client.probe, urls))
    assert {answer.size for answer in answers} == {len(DATA)}
    assert server.busiest == 3
    assert server.connections == 3


def test_waiting_for_a_turn_is_no_time_out(server: Server, clients: Any) -> None:
    urls = [server.on(f"/{number}", serve.slow(0.15, serve.ranged(DATA))) for number in range(6)]
    client = clients(per_host=1, timeout=0.4, patience=0)
    with ThreadPoolExecutor(6) as pool:
        assert len(list(pool.map(client.probe, urls))) == 6
    assert server.busiest == 1


def test_no_connection_is_lost_to_faults(server: Server, clients: Any) -> None:
    client = clients(per_host=1, timeout=0.2, patience=0)
    good = server.on("/good", serve.ranged(DATA))
    answer = client.probe(good)
    bad = {
        "cut": serve.lying(DATA, sent=-10, announced=0),
        "long": serve.lying(DATA, sent=10, announced=10),
        "whole": serve.whole(DATA),
        "404": serve.status(404, body=bytes(100_000)),
        "stall": serve.stalling(len(DATA)),
        "gzip": serve.zipped(DATA),
    }
    for name, behaviour in bad.items():
        server.on("/good", behaviour)
        with pytest.raises(RemoteError):
            client.read(answer, 100, 200)
        server.on("/good", serve.ranged(DATA))
        done = threading.Thread(target=client.probe, args=(good,), daemon=True)
        done.start()
        done.join(5)
        assert not done.is_alive(), name


def test_tls_is_verified() -> None:
    context = connection._tls_context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
