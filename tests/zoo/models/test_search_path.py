"""Folders of `--path`: trusted packages first, everything else last."""

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from zoo.model_index.errors import UsageError
from zoo.models import search_path
from zoo.models.builders.packages import package_version


@pytest.fixture(autouse=True)
def import_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is imported, and from where, as it was before; a working folder of its own."""
    monkeypatch.chdir(tmp_path)
    path, finders, modules = list(sys.path), list(sys.meta_path), dict(sys.modules)
    yield
    sys.path[:], sys.meta_path[:] = path, finders
    for name in sys.modules.keys() - modules.keys():
        del sys.modules[name]
    importlib.invalidate_caches()


def put(folder: str, name: str, text: str) -> None:
    Path(folder).mkdir(exist_ok=True)
    Path(folder, f"{name}.py").write_text(text)


def test_a_trusted_package_is_the_folders_and_not_the_installed_one() -> None:
    put("installed", "mynets", "where = 'installed'")
    put("src", "mynets", "where = 'src'; import helpers")
    put("src", "helpers", "")
    sys.path.insert(0, "installed")
    installed = package_version("mynets")
    search_path.extend(["src"], ["mynets.models"])
    assert importlib.import_module("mynets").where == "src"
    assert package_version("mynets") != installed


def test_nothing_else_of_the_folder_comes_before_what_is_installed() -> None:
    put("src", "colorsys", "raise RuntimeError")
    put("src", "timm", "raise RuntimeError")
    put("installed", "helpers", "where = 'installed'")
    put("src", "helpers", "where = 'src'")
    sys.path.append("installed")
    search_path.extend(["src"], ["mynets"])
    assert importlib.import_module("helpers").where == "installed"
    for name in ("colorsys", "timm"):
        spec = importlib.util.find_spec(name)
        assert spec is not None and not str(spec.origin).startswith(str(Path.cwd()))


def test_the_folders_are_known_to_the_processes_that_are_started() -> None:
    assert search_path.folders() == ()
    Path("a").mkdir()
    Path("b").mkdir()
    search_path.extend(["a", "b"], ["x"])
    search_path.extend(["a", "b"], ["x"])
    assert search_path.folders() == (str(Path.cwd() / "a"), str(Path.cwd() / "b"))
    assert sys.path.count(str(Path.cwd() / "a")) == 1
    with pytest.raises(UsageError, match="--path nowhere: no such folder"):
        search_path.extend(["nowhere"], [])


@pytest.mark.parametrize("linked", [False, True])
def test_the_version_of_an_installed_package_is_that_of_its_record(linked: bool) -> None:
    """It holds the hashes of all files; the code behind a link is somebody's work."""
    real = Path("work" if linked else "installed", "mynets")
    real.mkdir(parents=True)
    (real / "__init__.py").write_text("")
    record = Path("installed", "mynets-1.0.dist-info", "RECORD")
    record.parent.mkdir(parents=True)
    record.with_name("METADATA").write_text("Name: mynets\nVersion: 1.0\n")
    record.write_text("mynets/__init__.py,sha256=a,0\n")
    if linked:
        Path("installed", "mynets").symlink_to(real.absolute())
    sys.path.insert(0, "installed")
    before = package_version("mynets")
    (real / "nets.py").write_text("x = 1")
    edited = package_version("mynets")
    record.write_text("mynets/__init__.py,sha256=b,0\n")
    assert before.startswith("mynets 1.0 source ")
    assert [edited != before, package_version("mynets") != edited] == [linked, not linked]
