"""`zoo lint`: check an index without building a model; never imports torch."""

import gc
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.gates import Gate, Judgement
from zoo.cli.options import (
    JSON,
    TABLE,
    Also,
    CheckOutput,
    Everything,
    IndexPaths,
    KnownIn,
    WriteKnown,
    require_models,
)
from zoo.cli.output.console import plural, print_json, say
from zoo.cli.output.finding_counts import describe_findings, print_known
from zoo.cli.output.progress import show_step

if TYPE_CHECKING:
    from zoo.model_index.baseline import Mark
    from zoo.model_index.checks.lint import Lint
    from zoo.model_index.gaps import GapCount
    from zoo.reporting.gates.rows import GateRow


def lint(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...", help="Files, folders or globs. Default: that of --index."
        ),
    ] = None,
    index: IndexPaths = None,
    format: CheckOutput = TABLE,
    baseline: KnownIn = None,
    write_baseline: WriteKnown = None,
    also: Also = None,
    everything: Everything = False,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="CHECK", help="Leave out a check. May be repeated."),
    ] = None,
) -> None:
    """Check an index without building a model; exits with 1 where there are findings."""
    from zoo.model_index.checks.lint import lint as check
    from zoo.model_index.checks.lint import validate_rules
    from zoo.model_index.gaps import describe_gaps, list_skipped

    gate = Gate("zoo lint", format, also=also or (), known=baseline, write=write_baseline)
    with show_step("checking the index"):
        read = gate.load([*(paths or ()), *(index or ())])
        # entries stay alive to the end; searching them for garbage takes a tenth of the time
        gc.freeze()
        findings = check(read, validate_rules(ignore or ()))
    if not read.collections:
        require_models(read)
    gaps = list_skipped(read.passed)
    judged = judge(gate, findings, read.files, gaps)
    if format == TABLE:
        for item, is_known, hidden in zip(findings, judged.known, judged.hidden, strict=True):
            if everything or not hidden:
                say(f"{item}, known" if is_known else str(item))
        print_known(judged, everything=everything)
    elif format == JSON:
        print_json(gate.data([item.to_dict() for item in findings], judged))
    if read.passed:
        skipped = ", ".join(read.passed)
        say(f"skipped: not an index, or a link out of the folder: {skipped}", error=True)
    looked = f"{plural(len(read.entries), 'model')} in {plural(len(read.files), 'file')}"
    examined = f"; {describe_gaps(gaps)}" if gaps else ""
    say(f"{looked}: {describe_findings(judged)}{examined}", error=True)
    gate.unwritten.tell()
    raise typer.Exit(1 if judged.new else 0)


def judge(
    gate: Gate, findings: "Sequence[Lint]", files: Sequence[str], gaps: "Sequence[GapCount]"
) -> Judgement:
    """Compare the findings with the baseline, and write the formats of gates."""

    def marks() -> "list[Mark]":
        from zoo.model_index.baseline import of_lint

        return [of_lint(item) for item in findings]

    def rows() -> "tuple[GateRow, ...]":
        from zoo.model_index.checks.lint import CHECKS
        from zoo.reporting.gates.rows import of_lints

        return of_lints(
            findings, judged.known, files, [(check.rule, check.description) for check in CHECKS]
        )

    judged = gate.judge(marks, [True] * len(findings))
    gate.write(rows, judged.gone, gaps)
    return judged
