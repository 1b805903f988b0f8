"""`zoo lint`: check an index without building a model; never imports torch."""

import gc
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.gates import Gate, Judgement
from zoo.cli.options import (
    CSV,
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
from zoo.cli.output.console import plural, print_csv, print_json, print_text, say, say_note
from zoo.cli.output.finding_counts import describe_findings, print_known
from zoo.cli.output.progress import show_step
from zoo.cli.output.tables_read import print_tables

if TYPE_CHECKING:
    from zoo.model_index.baseline import Mark
    from zoo.model_index.checks.lint import Lint
    from zoo.model_index.gaps import GapCount
    from zoo.reporting.gates.rows import GateRow

CSV_COLUMNS = ("file", "line", "column", "rule", "model", "message", "known")


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
        _print(findings, judged, everything)
    elif format == CSV:
        print_csv(CSV_COLUMNS, _list_cells(findings, judged))
    elif format == JSON:
        print_json(gate.data([item.to_dict() for item in findings], judged))
    if read.passed:
        skipped = ", ".join(read.passed)
        say(f"skipped: not an index, or a link out of the folder: {skipped}", error=True)
    print_tables(read.tables)
    looked = f"{plural(len(read.entries), 'model')} in {plural(len(read.files), 'file')}"
    examined = f"; {describe_gaps(gaps)}" if gaps else ""
    say_note(f"{looked}: {describe_findings(judged)}{examined}")
    gate.unwritten.tell()
    raise typer.Exit(1 if judged.new else 0)


def _print(findings: "Sequence[Lint]", judged: Judgement, everything: bool) -> None:
    """Print `file:line:column: rule: model: message` of each finding; its later lines indented."""
    for item, is_known, hidden in zip(findings, judged.known, judged.hidden, strict=True):
        if everything or not hidden:
            print_text(f"{item} (known)" if is_known else str(item), further=2)
    print_known(judged, everything=everything)


def _list_cells(findings: "Sequence[Lint]", judged: Judgement) -> "Iterator[tuple[object, ...]]":
    for item, known in zip(findings, judged.known, strict=True):
        place = (item.place.file, item.place.line, item.place.column)
        yield *place, item.rule, item.model, item.message, "yes" if known else ""


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
