"""Output of `zoo compare`: the names of cells, a table with the verdict first, CSV."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from zoo.cli.output.conditions import NUMBERS, describe_conditions, in_words, split_common
from zoo.cli.output.console import MANNER, print_csv, print_table, print_text
from zoo.cli.output.times import format_time

if TYPE_CHECKING:
    from zoo.bench.compare import CellComparison
    from zoo.bench.selection import Match
    from zoo.model_index.ledger.benchmark import Benchmark

# Conditions that `describe_conditions` puts in words; the others are named.
IN_WORDS = (
    "engine",
    "engine_options",
    "device",
    "threads",
    "precision",
    "batch_size",
    "input",
    "channels_last",
    "mode",
    "l2",
)
# values of other conditions that go without saying
QUIET: tuple[object, ...] = (False, {}, [], None, "none")
FIELDS = (
    "model",
    "cell",
    "verdict",
    "ratio",
    "low",
    "high",
    "paired",
    "adjusted_p",
    "detectable",
    "a_seconds",
    "a_processes",
    "a_evidence",
    "b_seconds",
    "b_processes",
    "b_evidence",
    "why",
)


def print_comparisons(compared: "Sequence[CellComparison]") -> None:
    """Print what the cells have in common, then a row for each: the verdict, what differs, the
    ratio, the times; why stands below."""
    conditions = describe_cells(compared)
    common, names = split_common(conditions)
    if said := in_words(common):
        print_text(said if len(compared) == 1 else f"All cells: {said}")
    columns = ("Verdict", *names, "B / A (95% interval)", "A", "B", "Processes")
    rows = [
        (
            str(comparison.verdict),
            *(row[name] for name in names),
            describe_ratio(comparison),
            _time(comparison.a),
            _time(comparison.b),
            _processes(comparison),
        )
        for row, comparison in zip(conditions, compared, strict=True)
    ]
    right = (*NUMBERS, *columns[len(names) + 1 :])
    print_table(columns, rows, right, notes=[comparison.why for comparison in compared])


def print_comparisons_csv(compared: "Sequence[CellComparison]") -> None:
    """Print a line for each cell: seconds and ratios as they are."""
    rows = []
    for comparison, name in zip(compared, name_cells(compared), strict=True):
        row = comparison.to_dict()
        low, high = row["interval"] or (None, None)
        sides = {f"{side}_{key}": value for side in ("a", "b") for key, value in row[side].items()}
        row |= sides | {"cell": name, "low": low, "high": high}
        rows.append([row[field] for field in FIELDS])
    print_csv(FIELDS, rows)


def describe_cells(compared: "Sequence[CellComparison]") -> list[dict[str, str]]:
    """Return the conditions of each cell by column; with versions where a model has several cells
    of the same conditions."""
    rows = [_describe_match(comparison.match) for comparison in compared]
    times = Counter(tuple(row.values()) for row in rows)
    for row, comparison in zip(rows, compared, strict=True):
        cell = comparison.match.b.cell
        several = times[tuple(row.values())] > 1
        row["Versions"] = f"{cell.builder_version} {cell.tool}" if several else ""
    return rows


def name_cells(compared: "Sequence[CellComparison]") -> list[str]:
    """Return the name of each cell without the model: `eager, cpu, 2 threads, fp32, batch 1`."""
    return [in_words(row | {"Model": ""}) for row in describe_cells(compared)]


def _describe_match(match: "Match") -> dict[str, str]:
    """Return the conditions that both sides share, by column."""
    from zoo.bench.selection import CELL, format_value

    others = sorted(
        f"{name}={format_value(value)}"
        for name, value in match.shared.items()
        if (name == "arguments" or name not in (*IN_WORDS, *CELL)) and value not in QUIET
    )
    return describe_conditions(match.model, match.shared) | {"Others": ", ".join(others)}


def _time(benchmark: "Benchmark | None") -> str:
    """Format the time of one call, its interval with `--verbose`."""
    if benchmark is None:
        return ""
    return format_time(benchmark.seconds, benchmark.interval if MANNER.verbose else None)


def describe_ratio(comparison: "CellComparison") -> str:
    """Return `1.200 (1.190 to 1.210)`, empty where a side has no time."""
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


def describe_comparison(comparison: "CellComparison") -> str:
    """Return the sentence of a gate: `slower, B / A 1.200 (1.190 to 1.210); A 10.00 ms (9.902 to
    10.10), B 12.00 ms (11.88 to 12.12)`."""
    ratio = f", B / A {describe_ratio(comparison)}" if comparison.effect else ""
    sides = (("A", comparison.a), ("B", comparison.b))
    times = ", ".join(
        f"{name} {format_time(side.seconds, side.interval)}" for name, side in sides if side
    )
    return "; ".join(filter(None, (f"{comparison.verdict}{ratio}", times, comparison.why)))
