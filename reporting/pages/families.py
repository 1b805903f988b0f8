"""The list of families, and a page for each: its models, plots and claims side by side."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from zoo.reporting.pages.base import Page, Site, benchmark_context, shared_context
from zoo.reporting.plots.benchmarks import MEASURED, REPORTED
from zoo.reporting.snippets.snippets import Snippet
from zoo.reporting.views.catalogue import Family, Model
from zoo.reporting.views.family_facts import papers, ranges, tasks
from zoo.reporting.views.model_facts import code_snippets
from zoo.reporting.views.summaries import side_by_side

GROUPS = ("cost", MEASURED, REPORTED)  # headings that a family's plots stand under


def pages(site: Site) -> Iterator[Page]:
    """Plan the list and the page of each family."""
    shared = shared_context(site)
    yield Page("families/index.md", "families.md.j2", shared)
    shared |= benchmark_context(site)
    for family in site.due_families:
        quantities, rows = side_by_side(family.models)
        plots = {
            group: [plot for plot in site.drawn[family.page] if plot.group == group]
            for group in GROUPS
        }
        context = shared | {
            "family": family,
            "plots": plots,
            "rows": rows,
            "quantities": quantities,
            "starter": starter(family),
            "papers": papers(family),
            "ranges": list(ranges(family)),
            "tasks": tasks(family),
        }
        yield Page(family.page, "family.md.j2", context, owner=family.key)


@dataclass(frozen=True, slots=True)
class Starter:
    """A model of a family to begin with, and code that runs it on an image."""

    model: Model
    snippet: Snippet


def starter(family: Family) -> Starter | None:
    """Return the family's smallest model that has a snippet; None where none has."""
    by_size = sorted(family.models, key=lambda model: model.parameters or math.inf)
    codes = ((model, code_snippets(model)) for model in by_size)
    return next((Starter(model, code[0]) for model, code in codes if code), None)
