"""What the footer of a site says of its making: the date, the version of zoo and the commit.

They reach the theme as variables of the environment, which `extra.built` of mkdocs.yml reads as
YAML: none may look like a date or a number. One that is set already stays: a CI may know better.
"""

import os
from pathlib import Path

from zoo.model_index.errors import UsageError
from zoo.model_index.ledger import history
from zoo.model_index.ledger.evidence import moment
from zoo.verification.git_repository import run_git
from zoo.version import __version__


def site_state(folder: Path, ledger: Path) -> dict[str, str]:
    """Return `SITE_DATE`, the day of the ledger's last record, the same in Chinese, `SITE_VERSION`
    and `SITE_COMMIT`; a ledger without a record has no day, a folder outside a git repository no
    commit."""
    moments = history.read(ledger).moments
    at = moment(moments[-1].at) if moments else None
    state = {
        "SITE_DATE": f"{at:%-d %b %Y}" if at else "",
        "SITE_DATE_ZH": f"{at.year}年{at.month}月{at.day}日" if at else "",
        "SITE_VERSION": __version__,
        "SITE_COMMIT": _commit(folder),
    }
    return {name: os.environ.get(name, value) for name, value in state.items()}


def _commit(folder: Path) -> str:
    try:
        commit = run_git(folder, "rev-parse", "--short", "--verify", "HEAD").decode().strip()
        return f"commit {commit}"
    except UsageError:
        return ""
