"""Paths as a CI service knows them: relative to the repository, whatever links lead there."""

import os
from pathlib import Path

import pytest

from zoo.reporting.gates.paths import find_root, relative_path


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`real/repo` with `models/m.yml`, and `link` to `real`; the working folder is `link/repo`."""
    repository = tmp_path / "real" / "repo"
    (repository / "models").mkdir(parents=True)
    (repository / "models" / "m.yml").touch()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path / "link" / "repo")
    return repository


@pytest.mark.parametrize("variable", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
@pytest.mark.parametrize("folder", ["link/repo", "real/repo", "link/repo/"])
def test_a_workspace_behind_a_link(
    repository: Path, tmp_path: Path, variable: str, folder: str
) -> None:
    root = find_root({variable: f"{tmp_path}/{folder}"})
    for file in (
        "models/m.yml",
        "./models/../models/m.yml",
        str(repository / "models" / "m.yml"),
        str(tmp_path / "link" / "repo" / "models" / "m.yml"),
    ):
        assert relative_path(file, root) == "models/m.yml"


def test_without_a_workspace_the_repository_is_looked_for(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("models")
    assert find_root({}) == str(repository / "models")
    (repository / ".git").mkdir()
    assert find_root({}) == str(repository)
    assert relative_path("m.yml", find_root({})) == "models/m.yml"
    (repository / ".git").rmdir()
    (repository / ".git").write_text("gitdir: elsewhere\n")  # a worktree
    assert find_root({}) == str(repository)


def test_a_checkout_below_the_workspace_is_the_repository(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()  # of somebody's home folder
    workspace = {"GITHUB_WORKSPACE": str(tmp_path / "link")}
    assert find_root(workspace) == str(tmp_path / "real")
    (repository / ".git").mkdir()
    assert find_root(workspace) == str(repository)
    monkeypatch.chdir("/")
    assert find_root(workspace) == str(tmp_path / "real")
    assert find_root({}) == "/"


def test_links_of_the_repository(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.yml").touch()
    os.symlink("m.yml", "models/inside.yml")
    os.symlink(tmp_path / "outside.yml", "models/out.yml")
    root = find_root({})
    assert relative_path("models/inside.yml", root) == "models/m.yml"
    assert relative_path("models/out.yml", root) == "models/out.yml"
    outside = str(tmp_path / "outside.yml")
    assert relative_path(outside, root) == outside
