"""Progress of long work on standard error: bars on a terminal, else a line of text now and then."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event, Thread
from typing import TYPE_CHECKING

from zoo.cli.output.console import MANNER, clean, say_note
from zoo.cli.output.times import format_duration

if TYPE_CHECKING:
    from rich.progress import Progress as RichBars
    from rich.progress import TaskID

    from zoo.model_index.records.records import Entry

WIDTH = 24  # characters of a bar's label
MEGABYTE = 1_000_000
FIRST, EVERY = 2.0, 10.0  # seconds before the first line, and between two
SIBLINGS = "siblings"  # models that nobody named, counted to judge those of their family


class Progress:
    """Takes the state of tasks by name, and shows nothing."""

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
        """Set a task to `done` of `total`, at work on `label`. A bar has `note` behind it; `line`
        is the whole line where there are no bars."""

    def download(self, name: str, done: int, size: int) -> None:
        """Show a download in megabytes until it is complete."""
        self.update(name, done // MEGABYTE, size // MEGABYTE, note="MB", visible=done < size)


class Bars(Progress):
    """A bar for each task, on a terminal."""

    def __init__(self, bars: "RichBars") -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

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
        text = clean(label or name)
        if len(text) > WIDTH:
            text = f"...{text[3 - WIDTH :]}"
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


class Lines(Progress):
    """A line about the task at work: the first after 2 seconds, then one every 10 seconds."""

    def __init__(self, task: str) -> None:
        self._start = time.monotonic()
        self._starts: dict[str, float] = {}
        self._texts = {task: task} if task else {}
        self._ended = Event()
        self._thread = Thread(target=self._print, daemon=True)
        self._thread.start()

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
        """Keep the text of a task, to be printed when a line is due; the last one is at work."""
        elapsed = time.monotonic() - self._starts.setdefault(name, time.monotonic())
        texts = {task: text for task, text in self._texts.items() if task != name}
        if visible:
            texts[name] = line or describe(name, done, total, label, note, elapsed)
        self._texts = texts  # at once, as the other thread reads it

    def close(self) -> None:
        """Print no more."""
        self._ended.set()
        self._thread.join()

    def _print(self) -> None:
        seconds = FIRST
        while not self._ended.wait(seconds):
            seconds = EVERY
            if texts := list(self._texts.values()):
                elapsed = format_duration(time.monotonic() - self._start)
                say_note(f"{texts[-1]} [{elapsed}]")


def describe(name: str, done: int, total: int | None, label: str, note: str, elapsed: float) -> str:
    """`counting: 12 of 191, dpn98, 40 s left`."""
    count = f"{done:,} of {total:,}" if total and total > 1 else f"{done:,}" if done else ""
    label = "" if label == name else label
    left = ""
    if total and 0 < done < total and elapsed > FIRST:
        left = f"{format_duration(elapsed * (total - done) / done)} left"
    parts = ", ".join(filter(None, (count, label, note, left)))
    return f"{name}: {parts}" if parts else name


_shown: ContextVar[Progress | None] = ContextVar("shown", default=None)


@contextmanager
def show_progress(task: str = "") -> Iterator[Progress]:
    """Show bars on standard error while the block runs, where that is a terminal, else lines;
    `task` names the work until its first update.

    A block inside another one adds its bars or lines to those of the outer block.
    """
    if outer := _shown.get():
        yield outer
        return
    if MANNER.quiet:
        yield Progress()
        return
    shown = _show_bars() if sys.stderr.isatty() else _show_lines(task)
    with shown as progress:
        token = _shown.set(progress)
        try:
            yield progress
        finally:
            _shown.reset(token)


@contextmanager
def show_step(task: str) -> Iterator[None]:
    """Print a line about work that has no parts, where it takes long; no bar."""
    if outer := _shown.get():
        outer.update(task, 0, None)
        yield
        outer.update(task, 0, None, visible=False)
        return
    with _show_lines("" if MANNER.quiet else task):
        yield


@contextmanager
def _show_lines(task: str) -> Iterator[Progress]:
    lines = Lines(task)
    try:
        yield lines
    finally:
        lines.close()


@contextmanager
def _show_bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichBars

    # markup off: a model may be called `[/]`
    label = TextColumn(f"{{task.description:<{WIDTH}}}", markup=False)
    note = TextColumn("{task.fields[note]}", markup=False)
    columns = (label, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), note)
    console = Console(stderr=True, no_color=not MANNER.color)
    with RichBars(*columns, console=console, transient=True) as bars:
        yield Bars(bars)


@contextmanager
def show_tasks(task: str) -> "Iterator[Callable[[str, int, int, str], None]]":
    """Show a bar for each task of a function that reports its progress, until the task is done;
    `task` names the first one."""
    with show_progress(task) as progress:

        def update(task: str, done: int, total: int, name: str) -> None:
            progress.update(task, done, total, label=name, visible=done < total)

        yield update


@contextmanager
def show_entries(task: str, total: int) -> "Iterator[Callable[[Entry], None]]":
    """Show a bar that advances by one with each entry and is labelled with its name, and another
    one for siblings: entries that are examined beside the `total` that were named."""
    count = 0
    with show_progress(task) as progress:

        def advance(entry: "Entry") -> None:
            nonlocal count
            count += 1
            if count <= total:
                progress.update(task, count - 1, total, label=entry.name)
                return
            progress.update(task, total, total, visible=False)
            note = "siblings show the family's convention"
            progress.update(SIBLINGS, count - total, None, label=entry.name, note=note)

        progress.update(task, 0, total)
        yield advance
        progress.update(task, total, total, visible=False)


class Rate:
    """Images a second since the first `add`."""

    def __init__(self) -> None:
        self.start, self.images = time.monotonic(), 0

    def add(self, images: int) -> float:
        """Add images and return the rate."""
        self.images += images
        return self.images / max(time.monotonic() - self.start, 1e-9)
