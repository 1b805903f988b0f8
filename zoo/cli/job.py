"""`python -m zoo.cli.job FILE ARGUMENT...`: a `zoo` command that writes to a file how it ended.

Python ends with 1 for an uncaught exception too, and torchrun with 1 for whatever happens, so an
exit code alone does not say that a command did its work.
"""

import os
import socket
import sys
from pathlib import Path

import msgspec

from zoo.model_index.io.atomic import write_atomically

FINE = (0, 1)  # nothing found, something found


class Outcome(msgspec.Struct, frozen=True):
    """How a command ended: its exit code, negative for a signal, and the node it ran on. One that
    did not come to its end was `cut`."""

    code: int
    node: str
    cut: bool = False

    @property
    def fine(self) -> bool:
        return self.code in FINE and not self.cut

    def write(self, path: Path) -> None:
        write_atomically(path, msgspec.json.encode(self).decode())


def node() -> str:
    """The name of this machine, as Slurm has it."""
    return os.environ.get("SLURMD_NODENAME") or socket.gethostname()


def main() -> None:
    from zoo.cli import main as command

    outcome = Path(sys.argv.pop(1))
    try:
        command()
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    if os.environ.get("RANK", "0") == "0":  # of torchrun's processes the first
        Outcome(code, node()).write(outcome)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
