"""A run of `zoo verify`: what it finds, what is known of it, and what it prints and writes."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress
from typing import TYPE_CHECKING

import msgspec

from zoo.api.measuring import add_inspected
from zoo.cli.audit import Auditor
from zoo.cli.deferred_errors import print_skipped
from zoo.cli.gates import Gate, Judgement
from zoo.cli.options import CSV, JSON, TABLE, add_named, require_models
from zoo.cli.output.advice import print_command
from zoo.cli.output.console import MANNER, print_json, say_note, width
from zoo.cli.output.finding_counts import (
    cross_check,
    print_known,
    print_last_line,
    print_places,
    summarise,
)
from zoo.cli.output.finding_lines import list_lines, print_findings_csv, print_lines
from zoo.cli.output.findings import print_screen
from zoo.cli.process_options import Processes, counting
from zoo.cli.session import examine_entries, measurer_for, run, verify_with_cache
from zoo.cli.verify_options import CheckOptions
from zoo.cli.verify_selection import inspect_weights, scope, select
from zoo.cli.verify_write import Writing, print_diff, refuse_unwritable, write_corrections
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

MANY = 3  # above this many models findings are grouped by their reasons


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
        inspector = inspect_weights(request, self.entries)
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
        elif output.format == CSV:
            print_findings_csv(findings, self.faults, self.judgement)
        elif output.format == TABLE:
            self._print_table()
        summarise(self.measurer)
        if output.report is not None:
            index = replace(self.index, entries=tuple(self.entries), faults=self.faults)
            with self.gate.unwritten.later():
                write_report(output.report, index, findings, self.measurer)

    def _print_table(self) -> None:
        output = self.output
        lines = list_lines(
            self.findings,
            self.faults,
            self.judgement,
            everything=output.everything,
            exact=output.exact,
            terms=MANNER.verbose,
        )
        if width() is None:
            print_lines(lines)
        else:
            many = len(self.entries) > MANY
            print_screen(
                lines, self.entries, self.measurer, grouped=many, everything=output.everything
            )
        print_known(self.judgement, everything=output.everything)

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
        summarise(again)
        if self.output.format == TABLE:
            print_places(self.judgement.list_new(self.findings))

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
        print_last_line(
            self.findings,
            judgement,
            self.gaps,
            models=len(self.entries),
            unlisted=dry or self.output.format != TABLE or width() is None,
        )
        self.gate.unwritten.tell(self.measurer)
        return 2 if missed else int(bool(judgement.new) or not agreed)


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
    say_note(f"report: {path}")
