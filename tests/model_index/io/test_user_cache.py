"""Files in the user's cache are the user's, or they are not read."""

import os
import tempfile
from pathlib import Path

import pytest

from zoo.model_index.io.user_cache import (
    cache_file,
    cache_folder,
    read_own,
    record_digest,
    write_own,
    wrote_last,
)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_cache_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOO_CACHE", "/somewhere")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert cache_folder() == Path("/somewhere")
    monkeypatch.delenv("ZOO_CACHE")
    assert cache_folder() == Path("/caches/zoo")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # which the specification says to ignore
    assert cache_folder() == Path.home() / ".cache" / "zoo"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "zoo"


def test_a_file_is_named_by_the_absolute_path(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cache_file("k", Path("ledger")) == cache_file("k", tmp_path / "ledger")
    assert cache_file("k", Path("ledger")) != cache_file("k", Path("other"))
    assert cache_file("k", Path("ledger")).parent == cache / "k"


def test_what_was_written_is_read(cache: Path) -> None:
    path = cache / "k" / "file.json"
    assert read_own(path) is None
    write_own(path, "text")
    assert read_own(path) == b"text"
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(("which", "mode"), [("file", 0o620), ("file", 0o602), ("folder", 0o777)])
def test_what_others_may_write_is_not_read(cache: Path, which: str, mode: int) -> None:
    path = cache / "k" / "file.json"
    write_own(path, "text")
    (path if which == "file" else path.parent).chmod(mode)
    assert read_own(path) is None


def test_what_belongs_to_somebody_else_is_not_read(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = cache / "k" / "file.json"
    write_own(path, "text")
    user = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: user + 1)
    assert read_own(path) is None


def test_a_link_to_a_file_of_a_checkout_is_not_read(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "checkout.json").write_text("text")
    (tmp_path / "checkout.json").chmod(0o600)
    write_own(cache / "k" / "other.json", "")
    (cache / "k" / "file.json").symlink_to(tmp_path / "checkout.json")
    assert read_own(cache / "k" / "file.json") is None


def test_a_folder_that_cannot_be_written_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").write_text("a file")
    write_own(tmp_path / "cache" / "k" / "file.json", "text")
    assert read_own(tmp_path / "cache" / "k" / "file.json") is None


@pytest.mark.usefixtures("cache")
def test_a_digest_says_whose_bytes_a_file_has(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    assert not wrote_last(path, b"ours")
    record_digest(path, b"ours")
    assert wrote_last(path, b"ours") and not wrote_last(path, b"theirs")


def test_a_user_without_a_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container whose user has no name: nothing of a stranger is read there either."""

    def fail() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("ZOO_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", fail)
    assert cache_folder() == Path(tempfile.gettempdir(), f"zoo-{os.getuid()}", ".cache", "zoo")
