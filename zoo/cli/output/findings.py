"""Output of `zoo verify` and `zoo build` for people: tables, places, groups and counts."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from zoo.cli.output.console import plural, print_table, say

if TYPE_CHECKING:
    from zoo.cli.gates import Judgement
    from zoo.counting.measurer import Measurer
    from zoo.isolation.limits import Limits
    from zoo.model_index.errors import Fault
    from zoo.model_index.findings import Finding
    from zoo.model_index.gaps import GapCount
    from zoo.model_index.records.records import Claim, Entry


# Formats of conditions whose value alone is ambiguous.
CONDITION_FORMATS = {
    "batch size": "batch size {}",
    "input size": "input {}",
    "corrected": "corrected: {}",
}
QUIET = ("exact", "rounded", "consistent", "unchecked")


def print_findings(
    findings: "Sequence[Finding]", judgement: "Judgement", *, everything: bool, few: bool
) -> None:
    """Print the table, then the place of each new finding; group or count the others.

    `everything` lists every claim; for `few` models that is all but the known findings.
    """
    rows = []
    flags = zip(findings, judgement.failing, judgement.known, judgement.hidden, strict=False)
    for finding, fails, old, hidden in flags:
        if everything or (not hidden and (few or fails)):
            claim, (claimed, measured) = finding.claim, finding.display_values()
            claim_cells = (claim.model, claim.publisher, claim_label(claim))
            verdict = f"{finding.verdict_label}, known" if old else finding.verdict_label
            rows.append((*claim_cells, claimed, measured, verdict, finding.reason))
    if rows:
        columns = ("Model", "Publisher", "Quantity", "Claimed", "Measured", "Verdict", "Why")
        print_table(columns, rows, right=("Claimed", "Measured"))
    print_places(judgement.list_new(findings))
    if not (everything or few):
        print_groups(findings)
    print_known(judgement, everything=everything)


def claim_label(claim: "Claim") -> str:
    """Name a claim's quantity; of a benchmark with its conditions, since there may be several."""
    if claim.row.check != "benchmark":
        return claim.row.label
    return ", ".join(
        [
            claim.row.label,
            *(CONDITION_FORMATS.get(key, "{}").format(value) for key, value in claim.conditions),
        ]
    )


def print_places(findings: "Sequence[Finding]", *, why: bool = False) -> None:
    """Print `file:line: path: verdict` of each finding, as editors and CI logs link it."""
    for finding in findings:
        reason = f", {finding.reason}" if why else ""
        say(f"{finding.claim.place}: {finding.claim.path}: {finding.verdict_label}{reason}")


def print_unreadable(
    faults: "Sequence[Fault]", judgement: "Judgement", *, everything: bool
) -> None:
    """Print `file:line: path: expected a count, got '-'` of each value that cannot be read."""
    first = len(judgement.known) - len(faults)
    flags = zip(faults, judgement.known[first:], judgement.hidden[first:], strict=True)
    for fault, is_known, hidden in flags:
        if everything or not hidden:
            say(f"{fault}, known" if is_known else str(fault))


def print_groups(findings: "Sequence[Finding]", lister: str = "--all") -> None:
    """Print one line for each cause with its models, and the number of claims not listed."""
    groups: dict[tuple[str, str, str, str], list[str]] = {}
    quiet = 0
    for finding in findings:
        if finding.verdict == "explained":
            claim, label = finding.claim, finding.verdict_label
            key = (label, claim.publisher, claim.row.label, finding.cause or "")
            groups.setdefault(key, []).append(claim.model)
        quiet += finding.verdict in QUIET
    for (verdict, publisher, label, cause), models in groups.items():
        say(f"{verdict}: {label} of {publisher} by {cause}: {', '.join(models)}")
    say(
        f"{plural(quiet, 'claim')} exact, rounded, consistent or unchecked not listed; "
        f"{lister} lists every claim"
    )


def summarise(findings: "Sequence[Finding]", measurer: "Measurer", unreadable: int = 0) -> None:
    """Print the number of each standing, of values that cannot be read, and the source of the
    evidence, on standard error."""
    standings = ", ".join(count_standings(findings)) or "none"
    models = len({finding.claim.model for finding in findings})
    measured, reused = measurer.stats
    evidence = f"{measured} measured, {reused} reused from {measurer.ledger.folder}"
    hint = " (--fresh measures again, zoo verify --audit 5% a sample)" if reused else ""
    say(
        f"{plural(models, 'model')}, {plural(len(findings), 'claim')}: {standings}",
        error=True,
    )
    if unreadable:
        say(f"unreadable: {plural(unreadable, 'value')} of the index, left out", error=True)
    say(f"counts: {evidence}{hint}", error=True)


def print_known(judgement: "Judgement", *, everything: bool) -> None:
    """Print how many known findings are not listed."""
    if (hidden := sum(judgement.hidden)) and not everything:
        say(f"{plural(hidden, 'known finding')} not listed; --all lists them")


def describe_findings(judgement: "Judgement") -> str:
    """Return how many findings fail: `1 finding`, or with a baseline `1 new finding, 2 known`."""
    known = sum(judgement.known)
    new = "new finding" if known else "finding"
    return plural(judgement.new, new) + (f", {known:,} known" if known else "")


def print_last_line(judgement: "Judgement", gaps: "Sequence[GapCount]", models: int) -> None:
    """Print on standard error how many findings fail, and what was not examined."""
    from zoo.model_index.gaps import describe_gaps

    examined = describe_gaps(gaps) if models or gaps else "nothing was examined"
    say(f"{describe_findings(judgement)}; {examined}", error=True)


def count_standings(findings: "Sequence[Finding]") -> "Iterator[str]":
    """Yield `6 right (5 exact, 1 rounded)` for each standing that occurs."""
    from zoo.model_index.findings import Standing, Verdict

    for standing in Standing:
        counts = Counter(f.verdict for f in findings if f.standing is standing)
        verdicts = [f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict]]
        if verdicts:
            yield f"{counts.total()} {standing} ({', '.join(verdicts)})"


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
