"""Several processes that evaluate one model together, as torchrun starts them.

Each takes every n-th batch; what they found is gathered after each round, so all of them count the
same images in the same order as one process would, and the first one writes. Objects travel over
gloo, whatever the devices are.
"""

import os
from dataclasses import dataclass
from typing import Any, Self, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ranks:
    """This process's rank among `size`; one process by itself is rank 0 of 1."""

    rank: int = 0
    size: int = 1
    local: int = 0

    @classmethod
    def join(cls) -> Self:
        """Meet the other processes that torchrun started, where it started any."""
        size = int(os.environ.get("WORLD_SIZE", "1"))
        if size == 1:
            return cls()
        import torch.distributed as dist

        dist.init_process_group("gloo")
        return cls(dist.get_rank(), size, int(os.environ.get("LOCAL_RANK", "0")))

    @property
    def first(self) -> bool:
        """Whether this one reads, writes and speaks."""
        return self.rank == 0

    def gather(self, mine: T) -> list[T]:
        """What every process has, in order of their ranks; all have to call this."""
        if self.size == 1:
            return [mine]
        import torch.distributed as dist

        found: list[Any] = [None] * self.size
        dist.all_gather_object(found, mine)
        return found

    def broadcast(self, value: T) -> T:
        """The first process's value; all have to call this."""
        return self.gather(value)[0]

    def leave(self) -> None:
        if self.size > 1:
            import torch.distributed as dist

            dist.destroy_process_group()
