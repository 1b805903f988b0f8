"""Where a user's output goes: into files in one piece, through links and into pipes, and over no
source."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from zoo.model_index.errors import UsageError
from zoo.model_index.io.outputs import write_output
from zoo.model_index.ledger.store import Cell, Evidence, Ledger


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def reader() -> Iterator[int]:
    """The end that is read of the named pipe `pipe`."""
    os.mkfifo("pipe")
    descriptor = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    yield descriptor
    os.close(descriptor)


def test_a_file_and_the_folders_it_lies_in_are_made() -> None:
    write_output("--also", "a/b/c.txt", "é\n")
    assert Path("a/b/c.txt").read_bytes() == "é\n".encode()
    assert stat.S_IMODE(Path("a/b/c.txt").stat().st_mode) == 0o644


@pytest.mark.parametrize(("mask", "mode"), [(0o077, 0o600), (0o027, 0o640), (0o002, 0o664)])
def test_the_umask_decides_the_mode_of_a_new_file(
    tmp_path: Path, request: pytest.FixtureRequest, mask: int, mode: int
) -> None:
    previous = os.umask(mask)
    request.addfinalizer(lambda: os.umask(previous))
    write_output("--also", "new.txt", "text")
    cell = Cell(kind="count", model="a", builder="timm:a", builder_version="1", tool="zoo/1")
    document = Ledger(tmp_path / "ledger").put(
        Evidence(cell=cell, outcome="failed", error="none", values={})
    )
    for path in (Path("new.txt"), document):
        assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_file_that_is_there_is_replaced_in_one_piece_and_keeps_its_mode() -> None:
    Path("a.txt").write_text("a longer text")
    os.chmod("a.txt", 0o600)
    with Path("a.txt").open() as open_before:
        write_output("--also", "a.txt", "short")
        assert open_before.read() == "a longer text"
    assert (Path("a.txt").read_text(), stat.S_IMODE(Path("a.txt").stat().st_mode)) == (
        "short",
        0o600,
    )
    assert os.listdir() == ["a.txt"]


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_and_what_it_leads_to_is_written(there: bool) -> None:
    Path("far").mkdir()
    if there:
        Path("far/a.txt").write_text("old")
    os.symlink("far/a.txt", "near.txt")
    write_output("--also", "near.txt", "new")
    assert os.readlink("near.txt") == "far/a.txt"
    assert Path("far/a.txt").read_text() == "new"
    assert os.listdir("far") == ["a.txt"]


@pytest.mark.parametrize("linked", [True, False])
def test_a_pipe_stays_one_and_its_reader_gets_the_text(reader: int, linked: bool) -> None:
    if linked:
        os.symlink("pipe", "link")
    write_output("--also", "link" if linked else "pipe", "text\n")
    assert Path("pipe").is_fifo()
    assert os.read(reader, 100) == b"text\n"
    assert sorted(os.listdir()) == ["link", "pipe"][not linked :]


def test_what_standard_output_goes_to_is_written_behind_what_was_printed() -> None:
    """As /dev/stdout is where a shell sends it to a file: replaced, it would take all that is
    printed with it."""
    code = (
        "from zoo.model_index.io.outputs import write_output; print('before')\n"
        "write_output('--also', 'log.txt', 'text\\n'); print('after')"
    )
    with Path("log.txt").open("w") as log:
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
        subprocess.run([sys.executable, "-c", code], stdout=log, env=environment, check=True)
    assert Path("log.txt").read_text() == "before\ntext\nafter\n"


@pytest.mark.parametrize("name", ["i.yml", "./i.yml", "link.yml", "other.yml"])
def test_a_source_is_never_overwritten_by_whatever_name(name: str) -> None:
    Path("i.yml").write_text("Models: []\n")
    os.symlink("i.yml", "link.yml")
    os.link("i.yml", "other.yml")
    with pytest.raises(UsageError) as raised:
        write_output("--report", name, "text", ("gone.yml", "i.yml"))
    assert (
        str(raised.value)
        == f"{name}: the index was read from this file; name another with --report"
    )
    assert Path("i.yml").read_text() == "Models: []\n"


@pytest.mark.parametrize("name", ["", ".", "link"])
def test_what_is_no_file_is_told(name: str) -> None:
    os.symlink(".", "link")
    with pytest.raises(UsageError) as raised:
        write_output("--also", name, "text")
    assert str(raised.value) == f"--also: expected a file's path, got {name!r}"


def test_a_link_in_a_circle_is_an_error_of_the_system() -> None:
    os.symlink("b", "a")
    os.symlink("a", "b")
    with pytest.raises(OSError, match=r"Too many levels of symbolic links"):
        write_output("--also", "a", "text")
    assert os.readlink("a") == "b"
