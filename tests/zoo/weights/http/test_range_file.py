"""The seekable file: the same bytes as the file itself, few requests, few bytes."""

import io
import mmap
import pickle
import random
import zipfile
from pathlib import Path

import pytest
import torch
import weights_server as serve
from hypothesis import given, settings
from hypothesis import strategies as st
from weights_server import Server

from zoo.model_index.errors import Torn
from zoo.weights.http.client import Client
from zoo.weights.http.range_file import BLOCK, MAX_BLOCKS, BlockCache, RangeFile

DATA = random.Random(0).randbytes(5 * BLOCK + 123)


def local(data: bytes, limit: int | None = None) -> RangeFile:
    return RangeFile("https://example.org/a", len(data), lambda start, end: data[start:end], limit)


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("seek"), st.integers(0, len(DATA) + 100)),
        st.tuples(st.just("back"), st.integers(0, len(DATA))),
        st.tuples(st.just("read"), st.integers(-1, 3 * BLOCK)),
        st.tuples(st.just("readinto"), st.integers(0, 3 * BLOCK)),
        st.tuples(st.just("line"), st.just(0)),
    ),
    max_size=30,
)


def moved(file: io.BytesIO | RangeFile, move: str, number: int) -> object:
    """What a file answers to one call, and where it stands then."""
    if move == "seek":
        answer: object = file.seek(number)
    elif move == "back":
        answer = file.seek(-number, 2)
    elif move == "read":
        answer = file.read(number)
    elif move == "readinto":
        buffer = bytearray(number)
        answer = (file.readinto(buffer), bytes(buffer))
    else:
        answer = file.readline()
    return answer, file.tell()


@given(MOVES)
@settings(max_examples=60, deadline=None)
def test_any_reads_and_seeks_give_the_bytes_of_the_file(moves: list[tuple[str, int]]) -> None:
    with local(DATA) as file:
        real = io.BytesIO(DATA)
        for move, number in moves:
            assert moved(file, move, number) == moved(real, move, number)


def test_the_same_over_the_network(server: Server, client: Client) -> None:
    chance = random.Random(1)
    with client.open(server.on("/a", serve.ranged(DATA))) as file:
        for _ in range(200):
            start, size = chance.randrange(len(DATA)), chance.randrange(2 * BLOCK)
            file.seek(start)
            assert file.read(size) == DATA[start : start + size]
        assert file.transferred <= len(DATA)
        assert len(server.asked) == 1 + file.requests <= 7


def test_a_file_of_one_block_and_of_whole_blocks() -> None:
    for size in (1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK):
        with local(DATA[:size]) as file:
            assert file.read() == DATA[:size]
            assert (file.requests, file.transferred) == (1, size)


def test_a_large_read_is_one_request_and_a_second_one_is_none() -> None:
    file = local(DATA)
    file.seek(BLOCK + 5)
    assert file.read(3 * BLOCK) == DATA[BLOCK + 5 : 4 * BLOCK + 5]
    assert file.requests == 1
    file.seek(2 * BLOCK)
    file.read(BLOCK)
    assert (file.requests, file.transferred) == (1, 3 * BLOCK + BLOCK)


def test_reading_on_grows_and_fetches_at_most_a_quarter_in_vain() -> None:
    data = bytes(300 * BLOCK)
    file = local(data)
    worst, read = 0.0, 0
    while chunk := file.read(4096):
        read += len(chunk)
        worst = max(worst, (file.transferred - BLOCK) / read)
    assert file.requests < 50
    assert worst <= 1.25


def test_old_blocks_are_let_go() -> None:
    cache = BlockCache(4, lambda start, end: bytes(end - start), 40 * MAX_BLOCKS)
    cache._fetch(0, 4 * MAX_BLOCKS)
    assert len(cache._blocks) == MAX_BLOCKS
    cache._fetch(8 * MAX_BLOCKS, 8 * MAX_BLOCKS + 4)
    assert (
        len(cache._blocks) == MAX_BLOCKS
        and 2 * MAX_BLOCKS in cache._blocks
        and 0 not in cache._blocks
    )


