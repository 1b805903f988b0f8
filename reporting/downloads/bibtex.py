"""Write citations for reference managers: one BibTeX file a family."""

from collections.abc import Iterator

from zoo.reporting.pages.base import File, Site
from zoo.reporting.views.catalogue import Family


def files(site: Site) -> Iterator[File]:
    """Yield a file for each family whose citation is BibTeX."""
    for family in site.catalogue.families:
        if name := path(family):
            yield File(name, f"{_citation(family)}\n")


def path(family: Family) -> str | None:
    """Return the path of a family's file below the site's root; None where its citation is not
    BibTeX."""
    return f"downloads/citations/{family.slug}.bib" if _citation(family).startswith("@") else None


def _citation(family: Family) -> str:
    return ((family.collection.text("citation") if family.collection else None) or "").strip()
