"""Evaluate one model in several processes, as torchrun starts them.

Each process takes every n-th batch. The results are gathered after each round, so all processes
count the same images in the same order as one process would, and the first one writes. Objects are
sent over gloo, whatever the devices are.
"""

import os
from dataclasses import dataclass
from typing import Any, Self, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ranks:
    """This process's rank among `size` processes; a single process is rank 0 of 1."""

    rank: int = 0
    size: int = 1
    local: int = 0

    @classmethod
    def join(cls) -> Self:
        """Join the process group that torchrun started, if any."""
        size = int(os.environ.get("WORLD_SIZE", "1"))
        if size == 1:
            return cls()
        import torch.distributed as dist

        dist.init_process_group("gloo")
        return cls(dist.get_rank(), size, int(os.environ.get("LOCAL_RANK", "0")))

    @property
    def first(self) -> bool:
        """Whether this process reads, writes and prints."""
        return self.rank == 0

    def gather(self, value: T) -> list[T]:
        """Return the values of all processes, by rank; every process has to call this."""
        if self.size == 1:
            return [value]
        import torch.distributed as dist

        values: list[Any] = [None] * self.size
        dist.all_gather_object(values, value)
        return values

    def broadcast(self, value: T) -> T:
        """Return the first process's value; every process has to call this."""
        return self.gather(value)[0]

    def leave(self) -> None:
        """Leave the process group."""
        if self.size > 1:
            import torch.distributed as dist

            dist.destroy_process_group()
