"""`zoo verify`: claims against the live model."""

import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import compress
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from zoo.api.measuring import add_inspected, make_inspect_options
from zoo.cli.audit import AUDIT_OPTIONS, AuditOptions, Auditor
from zoo.cli.choice import choice
from zoo.cli.deferred_errors import print_skipped
from zoo.cli.gates import Gate, Judgement
from zoo.cli.job_options import JOB_OPTIONS, NO_JOBS, Cluster, JobOptions, cores
from zoo.cli.options import (
    JSON,
    TABLE,
    AllowHosts,
    Also,
    Changed,
    CheckOutput,
    Download,
    Everything,
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
    add_named,
    require_models,
)
from zoo.cli.output.advice import print_command
from zoo.cli.output.console import plural, print_json, say
from zoo.cli.output.findings import (
    cross_check,
    print_findings,
    print_last_line,
    print_places,
    print_unreadable,
    summarise,
)
from zoo.cli.output.weights import summarise as summarise_weights
from zoo.cli.process_options import (
    Jobs,
    MemoryLimit,
    Processes,
    TimeLimit,
    counting,
)
from zoo.cli.records import from_options
from zoo.cli.run_in_jobs import count_in_jobs
from zoo.cli.session import (
    examine_entries,
    inspect,
    inspect_local,
    measurer_for,
    run,
    verify_with_cache,
)
from zoo.cli.settings import BuilderPath
from zoo.cli.verify_write import (
    WRITE_OPTIONS,
    WriteOptions,
    Writing,
    print_diff,
    refuse_unwritable,
    write_corrections,
)
from zoo.models.extras import require
from zoo.verification.request import VerifyRequest

if TYPE_CHECKING:
    from zoo.counting.measurer import Measurer
    from zoo.explanation.judgement import Assessment
    from zoo.model_index.baseline import Mark, Scope
    from zoo.model_index.errors import Fault
    from zoo.model_index.findings import Finding
    from zoo.model_index.gaps import GapCount
    from zoo.model_index.records.records import Entry, Index
    from zoo.reporting.gates.rows import GateRow
    from zoo.weights.inspect import Inspector

MODELS_OF_A_JOB = 50
MANY = 3  # above this many models the rows that need no reader's attention are counted, not listed


Strict = Annotated[
    bool, typer.Option("--strict", help="Fail on explained and unchecked claims too.")
]
AllowUnbuilt = Annotated[
    bool,
    typer.Option(
        "--allow-unbuilt",
        help="Pass although models were not built. Not trusted, not installed, not known.",
    ),
]
Counter = Annotated[
    str, choice("--counter", ("zoo", "fvcore"), "Compare with the count of fvcore too.")
]
Report = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Write all findings with causes as Markdown."),
]


class CheckOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How findings are printed and compared with known ones."""

    format: str = TABLE
    everything: bool = False
    report: str | None = None
    baseline: str | None = None
    write_baseline: str | None = None
    also: tuple[str, ...] = ()


OPTIONS = {
    "names": Names,
    "index": IndexPaths,
    "ledger": LedgerFolder,
    "strict": Strict,
    "allow_unbuilt": AllowUnbuilt,
    "fresh": Fresh,
    "trust": Trust,
    "path": BuilderPath,
    "counter": Counter,
    "changed": Changed,
    "since": Since,
    "weights": Look,
    "download": Download,
    "offline": Offline,
    "allow_host": AllowHosts,
    "jobs": Jobs,
    "memory_limit": MemoryLimit,
    "time_limit": TimeLimit,
}
CHECK_OPTIONS = {
    "format": CheckOutput,
    "everything": Everything,
    "report": Report,
    "baseline": KnownIn,
    "write_baseline": WriteKnown,
    "also": Also,
}


@from_options(
    {
        VerifyRequest: OPTIONS,
        CheckOptions: CHECK_OPTIONS,
        AuditOptions: AUDIT_OPTIONS,
        WriteOptions: WRITE_OPTIONS,
        JobOptions: JOB_OPTIONS,
    }
)
def verify(
    request: VerifyRequest,
    output: CheckOptions,
    audit: AuditOptions,
    write: WriteOptions,
    jobs: JobOptions,
) -> None:
    """Build each model and check every claim about it: FLOPs, parameters, depth and configuration.

    Each claim is right, wrong or unknown. A wrong one has its cause, where that is known, and the
    number to use. With --executor, jobs count the models. With --write, measured values replace
    wrong ones. Exits with 1 where a claim is wrong, a value cannot be read, or a model that the
    index names a builder for is not built. The last line says what was not examined.
    """
    raise typer.Exit(run_verify(request, output, write, jobs, audit))


def run_verify(
    request: VerifyRequest,
    output: CheckOptions = CheckOptions(),
    write: WriteOptions = WriteOptions(),
    jobs: JobOptions = NO_JOBS,
    audit: AuditOptions = AuditOptions(),
) -> int:
    """Verify here or in jobs, print the findings, return the exit code."""
    if request.counter == "fvcore":
        require("fvcore")
    cluster = _cluster(request, jobs)
    gate = Gate(
        "zoo verify",
        output.format,
        also=output.also,
        known=output.baseline,
        write=output.write_baseline,
        report=output.report,
    )
    request = settle_revision(request)
    instead = "" if output.format == TABLE else output.format.upper()
    writing = write.check(instead=instead, baseline=output.write_baseline)
    run = Verification(request, output, gate, writing, Auditor(audit))
    missed = cluster is not None and count_in_jobs(run.entries, run.measurer, request, cluster)
    run.examine()
    run.print()
    if writing and not writing.dry_run:
        run.write_corrections(writing)
    return run.finish(missed)


def _cluster(request: VerifyRequest, jobs: JobOptions) -> Cluster | None:
    """Return what to ask of the cluster; by default a job has a CPU for each counting process."""
    if jobs.executor:
        cpus = jobs.cpus_per_task or request.jobs or None
        jobs = msgspec.structs.replace(jobs, cpus_per_task=cpus)
    return jobs.cluster(models=MODELS_OF_A_JOB, width=cores(jobs.cpus_per_task or 1))


class Verification:
    """A run of `zoo verify`: its entries, findings and what is known of them."""

    def __init__(
        self,
        request: VerifyRequest,
        output: CheckOptions,
        gate: Gate,
        writing: Writing | None,
        auditor: Auditor,
    ):
        from zoo.model_index.errors import UsageError

        self.request, self.output, self.gate, self.writing = request, output, gate, writing
        self.auditor = auditor
        self.differences: list[Finding] = []
        read = gate.load(request.index)
        self.index, names = add_named(read, request.names)
        if writing and len(self.index.entries) > len(read.entries):
            raise UsageError(f"--write edits files; {', '.join(names)} is of no file")
        request = self.request = msgspec.structs.replace(request, names=names)
        require_models(self.index)
        self.entries = select(self.index, request)
        self.gaps: Sequence[GapCount] = ()
        self.processes = Processes(request.jobs, request.memory_limit, request.time_limit)
        self.whole = not (request.names or request.since)
        self.faults = self._faults()
        if writing:
            refuse_unwritable(self.index, writing)
        inspector = _inspect(request, self.entries)
        self.measurer = measurer_for(
            request.ledger, request.index, request.trust, fresh=request.fresh
        )
        add_inspected(self.measurer, inspector)
        self.assessed: list[tuple[Entry, list[Assessment]]] = []
        self.findings: list[Finding] = []

    def _faults(self) -> "tuple[Fault, ...]":
        """Return what cannot be read of the entries examined; where no model is known it counts."""
        if self.whole:
            return self.index.faults
        return self.index.faults_of(entry.name for entry in self.entries)

    def examine(self) -> None:
        """Count, judge, audit, and compare with the baseline."""
        with counting(self.entries, self.measurer, self.processes):
            if self.whole and not self.writing:
                self.findings, _ = verify_with_cache(
                    self.index.entries, self.measurer, self.request.ledger
                )
            else:
                self.assessed = examine_entries(self.entries, self.measurer, self.index.entries)
                self.findings = [
                    assessment.finding for _, group in self.assessed for assessment in group
                ]
        self.differences = self.auditor.audit(
            self.index.entries, self.measurer, self.request.index, self.processes
        )
        self._judge()

    def _judge(self) -> None:
        from zoo.model_index.gaps import list_gaps

        examined = None if self.whole else scope(self.index, self.entries, self.faults)
        judgement = judge(self.gate, self.findings, self.faults, self.request, examined)
        skipped = self.index.passed if self.whole else ()
        self.gaps = list_gaps(
            self.findings, self.entries, unreadable=len(self.faults), skipped=skipped
        )
        # no baseline lets evidence pass that is not what is measured
        self.judgement = judgement.insert_new(len(self.findings), len(self.differences))
        self.findings += self.differences

    def print(self) -> None:
        """Print findings or a diff, and write the report."""
        from zoo.model_index.findings import fault_to_dict

        output, findings = self.output, self.findings
        if self.writing and self.writing.dry_run:
            print_diff(self.index, self.request.index, self.assessed, self.measurer, self.writing)
        elif output.format == JSON:
            rows = [finding.to_dict() for finding in findings]
            rows += map(fault_to_dict, self.faults)
            print_json(self.gate.data(rows, self.judgement))
        elif output.format == TABLE:
            few = len(self.entries) <= MANY
            print_findings(findings, self.judgement, everything=output.everything, few=few)
            print_unreadable(self.faults, self.judgement, everything=output.everything)
        summarise(findings, self.measurer, len(self.faults))
        if output.report is not None:
            index = replace(self.index, entries=tuple(self.entries), faults=self.faults)
            with self.gate.unwritten.later():
                write_report(output.report, index, findings, self.measurer)

    def write_corrections(self, writing: Writing) -> None:
        """Write corrections to the index, then verify its entries again."""
        if not write_corrections(
            self.index, self.request.index, self.assessed, self.measurer, writing
        ):
            return
        places = {entry.place for entry in self.entries}
        selected = [entry.place in places for entry in self.index.entries]
        self.index = self.gate.load(self.request.index)
        # by position: a value that is longer now moves what is behind it
        self.entries = list(compress(self.index.entries, selected))
        again = measurer_for(
            self.request.ledger,
            self.request.index,
            self.request.trust,
            withheld=self.measurer.withheld,
        )
        with counting(self.entries, again, self.processes):
            self.findings = run(self.entries, again, self.index.entries)
        self.faults = self._faults()
        self._judge()
        summarise(self.findings, again, len(self.faults))
        if self.output.format == TABLE:
            print_places(self.judgement.list_new(self.findings), why=True)

    def finish(self, missed: bool) -> int:
        """Write what gates read; return the exit code, 2 where a job missed its part."""
        judgement, request = self.judgement, self.request
        self.gate.write(
            lambda: rows(self.findings, self.faults, judgement), judgement.gone, self.gaps
        )
        dry = self.writing is not None and self.writing.dry_run
        quiet = dry or self.output.format != TABLE
        agreed = request.counter == "zoo" or cross_check(
            self.entries, self.measurer, self.processes.limits, quiet=quiet
        )
        self.auditor.tell()
        print_skipped()
        print_command(finding.gap for finding in self.findings)
        print_last_line(judgement, self.gaps, len(self.entries))
        self.gate.unwritten.tell(self.measurer)
        return 2 if missed else int(bool(judgement.new) or not agreed)


def _inspect(request: VerifyRequest, entries: "Sequence[Entry]") -> "Inspector | None":
    """Inspect weights, without --weights only new local files; None where there was nothing."""
    from zoo.model_index.errors import UsageError

    if not request.weights:
        if request.download or request.allow_host:
            raise UsageError("--download and --allow-host require --weights")
        return inspect_local(entries, request.ledger, request.index, request.trust)
    require("weights" if request.offline else "live")
    limits = make_inspect_options(
        request.index,
        request.trust,
        offline=request.offline,
        download=request.download,
        fresh=request.fresh,
        allow_hosts=request.allow_host,
    )
    inspector = inspect(entries, request.ledger, limits)
    summarise_weights(inspector)
    return inspector


def settle_revision(request: VerifyRequest) -> VerifyRequest:
    """Replace `--changed` by the revision that it stands for, by none where a hook examines all
    files."""
    if request.since or not request.changed:
        return request
    from zoo.verification.pre_commit import find_revision

    revision = find_revision(request.index)
    if revision is None:
        say("pre-commit examines all files, not a commit: every entry is verified", error=True)
    return msgspec.structs.replace(request, changed=False, since=revision)


def select(index: "Index", request: VerifyRequest) -> "list[Entry]":
    """Return the entries named, or those of them that differ from a git revision."""
    entries, revision = index.select(request.names), request.since
    if not revision:
        return entries
    from zoo.verification.git_changes import list_changed_entries

    places = {entry.place for entry in list_changed_entries(index, request.index, revision)}
    entries = [entry for entry in entries if entry.place in places]
    word = "in" if "..." in revision else "since"
    say(f"{plural(len(entries), 'entry', 'entries')} changed {word} {revision}", error=True)
    if not entries and revision == "HEAD" and os.environ.get("CI"):
        say("zoo: in CI nothing differs from the last commit; name another by --since", error=True)
    return entries


def scope(read: "Index", entries: "Sequence[Entry]", faults: "Sequence[Fault]" = ()) -> "Scope":
    """What a baseline has to know of a run on some entries: another entry may have the name of one
    of them."""
    from zoo.model_index.baseline import Scope, of_claim
    from zoo.verification.verify import builder_claim

    models, places = frozenset(entry.name for entry in entries), {entry.place for entry in entries}
    others = [entry for entry in read.entries if entry.name in models and entry.place not in places]
    claims = (claim for entry in others for claim in (builder_claim(entry), *entry.all_claims()))
    subjects = models | {fault.model or fault.file for fault in faults}
    return Scope(subjects, tuple(map(of_claim, claims)))


def judge(
    gate: Gate,
    findings: "Sequence[Finding]",
    faults: "Sequence[Fault]",
    request: VerifyRequest,
    examined: "Scope | None",
) -> Judgement:
    """Which findings are known, and behind them which faults; each fault fails."""

    def marks() -> "list[Mark]":
        from zoo.model_index.baseline import of_fault, of_finding

        return [*map(of_finding, findings), *map(of_fault, faults)]

    fails = [finding.fails(request.strict, request.allow_unbuilt) for finding in findings]
    failing = [*fails, *(True for _ in faults)]
    return gate.judge(marks, failing, examined)


def rows(
    findings: "Sequence[Finding]", faults: "Sequence[Fault]", judged: Judgement
) -> "tuple[GateRow, ...]":
    """The findings and the faults for gates."""
    from zoo.reporting.gates.rows import of_faults, of_findings

    known = judged.known
    return (
        *of_findings(findings, judged.failing[: len(findings)], known[: len(findings)]),
        *of_faults(faults, known[len(findings) :]),
    )


def write_report(
    path: str, index: "Index", findings: "Sequence[Finding]", measurer: "Measurer"
) -> None:
    """The findings as a page of Markdown, written in one piece."""
    from zoo.model_index.io.outputs import write_output
    from zoo.reporting.gates.report import report
    from zoo.reporting.views.catalogue import Zoo
    from zoo.verification.verify import primary_keys

    zoo = Zoo(
        index=index,
        findings=tuple(findings),
        evidence=measurer.evidence,
        primary=primary_keys(index.entries, measurer),
    )
    write_output("--report", path, report(zoo, f"zoo verify{measurer.flags}"))
    say(f"report: {path}", error=True)
