"""What is seen of an evaluation while it runs: how far it is, how accurate so far, how fast."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from zoo.cli.options import Ticker, clean, say

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from zoo.evaluation.distributed import Ranks
    from zoo.evaluation.evaluator import EvaluationProgress, Watch


@contextmanager
def watched(ranks: "Ranks") -> "Iterator[Watch]":
    """A bar with rate, accuracy and bounds where a person watches; else a line now and then."""
    if not ranks.first:
        yield lambda progress, fresh: None
    elif not sys.stderr.isatty():
        yield _lines()
    else:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        label, text = (
            TextColumn(text, markup=False)
            for text in ("{task.description:<20}", "{task.fields[told]}")
        )
        columns = (label, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), text)
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            yield _bar(bar)


def _bar(bar: "Progress") -> "Watch":
    tasks: dict[str, TaskID] = {}
    rate = _Rate()

    def watch(progress: "EvaluationProgress", fresh: int) -> None:
        if progress.label not in tasks:
            tasks[progress.label] = bar.add_task(
                clean(progress.label[:20]), total=progress.images, told=""
            )
        bar.update(
            tasks[progress.label],
            completed=progress.tally.seen,
            told=f"{told(progress)}, {rate.of(fresh):,.0f}/s",
        )

    return watch


def _lines() -> "Watch":
    ticker, rate = Ticker(), _Rate()

    def watch(progress: "EvaluationProgress", fresh: int) -> None:
        speed = rate.of(fresh)
        if ticker.due():
            seen = f"{progress.tally.seen:,} of {progress.images:,} images"
            say(f"{progress.label}: {seen}, {told(progress)}, {speed:,.1f} images/s", error=True)

    return watch


def told(progress: "EvaluationProgress") -> str:
    """`top-1 80.1% (79.2 to 81.0)`: the accuracy so far, and that of all images."""
    low, high = progress.bounds()
    return f"top-1 {100 * progress.tally.top1 / progress.tally.seen:.2f}% ({low:.2f} to {high:.2f})"


class _Rate:
    """Images a second since the first that were evaluated now."""

    def __init__(self) -> None:
        self.start, self.images = time.monotonic(), 0

    def of(self, fresh: int) -> float:
        self.images += fresh
        return self.images / max(time.monotonic() - self.start, 1e-9)
