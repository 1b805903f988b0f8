"""Output of `zoo bench`: the plan, the progress, the table, the failures."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from zoo.cli.options import Format
from zoo.cli.output.console import plural, print_json, print_table, say
from zoo.cli.output.progress import Progress, format_duration

if TYPE_CHECKING:
    from zoo.bench.plan import Item
    from zoo.bench.run import BenchmarkProgress, Watch
    from zoo.bench.state import State

CONDITION_COLUMNS = ("Model", "Engine", "Device", "Precision", "Batch", "Mode", "Threads")


def print_plan(items: "Sequence[Item]", replicates: int, budget: float | None, format: str) -> None:
    """Print the cells and how long each is expected to take."""
    from zoo.bench.plan import PROCESS_SECONDS, total_seconds

    total = total_seconds(items, replicates)
    if format == Format.JSON:
        cells = [
            item.cell.conditions | {"model": item.cell.model, "seconds": item.seconds}
            for item in items
        ]
        print_json({"cells": cells, "replicates": replicates, "seconds": total, "budget": budget})
        return
    rows = []
    for item in items:
        seconds = f"{item.seconds * (replicates + item.processes):,.0f} s"
        seconds += "" if item.estimated else " (guess)"
        rows.append(
            (*_condition_cells(item.cell.model, item.cell.conditions), str(replicates), seconds)
        )
    columns = (*CONDITION_COLUMNS, "Processes", "Expected")
    print_table(columns, rows, right=("Batch", "Threads", "Processes", "Expected"))
    guess = (
        f"; a guess is {PROCESS_SECONDS:g} s a process"
        if any(not item.estimated for item in items)
        else ""
    )
    ends = (
        f", ends after {format_duration(budget)}" if budget is not None and budget < total else ""
    )
    processes = f"{plural(replicates, 'process', 'processes')} each and one for the memory"
    say(f"{plural(len(items), 'cell')}, {processes}: {format_duration(total)}{ends}{guess}")


def _condition_cells(model: str, conditions: dict[str, Any]) -> tuple[str, ...]:
    options = [str(value) for value in conditions["engine_options"].values() if value != "default"]
    size = conditions["input_size"]
    options += ["channels last"] * conditions["channels_last"] + ["cold cache"] * (
        conditions["l2"] == "cold"
    )
    options += [] if size == "configured" else ["x".join(map(str, size))]
    engine = f"{conditions['engine']} ({', '.join(options)})" if options else conditions["engine"]
    names = ("device", "precision", "batch_size", "mode", "threads")
    return (model, engine, *(str(conditions[name]) for name in names))


def print_states(states: "Sequence[State]") -> None:
    """Print the table of measured cells, then the failures."""
    measured = [state for state in states if state.replicates and not state.failure]
    if measured:
        columns = (
            *CONDITION_COLUMNS,
            "Time of a call",
            "95% interval",
            "p90",
            "p99",
            "Images/s",
            "Memory",
            "Processes",
            "Stopped",
        )
        right = ("Batch", "Threads", *columns[len(CONDITION_COLUMNS) : -1])
        print_table(columns, [_row(state) for state in measured], right=right)
    for state in states:
        if state.failure:
            cells = " ".join(_condition_cells(state.cell.model, state.cell.conditions)[:-1])
            say(f"{cells}: {state.failure}: {state.error}")


def _row(state: "State") -> tuple[str, ...]:
    record = state.record
    bounds = record.interval
    stopped = ", ".join([record.stopped, *record.flags])
    return (
        *_condition_cells(state.cell.model, state.cell.conditions),
        milliseconds(record.seconds),
        f"{1000 * bounds[0]:.4g} to {1000 * bounds[1]:.4g}" if bounds else "–",
        milliseconds(record.quantile(0.9)),
        milliseconds(record.quantile(0.99)),
        f"{record.rate:,.1f}",
        _memory(record.memory),
        str(len(record.replicates)),
        stopped,
    )


def milliseconds(seconds: float | None) -> str:
    """`12.35 ms`, or a dash for None."""
    return "–" if seconds is None else f"{1000 * seconds:.4g} ms"


def _memory(memory: dict[str, int | None]) -> str:
    """Format torch's peak on the device where there is one, else the process's own."""
    peak = next(
        (memory[name] for name in ("allocated", "host_peak") if memory.get(name) is not None), None
    )
    return "–" if peak is None else f"{peak / 2**20:,.0f} MiB"


def summarise(states: "Sequence[State]", folder: str) -> None:
    """Print one line on standard error: how many cells were measured, failed, reused."""
    failed = sum(state.failure is not None for state in states)
    reused = sum(state.reused for state in states)
    unreached = sum(not state.replicates and not state.failure for state in states)
    counts = ((failed, "failed"), (reused, "reused"), (unreached, "not reached within the budget"))
    others = "".join(f", {count} {label}" for count, label in counts if count)
    measured = sum(
        bool(state.replicates) and not state.failure and not state.reused for state in states
    )
    hint = " (--fresh measures again)" if reused else ""
    say(
        f"{plural(len(states), 'cell')}: {measured} measured{others}; records in {folder}{hint}",
        error=True,
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
    bounds = state.bounds
    within = f" ({1000 * bounds[0]:.4g} to {1000 * bounds[1]:.4g})" if bounds else ""
    estimate = f"{milliseconds(state.record.seconds)}{within}"
    processes = plural(len(state.replicates), "process", "processes")
    return f"{format_duration(progress.left)} left, {name}: {estimate}, {processes}"
