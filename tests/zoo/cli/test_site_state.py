"""What the footer says of a site's making."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from zoo.cli.site_state import site_state
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.ledger import history
from zoo.model_index.load import load


def test_a_site_that_was_verified_has_date_version_and_commit(tmp_path: Path) -> None:
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(tmp_path))
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run([*git, *command], check=True)
    at = datetime(2026, 11, 28, tzinfo=UTC)
    claim = next(claim for entry in load().entries for claim in entry.claims)
    finding = Finding(claim=claim, verdict=Verdict.EXACT, reason="the same")
    history.record(tmp_path / "ledger", [finding], {}, at)
    state = site_state(tmp_path, tmp_path / "ledger")
    head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True).stdout
    assert head.startswith(state["SITE_COMMIT"].removeprefix("commit "))
    # a builder of sites reads them as YAML
    assert all(isinstance(yaml.safe_load(value), str) for value in state.values())
    assert state["SITE_DATE"] == "28 Nov 2026" and state["SITE_DATE_ZH"] == "2026年11月28日"
    assert state["SITE_VERSION"]


def test_without_a_repository_or_a_verification_nothing_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert site_state(tmp_path, tmp_path / "ledger")["SITE_DATE"] == ""
    assert site_state(tmp_path, tmp_path / "ledger")["SITE_COMMIT"] == ""
    monkeypatch.setenv("SITE_COMMIT", "of the CI")
    assert site_state(tmp_path, tmp_path / "ledger")["SITE_COMMIT"] == "of the CI"
