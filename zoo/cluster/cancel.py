"""Find and await jobs of other commands; cancel jobs."""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from zoo.cluster.dispatch import FIRST, LAST, JobState, Watch, query_jobs
from zoo.cluster.run_record import Job, Run, Where, runs
from zoo.cluster.status import process_of
from zoo.model_index.errors import LedgerError, UsageError

SECONDS = 5.0  # that processes may take to end


def earlier_jobs(ledger: Path, executor: Where) -> list[tuple[Run, Job]]:
    """Return the jobs of earlier runs that are not over.

    Raises:
        UsageError: Slurm does not answer and is to get more jobs.
    """
    states = query_jobs((run, job) for run in runs(ledger) for job in run.latest)
    for state in states:
        if state.status.condition == "unknown" and state.run.executor == executor == "slurm":
            raise UsageError(
                f"{state.run.identity} may be running, and {state.status.reason}: try again"
            )
    return [
        (state.run, state.job)
        for state in states
        if not state.status.over and state.status.condition != "unknown"
    ]


def await_others(
    others: Sequence[tuple[Run, Job]], watch: Watch = lambda ended: None
) -> list[JobState]:
    """Wait for jobs that another command submitted; they are not submitted again."""
    pause = FIRST
    while True:
        states = query_jobs(others)
        watch(states)
        if all(state.status.over or state.status.condition == "unknown" for state in states):
            return states
        time.sleep(pause)
        pause = min(LAST, pause * 1.1)


def cancel(jobs: Sequence[tuple[Run, Job]]) -> None:
    """Cancel jobs that are not over, and store that they were cancelled.

    Raises:
        UsageError: they cannot be cancelled from here.
    """
    for run, job in jobs:
        try:
            run.cancelled_file(job).touch()
        except OSError as error:
            raise LedgerError(f"{run.cancelled_file(job)}: {error.strerror or error}") from error
    for name in dict.fromkeys(run.name for run, _ in jobs if run.executor == "slurm"):
        numbers = [job.id for run, job in jobs if run.name == name]
        try:
            command = ["scancel", "--me", f"--name={name}", *numbers]
            subprocess.run(command, check=True, capture_output=True, text=True)
        except FileNotFoundError as error:
            raise UsageError("scancel is not installed: is this a node of the cluster?") from error
        except subprocess.CalledProcessError as error:
            raise UsageError(f"scancel: {error.stderr.strip()}") from error
    _end(
        [
            process
            for run, job in jobs
            if run.executor == "local" and (process := process_of(run, job))
        ]
    )


def _end(processes: "Sequence[psutil.Process]") -> None:
    """Kill processes and their children; suspend the parent first, so that it starts no others."""
    ending = []
    for process in processes:
        try:
            process.suspend()
            ending += [process, *process.children(recursive=True)]
        except psutil.Error:
            continue
    for process in ending:
        try:
            process.kill()
        except psutil.Error:
            continue
    psutil.wait_procs(ending, timeout=SECONDS)
