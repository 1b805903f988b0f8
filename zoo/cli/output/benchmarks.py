"""Output of `zoo bench`: cells in a sentence or in a table, failures, CSV, progress."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from zoo.cli.output.conditions import NUMBERS, describe_conditions, in_words, split_common
from zoo.cli.output.console import plural, print_csv, print_table, print_text, say_note
from zoo.cli.output.progress import Progress
from zoo.cli.output.times import format_duration, format_time
from zoo.model_index.ledger.benchmark import IMAGE_RATE, OTHER_RATE

if TYPE_CHECKING:
    from zoo.bench.run import BenchmarkProgress, Watch
    from zoo.bench.state import State

UNREACHED = "not measured: the budget ended before its first process"
# Fields of `State.to_dict` in a CSV table, and columns made of what they hold.
FIELDS = (
    "model",
    "engine",
    "device",
    "threads",
    "precision",
    "batch_size",
    "input",
    "channels_last",
    "mode",
    "l2",
    "seconds",
    "low",
    "high",
    "p90",
    "p99",
    "samples_a_second",
    "memory_bytes",
    "processes",
    "stopped",
    "flags",
    "failure",
    "error",
)


def print_states(states: "Sequence[State]") -> None:
    """Print cells with times, one in sentences and several in a table; then the failures."""
    measured = [state for state in states if not state.failure]
    if len(measured) == 1:
        _print_cell(measured[0])
    elif measured:
        _print_cells(measured)
    for state in states:
        if state.failure:
            print_text(f"{in_words(conditions_of(state))}: {_describe_failure(state)}")


def conditions_of(state: "State") -> dict[str, str]:
    """Return the conditions of a cell by column."""
    return describe_conditions(state.cell.model, state.cell.conditions)


def _print_cell(state: "State") -> None:
    name = in_words(conditions_of(state))
    if not state.replicates:
        print_text(f"{name}: {UNREACHED}")
        return
    record = state.record
    print_text(f"{name}: {_time(state)}")
    quantiles = [
        f"{label} {format_time(value)}"
        for label, value in (("p90", record.quantile(0.9)), ("p99", record.quantile(0.99)))
        if value is not None
    ]
    memory = _memory(record.memory)
    facts = [
        f"{_rate(record.rate)} {record.rate_unit}",
        *quantiles,
        *([f"memory {memory}"] if memory else []),
    ]
    print_text(", ".join(facts), 2)
    if remark := _remark(state):
        print_text(remark, 2)


def _print_cells(states: "Sequence[State]") -> None:
    """Print what the cells have in common, then a row for each with what differs."""
    conditions = [conditions_of(state) for state in states]
    common, names = split_common(conditions)
    counts = {len(state.replicates) for state in states if state.replicates}
    if len(counts) == 1:
        common["Processes"] = f"{plural(counts.pop(), 'process', 'processes')} each"
    if said := in_words(common):
        print_text(f"All cells: {said}")
    units = {state.record.rate_unit for state in states if state.replicates}
    rate = IMAGE_RATE if units <= {IMAGE_RATE} else OTHER_RATE
    columns = (
        *names,
        *("Time", "95% +/-", rate.capitalize(), "Memory"),
        *(["Processes"] if counts else []),
    )
    rows = [
        (
            *(row[name] for name in names),
            *_results(state),
            *([str(len(state.replicates))] if counts else []),
        )
        for row, state in zip(conditions, states, strict=True)
    ]
    right = (*NUMBERS, *columns[len(names) :])
    print_table(columns, rows, right, notes=[_remark(state) for state in states])


def _results(state: "State") -> tuple[str, str, str, str]:
    """Return time, half of the interval's width, samples a second and memory of a cell."""
    if not state.replicates:
        return "", "", "", ""
    record = state.record
    bounds = record.interval
    half = f"{(bounds[1] / bounds[0]) ** 0.5 - 1:.1%}" if bounds else ""
    return format_time(record.seconds), half, _rate(record.rate), _memory(record.memory)


