"""Writing files in one piece: the mode of a new file is the user's to decide."""

import os
import stat
from pathlib import Path

import pytest

from zoo.model_index.io.atomic import replace_atomically, write_atomically


@pytest.fixture
def umask() -> object:
    """Sets the umask, and takes it back."""
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_the_mode_of_the_umask(umask, tmp_path: Path, mask: int, mode: int) -> None:
    umask(mask)
    write_atomically(tmp_path / "text", "é\n")
    with replace_atomically(tmp_path / "bytes") as file:
        file.write(b"e")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("text", "bytes")]
    assert modes == [mode, mode]
    assert sorted(os.listdir(tmp_path)) == ["bytes", "text"]


def test_a_stated_mode_is_kept_whatever_the_umask(umask, tmp_path: Path) -> None:
    umask(0o077)
    write_atomically(tmp_path / "text", "é\n", 0o664)
    assert stat.S_IMODE((tmp_path / "text").stat().st_mode) == 0o664
