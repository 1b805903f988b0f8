"""The list of machines that benchmarks were measured on, and a page for each."""

from collections.abc import Iterator

from zoo.reporting.pages.base import Page, Site, benchmark_context, shared_context
from zoo.reporting.views.machines import machines

INDEX = "machines/index.md"


def pages(site: Site) -> Iterator[Page]:
    """Plan the list and the page of each machine."""
    shared = shared_context(site) | benchmark_context(site)
    measured_here = machines(site.records)
    yield Page(INDEX, "machines.md.j2", shared | {"machines": measured_here})
    for machine in measured_here:
        context = shared | {"machine": machine, "plots": site.drawn[machine.page]}
        yield Page(machine.page, "machine.md.j2", context)
