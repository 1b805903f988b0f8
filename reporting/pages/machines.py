"""The list of machines that benchmarks were measured on, and a page for each."""

from collections.abc import Iterator, Sequence

from zoo.reporting.pages.base import Page, Site, benchmark_context, shared_context
from zoo.reporting.plots.scatter import Plot
from zoo.reporting.views.machines import machines

INDEX = "machines/index.md"
MOST = 6  # plots of a machine


def pages(site: Site) -> Iterator[Page]:
    """Plan the list and the page of each machine."""
    shared = shared_context(site) | benchmark_context(site)
    measured_here = machines(site.records)
    yield Page(INDEX, "machines.md.j2", shared | {"machines": measured_here})
    for machine in measured_here:
        drawn = choose_plots(site.drawn[machine.page])
        context = shared | {"machine": machine, "plots": drawn}
        yield Page(machine.page, "machine.md.j2", context)


def choose_plots(plots: Sequence[Plot]) -> list[Plot]:
    """Return the plots to show: of accuracy against latency at each set-up's smallest batch, and
    those that no batch size has."""
    smallest: dict[str, int] = {}
    for plot in plots:
        if plot.batch:
            smallest[plot.summary] = min(plot.batch, smallest.get(plot.summary, plot.batch))
    return [p for p in plots if not p.batch or p.batch == smallest[p.summary]][:MOST]
