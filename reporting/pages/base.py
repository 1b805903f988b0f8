"""What rooms of the site are made of: `Site`, all that a room may look at, and `Page`, what it
gives back.

A room is a module with `pages(site)`, which plans Markdown pages, or `files(site)`, which makes
files to download, or both. `zoo.reporting.site.render` and `zoo.reporting.site.build` list them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from zoo.reporting.pages.settings import Settings
from zoo.reporting.plots.scatter import Plot
from zoo.reporting.views.benchmarks import Record
from zoo.reporting.views.catalogue import Catalogue, Model


@dataclass(frozen=True)
class Site:
    """Everything a room may know; `drawn` are the plots by the path of the page they stand on.

    `kept` are the slugs of models, and the keys of families, whose own files are as the last run
    wrote them: no room makes them again.
    """

    catalogue: Catalogue
    settings: Settings
    records: tuple[Record, ...]
    drawn: Mapping[str, tuple[Plot, ...]]
    kept: frozenset[str] = frozenset()

    @property
    def due(self) -> Iterator[Model]:
        """The models whose own files are to be made."""
        return (model for model in self.catalogue.models if model.slug not in self.kept)


@dataclass(frozen=True, slots=True)
class Page:
    """A file below the documentation folder and the template that makes it."""

    path: str
    template: str
    context: Mapping[str, Any]
