"""`zoo compare`: compare two sets of benchmarks; never imports torch."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.deferred_errors import open_ledger
from zoo.cli.gates import Gate
from zoo.cli.options import JSON, LEDGER, TABLE, Also, CheckOutput, LedgerFolder
from zoo.cli.output.console import plural, print_json, print_table, say

if TYPE_CHECKING:
    from zoo.bench.compare import CellComparison, Verdict
    from zoo.bench.selection import Match
    from zoo.model_index.ledger.benchmark import Benchmark
    from zoo.model_index.ledger.store import Ledger
    from zoo.reporting.gates.rows import GateRow

SIDE = "A ledger, or [DIR:]NAME=VALUE,... for the benchmarks with these values."
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
# a cell's name, in this order
SHOWN = (
    "mode",
    "engine",
    "device",
    "precision",
    "batch_size",
    "input_size",
    "threads",
)
WORDS = {"batch_size": "batch {}", "threads": "threads {}"}
# values of other conditions that go without saying
QUIET: tuple[object, ...] = (
    False,
    {},
    [],
    None,
    "none",
)
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
        _print(compared)
    elif format == JSON:
        print_json(compared.to_dicts())
    alone = ((matches.only_a, a), (matches.only_b, b))
    gaps = [GapCount(f"{plural(n, 'cell')} only in {side}") for n, side in alone if n]
    gate.write(lambda: _rows(compared, compared.ledger, failing), gaps=gaps)
    counts = Counter(comparison.verdict for comparison in compared)
    verdicts = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
    left_out = f"; {describe_gaps(gaps)}" if gaps else ""
    say(f"{b} against {a}, {plural(len(compared), 'cell')}: {verdicts}{left_out}", error=True)
    raise typer.Exit(1 if failing.intersection(counts) else 0)


def _verdicts(texts: Sequence[str]) -> "frozenset[Verdict]":
    from zoo.bench.compare import Verdict
    from zoo.model_index.errors import UsageError

    names = [name.strip() for text in texts for name in text.split(",")]
    if unknown := [name for name in names if name not in list(Verdict)]:
        raise UsageError(f"--fail-on: expected {', '.join(Verdict)}; got {unknown[0]!r}")
    return frozenset(map(Verdict, names))


def _print(compared: "Sequence[CellComparison]") -> None:
    columns = ("Model", "Cell", "A", "B", "B / A", "Processes", "Verdict", "Why")
    rows = [
        (
            comparison.match.model,
            name,
            _seconds(comparison.a),
            _seconds(comparison.b),
            _ratio(comparison),
            _processes(comparison),
            str(comparison.verdict),
            comparison.why,
        )
        for comparison, name in zip(compared, cells(compared), strict=True)
    ]
    print_table(columns, rows, right=("A", "B", "B / A"))


def cells(compared: "Sequence[CellComparison]") -> list[str]:
    """Return the name of each cell; with versions where a model has several cells of that name."""
    names = [(comparison.match.model, cell(comparison.match)) for comparison in compared]
    times = Counter(names)
    versions = [
        f" {comparison.match.b.cell.builder_version} {comparison.match.b.cell.tool}"
        for comparison in compared
    ]
    return [
        name[1] + version * (times[name] > 1) for name, version in zip(names, versions, strict=True)
    ]


def cell(match: "Match") -> str:
    """Name the conditions that both sides share: `latency eager cpu fp32 batch 1 threads 2`."""
    from zoo.bench.selection import CELL, format_value

    shown = [
        WORDS.get(name, "{}").format(format_value(match.shared[name]))
        for name in SHOWN
        if name in match.shared
    ]
    others = {
        name: value
        for name, value in match.shared.items()
        if name == "arguments" or name not in (*SHOWN, *CELL)
    }
    others |= others.pop("engine_options", None) or {}
    named = [
        f"{name}={format_value(value)}"
        for name, value in sorted(others.items())
        if value not in QUIET
    ]
    return " ".join((*shown, *named))


def _seconds(benchmark: "Benchmark | None") -> str:
    """Format the time of one call with its interval: `12.34 ms (12.20 to 12.49)`."""
    if benchmark is None:
        return ""
    value, interval = benchmark.seconds, benchmark.interval
    size, unit = next((row for row in UNITS if value >= row[0]), UNITS[-1])
    bounds = (
        f" ({_digits(interval[0] / size)} to {_digits(interval[1] / size)})" if interval else ""
    )
    return f"{_digits(value / size)} {unit}{bounds}"


def _digits(value: float) -> str:
    """Format four digits: `10.00`, `9.902`, `1234`."""
    return f"{value:#.4g}".removesuffix(".")


def _ratio(comparison: "CellComparison") -> str:
    if comparison.effect is None:
        return ""
    low, high = comparison.effect.interval
    return f"{comparison.effect.ratio:.3f} ({low:.3f} to {high:.3f})"


def _processes(comparison: "CellComparison") -> str:
    """Format the numbers of processes: `10 pairs`, or `10 and 9` without pairs."""
    if comparison.effect and comparison.effect.paired:
        return f"{comparison.effect.freedom + 1:.0f} pairs"
    return (
        f"{len(comparison.a.replicates)} and {len(comparison.b.replicates)}"
        if comparison.a and comparison.b
        else ""
    )


def _describe(comparison: "CellComparison") -> str:
    """`slower, B / A 1.200 (1.190 to 1.210); A 10.00 ms (9.902 to 10.10), B 12.00 ms (11.88 to
    12.12)`."""
    ratio = f", B / A {_ratio(comparison)}" if comparison.effect else ""
    times = f"A {_seconds(comparison.a)}, B {_seconds(comparison.b)}" if comparison.a else ""
    return "; ".join(filter(None, (f"{comparison.verdict}{ratio}", times, comparison.why)))


def _rows(
    compared: "Sequence[CellComparison]", ledger: "Ledger", failing: "frozenset[Verdict]"
) -> "tuple[GateRow, ...]":
    """Return the rows of gates: a suite for each model, a case for each cell."""
    return tuple(
        _gate_row(comparison, name, ledger, failing)
        for comparison, name in zip(compared, cells(compared), strict=True)
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
        message=printable(f"{model}: {name}: {_describe(comparison)}"),
        place=Place(str(ledger.path(cell)), 1),
        mark=cell.key,
    )
