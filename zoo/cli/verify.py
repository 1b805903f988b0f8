"""`zoo verify`: claims against the live model."""

import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.options import (
    COLOURS,
    LEDGER,
    Format,
    Fresh,
    IndexPaths,
    LedgerFolder,
    Names,
    OutputFormat,
    Trust,
    plural,
    print_json,
    print_table,
    say,
)
from zoo.cli.write import (
    DryRun,
    Only,
    Reported,
    Write,
    Yes,
    options,
    print_diff,
    refuse_installed,
    write_corrections,
)

if TYPE_CHECKING:
    from model_index.findings import Finding
    from model_index.records import Entry, Index
    from zoo.counted import Judged
    from zoo.measure import Measurer

MANY = 3  # above this many models the rows that need no reader's attention are counted, not listed


def verify(
    names: Names = None,
    index: IndexPaths = None,
    ledger: LedgerFolder = LEDGER,
    format: OutputFormat = Format.TABLE,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on explained and unchecked claims too.")] = False,
    fresh: Fresh = False,
    trust: Trust = None,
    counter: Annotated[
        str, typer.Option(help="`zoo`, or `fvcore` to check our count against fvcore's as well.")
    ] = "zoo",
    everything: Annotated[
        bool, typer.Option("--all", "-a", help="List every claim, the unremarkable ones too.")
    ] = False,
    report: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write every finding with its cause to a Markdown page.")
    ] = None,
    write: Write = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    only: Only = None,
    reported: Reported = False,
) -> None:
    """Build each model and check every claim about it: FLOPs, parameters, depth and configuration.

    Verdicts: exact, rounded, explained (and why), mismatch, unchecked, error.
    Exits with 1 where a claim is a mismatch or an error. With --write measured values are put in their places.
    """
    from model_index.errors import UsageError
    from model_index.load import load

    if counter not in ("zoo", "fvcore"):
        raise UsageError(f"--counter: expected zoo or fvcore, got {counter!r}")
    writing = options(write, yes, dry_run, only, reported, as_json=format is Format.JSON)
    read = load(index or ())
    entries = read.select(names or ())
    if writing:
        refuse_installed(read, writing)
    measurer = measurer_for(ledger, index, trust, fresh=fresh)
    judged = examined(entries, measurer, read.entries)
    findings = [one.finding for _, found in judged for one in found]
    if writing and writing.dry_run:
        print_diff(read, index or (), judged, writing)
    elif format is Format.JSON:
        print_json([finding.to_dict() for finding in findings])
    else:
        print_findings(findings, everything or len(entries) <= MANY)
    summarise(findings, measurer)
    if report is not None:
        write_report(report, read, entries, findings, measurer)
    if writing and not writing.dry_run and write_corrections(read, index or (), judged, writing):
        read = load(index or ())
        again = measurer_for(ledger, index, trust)
        findings = run(read.select(names or ()), again, read.entries)
        summarise(findings, again)
        print_places(() if format is Format.JSON else findings, why=True)
    agreed = counter == "zoo" or cross_check(entries, measurer, quiet=dry_run or format is Format.JSON)
    raise typer.Exit(1 if any(finding.fails(strict) for finding in findings) or not agreed else 0)


def write_report(
    path: str, index: "Index", entries: "Sequence[Entry]", findings: "Sequence[Finding]", measurer: "Measurer"
) -> None:
    """The findings as a page of Markdown, written in one piece."""
    from dataclasses import replace
    from pathlib import Path

    from model_index.errors import UsageError
    from model_index.ledger import write_atomically
    from reporting.report import report
    from reporting.view import Zoo
    from zoo.verify import primary_keys

    shown = replace(index, entries=tuple(entries))
    zoo = Zoo(shown, tuple(findings), measurer.evidence, primary_keys(entries, measurer))
    file = Path(path)
    if not path or file.is_dir():
        raise UsageError(f"--report: expected a file's path, got {path!r}")
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, report(zoo, f"zoo verify{measurer.flags}"))
    say(f"report: {path}", error=True)


