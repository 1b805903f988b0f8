"""Remember what a person has allowed settings to do, in the user's own configuration folder.

Settings come with a repository, so they may have been written by anybody. What they may not do by
themselves holds after a person has allowed exactly these values for exactly this file.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from zoo.model_index.errors import UsageError
from zoo.model_index.io.atomic import NotPlain, lock_folder, read_whole, write_atomically
from zoo.model_index.io.user_cache import home_folder, is_own
from zoo.model_index.settings.record import Settings, Values

FORMAT = 1


class Consent(msgspec.Struct, frozen=True):
    """The values of a settings file that a person has allowed, and when."""

    values: Values
    date: datetime


class Consents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that a person has allowed, by the real path of the settings file."""

    files: dict[str, Consent] = {}
    format: int = FORMAT


def config_folder() -> Path:
    """Return the user's configuration folder: `$ZOO_CONFIG`, `$XDG_CONFIG_HOME/zoo` or
    `~/.config/zoo`."""
    if folder := os.environ.get("ZOO_CONFIG"):
        return Path(folder).expanduser().absolute()
    shared = os.environ.get("XDG_CONFIG_HOME", "")
    return Path(shared if os.path.isabs(shared) else home_folder() / ".config", "zoo")


def consent_file() -> Path:
    """Return the file of what a person has allowed."""
    return config_folder() / "trusted.json"


def read_consents() -> Consents:
    """Read what a person has allowed.

    Raises:
        UsageError: the file is another user's, others may write it, or it cannot be read.
    """
    file = consent_file()
    try:
        if not os.path.lexists(file):
            return Consents()
        if not (is_own(file) and is_own(file.parent)):
            raise UsageError(
                f"{file}: not used, since others may write it or its folder; "
                f"`chmod go-w {file.parent} {file}` if it is yours"
            )
        consents = msgspec.json.decode(read_whole(file), type=Consents)
    except (OSError, NotPlain, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: cannot be read: {error}; delete it to begin anew") from error
    if consents.format > FORMAT:
        raise UsageError(f"{file}: format {consents.format}; this version reads up to {FORMAT}")
    return consents


def is_allowed(settings: Settings, consents: Consents) -> bool:
    """Return whether a person has allowed what these settings ask for now, in this place."""
    consent = consents.files.get(key_of(settings.file))
    return consent is not None and consent.values == settings.list_restricted()


def allow(settings: Settings) -> None:
    """Remember that a person allows what these settings ask for.

    Raises: UsageError, OSError: the file cannot be read or written.
    """
    consent = Consent(settings.list_restricted(), datetime.now(UTC))
    _update({key_of(settings.file): consent})


def revoke(file: str) -> bool:
    """Forget what was allowed to a settings file; return whether anything was.

    Raises: UsageError, OSError: the file cannot be read or written.
    """
    if file not in read_consents().files:
        return False
    _update({file: None})
    return True


def key_of(file: Path) -> str:
    """Return the real path under which a settings file is remembered."""
    return os.path.realpath(file)


def _update(changes: dict[str, Consent | None]) -> None:
    file = consent_file()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock_folder(file.parent):
        files = read_consents().files | changes
        consents = Consents({name: consent for name, consent in files.items() if consent})
        text = msgspec.json.format(msgspec.json.encode(consents), indent=2).decode()
        write_atomically(file, f"{text}\n", mode=0o600)
