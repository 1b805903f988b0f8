"""`zoo compare`: compare two sets of benchmarks; never imports torch."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.deferred_errors import open_ledger
from zoo.cli.gates import Gate
from zoo.cli.options import CSV, JSON, LEDGER, TABLE, Also, CheckOutput, LedgerFolder
from zoo.cli.output.comparisons import (
    describe_comparison,
    name_cells,
    print_comparisons,
    print_comparisons_csv,
)
from zoo.cli.output.console import plural, print_json, say_note
from zoo.model_index.errors.suggestions import describe_unknown

if TYPE_CHECKING:
    from zoo.bench.compare import CellComparison, Verdict
    from zoo.model_index.ledger.store import Ledger
    from zoo.reporting.gates.rows import GateRow

SIDE = "A ledger, or [DIR:]NAME=VALUE,... for the benchmarks with these values."
MEANINGS = {
    "faster": "The 95% interval of B / A is below 1 by more than 1%.",
    "slower": "The 95% interval of B / A is above 1 by more than 1%.",
    "same": "The 90% interval of B / A is within 3% of 1.",
    "inconclusive": "Too few processes, or too much variation between them, to decide.",
    "not comparable": "A condition other than the requested ones differs.",
    "failed": "A side has no time: its benchmark failed.",
}


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help=SIDE)],
    b: Annotated[str, typer.Argument(metavar="B", help="The other side. Ratios are B / A.")],
    ledger: LedgerFolder = LEDGER,
    format: CheckOutput = TABLE,
    fail_on: Annotated[
        list[str] | None,
        typer.Option("--fail-on", metavar="LIST", help="Exit with 1 on such a verdict: slower."),
    ] = None,
    also: Also = None,
) -> None:
    """Compare benchmarks cell by cell: two folders, or two selections of one, as engine=eager
    engine=compile.

    Verdicts: faster, slower, same, inconclusive, not comparable, failed. Without --fail-on the exit
    code is 0.
    """
    from zoo.api.benchmarking import compare_sides
    from zoo.bench.compare import Verdict
    from zoo.model_index.gaps import GapCount, describe_gaps

    failing = _verdicts(fail_on or ())
    gate = Gate("zoo compare", format, also=also or ())
    compared = compare_sides(a, b, ledger, open_ledger)
    matches = compared.matches
    if format == TABLE:
        print_comparisons(compared)
    elif format == JSON:
        print_json(compared.to_dicts())
    elif format == CSV:
        print_comparisons_csv(compared)
    alone = ((matches.only_a, a), (matches.only_b, b))
    gaps = [GapCount(f"{plural(n, 'cell')} only in {side}") for n, side in alone if n]
    gate.write(lambda: _rows(compared, compared.ledger, failing), gaps=gaps)
    counts = Counter(comparison.verdict for comparison in compared)
    verdicts = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
    left_out = f"; {describe_gaps(gaps)}" if gaps else ""
    say_note(f"{b} against {a}, {plural(len(compared), 'cell')}: {verdicts}{left_out}")
    raise typer.Exit(1 if failing.intersection(counts) else 0)


def _verdicts(texts: Sequence[str]) -> "frozenset[Verdict]":
    from zoo.bench.compare import Verdict
    from zoo.model_index.errors import UsageError

    names = [name.strip() for text in texts for name in text.split(",")]
    if unknown := [name for name in names if name not in list(Verdict)]:
        raise UsageError(describe_unknown("--fail-on: no", unknown[0], Verdict))
    return frozenset(map(Verdict, names))


def _rows(
    compared: "Sequence[CellComparison]", ledger: "Ledger", failing: "frozenset[Verdict]"
) -> "tuple[GateRow, ...]":
    """Return the rows of gates: a suite for each model, a case for each cell."""
    return tuple(
        _gate_row(comparison, name, ledger, failing)
        for comparison, name in zip(compared, name_cells(compared), strict=True)
    )


def _gate_row(
    comparison: "CellComparison", name: str, ledger: "Ledger", failing: "frozenset[Verdict]"
) -> "GateRow":
    """Return the row of a cell, placed at the evidence of B."""
    from zoo.bench.compare import Verdict
    from zoo.model_index.records.place import Place
    from zoo.reporting.gates.rows import GateRow, Rule, State
    from zoo.reporting.text.escape import printable

    verdict, cell = comparison.verdict, comparison.match.b.cell
    state = State.PASSED
    if verdict in failing:
        state = State.FAILED
    elif verdict in (Verdict.FAILED, Verdict.NOT_COMPARABLE, Verdict.INCONCLUSIVE):
        state = State.SKIPPED
    name, model = printable(name), printable(comparison.match.model)
    key, advice = str(verdict).replace(" ", "-"), "`zoo compare` shows the table."
    return GateRow(
        suite=model,
        name=name,
        rule=Rule(f"bench/{key}", f"Benchmark: {verdict}", MEANINGS[verdict], advice),
        state=state,
        result=str(verdict),
        message=printable(f"{model}: {name}: {describe_comparison(comparison)}"),
        place=Place(str(ledger.path(cell)), 1),
        mark=cell.key,
    )
