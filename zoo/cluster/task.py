"""The task of a job: run one `zoo` request and write its outcome.

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
    """Run the request in a file, in `folder`, and write its outcome to `outcome`.

    Standard output goes to the file `output`, by default to the job's log. More than one of
    `processes` are started by torchrun. `environment` overrides variables of the job; None removes
    one.
    """

    request: str
    folder: str
    outcome: str
    output: str | None = None
    processes: int = 1
    environment: tuple[tuple[str, str | None], ...] = ()

    def __call__(self) -> None:
        """Run the request.

        Raises:
            RuntimeError: the request was not done, so that the cluster reports a failed job.
        """
        outcome = Path(self.outcome)
        outcome.unlink(missing_ok=True)  # an earlier start of the same job may have written one
        print(f"{ENTRY} {self.request}: {Path(self.request).read_text()}", flush=True)
        with open(self.output or os.devnull, "wb") as output:
            ended = subprocess.run(
                [sys.executable, "-P", *self._torchrun(), "-m", ENTRY, self.request, self.outcome],
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
        """Submit the same task again when the job's time is up; the ledger's evidence is reused."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)

    def _variables(self) -> dict[str, str]:
        """Return the job's variables with the overrides; the folder is not on the import path."""
        overrides = dict(self.environment)
        inherited = {name: value for name, value in os.environ.items() if name not in overrides}
        return (
            inherited
            | {"PYTHONSAFEPATH": "1"}
            | {name: value for name, value in overrides.items() if value is not None}
        )

    def _torchrun(self) -> tuple[str, ...]:
        if self.processes == 1:
            return ()
        return ("-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={self.processes}")


def _deaf() -> None:
    """Ignore the signal of the end of a job's time, in the new process and all that it starts."""
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
