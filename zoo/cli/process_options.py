"""The options of counting: number of processes, memory and time limits; progress of counting."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.output.progress import show_entries
from zoo.models.extras import require
from zoo.verification.request import MEMORY, SECONDS

if TYPE_CHECKING:
    from zoo.counting.measurer import Measurer
    from zoo.model_index.records.records import Entry

FEW = 8  # up to so many models are counted in one process: starting others takes longer

Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        min=0,
        metavar="N",
        help="Processes that count; 0 is this one. "
        f"Default: one a core for more than {FEW} models.",
    ),
]
MemoryLimit = Annotated[
    float,
    typer.Option(
        "--memory-limit", min=0.1, metavar="GIB", help="Memory that a process may take for a model."
    ),
]
TimeLimit = Annotated[
    float,
    typer.Option(
        "--time-limit", min=0.1, metavar="SECONDS", help="Time that a process may take for a model."
    ),
]


@dataclass(frozen=True, slots=True)
class Processes:
    """Number of worker processes, memory in GiB and seconds for a model."""

    jobs: int | None = None
    memory: float = MEMORY
    seconds: float = SECONDS


@contextmanager
def counting(
    entries: "Sequence[Entry]", measurer: "Measurer", options: Processes
) -> Iterator[None]:
    """Count the entries first, in several processes where requested or faster.

    Judging inside the block finds them counted, and counts what else it needs in the same
    processes.
    """
    due = [entry for entry, _ in measurer.list_uncounted(entries)] if measurer.live else []
    if options.jobs == 0 or (options.jobs is None and len(due) <= FEW):
        yield
        return

    require("live")
    from zoo.counting.worker_pool import GIB, Limits, workers

    limits = Limits(memory=int(options.memory * GIB), seconds=options.seconds)
    if options.jobs:
        limits = Limits(options.jobs, limits.memory, limits.seconds)
    with workers(measurer, limits):
        with show_entries("counting", len(due)) as watch:
            measurer.count_all(due, watch)
        yield
