"""`zoo verify`: claims against the live model."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.gates import Gate, Judgement
from zoo.cli.job_options import NO_JOBS, JobOptions, cores, in_jobs
from zoo.cli.options import (
    LEDGER,
    AllowHosts,
    Also,
    Changed,
    CheckFormat,
    CheckOutput,
    Download,
    Fresh,
    IndexPaths,
    KnownIn,
    LedgerFolder,
    Look,
    Names,
    Offline,
    Since,
    Trust,
    WriteKnown,
)
from zoo.cli.output.console import plural, print_json, say
from zoo.cli.output.findings import cross_check, print_findings, print_places, summarise, unknown
from zoo.cli.output.weights import summarise as summarise_weights
from zoo.cli.process_options import (
    MEMORY,
    SECONDS,
    Jobs,
    MemoryLimit,
    Processes,
    TimeLimit,
    counting,
)
from zoo.cli.run_in_jobs import count_in_jobs
from zoo.cli.session import (
    examined,
    inspect,
    inspect_local,
    limits_for,
    measurer_for,
    recalled,
    run,
)
from zoo.cli.verify_write import (
    DryRun,
    Only,
    Reported,
    Write,
    Yes,
    options,
    print_diff,
    refuse_unwritable,
    write_corrections,
)

if TYPE_CHECKING:
    from zoo.counting.measurer import Measurer
    from zoo.explanation.judgement import Assessment
    from zoo.model_index.baseline import Mark, Scope
    from zoo.model_index.findings import Finding
    from zoo.model_index.records.records import Entry, Index
    from zoo.reporting.gates.rows import GateRow

MODELS_OF_A_JOB = 50
MANY = 3  # above this many models the rows that need no reader's attention are counted, not listed


@in_jobs
def verify(
    context: typer.Context,
    names: Names = None,
    index: IndexPaths = None,
    ledger: LedgerFolder = LEDGER,
    format: CheckOutput = CheckFormat.TABLE,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail on explained and unchecked claims too.")
    ] = False,
    fresh: Fresh = False,
    trust: Trust = None,
    counter: Annotated[
        str, typer.Option(help="`zoo`, or `fvcore` to check our count against fvcore's as well.")
    ] = "zoo",
    everything: Annotated[
        bool, typer.Option("--all", "-a", help="List every claim, the unremarkable ones too.")
    ] = False,
    report: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write every finding with its cause to a Markdown page."),
    ] = None,
    write: Write = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    only: Only = None,
    reported: Reported = False,
    changed: Changed = False,
    since: Since = None,
    baseline: KnownIn = None,
    write_baseline: WriteKnown = None,
    also: Also = None,
    weights: Look = False,
    download: Download = False,
    offline: Offline = False,
    allow_host: AllowHosts = None,
    jobs: Jobs = None,
    memory_limit: MemoryLimit = MEMORY,
    time_limit: TimeLimit = SECONDS,
    job_options: JobOptions = NO_JOBS,
) -> None:
    """Build each model and check every claim about it: FLOPs, parameters, depth and configuration.

    Verdicts: exact, rounded, explained (and why), mismatch, unchecked, error. With --executor jobs
    count the models. Exits with 1 where a claim is a mismatch or an error. With --write measured
    values are put in their places.
    """
    from zoo.model_index.errors import UsageError

    if counter not in ("zoo", "fvcore"):
        raise UsageError(f"--counter: expected zoo or fvcore, got {counter!r}")
    if job_options.executor:
        job_options = replace(job_options, cpus_per_task=job_options.cpus_per_task or jobs or None)
    cpus = job_options.cpus_per_task or 1
    cluster = job_options.cluster(models=MODELS_OF_A_JOB, width=cores(cpus))
    gate = Gate("zoo verify", format, also, baseline, write_baseline, report)
    instead = "" if format is CheckFormat.TABLE else format.upper()
    writing = options(write, yes, dry_run, only, reported, instead=instead, baseline=write_baseline)
    read = gate.load(index or ())
    revision = since or ("HEAD" if changed else None)
    entries = chosen(read, names or (), index or (), revision)
    if writing:
        refuse_unwritable(read, writing)
    if weights:
        limits = limits_for(
            index, trust, offline=offline, download=download, fresh=fresh, allow_hosts=allow_host
        )
        inspector = inspect(entries, ledger, limits)
        summarise_weights(inspector)
        unkept = inspector.unkept
    elif download or allow_host:
        raise UsageError("--download and --allow-host are options of --weights")
    else:
        unkept = inspect_local(entries, ledger, index, trust)
    measurer = measurer_for(ledger, index, trust, fresh=fresh)
    for document, why in unkept:
        measurer.add_unkept(document, why)
    missed = cluster is not None and count_in_jobs(
        entries, measurer, context, cluster, jobs or cpus
    )
    whole = not (names or revision)
    tried: list[tuple[Entry, list[Assessment]]] = []
    with counting(entries, measurer, Processes(jobs, memory_limit, time_limit)):
        if whole and not writing:
            findings, _ = recalled(read.entries, measurer, ledger)
        else:
            tried = examined(entries, measurer, read.entries)
            findings = [one.finding for _, found in tried for one in found]
    judged = judge(gate, findings, strict, None if whole else scope(read, entries))
    if writing and writing.dry_run:
        print_diff(read, index or (), tried, writing)
    elif format is CheckFormat.JSON:
        print_json(gate.data([finding.to_dict() for finding in findings], judged))
    elif format is CheckFormat.TABLE:
        print_findings(findings, everything or len(entries) <= MANY, judged.known)
    summarise(findings, measurer)
    if report is not None:
        with gate.unwritten.later():
            write_report(report, read, entries, findings, measurer)
    if writing and not writing.dry_run and write_corrections(read, index or (), tried, writing):
        places = {entry.place for entry in entries}
        examined_before = [entry.place in places for entry in read.entries]
        read = gate.load(index or ())
        entries = list(
            compress(read.entries, examined_before)
        )  # a value that is longer now moves what is behind it
        again = measurer_for(ledger, index, trust, withheld=measurer.withheld)
        findings = run(entries, again, read.entries)
        judged = judge(gate, findings, strict, None if whole else scope(read, entries))
        summarise(findings, again)
        print_places(
            unknown(findings, judged.known) if format is CheckFormat.TABLE else (), why=True
        )
    gate.write(lambda: rows(findings, judged, strict), judged.gone)
    agreed = counter == "zoo" or cross_check(
        entries, measurer, quiet=dry_run or format is not CheckFormat.TABLE
    )
    gate.unwritten.tell(measurer)
    raise typer.Exit(2 if missed else 1 if judged.new or not agreed else 0)


def chosen(
    read: "Index", names: Sequence[str], paths: Sequence[str], revision: str | None
) -> "list[Entry]":
    """The entries named, or those of them that are not as they were at a git revision."""
    entries = read.select(names)
    if revision is None:
        return entries
    from zoo.verification.git_changes import list_changed_entries

    places = {entry.place for entry in list_changed_entries(read, paths, revision)}
    entries = [entry for entry in entries if entry.place in places]
    say(f"{plural(len(entries), 'entry', 'entries')} changed since {revision}", error=True)
    return entries


def scope(read: "Index", entries: "Sequence[Entry]") -> "Scope":
    """What a baseline has to know of a run on some entries: another entry may have the name of one
    of them."""
    from zoo.model_index.baseline import Scope, of_claim
    from zoo.verification.verify import builder_claim

    models, places = frozenset(entry.name for entry in entries), {entry.place for entry in entries}
    others = [entry for entry in read.entries if entry.name in models and entry.place not in places]
    claims = (claim for entry in others for claim in (builder_claim(entry), *entry.all_claims()))
    return Scope(models, tuple(map(of_claim, claims)))


def judge(
    gate: Gate, findings: "Sequence[Finding]", strict: bool, examined: "Scope | None"
) -> Judgement:
    """Which findings are known."""

    def marks() -> "list[Mark]":
        from zoo.model_index.baseline import of_finding

        return [of_finding(finding) for finding in findings]

    return gate.judge(marks, [finding.fails(strict) for finding in findings], examined)


def rows(findings: "Sequence[Finding]", judged: Judgement, strict: bool) -> "tuple[GateRow, ...]":
    """The findings for gates."""
    from zoo.reporting.gates.rows import of_findings

    return of_findings(findings, judged.known, strict)


def write_report(
    path: str,
    index: "Index",
    entries: "Sequence[Entry]",
    findings: "Sequence[Finding]",
    measurer: "Measurer",
) -> None:
    """The findings as a page of Markdown, written in one piece."""
    from dataclasses import replace

    from zoo.model_index.io.outputs import write_output
    from zoo.reporting.gates.report import report
    from zoo.reporting.views.catalogue import Zoo
    from zoo.verification.verify import primary_keys

    shown = replace(index, entries=tuple(entries))
    zoo = Zoo(shown, tuple(findings), measurer.evidence, primary_keys(entries, measurer))
    write_output("--report", path, report(zoo, f"zoo verify{measurer.flags}"))
    say(f"report: {path}", error=True)
