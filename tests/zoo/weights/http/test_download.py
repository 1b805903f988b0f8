"""Downloads: complete or not there, gone on with, one at a time."""

import hashlib
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import weights_server as serve
from weights_server import ETAG, Server

from zoo.model_index.errors import CacheError, NoAnswer, Torn
from zoo.weights.http import download as download_module
from zoo.weights.http.client import Client
from zoo.weights.http.download import download, file_name
from zoo.weights.http.response import RemoteFile

DATA = random.Random(0).randbytes(3_000_000)
SHA = hashlib.sha256(DATA).hexdigest()
HALF = 1_000_000


def files(folder: Path) -> list[str]:
    """Whose names are no locks."""
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


def cut_at(number: int) -> serve.Behaviour:
    """Sends that many bytes of what is asked for and breaks off."""

    def behave(handler: serve.Handler) -> None:
        start, end = serve.asked_range(handler, len(DATA)) or (0, len(DATA))
        where = (
            {"Content-Range": f"bytes {start}-{end - 1}/{len(DATA)}"}
            if "Range" in handler.headers
            else {}
        )
        handler.head(206 if where else 200, {"Content-Length": end - start, "ETag": ETAG} | where)
        handler.wfile.write(DATA[start:end][:number])
        handler.leave()

    return behave


def test_a_download(server: Server, client: Client, tmp_path: Path) -> None:
    answer = client.probe(server.on("/x/resnet%2050.pth", serve.ranged(DATA)))
    seen: list[tuple[int, int]] = []
    path, digest = download(
        client, answer, tmp_path / "new", lambda done, size: seen.append((done, size))
    )
    assert (path.read_bytes() == DATA, digest) == (True, SHA)
    assert (
        path.name.startswith("resnet_50-")
        and path.suffix == ".pth"
        and path.parent == tmp_path / "new"
    )
    assert files(path.parent) == [path.name]
    assert seen[0] == (0, len(DATA)) and seen[-1] == (len(DATA), len(DATA)) and seen == sorted(seen)
    asked = len(server.asked)
    assert download(client, answer, tmp_path / "new") == (path, SHA)
    assert len(server.asked) == asked


def test_a_file_that_was_damaged_where_it_lies(
    server: Server, client: Client, tmp_path: Path
) -> None:
    url = server.on("/a", serve.redirect("/b", {"X-Linked-Etag": SHA}))
    server.on("/b", serve.ranged(DATA))
    path = download(client, url, tmp_path).path
    for damaged in (DATA[:-1], DATA[:-1] + b"x"):
        path.write_bytes(damaged)
        assert download(client, url, tmp_path) == (path, SHA)
        assert path.read_bytes() == DATA


def test_the_digest_is_compared(server: Server, client: Client, tmp_path: Path) -> None:
    server.on("/b", serve.ranged(DATA))
    url = server.on("/a", serve.redirect("/b", {"X-Linked-Etag": "c" * 64}))
    with pytest.raises(Torn) as wrong:
        download(client, url, tmp_path)
    assert wrong.value.reason == f"expected a file of SHA-256 {'c' * 64}, got {SHA}"
    assert files(tmp_path) == []


def test_a_file_that_changed_is_another_download(
    server: Server, client: Client, tmp_path: Path
) -> None:
    first = download(client, server.on("/a", serve.ranged(DATA)), tmp_path)
    second = download(client, server.on("/a", serve.ranged(DATA[:7], etag='"second"')), tmp_path)
    assert first.path != second.path and second.path.read_bytes() == DATA[:7]


def test_a_server_without_ranges(
    server: Server, client: Client, tmp_path: Path, slept: list[float]
) -> None:
    url = server.on("/a", serve.in_turn(serve.whole(DATA), cut_at(HALF), serve.whole(DATA)))
    path, digest = download(client, url, tmp_path)
    assert (path.read_bytes() == DATA, digest, slept) == (True, SHA, [0.5])
    assert ["range" in headers for _, headers in server.asked] == [True, False, False]


def test_an_empty_file(server: Server, client: Client, tmp_path: Path) -> None:
    assert download(client, server.on("/a", serve.ranged(b"")), tmp_path).path.read_bytes() == b""


