"""Verify the index and write the site's pages, for `zoo build` and `zoo serve`."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.api.measuring import add_inspected
from zoo.cli.deferred_errors import DeferredErrors
from zoo.cli.options import read_index
from zoo.cli.output.advice import print_command
from zoo.cli.output.console import plural, say
from zoo.cli.output.finding_counts import print_places
from zoo.cli.output.progress import show_step
from zoo.cli.process_options import Processes, counting
from zoo.cli.session import inspect_local, measurer_for, verify_with_cache
from zoo.cli.site_state import site_state
from zoo.model_index.findings import Standing

if TYPE_CHECKING:
    from zoo.counting.measurer import Measurer
    from zoo.model_index.findings import Finding
    from zoo.model_index.ledger.history import History
    from zoo.model_index.records.records import Index
    from zoo.reporting.site.mkdocs_config import SiteConfig

MOST = 10  # new findings that are listed


def write_pages(
    sites: "Sequence[SiteConfig]",
    index: Sequence[str] | None,
    ledger: str,
    trust: Sequence[str] | None,
    unwritten: DeferredErrors,
    *,
    fresh: bool,
    live: bool,
) -> "Measurer":
    """Write the pages of each language, from one reading of the index and one verification."""
    from zoo.reporting.site.build import write
    from zoo.reporting.views.catalogue import Zoo
    from zoo.verification.verify import primary_keys

    read = read_index(index)
    measurer = measurer_for(ledger, index, trust, fresh=fresh, live=live)
    if live:
        add_inspected(measurer, inspect_local(read.entries, ledger, index, trust))
    with counting(read.entries, measurer, Processes()):
        findings, digests = verify_with_cache(read.entries, measurer, ledger)
    for entry in read.entries:
        measurer.benchmarks(entry)
    before, history = _history(read, findings, ledger, unwritten, live=live)
    if live:
        _print_findings(read, findings, before)
    zoo = Zoo(
        index=read,
        findings=tuple(findings),
        evidence=measurer.evidence,
        primary=primary_keys(read.entries, measurer),
        ledger=ledger,
        history=history,
        digests=digests,
    )
    for site in sites:
        with show_step(f"writing pages to {site.docs}"):
            pages = write(zoo, site.docs, site.settings)
        _print_site(site, pages)
    return measurer


def _print_findings(read: "Index", findings: "Sequence[Finding]", before: "History") -> None:
    """Print the findings that are new since the last build, one line that counts all claims, and
    models that were not built."""
    from zoo.model_index.gaps import describe_gaps, list_gaps
    from zoo.model_index.ledger.history import list_changed

    failing = [finding for finding in findings if finding.fails()]
    new = [finding for finding in list_changed(findings, before) if finding.fails()]
    print_places(new[:MOST])
    if len(new) > MOST:
        say(f"and {len(new) - MOST:,} more")
    models, claims = plural(len(read.entries), "model"), plural(len(findings), "claim")
    counts = Counter(finding.standing for finding in findings)
    standings = ", ".join(f"{counts[key]:,} {key}" for key in Standing if counts[key])
    summary = f"{models}, {claims}" + (f": {standings}" if standings else "")
    if failing:
        summary += f"; {plural(len(failing), 'finding')}, {len(new):,} new; zoo verify lists all"
    say(summary, error=True)
    gaps = list_gaps(findings, read.entries, unreadable=len(read.faults), skipped=read.passed)
    print_command(finding.gap for finding in findings)
    if unbuilt := [gap for gap in gaps if gap.unbuilt]:
        say(describe_gaps(unbuilt), error=True)


def _print_site(site: "SiteConfig", pages: "Any") -> None:
    """Print how many pages of a site changed, and the addresses that are gone."""
    if pages.written or pages.removed:
        counts = f"{pages.written} written, {pages.unchanged} unchanged, {pages.removed} removed"
        say(f"pages in {site.docs}: {counts}", error=True)
    if site.settings.primary and pages.gone:
        names = ", ".join(pages.gone[:5]) + (" ..." if len(pages.gone) > 5 else "")
        number = plural(len(pages.gone), "page")
        say(
            f"zoo: {number} of models that are no longer in the index: {names}. A renamed model "
            "states `Formerly: OLD NAME` in its entry; then its old address leads to the new one.",
            error=True,
        )


def read_sites(config: str | None, *, trust: bool) -> "list[SiteConfig]":
    """Read the configuration that is named, or the folder's; the latter only runs code where it is
    trusted.

    Raises: UsageError, IndexFaults: as `sites` and `refuse_code`.
    """
    from zoo.reporting.site.code_in_config import refuse_code
    from zoo.reporting.site.mkdocs_config import sites

    configured = sites(Path(config or "mkdocs.yml"), os.environ)
    if config is None and not trust:
        refuse_code(configured)
    return configured


def _history(
    read: "Index",
    findings: "Sequence[Finding]",
    ledger: str,
    unwritten: DeferredErrors,
    *,
    live: bool,
) -> "tuple[History, History]":
    """Return the history of verdicts before and after this build; one that verifies adds what has
    changed since the last one.

    On a read-only ledger nothing is added; a later build does it.
    """
    from datetime import UTC, datetime

    from zoo.model_index.errors import ReadOnly
    from zoo.model_index.ledger import history

    before = history.read(Path(ledger))
    path = None
    if live:
        families = {entry.name: name for name, entries in read.families() for entry in entries}
        former = read.former_names()
        with unwritten.later():
            try:
                path = history.record(Path(ledger), findings, families, datetime.now(UTC), former)
            except ReadOnly as error:
                say(f"zoo: {error}; a later build does", error=True)
    after = history.read(Path(ledger)) if path else before
    for fault in after.faults:
        say(f"zoo: {fault}", error=True)
    return before, after


def mkdocs_environment(config: Path, ledger: str) -> dict[str, str]:
    """Return the variables that a builder of the site runs with; see `site_state`."""
    state = site_state(config.absolute().parent, Path(ledger))
    return os.environ | {"NO_MKDOCS_2_WARNING": "1"} | state
