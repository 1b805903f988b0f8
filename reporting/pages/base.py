"""Define the interface of page modules: `Site` is their input, `Page` and `File` their output.

A page module has `pages(site)`, which plans Markdown pages, or `files(site)`, which makes files to
download, or both. `PAGES` of `zoo.reporting.site.render` and `DOWNLOADS` of
`zoo.reporting.site.build` list them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from zoo.reporting.pages.settings import Settings
from zoo.reporting.plots.neighbours import Neighbourhood
from zoo.reporting.plots.scatter import Plot
from zoo.reporting.views.benchmarks import Record, no_cuda
from zoo.reporting.views.catalogue import Catalogue, Family, Model
from zoo.reporting.views.machines import machines


@dataclass(frozen=True)
class Site:
    """The data that page modules read. `drawn` maps the path of a page to its plots.

    `kept` holds the slugs of models and the keys of families whose own files the last run wrote and
    nothing changed since: page modules skip them.
    """

    catalogue: Catalogue
    settings: Settings
    records: tuple[Record, ...]
    drawn: Mapping[str, tuple[Plot, ...]]
    kept: frozenset[str] = frozenset()

    @cached_property
    def neighbourhood(self) -> Neighbourhood:
        """Return what draws the plot of a model among its neighbours."""
        return Neighbourhood(self.catalogue.models)

    @property
    def due(self) -> Iterator[Model]:
        """Iterate over the models whose own files have to be made."""
        return (model for model in self.catalogue.models if model.slug not in self.kept)

    @property
    def due_families(self) -> Iterator[Family]:
        """Iterate over the families whose own page has to be made."""
        return (family for family in self.catalogue.families if family.key not in self.kept)


@dataclass(frozen=True, slots=True)
class About:
    """What a link to a page shows elsewhere: its description, and the path of a picture."""

    description: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A Markdown page: its path below the documentation folder, its template and the template's
    values.

    `owner` is the slug of the model, or the key of the family, that alone decides what the page
    holds; empty for a page about several.
    """

    path: str
    template: str
    context: Mapping[str, Any]
    owner: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file to download: its path below the documentation folder and its content; `owner` as for a
    `Page`."""

    path: str
    data: str | bytes
    owner: str = ""


def shared_context(site: Site) -> dict[str, Any]:
    """Return the template values that most pages need."""
    return {"catalogue": site.catalogue, "settings": site.settings}


def benchmark_context(site: Site) -> dict[str, Any]:
    """Return the template values that pages with benchmarks need."""
    pages = {machine.name: machine.page for machine in machines(site.records)}
    return {"machine_pages": pages, "no_cuda": no_cuda(site.records)}
