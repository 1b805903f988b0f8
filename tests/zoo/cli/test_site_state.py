"""What the footer says of a site's making."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from zoo.cli.site_state import site_state


def test_a_site_that_was_verified_has_date_version_and_commit(tmp_path: Path) -> None:
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(tmp_path))
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run([*git, *command], check=True)
    state = site_state(tmp_path, live=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True).stdout
    assert state["SITE_COMMIT"] and head.startswith(state["SITE_COMMIT"])
    age = datetime.now(UTC).date() - datetime.fromisoformat(state["SITE_DATE"]).date()
    assert age.days in (0, 1)
    assert state["SITE_VERSION"]


def test_without_a_repository_or_a_verification_nothing_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert site_state(tmp_path, live=False)["SITE_DATE"] == ""
    assert site_state(tmp_path, live=False)["SITE_COMMIT"] == ""
    monkeypatch.setenv("SITE_COMMIT", "of the CI")
    assert site_state(tmp_path, live=False)["SITE_COMMIT"] == "of the CI"
