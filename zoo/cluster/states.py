"""What became of jobs. Slurm is asked by `squeue`, which needs no accounting; this machine by a process' number.

What a job wrote at its end says more than either, but a job that Slurm is about to start again may have written that
too: while Slurm says that a job is not over, it is not.
"""

import os
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zoo.cluster.runs import Job, Run

Condition = Literal["pending", "running", "done", "failed", "cancelled", "lost", "unknown"]
OVER = frozenset({"done", "failed", "cancelled", "lost"})
PENDING = frozenset({"PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD"})
ENDED: dict[str, Literal["done", "failed", "cancelled"]] = {
    "CANCELLED": "cancelled",
    "REVOKED": "cancelled",
    "COMPLETED": "done",
    "FAILED": "failed",
    "TIMEOUT": "failed",
    "NODE_FAIL": "failed",
    "OUT_OF_MEMORY": "failed",
    "BOOT_FAIL": "failed",
    "DEADLINE": "failed",
    "PREEMPTED": "failed",
}
SECONDS = 30.0  # that squeue may take


@dataclass(frozen=True, slots=True)
class Status:
    """A job's condition, why, and where it runs or ran. `lost` is a job that nobody knows and that left no word;
    `unknown` one that cannot be asked about now."""

    condition: Condition
    reason: str = ""
    node: str = ""

    @property
    def over(self) -> bool:
        return self.condition in OVER


@dataclass(frozen=True, slots=True)
class Queued:
    """A line of squeue."""

    state: str
    reason: str
    node: str


Queue = dict[str, Queued]


def statuses(jobs: Sequence[tuple[Run, Job]]) -> list[Status]:
    """What became of jobs, each with its run; Slurm is asked once."""
    queue = squeue() if any(run.executor == "slurm" for run, _ in jobs) else {}
    return [_local(run, job) if run.executor == "local" else _slurm(run, job, queue) for run, job in jobs]


def squeue() -> Queue | None:
    """This user's jobs by their numbers, those that ended a few minutes ago too; None where Slurm does not answer."""
    command = ["squeue", "--me", "--array", "--noheader", "--states=all", "--format=%i|%T|%r|%N"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    lines = (line.split("|") for line in said.splitlines())
    return {parts[0]: Queued(*parts[1:]) for parts in lines if len(parts) == 4}


def _slurm(run: Run, job: Job, queue: Queue | None) -> Status:
    if queue is None:
        return Status("unknown", "squeue does not answer")
    if (queued := queue.get(job.id)) is None:
        return _told(run, job) or Status("lost", "it ended without a word")
    condition = ENDED.get(queued.state)
    if condition is None:
        waits = queued.state in PENDING
        return Status("pending" if waits else "running", queued.reason if waits else "", queued.node)
    told = _told(run, job) if condition == "failed" else None
    how = {"done": "", "failed": queued.state.lower().replace("_", " "), "cancelled": ""}[condition]
    return Status(condition, told.reason if told and told.reason else how, queued.node)


def _told(run: Run, job: Job) -> Status | None:
    """What the job wrote at its end."""
    outcome = run.outcome(job)
    if outcome is None:
        return None
    if outcome.fine:
        return Status("done", "", outcome.node)
    how = f"signal {-outcome.code}" if outcome.code < 0 else f"exit code {outcome.code}"
    return Status("failed", f"zoo ended with {how}", outcome.node)


def _local(run: Run, job: Job) -> Status:
    if told := _told(run, job):
        return told
    if run.host != socket.gethostname():
        return Status("unknown", f"it runs on {run.host}")
    return Status("running", "", run.host) if _lives(int(job.id), run) else Status("lost", "its process is gone")


def _lives(process: int, run: Run) -> bool:
    """Whether the process is there and is the job's: numbers are used again."""
    try:
        os.kill(process, 0)
    except OSError:
        return False
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        command = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return True  # a system without /proc
    return status.rpartition(")")[2].split()[0] != "Z" and os.fsencode(run.identity) in command
