"""A bar where a person watches."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from zoo.cli.options import clean

if TYPE_CHECKING:
    from zoo.model_index.records.records import Entry


@contextmanager
def watched(what: str, total: int) -> "Iterator[Callable[[Entry], None]]":
    """What is told of each entry that is done or begun, and shows a bar where a person watches."""
    if not sys.stderr.isatty():
        yield lambda entry: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    name = TextColumn("{task.description:<20}", markup=False)  # a model may be called `[/]`
    columns = (name, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total)

        def watch(entry: "Entry") -> None:
            done = progress.tasks[0].completed
            progress.update(
                task, advance=1, description=clean(entry.name), total=max(total, int(done) + 1)
            )

        yield watch
