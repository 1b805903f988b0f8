"""The lines below the findings: known ones, where the evidence is from, and the count."""

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from zoo.cli.output.console import MANNER, plural, print_table, print_text, say, say_note

if TYPE_CHECKING:
    from zoo.cli.gates import Judgement
    from zoo.counting.measurer import Measurer
    from zoo.isolation.limits import Limits
    from zoo.model_index.findings import Finding
    from zoo.model_index.gaps import GapCount
    from zoo.model_index.records.records import Entry


def print_places(findings: "Sequence[Finding]") -> None:
    """Print `file:line: path: verdict, reason` of each finding, as editors and CI logs link it."""
    for finding in findings:
        claim, label = finding.claim, finding.verdict_label
        say(f"{claim.place}: {claim.path}: {label}, {finding.reason}")


def print_known(judgement: "Judgement", *, everything: bool) -> None:
    """Print how many known findings are not listed."""
    if (hidden := sum(judgement.hidden)) and not everything:
        say_note(f"{plural(hidden, 'known finding')} not listed (--all)")


def summarise(measurer: "Measurer") -> None:
    """Print on standard error how many counts were measured and how many are evidence."""
    measured, reused = measurer.stats
    hint = " (--fresh or --audit 5% measures again)" if reused else ""
    folder = measurer.ledger.folder
    say_note(f"counts: {measured} measured, {reused} reused from {folder}{hint}")


def describe_findings(judgement: "Judgement") -> str:
    """Return how many findings fail: `1 finding`, or with a baseline `1 new finding, 2 known`."""
    known = sum(judgement.known)
    new = "new finding" if known else "finding"
    return plural(judgement.new, new) + (f", {known:,} known" if known else "")


def print_last_line(
    findings: "Sequence[Finding]",
    judgement: "Judgement",
    gaps: "Sequence[GapCount]",
    *,
    models: int,
    unlisted: bool,
) -> None:
    """Print on standard error the count of claims by standing, of findings where that is another
    number, and what was not examined; claims that are listed above need not be named again."""
    from zoo.model_index.findings import Standing
    from zoo.model_index.gaps import describe_gaps, describe_standings

    wrong = sum(finding.standing is Standing.WRONG for finding in findings)
    parts = [describe_standings(findings)]
    if judgement.new != wrong or any(judgement.known):
        parts.append(describe_findings(judgement))
    named = [gap for gap in gaps if unlisted or not gap.claims]
    if named or not gaps:
        parts.append(describe_gaps(named) if models or gaps else "nothing was examined")
    if not MANNER.quiet or any(gap.unbuilt for gap in gaps):
        print_text("; ".join(parts), error=True)


def cross_check(
    entries: "Sequence[Entry]", measurer: "Measurer", limits: "Limits", quiet: bool
) -> bool:
    """Count with fvcore as well and compare with our formula of its convention; False where they
    differ."""
    from zoo.counting.fvcore_crosscheck import compare
    from zoo.isolation.pool import Pool

    with closing(Pool(limits, packages=measurer.trusted)) as pool:
        rows = [compare(entry, measurer, pool) for entry in entries]
    if not quiet:
        columns = ("Model", "Our fvcore convention", "fvcore", "Difference")
        print_table(columns, [row.cells() for row in rows], right=columns[1:])
    for row in rows:
        if quiet and not row.agrees:
            say("fvcore differs: " + ", ".join(filter(None, row.cells())), error=True)
    return all(row.agrees for row in rows)
