"""What a hook of pre-commit is asked about, by the variables that it sets."""

import subprocess
from pathlib import Path

import pytest

from zoo.model_index.errors import UsageError
from zoo.verification.pre_commit import find_revision

HOOK = {"PRE_COMMIT": "1"}
RANGE = {"PRE_COMMIT_FROM_REF": "a", "PRE_COMMIT_TO_REF": "b"}


def git(*arguments: str) -> None:
    name = ("-c", "user.name=nobody", "-c", "user.email=nobody@localhost")
    subprocess.run(["git", *name, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, as the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GIT_DIR", raising=False)
    git("init", "-q")
    Path("i.yml").write_text("Models: [{Name: a}]\n")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    return tmp_path


@pytest.mark.parametrize(
    ("environment", "revision"),
    [
        ({}, "HEAD"),
        (HOOK | RANGE, "a...b"),
        (RANGE, "a...b"),
        (HOOK | {"PRE_COMMIT_FROM_REF": "a"}, None),
        (HOOK, None),  # nothing is staged: --all-files, --files
        (HOOK | {"GIT_INDEX_FILE": ".git/index"}, "HEAD"),
        (HOOK | {"PRE_COMMIT_REMOTE_BRANCH": "refs/heads/main"}, None),
    ],
)
@pytest.mark.usefixtures("repository")
def test_what_the_variables_say(environment: dict[str, str], revision: str | None) -> None:
    assert find_revision(["i.yml"], environment) == revision


@pytest.mark.usefixtures("repository")
def test_what_is_staged_is_the_next_commit() -> None:
    Path("i.yml").write_text("Models: [{Name: b}]\n")
    assert find_revision(["i.yml"], HOOK) is None
    git("add", ".")
    assert find_revision(["i.yml"], HOOK) == find_revision(["."], HOOK) == "HEAD"


def test_before_the_first_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    git("init", "-q")
    assert find_revision(["."], HOOK) == "HEAD"


def test_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UsageError, match="not a git repository"):
        find_revision(["."], HOOK)
