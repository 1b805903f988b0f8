"""Progress of long work on standard error: bars on a terminal, else a line of text now and then."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from zoo.cli.output.console import Ticker, clean, say

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from zoo.model_index.records.records import Entry

WIDTH = 24  # characters of a bar's label
MEGABYTE = 1_000_000


class Progress:
    """Bars by name; without a terminal `update` prints its `line` every half minute."""

    def __init__(self, bars: "Bars | None") -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._ticker = Ticker()

    def update(
        self,
        name: str,
        done: int,
        total: int | None,
        *,
        label: str = "",
        note: str = "",
        line: str = "",
        visible: bool = True,
    ) -> None:
        """Set a bar to `done` of `total`, with `label` (by default the name) before it and `note`
        behind it."""
        if self._bars is None:
            if line and self._ticker.due():
                say(line, error=True)
            return
        text = clean(label or name)[-WIDTH:]
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(text, total=total, note="")
        self._bars.update(
            self._tasks[name],
            completed=done,
            total=total,
            description=text,
            note=clean(note),
            visible=visible,
        )

    def download(self, name: str, done: int, size: int) -> None:
        """Show a download in megabytes until it is complete."""
        self.update(name, done // MEGABYTE, size // MEGABYTE, visible=done < size)


_shown: ContextVar[Progress | None] = ContextVar("shown", default=None)


@contextmanager
def show_progress() -> Iterator[Progress]:
    """Show bars on standard error while the block runs, where that is a terminal.

    A block inside another one adds its bars to those of the outer block.
    """
    if outer := _shown.get():
        yield outer
        return
    if not sys.stderr.isatty():
        yield Progress(None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    # markup off: a model may be called `[/]`
    label = TextColumn(f"{{task.description:<{WIDTH}}}", markup=False)
    note = TextColumn("{task.fields[note]}", markup=False)
    columns = (label, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), note)
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        progress = Progress(bars)
        token = _shown.set(progress)
        try:
            yield progress
        finally:
            _shown.reset(token)


@contextmanager
def show_tasks() -> "Iterator[Callable[[str, int, int, str], None]]":
    """Show a bar for each task of a function that reports its progress, until the task is done."""
    with show_progress() as progress:

        def update(task: str, done: int, total: int, name: str) -> None:
            progress.update(task, done, total, label=name, visible=done < total)

        yield update


@contextmanager
def show_entries(task: str, total: int) -> "Iterator[Callable[[Entry], None]]":
    """Show one bar that advances by one with each entry and is labelled with its name."""
    count = 0
    with show_progress() as progress:

        def advance(entry: "Entry") -> None:
            nonlocal count
            count += 1
            progress.update(task, count, max(total, count), label=entry.name)

        progress.update(task, 0, total)
        yield advance


class Rate:
    """Images a second since the first `add`."""

    def __init__(self) -> None:
        self.start, self.images = time.monotonic(), 0

    def add(self, images: int) -> float:
        """Add images and return the rate."""
        self.images += images
        return self.images / max(time.monotonic() - self.start, 1e-9)
