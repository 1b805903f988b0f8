"""`zoo explain`: print the trace, the hypotheses and the verdict of one claim."""

from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.deferred_errors import DeferredErrors
from zoo.cli.options import (
    LEDGER,
    Format,
    Fresh,
    IndexPaths,
    LedgerFolder,
    OutputFormat,
    Trust,
    add_named,
    read_index,
)
from zoo.cli.output.console import print_json, print_table, say
from zoo.cli.output.progress import show_tasks
from zoo.cli.session import measurer_for

if TYPE_CHECKING:
    from zoo.explanation.case import Case
    from zoo.explanation.judgement import Assessment
    from zoo.model_index.findings import Hypothesis
    from zoo.model_index.quantities.quantity import Quantity

MOST = 20  # hypotheses listed without --all


def explain(
    name: Annotated[str, typer.Argument(metavar="MODEL", help="Model of the index, or of timm.")],
    quantity: Annotated[
        str, typer.Argument(metavar="QUANTITY", help="Quantity: FLOPs, params, top1.")
    ] = "FLOPs",
    index: IndexPaths = None,
    ledger: LedgerFolder = LEDGER,
    format: OutputFormat = Format.TABLE,
    fresh: Fresh = False,
    trust: Trust = None,
    everything: Annotated[
        bool, typer.Option("--all", "-a", help="List every tested hypothesis.")
    ] = False,
) -> None:
    """Explain a claim: what was counted, by operator class and module, every hypothesis with what
    it predicts.

    Exits with 1 where the claim is wrong or measuring failed.
    """
    from zoo.api.verifying import explain_claims

    read, names = add_named(read_index(index), [name])
    entries = read.select(names)
    measurer = measurer_for(ledger, index, trust, fresh=fresh)
    with show_tasks("counting") as progress:
        assessments = explain_claims(read, entries, quantity, measurer, progress)
    if format is Format.JSON:
        print_json([assessment.to_dict() for assessment in assessments])
    for number, assessment in enumerate(assessments if format is Format.TABLE else ()):
        if number:
            say("")
        _print(assessment, everything)
    DeferredErrors().tell(measurer)
    findings = [assessment.finding for assessment in assessments]
    raise typer.Exit(int(any(finding.fails() or finding.unbuilt for finding in findings)))


def _print(assessment: "Assessment", everything: bool) -> None:
    finding, claim = assessment.finding, assessment.finding.claim
    claimed, measured = finding.display_values()
    say(f"{claim.model}: {claim.row.label} by {claim.publisher}")
    for label, text in _facts(assessment, claimed, measured):
        if text:
            say(f"  {label:<11}{text}")
    if assessment.case:
        from zoo.model_index.quantities.show import show_size

        say("")
        builder, size = assessment.case.entry.builder, show_size(assessment.case.size)
        say(f"Trace of {builder} at {size}, by operator class")
        _print_classes(assessment.case)
        say("")
        say("By module")
        _print_modules(assessment.case)
    if assessment.finding.tried:
        from zoo.model_index.findings import order_hypotheses

        _print_hypotheses(
            claim.row,
            order_hypotheses(assessment.finding.tried),
            len(assessment.finding.tried) if everything else MOST,
        )


def _facts(assessment: "Assessment", claimed: str, measured: str) -> list[tuple[str, str]]:
    from zoo.reporting.text.format import format_amount, format_residual

    finding, claim = assessment.finding, assessment.finding.claim
    others = "; ".join(finding.alternatives)
    ambiguous = f"{len(finding.alternatives)} more fit as well: {others}"
    return [
        ("claimed", f"{claimed} at {claim.place} ({claim.path}: {claim.raw})"),
        ("measured", measured),
        ("verdict", finding.verdict_label),
        ("cause", finding.cause or ""),
        ("prediction", format_amount(claim.row, finding.prediction)),
        ("residual", format_residual(claim.row, finding.residual)),
        ("ambiguous", ambiguous if finding.ambiguous else ""),
        ("why", finding.reason),
        ("evidence", ", ".join(finding.evidence)),
    ]


def _print_classes(case: "Case") -> None:
    from zoo.model_index.ledger.trace_summary import by_class

    columns = ("Class", "Calls", "Multiply-adds", "Share", "Parameters used")
    rows = [
        (c.kind, f"{c.calls:,}", f"{c.macs:,}", f"{c.share:.1f}%", f"{c.parameters:,}")
        for c in by_class(case.counts.trace)
    ]
    print_table(columns, rows, right=columns[1:])


def _print_modules(case: "Case") -> None:
    from zoo.model_index.ledger.trace_summary import by_module

    columns = ("Module", "Types", "Multiply-adds", "Share", "Parameters")
    rows = [
        (m.path, m.types, f"{m.macs:,}", f"{m.share:.1f}%", f"{m.parameters:,}")
        for m in by_module(*case.counts)
    ]
    print_table(columns, rows, right=columns[2:])


def _print_hypotheses(row: "Quantity", tried: "list[Hypothesis]", most: int) -> None:
    from zoo.reporting.text.format import format_amount, format_residual, format_residual_share

    listed = tried[:most]
    say("")
    say(f"Hypotheses, the best of {len(tried):,} first")
    columns = ("Hypothesis", "Causes", "Prediction", "Residual", "Off", "Matches digits")
    rows = [
        (
            h.label,
            " + ".join(h.causes),
            format_amount(row, h.prediction),
            format_residual(row, h.residual),
            format_residual_share(h.residual, h.prediction),
            "yes" if h.fits else "no",
        )
        for h in listed
    ]
    print_table(columns, rows, right=("Prediction", "Residual", "Off"))
    if len(tried) > most:
        say(f"{len(tried) - most:,} more; --all lists them")
