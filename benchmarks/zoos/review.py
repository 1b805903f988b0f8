"""The verdicts that somebody looked at by hand: `reviewed.toml`.

A wrong number is published as wrong only where a verdict here confirms it. A verdict is about all
findings of a zoo that its patterns match; the first that matches counts.
"""

import tomllib
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

FILE = Path(__file__).with_name("reviewed.toml")
ANY = "*"


class HandVerdict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A verdict: `model`, `claimed` and `reason` are globs; `quantity` too, of the
    keys of quantities. `why` says in plain words why the number is wrong, or why it is not."""

    zoo: str
    quantity: str
    confirmed: bool
    why: str
    model: str = ANY
    claimed: str = ANY
    reason: str = ANY

    def matches(self, zoo: str, quantity: str, model: str, claimed: str, reason: str) -> bool:
        """Return whether it is about this finding."""
        return self.zoo == zoo and all(
            fnmatchcase(text, pattern)
            for text, pattern in (
                (quantity, self.quantity),
                (model, self.model),
                (claimed, self.claimed),
                (reason, self.reason),
            )
        )

    def explain(self, cause: str | None) -> str:
        """Return why, with the cause that reproduces the number."""
        return self.why.replace("{cause}", cause or "no known cause")


def read_verdicts(file: Path = FILE) -> list[HandVerdict]:
    """Return the verdicts of a file."""
    rows = tomllib.loads(file.read_text(encoding="utf-8")).get("verdict", [])
    return msgspec.convert(rows, list[HandVerdict])


def find_verdict(
    verdicts: Sequence[HandVerdict], zoo: str, quantity: str, *texts: str
) -> HandVerdict | None:
    """Return the verdict about a finding; None where nobody looked at it. `texts` are its model,
    its claim as it is printed, and its reason."""
    return next((v for v in verdicts if v.matches(zoo, quantity, *texts)), None)
