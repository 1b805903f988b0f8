"""What a job does: it runs one `zoo` command and keeps how that ended.

The command is a process of its own, so that the signals by which a cluster announces the end of a job's time reach this
one alone: workers that count would take them for a model's fault.
"""

import os
import shlex
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from model_index.ledger import write_atomically

if TYPE_CHECKING:
    from submitit.helpers import DelayedSubmission

FINE = (0, 1)  # the exit codes of a command that did its work: nothing found, something found


class Outcome(msgspec.Struct, frozen=True):
    """How a command ended: its exit code, negative for a signal, and the node it ran on."""

    code: int
    node: str

    @property
    def fine(self) -> bool:
        return self.code in FINE


@dataclass(frozen=True)
class Task:
    """A command to run in `folder`. Its standard output goes to `output`, where that is a file, else to the job's log;
    its outcome is written to `outcome`. With more than one of `processes` torchrun starts that many of it. `devices`
    are the GPUs to be seen, as CUDA_VISIBLE_DEVICES has them, all for an empty text, those of the job for None."""

    arguments: tuple[str, ...]
    folder: str
    outcome: str
    output: str | None = None
    processes: int = 1
    devices: str | None = None

    def __call__(self) -> None:
        """Run it.

        Raises:
            RuntimeError: it did not end with 0 or 1, so that the cluster takes the job for a failed one.
        """
        print(f"$ zoo {shlex.join(self.arguments)}", flush=True)
        with open(self.output or os.devnull, "wb") as output:
            ended = subprocess.run(
                [sys.executable, *self._torchrun(), "-m", "zoo", *self.arguments],
                cwd=self.folder, env=self._environment(), stdin=subprocess.DEVNULL,
                stdout=output if self.output else None, preexec_fn=_deaf, check=False,
            )  # fmt: skip
        node = os.environ.get("SLURMD_NODENAME") or socket.gethostname()
        found = Outcome(ended.returncode, node)
        write_atomically(Path(self.outcome), msgspec.json.encode(found).decode())
        if not found.fine:
            raise RuntimeError(f"zoo ended with {found.code}")

    def checkpoint(self) -> "DelayedSubmission":
        """The same again, when the job's time is up: what is in the ledger is not done twice."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)

    def _environment(self) -> dict[str, str]:
        """The job's own, but for GPUs that it hides and nobody asked it to."""
        own = dict(os.environ)
        if self.devices is not None:
            own.pop("CUDA_VISIBLE_DEVICES", None)
            own |= {"CUDA_VISIBLE_DEVICES": self.devices} if self.devices else {}
        return own

    def _torchrun(self) -> tuple[str, ...]:
        if self.processes == 1:
            return ()
        return ("-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={self.processes}")


def _deaf() -> None:
    """The process to come, and all that it starts, do not hear that time is running out."""
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
