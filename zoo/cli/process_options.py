"""How models are counted: in which processes, within which limits, and what is seen of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.output.progress import show_entries
from zoo.verification.request import MEMORY, SECONDS

if TYPE_CHECKING:
    from zoo.counting.measurer import Measurer
    from zoo.model_index.records.records import Entry

FEW = 8  # up to so many models are counted in one process: starting others takes longer

Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs", "-j", min=0, metavar="N",
        help=f"Processes that count; 0 is this one. Default: one a core for more than {FEW} models.",
    ),
]  # fmt: skip
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
    """The options as they were given: processes, GiB, seconds."""

    jobs: int | None = None
    memory: float = MEMORY
    seconds: float = SECONDS


@contextmanager
def counting(entries: "Sequence[Entry]", measurer: "Measurer", asked: Processes) -> Iterator[None]:
    """The entries are counted first, in several processes where that is asked for or worth it; what
    is judged inside finds them counted, and has what it needs beyond them counted there too."""
    due = [entry for entry, _ in measurer.list_uncounted(entries)] if measurer.live else []
    if asked.jobs == 0 or (asked.jobs is None and len(due) <= FEW):
        yield
        return
    from zoo.counting.worker_pool import GIB, Limits, workers

    limits = Limits(memory=int(asked.memory * GIB), seconds=asked.seconds)
    if asked.jobs:
        limits = Limits(asked.jobs, limits.memory, limits.seconds)
    with workers(measurer, limits):
        with show_entries("counting", len(due)) as watch:
            measurer.count_all(due, watch)
        yield
