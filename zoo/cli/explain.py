"""`zoo explain`: print the trace, the hypotheses and the verdict of one claim."""

from typing import Annotated

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
from zoo.cli.output.advice import print_command
from zoo.cli.output.console import print_csv, print_json
from zoo.cli.output.explanation import print_explanations
from zoo.cli.output.progress import show_tasks
from zoo.cli.session import measurer_for

# Columns of the hypotheses as CSV.
HYPOTHESIS = (
    "model",
    "publisher",
    "quantity",
    "key",
    "claimed",
    "label",
    "rank",
    "prediction",
    "residual",
    "fits",
    "terms",
)


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
        bool, typer.Option("--all", "-a", help="List every hypothesis, operator class and module.")
    ] = False,
) -> None:
    """Explain a claim: the cause, how the number comes about, where the work is, what was tried.

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
    elif format is Format.CSV:
        rows = assessments.to_dicts()
        print_csv(HYPOTHESIS, [[row[name] for name in HYPOTHESIS] for row in rows])
    else:
        print_explanations(assessments, everything=everything)
    DeferredErrors().tell(measurer)
    findings = [assessment.finding for assessment in assessments]
    print_command(finding.gap for finding in findings)
    raise typer.Exit(int(any(finding.fails() or finding.unbuilt for finding in findings)))
