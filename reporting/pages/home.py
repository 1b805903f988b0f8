"""The first page: what the zoo holds, and whether its claims hold."""

from collections.abc import Iterator

from zoo.reporting.pages import json_ld
from zoo.reporting.pages.base import Page, Site, shared_context


def pages(site: Site) -> Iterator[Page]:
    """Plan the page."""
    context = shared_context(site) | {"linked_data": json_ld.zoo_data(site)}
    yield Page("index.md", "home.md.j2", context)
