"""Parts of a command as jobs: submitted, waited for, and submitted again where a job died.

Whatever ends a job, a later one of the same part goes on where the ledger stands, so nothing here has to know how far a
job came.
"""

import os
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model_index.errors import UsageError
from zoo.cluster.runs import Job, Run, Where, runs
from zoo.cluster.states import Status, statuses
from zoo.cluster.task import Task

if TYPE_CHECKING:
    from submitit import Executor
    from submitit import Job as Submitted

TRIES = 3  # jobs that may die over one part
ARRAY = 1000  # jobs of one array: Slurm's own limit, unless it was changed
USAGE = 2  # the exit code of a command that will not do better another time
FIRST, LAST = 0.5, 10.0  # seconds between two looks at the jobs: the more the longer it takes


@dataclass(frozen=True, slots=True)
class Part:
    """What one job does: a command for these models, what that covers, and whether its output is kept."""

    arguments: tuple[str, ...]
    models: tuple[str, ...]
    covers: tuple[str, ...]
    output: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a cluster for each job. `minutes` are those of one job; when they are up it goes on in another.
    `parallel` jobs run at once at most; `sbatch` has further options of sbatch, by name."""

    executor: Where
    partition: str | None = None
    gpus: int | None = None
    cpus: int | None = None
    minutes: int = 240
    parallel: int | None = None
    exclusive: bool = False
    sbatch: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ended:
    """A part's last job and what became of it."""

    run: Run
    job: Job
    status: Status

    @property
    def fine(self) -> bool:
        return self.status.condition == "done"


Watch = Callable[[Sequence[Ended]], None]


def looked_at(jobs: Iterable[tuple[Run, Job]]) -> list[Ended]:
    """Jobs, each with its run, with what became of them."""
    jobs = list(jobs)
    return [Ended(run, job, status) for (run, job), status in zip(jobs, statuses(jobs), strict=True)]


