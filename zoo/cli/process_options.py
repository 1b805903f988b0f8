"""The options of counting: number of processes, memory and time limits; progress of counting."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.output.progress import show_tasks
from zoo.verification.request import MEMORY, SECONDS

if TYPE_CHECKING:
    from zoo.counting.measurer import Measurer
    from zoo.isolation.limits import Limits
    from zoo.model_index.records.records import Entry

Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        min=1,
        metavar="N",
        help="Count in N processes. Default: one a CPU.",
    ),
]
MemoryLimit = Annotated[
    float,
    typer.Option("--memory-limit", min=0.1, metavar="GIB", help="Limit the memory for a model."),
]
TimeLimit = Annotated[
    float,
    typer.Option(
        "--time-limit",
        min=1,
        metavar="SECONDS",
        help="Limit the CPU time for a model.",
    ),
]


@dataclass(frozen=True, slots=True)
class Processes:
    """Number of worker processes, memory in GiB and seconds for a model."""

    jobs: int | None = None
    memory: float = MEMORY
    seconds: float = SECONDS

    @property
    def limits(self) -> "Limits":
        """The limits of the processes."""
        from zoo.isolation.limits import Limits

        return Limits.of(self.jobs, self.memory, self.seconds)


@contextmanager
def counting(
    entries: "Sequence[Entry]", measurer: "Measurer", options: Processes
) -> Iterator[None]:
    """Count the entries first, in processes with limits.

    Judging inside the block finds them counted, and counts what else it needs in the same
    processes.
    """
    from zoo.api import verifying

    with (
        show_tasks("counting") as progress,
        verifying.counting(entries, measurer, options.limits, progress),
    ):
        yield