def test_a_download_that_is_cut_off_goes_on(
    server: Server, client: Client, tmp_path: Path, slept: list[float]
) -> None:
    url = server.on(
        "/a", serve.in_turn(serve.ranged(DATA), cut_at(HALF), cut_at(HALF), serve.ranged(DATA))
    )
    path, digest = download(client, url, tmp_path)
    assert (path.read_bytes() == DATA, digest) == (True, SHA)
    starts = [int(headers["range"].split("=")[1].split("-")[0]) for _, headers in server.asked[2:]]
    assert 0 < starts[0] <= HALF < starts[1] <= 2 * HALF
    assert all(headers["if-range"] == ETAG for _, headers in server.asked[2:])


def test_a_download_that_makes_no_progress_ends(
    server: Server, client: Client, tmp_path: Path, slept: list[float]
) -> None:
    url = server.on("/a", serve.in_turn(serve.ranged(DATA), cut_at(300_000), cut_at(0)))
    with pytest.raises(Torn, match="cut off before its end"):
        download(client, url, tmp_path)
    assert slept == [0.5, 1, 2, 4, 8]
    (part,) = files(tmp_path)
    assert part.endswith(".part") and 0 < (tmp_path / part).stat().st_size <= 300_000
    path, digest = download(client, server.on("/a", serve.ranged(DATA)), tmp_path)
    assert (files(tmp_path), digest) == ([path.name], SHA)
    assert "range" in server.asked[-1][1]


def test_a_file_that_changes_during_the_download(
    server: Server, client: Client, tmp_path: Path
) -> None:
    second = DATA[::-1]
    url = server.on(
        "/a", serve.in_turn(serve.ranged(DATA), cut_at(HALF), serve.ranged(second, etag='"second"'))
    )
    with pytest.raises(Torn) as changed:
        download(client, url, tmp_path)
    assert (
        changed.value.reason
        == """changed while it was read: ETag was '"first"' and is '"second"'"""
    )
    (part,) = files(tmp_path)
    assert (part.endswith(".part"), (tmp_path / part).stat().st_size) == (True, 0)
    assert download(client, url, tmp_path).path.read_bytes() == second


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (
            serve.whole(DATA + b"x"),
            "changed while it was read: it had 3000000 bytes and has 3000001",
        ),
        (serve.zipped(DATA), "the server sends it as 'gzip', not unchanged"),
        (
            serve.status(206, {"Content-Range": "bytes 0-1/3000000"}),
            "requested the whole file, the server answers 206",
        ),
    ],
)
def test_lies(
    server: Server, client: Client, tmp_path: Path, behaviour: serve.Behaviour, reason: str
) -> None:
    answer = client.probe(server.on("/a", serve.ranged(DATA)))
    if "gzip" in reason:
        answer = RemoteFile(
            url=answer.url, final=answer.final, size=len(serve.gzip.compress(DATA)), ranges=True
        )
    server.on("/a", behaviour)
    with pytest.raises(Torn) as torn:
        download(client, answer, tmp_path)
    assert torn.value.reason == reason
    assert [(tmp_path / name).stat().st_size for name in files(tmp_path)] == [0]


def test_a_download_may_take_long_but_not_stall(
    server: Server, clients: Any, tmp_path: Path
) -> None:
    url = server.on("/a", serve.ranged(DATA))
    client = clients(timeout=0.3, patience=0)
    answer = client.probe(url)

    def slowly(handler: serve.Handler) -> None:
        handler.head(200, {"Content-Length": len(DATA), "ETag": ETAG})
        for start in range(0, len(DATA), 1 << 18):
            handler.server.closing.wait(0.06)
            handler.wfile.write(DATA[start : start + (1 << 18)])

    server.on("/a", slowly)
    started = time.monotonic()
    assert download(client, answer, tmp_path / "slow").sha256 == SHA
    assert time.monotonic() - started > 0.6  # twice the time limit of an answer
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n"
    drip = serve.dripping(DATA, 0.02, lambda handler: head)
    server.on("/a", serve.noting(end := threading.Event(), drip))
    with pytest.raises(NoAnswer, match=r"no complete answer within 0.3 s"):
        download(client, answer, tmp_path / "drip")
    assert not end.is_set()


def test_two_downloads_at_once_are_one(server: Server, client: Client, tmp_path: Path) -> None:
    url = server.on("/a", serve.ranged(DATA))
    answer = client.probe(url)
    server.on("/a", serve.slow(0.05, serve.ranged(DATA)))
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: download(client, answer, tmp_path), range(4)))
    assert {digest for _, digest in done} == {SHA} and len({path for path, _ in done}) == 1
    assert len(server.asked) == 2