class Dispatch:
    """A run: its parts are submitted by `start` and waited for by `wait`."""

    def __init__(self, ledger: Path, command: str, asked: Asked, parts: Sequence[Part], processes: int = 1):
        self.run, self.asked, self.parts = Run.new(ledger, asked.executor, command), asked, parts
        self.processes = processes
        self.waiting = [(number, 0) for number in range(len(parts))]
        self._processes: list[Submitted[None]] = []  # this machine's, to be reaped

    def start(self) -> None:
        """Submit what may be submitted now: on a cluster everything, on this machine as much as may run at once.

        Raises:
            UsageError: the cluster takes no such jobs.
            LedgerError: what is submitted cannot be kept.
        """
        now = self.waiting
        if self.asked.executor == "local":
            running = sum(not one.status.over for one in looked_at((self.run, job) for job in self.run.latest))
            now = self.waiting[: max(0, (self.asked.parallel or 1) - running)]
        self.waiting = self.waiting[len(now) :]
        for first in range(0, len(now), ARRAY):
            self._submit(now[first : first + ARRAY])

    def wait(self, watch: Watch = lambda ended: None) -> list[Ended]:
        """Wait until every part is over; one whose job died is submitted again.

        Raises:
            UsageError, LedgerError: as `start`.
            KeyboardInterrupt: as it came; jobs on a cluster go on.
        """
        pause = FIRST
        while True:
            found = looked_at((self.run, job) for job in self.run.latest)
            watch(found)
            self.waiting += [(one.job.part, one.job.tries + 1) for one in found if self._worth_another(one)]
            if self.waiting:
                self.start()
            elif all(one.status.over for one in found):
                while not all(process.done() for process in self._processes):
                    time.sleep(0.02)  # what it did is told; its process ends in a moment
                return found
            time.sleep(pause)
            pause = min(LAST, pause * 1.1)

    def _worth_another(self, one: Ended) -> bool:
        if one.status.condition not in ("failed", "lost") or one.job.tries + 1 >= TRIES:
            return False
        outcome = self.run.outcome(one.job)
        return (one.job.part, one.job.tries + 1) not in self.waiting and not (outcome and outcome.code == USAGE)

    def _submit(self, numbers: Sequence[tuple[int, int]]) -> None:
        from submitit.core.utils import FailedJobError, FailedSubmissionError

        tasks = [self._task(number, tries) for number, tries in numbers]
        try:
            executor = self._executor()
            with redirect_stderr(StringIO()):  # submitit repeats there what the error says
                if len(tasks) > 1 and self.asked.executor == "slurm":
                    with executor.batch():
                        jobs = [executor.submit(task) for task in tasks]
                else:
                    jobs = [executor.submit(task) for task in tasks]
        except (FailedJobError, FailedSubmissionError, RuntimeError, OSError) as error:
            raise UsageError(f"--executor {self.asked.executor}: {_said(error)}") from error
        self._processes += jobs if self.asked.executor == "local" else []
        for (number, tries), job in zip(numbers, jobs, strict=True):
            part = self.parts[number]
            self.run.jobs.append(Job(job.job_id, number, list(part.models), list(part.covers), tries))
        self.run.save()

    def _task(self, number: int, tries: int) -> Task:
        part = self.parts[number]
        output = str(self.run.output(number, tries)) if part.output else None
        outcome = str(self.run.outcome_file(number, tries))
        own = self.asked.executor == "slurm" or self.asked.gpus is not None
        devices = None if own else os.environ.get("CUDA_VISIBLE_DEVICES", "")
        return Task(part.arguments, os.getcwd(), outcome, output, self.processes, devices)

    def _executor(self) -> "Executor":
        """submitit's executor with all that is asked for."""
        import submitit

        asked = self.asked
        self.run.save()
        executor = submitit.AutoExecutor(folder=self.run.folder, cluster=asked.executor)
        general = {"timeout_min": asked.minutes, "gpus_per_node": asked.gpus, "cpus_per_task": asked.cpus}
        slurm: dict[str, Any] = {
            "slurm_partition": asked.partition,
            "slurm_array_parallelism": asked.parallel or len(self.parts),
            "slurm_exclusive": asked.exclusive or None,
            "slurm_srun_args": ["--cpu-bind=none"],  # a step may use all that the job has
            "slurm_additional_parameters": {"requeue": True, **asked.sbatch},
        }
        given = {name: value for name, value in (general | slurm).items() if value is not None}
        executor.update_parameters(name=f"zoo-{self.run.command.split()[1]}", stderr_to_stdout=True, **given)
        return executor


def _said(error: Exception) -> str:
    """What sbatch said, in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line.removeprefix("sbatch: ").removeprefix("error: ") for line in lines if "sbatch:" in line]
    return "; ".join(told or lines[-1:]) or type(error).__name__


def under_way(ledger: Path) -> list[tuple[Run, Job]]:
    """The jobs of earlier runs that are not over."""
    found = looked_at((run, job) for run in runs(ledger) for job in run.latest)
    return [(one.run, one.job) for one in found if not one.status.over and one.status.condition != "unknown"]


def await_others(others: Sequence[tuple[Run, Job]], watch: Watch = lambda ended: None) -> list[Ended]:
    """Wait for jobs that another process submitted; they are not submitted again."""
    pause = FIRST
    while True:
        found = looked_at(others)
        watch(found)
        if all(one.status.over for one in found):
            return found
        time.sleep(pause)
        pause = min(LAST, pause * 1.1)


def cancel(run: Run, jobs: Sequence[Job]) -> None:
    """End jobs.

    Raises:
        UsageError: they cannot be ended from here.
    """
    import signal
    import subprocess

    if run.executor == "slurm":
        try:
            subprocess.run(["scancel", *(job.id for job in jobs)], check=True, capture_output=True, text=True)
        except FileNotFoundError as error:
            raise UsageError("scancel is not here: is this a node of the cluster?") from error
        except subprocess.CalledProcessError as error:
            raise UsageError(f"scancel: {error.stderr.strip()}") from error
        return
    for one in looked_at((run, job) for job in jobs):
        if one.status.condition == "running":
            os.kill(int(one.job.id), signal.SIGINT)
        elif one.status.condition == "unknown":
            raise UsageError(f"job {one.job.id}: {one.status.reason}; end it there")
