"""How a job's request ended, as the job writes it."""

import os
import socket
from pathlib import Path

import msgspec

from zoo.model_index.io.atomic import write_atomically

FINE = (0, 1)  # exit codes of work that was done: without findings, with findings


class Outcome(msgspec.Struct, frozen=True):
    """An exit code, negative for a signal, and the node; `cut` where the job did not come to its
    end."""

    code: int
    node: str
    cut: bool = False

    @property
    def fine(self) -> bool:
        """Whether the work was done."""
        return self.code in FINE and not self.cut

    def write(self, path: Path) -> None:
        """Write the outcome as JSON in one piece."""
        write_atomically(path, msgspec.json.encode(self).decode())


def node() -> str:
    """Return the name of this machine, as Slurm has it."""
    return os.environ.get("SLURMD_NODENAME") or socket.gethostname()