DOWNLOAD = """
import sys
from pathlib import Path
from zoo.weights.http.client import Client
from zoo.weights.http.download import download
host, url, folder, limit = sys.argv[1:]
if limit != "0":
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
with Client([host]) as client:
    try:
        print(download(client, url, Path(folder), lambda done, size: print(done, flush=True)))
    except Exception as error:
        print(type(error).__name__, error, file=sys.stderr)
        sys.exit(2)
"""


def started(server: Server, url: str, folder: Path, limit: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", DOWNLOAD, server.host, url, str(folder), str(limit)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_killed_download_goes_on(server: Server, client: Client, tmp_path: Path) -> None:
    def then_stalls(handler: serve.Handler) -> None:
        handler.head(200, {"Content-Length": len(DATA), "ETag": ETAG})
        handler.wfile.write(DATA[:2_000_000])
        handler.server.closing.wait(20)

    url = server.on("/a", serve.in_turn(serve.ranged(DATA), then_stalls, serve.ranged(DATA)))
    process = started(server, url, tmp_path)
    assert process.stdout is not None and process.stderr is not None
    while int(process.stdout.readline()) < HALF:
        pass
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()
    process.stderr.close()
    (part,) = files(tmp_path)
    there = (tmp_path / part).stat().st_size
    assert part.endswith(".part") and HALF <= there < 2_000_000
    path, digest = download(client, url, tmp_path)
    assert (path.read_bytes() == DATA, digest, files(tmp_path)) == (True, SHA, [path.name])
    assert server.asked[-1][1]["range"] == f"bytes={there}-{len(DATA) - 1}"


def test_two_processes_at_once(server: Server, tmp_path: Path) -> None:
    url = server.on("/a", serve.ranged(DATA))
    processes = [started(server, url, tmp_path) for _ in range(2)]
    for process in processes:
        assert SHA in process.communicate(timeout=30)[0]
    (name,) = files(tmp_path)
    assert (tmp_path / name).read_bytes() == DATA
    assert [headers.get("range") for _, headers in server.asked].count(None) == 1


def test_no_room_for_the_file(
    server: Server, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = client.probe(server.on("/a", serve.ranged(DATA)))
    monkeypatch.setattr(
        download_module.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 2_999_999})
    )
    with pytest.raises(CacheError) as full:
        download(client, answer, tmp_path)
    assert str(full.value) == (
        f"{tmp_path}: the download needs 3000000 bytes, 2999999 are free; "
        "set ZOO_CACHE to use another folder"
    )
    assert len(server.asked) == 1


@pytest.mark.skipif(
    not hasattr(resource, "RLIMIT_FSIZE"), reason="this system does not limit the size of files"
)
def test_a_disk_that_runs_full(server: Server, client: Client, tmp_path: Path) -> None:
    url = server.on("/a", serve.ranged(DATA))
    process = started(server, url, tmp_path, limit=1 << 20)
    assert process.communicate(timeout=30)[1] == (
        f"CacheError {tmp_path}: file too large; the next run continues the download; "
        "set ZOO_CACHE to use another folder\n"
    )
    assert [name.endswith(".part") for name in files(tmp_path)] == [True]
    assert download(client, url, tmp_path).sha256 == SHA
    assert server.asked[-1][1]["range"] == f"bytes={1 << 20}-{len(DATA) - 1}"


def test_a_folder_that_is_none(server: Server, client: Client, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CacheError) as wrong:
        download(client, server.on("/a", serve.ranged(DATA)), tmp_path / "file" / "folder")
    assert (
        str(wrong.value)
        == f"{tmp_path}/file/folder: not a directory; set ZOO_CACHE to use another folder"
    )


@pytest.mark.parametrize(
    ("url", "begin", "end"),
    [
        ("https://example.org/a/b.pth?x=/c", "b-", ".pth"),
        ("https://example.org/", "file-", ""),
        ("https://example.org/..%2F..%2Fetc%2Fpasswd", "passwd-", ""),
        ("https://example.org/.hidden", "hidden-", ""),
        ("https://example.org/a%00%1b.pth", "a_-", ".pth"),
        ("https://example.org/" + "a" * 500 + ".pth", "a" * 96 + "-", ".pth"),
    ],
)
def test_names(url: str, begin: str, end: str) -> None:
    name = file_name(RemoteFile(url=url, final=url, ranges=True))
    assert name.startswith(begin) and name.endswith(end) and len(name) == len(begin) + 16 + len(end)
