"""The list of families, and a page for each: what is published beside what was measured."""

from collections.abc import Iterator
from typing import Any

from zoo.model_index.ledger.store import slug
from zoo.reporting.pages.base import Page, Site, shared_context
from zoo.reporting.plots.benchmarks import MEASURED, REPORTED
from zoo.reporting.plots.dumbbell import dumbbell
from zoo.reporting.plots.speed_panels import speed_panels
from zoo.reporting.views.catalogue import Catalogue, Family
from zoo.reporting.views.claim_lines import counts_of
from zoo.reporting.views.family_facts import papers, tasks
from zoo.reporting.views.family_story import story_of
from zoo.reporting.views.members import members_of

FIRST_ROWS = 40  # members that are shown at once
MOST_COMPARED = 4


def pages(site: Site) -> Iterator[Page]:
    """Plan the list and the page of each family."""
    shared = shared_context(site)
    groups = {
        "groups": list(group_families(site.catalogue)),
        "counts_of": counts_of,
        "task_anchor": task_anchor,
    }
    yield Page("families/index.md", "families.md.j2", shared | groups)
    for family in site.due_families:
        context = shared | _context(site, family)
        yield Page(family.page, "family.md.j2", context, owner=family.key)


def task_anchor(task: str) -> str:
    """Return the anchor of a task in the list of families, the same in every language."""
    return f"task-{slug(task.lower())}" if task else "task-none"


def _context(site: Site, family: Family) -> dict[str, Any]:
    plots = site.drawn[family.page]
    speeds = {group: [p for p in plots if p.group == group] for group in (MEASURED, REPORTED)}
    return {
        "family": family,
        "story": story_of(family),
        "members": members_of(family.models),
        "published": dumbbell(family.models),
        "cost": next((plot for plot in plots if plot.group == "cost"), None),
        "speeds": {group: speed_panels(drawn, family.name) for group, drawn in speeds.items()},
        "papers": papers(family),
        "tasks": tasks(family),
        "counts": counts_of(family),
        "publishers": list(dict.fromkeys(check.claim.publisher for check in family.checks)),
        "first_rows": FIRST_ROWS,
        "most_compared": MOST_COMPARED,
    }


def group_families(catalogue: Catalogue) -> Iterator[tuple[str, list[Family]]]:
    """Yield the families by task, those with most models first; "" for those that state none."""
    tasks = dict.fromkeys(family.task for family in catalogue.families)
    sizes = {
        task: sum(len(family.models) for family in catalogue.families_of(task)) for task in tasks
    }
    for task in sorted(tasks, key=lambda task: (not task, -sizes[task])):
        yield task, sorted(catalogue.families_of(task), key=lambda family: family.name.casefold())