def _remark(state: "State") -> str:
    from zoo.model_index.ledger.benchmark_words import list_remarks

    return "; ".join(list_remarks(state.record)) if state.replicates else UNREACHED


def _time(state: "State") -> str:
    """`1.622 ms (1.601 to 1.650, 95%, 5 processes)`."""
    record = state.record
    processes = plural(len(record.replicates), "process", "processes")
    note = f"95%, {processes}" if record.interval else f"{processes}, no interval"
    return format_time(record.seconds, record.interval, note)


def _cannot_run(state: "State") -> bool:
    """Tell whether this machine lacks the device, the engine or the builder's package."""
    from zoo.bench.state import RETRIED

    return state.failure in RETRIED


def _describe_failure(state: "State") -> str:
    if _cannot_run(state):
        return f"cannot run here: {state.error}"
    return f"failed, {state.failure}: {state.error}"


def _rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.3g}"


def _memory(memory: dict[str, int | None]) -> str:
    """Format torch's peak on the device where there is one, else the process's own."""
    peak = _peak(memory)
    return "" if peak is None else f"{peak / 2**20:,.0f} MiB"


def _peak(memory: dict[str, int | None] | None) -> int | None:
    values = memory or {}
    return next(
        (values[name] for name in ("allocated", "host_peak") if values.get(name) is not None), None
    )


def print_states_csv(states: "Sequence[State]") -> None:
    """Print a line for each cell: seconds, bytes and counts as they are."""
    print_csv(FIELDS, [_csv_row(state.to_dict()) for state in states])


def _csv_row(row: dict[str, Any]) -> list[Any]:
    low, high = row["interval"] or (None, None)
    made = {
        "low": low,
        "high": high,
        "memory_bytes": _peak(row["memory"]),
        "processes": len(row["medians"] or ()),
        "flags": "; ".join(row["flags"]),
    }
    return [made[name] if name in made else row[name] for name in FIELDS]


def summarise(states: "Sequence[State]", folder: str) -> None:
    """Print one line on standard error: how many cells were measured, failed, reused."""
    impossible = sum(_cannot_run(state) for state in states)
    failed = sum(state.failure is not None for state in states) - impossible
    reused = sum(state.reused for state in states)
    unreached = sum(not state.replicates and not state.failure for state in states)
    counts = (
        (failed, "failed"),
        (impossible, "cannot run here"),
        (reused, "reused"),
        (unreached, "not reached within the budget"),
    )
    others = "".join(f", {count} {label}" for count, label in counts if count)
    measured = sum(
        bool(state.replicates) and not state.failure and not state.reused for state in states
    )
    hint = " (--fresh measures again)" if reused else ""
    say_note(
        f"{plural(len(states), 'cell')}: {measured} measured{others}; records in {folder}{hint}"
    )


def watch_cells(progress: Progress) -> "Watch":
    """Return a watcher that shows the cells done, the time left and the running estimate."""
    progress.update("cells", 0, None, note="probing the machine")

    def watch(state: "BenchmarkProgress") -> None:
        note = line(state)
        text = f"{state.done} of {plural(state.cells, 'cell')}, {note}"
        progress.update("cells", state.done, state.cells, note=note, line=text)

    return watch


def line(progress: "BenchmarkProgress") -> str:
    """`2 min 10 s left, dpn68 eager batch 4: 31.2 ms (30.9 to 31.4), 6 processes`."""
    state = progress.state
    conditions = state.cell.conditions
    name = f"{state.cell.model} {conditions['engine']} batch {conditions['batch_size']}"
    if state.failure or not state.replicates:
        return f"{format_duration(progress.left)} left, {name}: {state.failure or state.stopped}"
    estimate = format_time(state.record.seconds, state.bounds)
    processes = plural(len(state.replicates), "process", "processes")
    return f"{format_duration(progress.left)} left, {name}: {estimate}, {processes}"
