"""timm's registry as an index: written once, read as any other, and counted as any other."""

from pathlib import Path

import pytest
import timm
from typer.testing import CliRunner

from model_index.errors import UsageError
from model_index.load import load
from zoo import registry
from zoo.cli import app


@pytest.fixture(scope="module")
def written() -> str:
    return registry.text(timm.__version__)


@pytest.fixture
def cached(tmp_path: Path, written: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that has the registry's file."""
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(registry, "text", lambda version: written)
    monkeypatch.chdir(tmp_path)
    return registry.file()


def test_every_architecture_states_its_default_configuration(cached: Path) -> None:
    read = load([cached])
    assert [entry.name for entry in read.entries] == timm.list_models()
    dpn98 = next(entry for entry in read.entries if entry.name == "dpn98")
    assert (dpn98.collection, dpn98.publisher, str(dpn98.builder)) == ("dpn", "timm", "timm:dpn98")
    stated = {claim.quantity: claim.raw for claim in dpn98.claims}
    configured = timm.get_pretrained_cfg("dpn98")
    assert configured and stated == {
        "image_size": str(configured.input_size[-1]), "crop_pct": str(configured.crop_pct),
        "crop_mode": configured.crop_mode, "interpolation": configured.interpolation,
        "mean": ", ".join(map(str, configured.mean)), "std": ", ".join(map(str, configured.std)),
    }  # fmt: skip


def test_the_file_stays_until_another_version_comes(cached: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = cached.stat().st_mtime_ns
    assert registry.paths(["a.yml", "timm"]) == ["a.yml", str(cached)] and cached.stat().st_mtime_ns == before
    monkeypatch.setattr(registry.importlib.metadata, "version", lambda name: "99.0")
    assert registry.file().name == f"timm-99.0-{registry.FORMAT}.yml"


def test_a_folder_of_that_name_comes_first(cached: Path) -> None:
    Path("timm").mkdir()
    assert registry.paths(["timm"]) == ["timm"]


def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cache").write_text("a file")
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(registry, "text", lambda version: "")
    with pytest.raises(UsageError, match="the registry cannot be written down"):
        registry.file()


def test_some_of_it_is_verified_and_found_again(cached: Path) -> None:
    command = ["verify", "dla34", "dpn6*", "--index", "timm", "--jobs", "2"]
    first = CliRunner().invoke(app, command)
    assert first.exit_code == 0, first.output
    assert "3 models, 18 claims: 18 exact" in first.output and "3 measured, 0 reused" in first.output
    again = CliRunner().invoke(app, command)
    assert "0 measured, 3 reused" in again.output
