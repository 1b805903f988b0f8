"""Output of `zoo bench --plan`: the cells, how long they take, and what a budget is too short
for."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from zoo.cli.options import Format
from zoo.cli.output.conditions import NUMBERS, describe_conditions, in_words, split_common
from zoo.cli.output.console import plural, print_csv, print_json, print_table, print_text
from zoo.cli.output.times import format_duration

if TYPE_CHECKING:
    from zoo.bench.plan import Item

STEP = 10  # a budget is named in multiples of so many seconds
FIELDS = (
    "model",
    "engine",
    "device",
    "threads",
    "precision",
    "batch_size",
    "mode",
    "seconds",
    "estimated",
    "obstacle",
)


def print_plan(items: "Sequence[Item]", replicates: int, budget: float | None, format: str) -> None:
    """Print the cells, what keeps them from running, and how long the others take."""
    from zoo.bench.plan import total_seconds

    total = total_seconds(items, replicates)
    rows = [
        item.cell.conditions
        | {
            "model": item.cell.model,
            "seconds": item.seconds,
            "estimated": item.estimated,
            "obstacle": item.obstacle or None,
        }
        for item in items
    ]
    if format == Format.JSON:
        print_json({"cells": rows, "replicates": replicates, "seconds": total, "budget": budget})
    elif format == Format.CSV:
        print_csv(FIELDS, [[row[name] for name in FIELDS] for row in rows])
    else:
        _print_cells(items, replicates)
        for text in (
            _describe_total(items, replicates, budget),
            warn_of_budget(items, replicates, budget),
        ):
            if text:
                print_text(text)


def _print_cells(items: "Sequence[Item]", replicates: int) -> None:
    conditions = [describe_conditions(item.cell.model, item.cell.conditions) for item in items]
    common, names = split_common(conditions)
    if said := in_words(common):
        print_text(said if len(items) == 1 else f"All cells: {said}")
    if len(items) == 1:
        if items[0].obstacle:
            print_text(f"cannot run here: {items[0].obstacle}", 2)
        return
    rows = [
        (*(row[name] for name in names), _expected(item, replicates))
        for row, item in zip(conditions, items, strict=True)
    ]
    notes = [item.obstacle for item in items]
    print_table((*names, "Expected"), rows, (*NUMBERS, "Expected"), notes=notes)


def _expected(item: "Item", replicates: int) -> str:
    if item.obstacle:
        return "cannot run"
    return f"{item.seconds * (replicates + item.processes):,.0f} s"


def _describe_total(items: "Sequence[Item]", replicates: int, budget: float | None) -> str:
    """`2 cells, 10 processes each and one for the memory: 3 min 50 s, ends after 1 min`."""
    from zoo.bench.plan import PROCESS_SECONDS, total_seconds

    running = [item for item in items if not item.obstacle]
    if not running:
        return ""
    total = total_seconds(items, replicates)
    processes = f"{plural(replicates, 'process', 'processes')} each"
    processes += " and one for the memory" if any(item.processes for item in running) else ""
    text = f"{plural(len(running), 'cell')}, {processes}: {format_duration(total)}"
    if budget is not None and budget < total:
        text += f", ends after {format_duration(budget)}"
    if all(item.estimated for item in running):
        return text
    return f"{text}; {PROCESS_SECONDS:g} s a process is a guess, nothing like it was measured here"


def warn_of_budget(items: "Sequence[Item]", replicates: int, budget: float | None) -> str:
    """Return what to type where a budget ends before each cell has the processes of an interval;
    empty where it does not."""
    from zoo.bench.plan import FEWEST_FOR_INTERVAL, seconds_of_rounds, total_seconds

    needed = min(FEWEST_FOR_INTERVAL, replicates)
    least = seconds_of_rounds(items, needed)
    if budget is None or budget >= least:
        return ""
    each = (
        "its first process"
        if needed == 1
        else f"{needed} processes of each cell, which an interval needs"
    )
    whole = format_duration(total_seconds(items, replicates))
    return (
        f"the budget of {format_duration(budget)} is too short for {each}: --budget "
        f"{_round_up(least)} (all of it takes {whole})"
    )


def _round_up(seconds: float) -> str:
    return f"{math.ceil(seconds / STEP) * STEP}s"
