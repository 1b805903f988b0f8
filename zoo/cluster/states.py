"""What became of jobs. Slurm is asked by `squeue`, which needs no accounting; this machine by a process' number.

What a job wrote at its end says more than either, but a job that Slurm is about to start again may have written that
too: while Slurm says that a job is not over, it is not.
"""

import os
import socket
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zoo.cluster.runs import Job, Run

Condition = Literal["pending", "running", "done", "failed", "cancelled", "lost", "unknown"]
OVER = frozenset({"done", "failed", "cancelled", "lost"})
PENDING = frozenset({"PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD"})
ENDED = {
    "CANCELLED": "cancelled",
    "REVOKED": "cancelled",
    "COMPLETED": "done",
    **dict.fromkeys(
        ("FAILED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY", "BOOT_FAIL", "DEADLINE", "PREEMPTED"), "failed"
    ),
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


def statuses(run: Run, jobs: Iterable[Job]) -> list[Status]:
    """What became of some jobs of a run."""
    jobs = list(jobs)
    if run.executor == "local":
        return [_local(run, job) for job in jobs]
    queue = squeue() if jobs else {}
    return [Status("unknown", "squeue does not answer") if queue is None else _slurm(run, job, queue) for job in jobs]


def squeue() -> dict[str, Queued] | None:
    """This user's jobs by their numbers, those that ended a few minutes ago too; None where Slurm does not answer."""
    command = ["squeue", "--me", "--array", "--noheader", "--states=all", "--format=%i|%T|%r|%N"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    lines = (line.split("|") for line in said.splitlines())
    return {parts[0]: Queued(*parts[1:]) for parts in lines if len(parts) == 4}


def _slurm(run: Run, job: Job, queue: dict[str, Queued]) -> Status:
    queued = queue.get(job.id)
    if queued and queued.state not in ENDED:
        waits = queued.state in PENDING
        return Status("pending" if waits else "running", queued.reason if waits else "", queued.node)
    if queued and ENDED[queued.state] == "cancelled":
        return Status("cancelled", queued.state.lower(), queued.node)
    told = _told(run, job)
    if told and not (queued and told.condition == "done" and ENDED[queued.state] == "failed"):
        return told
    if queued and ENDED[queued.state] == "failed":
        return Status("failed", queued.state.lower().replace("_", " "), queued.node)
    return Status("lost", "it ended without a word")


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
