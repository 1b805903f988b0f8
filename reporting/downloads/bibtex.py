"""Citations as files for reference managers: one BibTeX file a family."""

from collections.abc import Iterator

from zoo.reporting.pages.base import Site
from zoo.reporting.views.catalogue import Family


def files(site: Site) -> Iterator[tuple[str, str]]:
    """The files of all families whose citation is BibTeX."""
    for family in site.catalogue.families:
        if where := path(family):
            yield where, f"{_citation(family)}\n"


def path(family: Family) -> str | None:
    """Where a family's file lies below the site's root; None where nothing that begins like BibTeX
    is stated."""
    return f"downloads/citations/{family.slug}.bib" if _citation(family).startswith("@") else None


def _citation(family: Family) -> str:
    return ((family.collection.text("citation") if family.collection else None) or "").strip()
