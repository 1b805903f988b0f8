"""`zoo serve` as a person uses it: a real server, a real edit, the page changes."""

import errno
import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import zoo_command
from zoo.cli import serve
from zoo.cli.address import Address, explain_refusal, find_address

ROOT = Path(__file__).parents[3]
INDEX = "Models:\n- Name: toy34\n  Builder: nopackage:make\n  Metadata:\n    Layers: 32\n"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetched(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.read().decode()
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return ""


def waited_for(address: str, text: str, seconds: float = 60) -> str:
    """The page once it holds `text`, or as it last was."""
    deadline = time.monotonic() + seconds
    while text not in (page := fetched(address)) and time.monotonic() < deadline:
        time.sleep(0.2)
    return page


def refused(arguments: str, folder: Path) -> str:
    """What `zoo serve` says in a folder without a configuration, and ends with 2."""
    done = subprocess.run(
        zoo_command(f"serve {arguments}"), cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr.strip()


def test_a_port_in_use_is_told_first_with_one_that_is_free(tmp_path: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        told = refused(f"--port {port}", tmp_path)
        match = re.fullmatch(rf"zoo: port {port} is in use; zoo serve --port (\d+)", told)
        assert match, told
        with socket.socket() as free:
            free.bind(("127.0.0.1", int(match[1])))


@pytest.mark.parametrize(
    "host, told",
    [
        ("nohost.invalid", "zoo: --host 'nohost.invalid': no such host; zoo serve --host 127"),
        ("192.0.2.7", "zoo: --host 192.0.2.7: no address of this machine; zoo serve --host 127"),
        ("fe80::12", "zoo: --host fe80::12: no address of this machine; zoo serve --host 127"),
    ],
)
def test_a_host_that_is_not_this_machine_is_told_first(
    host: str, told: str, tmp_path: Path
) -> None:
    assert refused(f"--host {host} --port 0", tmp_path).startswith(told)


def test_addresses_are_those_of_urls() -> None:
    assert Address("::1", 8000).url("/zoo/") == "http://[::1]:8000/zoo/"
    assert Address("0.0.0.0", 8000).url() == "http://127.0.0.1:8000/"
    assert find_address("localhost", 0).port > 0
    denied = explain_refusal(Address("127.0.0.1", 80), PermissionError(errno.EACCES, "denied"))
    assert re.fullmatch(r"port 80 needs the rights .*; zoo serve --port 80\d\d", denied)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Path, Path]]:
    """Address, index and log of a running `zoo serve`."""
    (tmp_path / "index").mkdir()
    index = tmp_path / "index" / "models.yml"
    index.write_text(INDEX)
    (tmp_path / "docs").mkdir()
    for name in ("architecture", "adding", "commands"):
        (tmp_path / "docs" / f"{name}.md").write_text(f"# {name}\n")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    shutil.copytree(ROOT / "reporting/theme", tmp_path / "reporting/theme")
    port = free_port()
    command = [sys.executable, "-m", "zoo", "serve", "--index", "index", "--port", str(port)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    log = tmp_path / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            yield f"http://127.0.0.1:{port}/", index, log
        finally:
            process.terminate()
            process.wait(timeout=20)


def test_an_edit_of_the_index_shows_up(served: tuple[str, Path, Path]) -> None:
    address, index, log = served
    page = waited_for(f"{address}models/toy34/", "toy34")
    assert "32" in page, log.read_text()
    assert f"{address} (Ctrl-C ends)" in log.read_text()
    stranger = urllib.request.Request(address, headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(stranger, timeout=5)
    for path in ("/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/models/..%2f..%2fi.yml"):
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(address).netloc, timeout=5)
        connection.request("GET", path)
        assert connection.getresponse().status == 404, path
        connection.close()
    index.write_text(INDEX.replace("32", "345"))
    assert "345" in waited_for(f"{address}models/toy34/", "345"), log.read_text()
    index.write_text(INDEX.replace("Layers: 32", "Layers: many"))
    deadline = time.monotonic() + 30
    while "expected a count, got 'many'" not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert "expected a count, got 'many'" in log.read_text()
    assert "345" in fetched(f"{address}models/toy34/")
    index.write_text(INDEX.replace("32", "77"))
    assert ">77<" in waited_for(f"{address}models/toy34/", ">77<"), log.read_text()


def test_an_edit_while_pages_are_written_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor are they written again for what writing puts into the ledger."""
    monkeypatch.setattr(serve, "QUIET", 0.02)
    index, ledger, stop = tmp_path / "index", tmp_path / "ledger", threading.Event()
    index.mkdir()
    ledger.mkdir()
    read: list[str] = []

    def write() -> None:
        read.append((index / "m.yml").read_text())
        (ledger / f"{len(read)}.json").write_text("{}")
        if len(read) == 1:
            (index / "m.yml").write_text("second edit")

    (index / "m.yml").write_text("")
    arguments = (lambda: [index, ledger], ledger, write, stop)
    watcher = threading.Thread(target=serve._watch, args=arguments)
    watcher.start()
    time.sleep(0.2)
    (index / "m.yml").write_text("first edit")
    time.sleep(1)
    stop.set()
    watcher.join()
    assert read == ["first edit", "second edit"]
