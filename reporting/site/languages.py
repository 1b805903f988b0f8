"""Complete what the configuration of another language leaves to the first one.

`mkdocs.zh.yml` inherits from `mkdocs.yml`. Its site lies in a folder of the first site, so paths
that are right there lead elsewhere here: the links of the switch of languages, the way to the
downloads, the address.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ABSOLUTE = ("/", "http://", "https://")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """What one file states itself of its address and of paths; None where it states nothing."""

    url: str | None = None
    root: str | None = None
    method: str | None = None
    alternates: Sequence[Mapping[str, str]] | None = None


def complete(first: Paths, other: Paths, language: str) -> dict[str, Any]:
    """Return the settings that a language's configuration lacks, as a file would state them.

    Args:
        first: what the first language's file states.
        other: what this language's file states.
        language: also the folder of its site below the first one.
    """
    extra: dict[str, Any] = {}
    if other.root is None:
        extra["root"] = "../"
    if other.method is None and first.method:
        extra["method"] = from_below(first.method)
    if other.alternates is None and first.alternates:
        extra["alternate"] = [
            {**link, "link": from_below(link.get("link", ""))} for link in first.alternates
        ]
    settings: dict[str, Any] = {"extra": extra} if extra else {}
    if not other.url and first.url:
        settings["site_url"] = f"{first.url.rstrip('/')}/{language}/"
    return settings


def from_below(path: str) -> str:
    """Return a path of the first site as seen from a folder of it; an absolute one stays."""
    return path if path.startswith(ABSOLUTE) else f"../{path.removeprefix('./')}"
