"""What a job does: it runs one `zoo` command and keeps how that ended.

The command is a process of its own, so that the signals by which a cluster announces the end of a
job's time reach this one alone: workers that count would take them for a model's fault.
"""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.cluster.outcome import Outcome, node

if TYPE_CHECKING:
    from submitit.helpers import DelayedSubmission


ENTRY = "zoo.cli.job"  # the module that does a request


@dataclass(frozen=True, kw_only=True)
class Task:
    """A request to do in `folder`, in a file. Its standard output goes to `output`, where that is a file,
    else to the job's log; its outcome is written to `outcome`. With more than one of `processes`
    torchrun starts that many of it. `environment` are variables that it has otherwise than the job
    has, None for one that it has not."""

    request: str
    folder: str
    outcome: str
    output: str | None = None
    processes: int = 1
    environment: tuple[tuple[str, str | None], ...] = ()

    def __call__(self) -> None:
        """Run it.

        Raises: RuntimeError: it did not do its work, so that the cluster takes the job for a failed
            one.
        """
        outcome = Path(self.outcome)
        outcome.unlink(missing_ok=True)  # an earlier start of the same job may have written one
        print(f"{ENTRY} {self.request}: {Path(self.request).read_text()}", flush=True)
        with open(self.output or os.devnull, "wb") as output:
            ended = subprocess.run(
                [sys.executable, *self._torchrun(), "-m", ENTRY, self.request, self.outcome],
                cwd=self.folder,
                env=self._variables(),
                stdin=subprocess.DEVNULL,
                stdout=output if self.output else None,
                preexec_fn=_deaf,
                check=False,
            )
        if not outcome.exists():
            Outcome(ended.returncode, node(), cut=True).write(outcome)
            raise RuntimeError(f"zoo was cut off, exit code {ended.returncode}")
        if ended.returncode not in (0, 1):
            raise RuntimeError(f"zoo ended with {ended.returncode}")

    def checkpoint(self) -> "DelayedSubmission":
        """The same again, when the job's time is up: what is in the ledger is not done twice."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)

    def _variables(self) -> dict[str, str]:
        """The job's own, with those that are otherwise; the folder is no place to import from."""
        other = dict(self.environment)
        own = {name: value for name, value in os.environ.items() if name not in other}
        return (
            own
            | {"PYTHONSAFEPATH": "1"}
            | {name: value for name, value in other.items() if value is not None}
        )

    def _torchrun(self) -> tuple[str, ...]:
        if self.processes == 1:
            return ()
        return ("-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={self.processes}")


def _deaf() -> None:
    """The process to come, and all that it starts, do not hear that time is running out."""
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
