"""The status of jobs: from `squeue`, which needs no accounting, or from processes of this machine.

The outcome that a job writes has more detail, but a job that Slurm restarts may have written one
too: while Slurm reports that a job is not over, it is not. Numbers are reused, so a job is
identified by its name too.
"""

import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import psutil

from zoo.cluster.run_record import Final, FinalStatus, Job, Run

Condition = Literal["pending", "running", "unknown"] | Final
OVER = frozenset({"done", "failed", "cancelled", "lost"})
PENDING = frozenset(
    {"PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD"}
)
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
    """A job's condition, its reason, and its node.

    `lost` is a job that is gone without an outcome; `unknown` one that cannot be queried now.
    """

    condition: Condition
    reason: str = ""
    node: str = ""

    @property
    def over(self) -> bool:
        return self.condition in OVER


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A line of squeue."""

    state: str
    reason: str
    node: str
    name: str


Queue = dict[str, QueueLine]


def statuses(jobs: Sequence[tuple[Run, Job]]) -> list[Status]:
    """Return the status of jobs; Slurm is queried once, and not for those known to be over."""
    asks = any(run.executor == "slurm" and job.id not in run.over for run, job in jobs)
    queue = squeue() if asks else {}
    return [_status(run, job, queue) for run, job in jobs]


def squeue() -> Queue | None:
    """Return this user's jobs by number, with those that ended minutes ago; None without an
    answer."""
    command = ["squeue", "--me", "--array", "--noheader", "--states=all", "--format=%i|%T|%r|%N|%j"]
    try:
        output = subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    lines = (line.split("|", 4) for line in output.splitlines())
    return {parts[0]: QueueLine(*parts[1:]) for parts in lines if len(parts) == 5}


def _status(run: Run, job: Job, queue: Queue | None) -> Status:
    if final := run.over.get(job.id):
        return Status(final.condition, final.reason, final.node)
    if run.executor == "local":
        return _local(run, job)
    if queue is None:
        return Status("unknown", "squeue does not answer")
    return _slurm(run, job, queue)


def _slurm(run: Run, job: Job, queue: Queue) -> Status:
    queued = queue.get(job.id)
    if queued is None or queued.name != run.name:
        return (
            _cancelled(run, job)
            or _final_status_of(run, job)
            or Status("lost", "the job ended without writing its result")
        )
    condition = ENDED.get(queued.state)
    if condition is None:
        waits = queued.state in PENDING
        return Status(
            "pending" if waits else "running", queued.reason if waits else "", queued.node
        )
    outcome = _final_status_of(run, job) if condition == "failed" else None
    how = {"done": "", "failed": queued.state.lower().replace("_", " "), "cancelled": ""}[condition]
    return Status(condition, outcome.reason if outcome and outcome.reason else how, queued.node)


def _final_status_of(run: Run, job: Job) -> Status | None:
    """Return the status by the outcome that the job wrote, None without one."""
    outcome = run.outcome(job)
    if outcome is None:
        return None
    if outcome.fine:
        return Status("done", "", outcome.node)
    how = f"signal {-outcome.code}" if outcome.code < 0 else f"exit code {outcome.code}"
    return Status(
        "failed",
        f"zoo was cut off by {how}" if outcome.cut else f"zoo ended with {how}",
        outcome.node,
    )


def _cancelled(run: Run, job: Job) -> Status | None:
    """Return the status of a job cancelled by `zoo jobs`, else None."""
    return Status("cancelled") if run.cancelled_file(job).exists() else None


def _local(run: Run, job: Job) -> Status:
    if run.host != socket.gethostname():
        return _final_status_of(run, job) or Status("unknown", f"it runs on {run.host}")
    if process_of(run, job):
        return _final_status_of(run, job) or Status("running", "", run.host)
    return (
        _cancelled(run, job) or _final_status_of(run, job) or Status("lost", "its process is gone")
    )


def process_of(run: Run, job: Job) -> psutil.Process | None:
    """Return the process of a local job: one with the run's folder among its arguments."""
    try:
        process = psutil.Process(int(job.id.partition("_")[0]))
        ours = str(run.folder) in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OverflowError, OSError):
        return None
    return process if ours else None


def final_status(status: Status) -> FinalStatus | None:
    """Return the final status of a job that is over, else None."""
    if status.condition in ("done", "failed", "cancelled", "lost"):
        return FinalStatus(status.condition, status.reason, status.node)
    return None