def test_a_read_of_more_than_is_kept_is_not_kept() -> None:
    asked: list[tuple[int, int]] = []
    cache = BlockCache(
        4, lambda start, end: asked.append((start, end)) or bytes(end - start), 40 * MAX_BLOCKS
    )
    assert len(cache._fetch(3, 5 * MAX_BLOCKS)) == 5 * MAX_BLOCKS - 3
    assert (asked, len(cache._blocks)) == ([(3, 5 * MAX_BLOCKS)], 0)


def test_the_limit() -> None:
    file = local(DATA, limit=2 * BLOCK)
    file.read(BLOCK)
    with pytest.raises(Torn) as over:
        file.read()
    assert str(over.value) == "https://example.org/a: reading it takes more than 32768 bytes"
    file.seek(0)
    assert file.read(BLOCK) == DATA[:BLOCK]


def test_a_closed_file_and_a_pickled_one() -> None:
    file = local(DATA)
    with pytest.raises(TypeError, match="an open remote file cannot be pickled"):
        pickle.dumps(file)
    assert file == file and file != local(DATA) and hash(file) == id(file)
    file.close()
    with pytest.raises(ValueError, match="I/O operation on closed file"):
        file.read(1)


def test_a_fault_leaves_the_file_readable(server: Server, client: Client) -> None:
    file = client.open(server.on("/a", serve.ranged(DATA)))
    server.on("/a", serve.whole(DATA))
    with pytest.raises(Torn, match="requested bytes 0 to 16383, the server sends the whole file"):
        file.read(1)
    server.on("/a", serve.ranged(DATA))
    assert (file.tell(), file.read(3)) == (0, DATA[:3])


def test_a_file_that_changes_between_two_reads(server: Server, client: Client) -> None:
    file = client.open(server.on("/a", serve.ranged(DATA)))
    file.read(1)
    server.on("/a", serve.ranged(DATA, etag='"second"'))
    file.seek(-1, 2)
    with pytest.raises(
        Torn, match="changed while it was read: ETag was '\"first\"' and is '\"second\"'"
    ):
        file.read(1)


@pytest.mark.parametrize(("megabytes", "share"), [(22, 0.01), (210, 0.001)])
def test_the_directory_and_the_pickle_of_a_checkpoint(
    server: Server, client: Client, tmp_path: Path, megabytes: int, share: float
) -> None:
    path, records, pickled = tmp_path / "a.pth", 320, random.Random(2).randbytes(60_000)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickled)
        for number in range(records):
            archive.writestr(f"archive/data/{number}", bytes(megabytes * 1_000_000 // records))
    with path.open("rb") as real:
        data = mmap.mmap(real.fileno(), 0, prot=mmap.PROT_READ)
    url = server.on("/a.pth", serve.ranged(data))
    with data, client.open(url) as file, zipfile.ZipFile(file) as archive:
        assert len(archive.namelist()) == records + 1
        assert archive.read("archive/data.pkl") == pickled
        assert file.transferred <= share * len(data)
        assert file.requests <= 5


def test_torch_reads_it(server: Server, client: Client, tmp_path: Path) -> None:
    weights = {f"layer{number}.weight": torch.zeros(500, 1000) for number in range(12)}
    torch.save(weights, tmp_path / "a.pth")
    data = (tmp_path / "a.pth").read_bytes()
    with client.open(server.on("/a.pth", serve.ranged(data))) as file:
        loaded = torch.load(file, map_location="meta", weights_only=True)
        assert {name: value.shape for name, value in loaded.items()} == {
            n: v.shape for n, v in weights.items()
        }
        assert file.transferred < 0.01 * len(data)
    torch.save(weights, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    data = (tmp_path / "old.pth").read_bytes()
    with client.open(server.on("/old.pth", serve.ranged(data))) as file:
        loaded = torch.load(file, weights_only=True)
        assert all(torch.equal(loaded[name], value) for name, value in weights.items())
