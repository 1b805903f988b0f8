"""`zoo serve` as a person uses it: a real server, a real edit, the page changes."""

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

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
    stranger = urllib.request.Request(address, headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(stranger, timeout=5)
    for path in ("/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/models/..%2f..%2fi.yml"):
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(address).netloc, timeout=5)
        connection.request("GET", path)
        assert connection.getresponse().status == 404, path
        connection.close()
    index.write_text(INDEX.replace("32", "3456"))
    assert "3456" in waited_for(f"{address}models/toy34/", "3456"), log.read_text()
    index.write_text(INDEX.replace("Layers: 32", "Layers: many"))
    deadline = time.monotonic() + 30
    while "expected a count, got 'many'" not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert "expected a count, got 'many'" in log.read_text()
    assert "3456" in fetched(f"{address}models/toy34/")
    index.write_text(INDEX.replace("32", "77"))
    assert "77" in waited_for(f"{address}models/toy34/", ">77<"), log.read_text()
