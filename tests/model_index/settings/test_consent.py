"""What a person has allowed: by path and by values, in a file that is the person's own."""

import os
from pathlib import Path

import pytest

from zoo.model_index.errors import UsageError
from zoo.model_index.settings.consent import (
    Consents,
    allow,
    config_folder,
    consent_file,
    is_allowed,
    key_of,
    read_consents,
    revoke,
)
from zoo.model_index.settings.read import read_settings
from zoo.model_index.settings.record import Settings


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZOO_CONFIG", str(tmp_path / "config" / "zoo"))
    return tmp_path / "config" / "zoo"


def settings_of(folder: Path, text: str) -> Settings:
    folder.mkdir(exist_ok=True)
    (folder / "zoo.toml").write_text(text)
    settings = read_settings(folder / "zoo.toml")
    assert settings is not None
    return settings


TEXT = 'trust = ["mine"]\npath = ["src"]\nindex = "models"\n'


def test_it_is_remembered_by_path_and_by_value(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "a", TEXT)
    assert not is_allowed(settings, read_consents())
    allow(settings)
    assert is_allowed(settings, read_consents())
    assert not is_allowed(settings_of(tmp_path / "b", TEXT), read_consents())
    for other in ("index = 'other'", "baseline = 'known.json'", "ledger = 'inside'"):
        text = TEXT.replace('index = "models"', other)
        assert is_allowed(settings_of(tmp_path / "a", text), read_consents())
    for other in ('trust = "mine"\n', TEXT + "ledger = '../out'\n", TEXT.replace("mine", "other")):
        assert not is_allowed(settings_of(tmp_path / "a", other), read_consents())
    assert is_allowed(settings_of(tmp_path / "a", TEXT), read_consents())


def test_a_link_that_leads_elsewhere_now_is_asked_again(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    link = tmp_path / "a" / "ledger"
    link.symlink_to(tmp_path / "first")
    settings = settings_of(tmp_path / "a", 'ledger = "ledger"\n')
    allow(settings)
    assert is_allowed(settings, read_consents())
    link.unlink()
    link.symlink_to(tmp_path / "second")
    assert not is_allowed(settings, read_consents())


def test_it_can_be_revoked(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "a", TEXT)
    allow(settings)
    allow(settings_of(tmp_path / "b", TEXT))
    assert revoke(key_of(settings.file)) and not revoke(key_of(settings.file))
    assert not is_allowed(settings, read_consents())
    assert list(read_consents().files) == [str(tmp_path / "b" / "zoo.toml")]


def test_the_file_is_the_users_alone(tmp_path: Path, config: Path) -> None:
    settings = settings_of(tmp_path / "a", TEXT)
    allow(settings)
    assert consent_file().stat().st_mode & 0o777 == 0o600
    assert config.stat().st_mode & 0o777 == 0o700
    for path, mode in ((consent_file(), 0o602), (consent_file(), 0o620), (config, 0o770)):
        before = path.stat().st_mode
        path.chmod(mode)
        for act in (read_consents, lambda: allow(settings), lambda: revoke("x")):
            with pytest.raises(UsageError, match="not used, since others may write it"):
                act()
        path.chmod(before)
    other = tmp_path / "other.json"
    other.write_bytes(consent_file().read_bytes())
    other.chmod(0o600)
    consent_file().unlink()
    consent_file().symlink_to(other)
    with pytest.raises(UsageError, match="not used, since others may write it"):
        read_consents()


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no owners here")
def test_another_users_file_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(tmp_path / "a", TEXT)
    allow(settings)
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    with pytest.raises(UsageError, match="not used"):
        read_consents()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": 3}', '{"files": {}, "format": 99}'])
def test_a_file_that_cannot_be_read_allows_nothing(config: Path, text: str) -> None:
    config.mkdir(parents=True, mode=0o700)
    consent_file().write_text(text)
    consent_file().chmod(0o600)
    with pytest.raises(UsageError, match=r"trusted\.json: "):
        read_consents()


def test_the_folder_is_the_users_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("ZOO_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert config_folder() == tmp_path / "zoo"
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert config_folder() == tmp_path / "home" / ".config" / "zoo"
    assert read_consents() == Consents()
