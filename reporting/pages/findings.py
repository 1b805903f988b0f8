"""The page of all findings: coverage tables, claims that fail, causes, and what was not checked."""

from collections.abc import Iterator
from typing import Any

from zoo.model_index.findings import Verdict
from zoo.reporting.pages.base import Page, Site, shared_context
from zoo.reporting.views import finding_groups
from zoo.reporting.views.catalogue import Catalogue
from zoo.reporting.views.summaries import coverage

MAX_LINKS = 30  # models that a group links to
AGREEING = (Verdict.EXACT, Verdict.ROUNDED, Verdict.CONSISTENT)


def pages(site: Site) -> Iterator[Page]:
    """Plan the page."""
    context = shared_context(site) | findings_context(site.catalogue)
    yield Page("findings/index.md", "findings.md.j2", context)


def findings_context(catalogue: Catalogue) -> dict[str, Any]:
    """Return the template values that only this page needs."""
    checks = list(catalogue.checks)
    groups = finding_groups.cause_groups(checks)
    agreeing = [check for _, check in checks if check.verdict in AGREEING]
    return {
        "tables": {
            "quantity": coverage((check.claim.row.label, check) for _, check in checks),
            "family": coverage((model.family, check) for model, check in checks),
            "publisher": coverage((check.claim.publisher, check) for _, check in checks),
        },
        "failing": finding_groups.ungrouped_failures(checks),
        "wrong": [group for group in groups if group.wrong],
        "explained": [group for group in groups if not group.wrong],
        "unchecked": finding_groups.group_by(
            checks, Verdict.UNCHECKED, lambda check: check.finding.reason
        ),
        "shortened": MAX_LINKS,
        "most_odd": finding_groups.ODD,
        "agreeing": coverage((check.claim.row.label, check) for check in agreeing),
    }