def measurer_for(
    ledger: str, index: Sequence[str] | None, trust: Sequence[str] | None, *, fresh: bool = False, live: bool = True
) -> "Measurer":
    """A measurer whose evidence records the options that reproduce it."""
    import shlex

    from model_index.ledger import Ledger
    from zoo.measure import Measurer

    flags = [("--index", path) for path in index or ()] + [("--trust", package) for package in trust or ()]
    text = "".join(f" {option} {shlex.quote(value)}" for option, value in flags)
    return Measurer(Ledger(ledger), live=live, fresh=fresh, trusted=trust or (), flags=text)


def run(entries: "Sequence[Entry]", measurer: "Measurer", index: "Sequence[Entry]") -> "list[Finding]":
    """Verify with a progress bar where a person watches."""
    return [one.finding for _, found in examined(entries, measurer, index) for one in found]


def examined(
    entries: "Sequence[Entry]", measurer: "Measurer", index: "Sequence[Entry]"
) -> "list[tuple[Entry, list[Judged]]]":
    """Every finding with what was tried for it; a progress bar where a person watches."""
    from zoo.verify import examine

    if not sys.stderr.isatty():
        return examine(entries, measurer, index)
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description:<20}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("verifying", total=len(entries))

        def watch(entry: "Entry") -> None:
            done = progress.tasks[0].completed
            progress.update(task, advance=1, description=entry.name, total=max(len(entries), int(done) + 1))

        return examine(entries, measurer, index, watch)


def print_findings(findings: "Sequence[Finding]", everything: bool) -> None:
    """The table for people, then where each failing claim stands; a long run groups or counts the rest."""
    rows = []
    for finding in findings:
        if everything or finding.fails():
            claim, (claimed, measured) = finding.claim, finding.shown()
            what = (claim.model, claim.publisher, claim.row.label)
            rows.append((*what, claimed, measured, finding.said, finding.reason))
    if rows:
        columns = ("Model", "Publisher", "Quantity", "Claimed", "Measured", "Verdict", "Why")
        print_table(columns, rows, right=("Claimed", "Measured"))
    print_places(findings)
    if not everything:
        print_groups(findings)


def print_places(findings: "Sequence[Finding]", *, why: bool = False) -> None:
    """`file:line: path: verdict` of each failing claim, as editors and CI logs link it."""
    for finding in findings:
        if finding.fails():
            reason = f", {finding.reason}" if why else ""
            say(f"{finding.claim.place}: {finding.claim.path}: {finding.said}{reason}")


def print_groups(findings: "Sequence[Finding]", lister: str = "--all") -> None:
    """One line for each cause that explains several models' claims, and how many claims need no attention."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    quiet = 0
    for finding in findings:
        if finding.verdict == "explained":
            key = (finding.claim.publisher, finding.claim.row.label, finding.cause or "")
            groups.setdefault(key, []).append(finding.claim.model)
        quiet += finding.verdict in ("exact", "rounded", "unchecked")
    for (publisher, label, cause), models in groups.items():
        say(f"explained: {label} of {publisher} by {cause}: {', '.join(models)}")
    say(f"{plural(quiet, 'claim')} exact, rounded or unchecked not listed; {lister} lists every claim")


def summarise(findings: "Sequence[Finding]", measurer: "Measurer") -> None:
    """One line on how it went and where the evidence came from, on standard error."""
    counts = Counter(finding.said for finding in findings)
    verdicts = ", ".join(f"{counts[verdict]} {verdict}" for verdict in COLOURS if counts[verdict])
    models = len({finding.claim.model for finding in findings})
    evidence = f"{measurer.measured} measured, {measurer.reused} reused from {measurer.ledger.folder}"
    hint = " (--fresh measures again)" if measurer.reused else ""
    say(f"{plural(models, 'model')}, {plural(len(findings), 'claim')}: {verdicts or 'none'}", error=True)
    say(f"counts: {evidence}{hint}", error=True)


def cross_check(entries: "Sequence[Entry]", measurer: "Measurer", quiet: bool) -> bool:
    """Count with fvcore as well and compare with our formula of its convention; False where they differ."""
    from zoo.crosscheck import compare

    rows = [compare(entry, measurer) for entry in entries]
    if not quiet:
        columns = ("Model", "Our fvcore convention", "fvcore", "Difference")
        print_table(columns, [row.cells() for row in rows], right=columns[1:])
    for row in rows:
        if quiet and not row.agrees:
            say("fvcore differs: " + ", ".join(filter(None, row.cells())), error=True)
    return all(row.agrees for row in rows)
