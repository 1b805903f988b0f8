"""Submit parts of a command as jobs, wait for them, and resubmit those that died.

A later job of the same part continues from the evidence in the ledger, so nothing here has to know
how far a job came.
"""

import os
import shlex
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from signal import SIGINT, Signals, getsignal, signal
from typing import TYPE_CHECKING, Any

from zoo.cluster.run_record import Job, Run, Where
from zoo.cluster.status import Status, final_status, statuses
from zoo.cluster.task import Task
from zoo.model_index.errors import LedgerError, UsageError
from zoo.model_index.io.atomic import write_atomically

if TYPE_CHECKING:
    from submitit import Executor
    from submitit import Job as Submitted

TRIES = 3  # jobs that may die over one part
ARRAY = 1000  # jobs of one array: Slurm's own limit, unless it was changed
USAGE = 2  # the exit code of a command that will not do better another time
# seconds between two looks at the jobs: the more the longer it takes
FIRST, LAST, LAST_LOCAL = 0.5, 5.0, 1.0
WARNING = 90  # seconds before its time is up that a job hears of it


@dataclass(frozen=True, slots=True)
class Part:
    """One job's work: a request as JSON, its models, the keys of what it covers, and whether its
    standard output is stored."""

    request: str
    models: tuple[str, ...]
    covers: tuple[str, ...]
    output: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResources:
    """Resources and limits of each job.

    `minutes` limit one job; its work then continues in another. At most `parallel` jobs run at
    once. `sbatch` has further options of sbatch by name, True for those without a value.
    """

    executor: Where
    partition: str | None = None
    gpus: int | None = None
    cpus: int | None = None
    minutes: int = 240
    parallel: int | None = None
    exclusive: bool = False
    sbatch: dict[str, str | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobState:
    """A job, its run and its status."""

    run: Run
    job: Job
    status: Status

    @property
    def fine(self) -> bool:
        return self.status.condition == "done"


Watch = Callable[[Sequence[JobState]], None]


def query_jobs(jobs: Iterable[tuple[Run, Job]]) -> list[JobState]:
    """Return the states of jobs; Slurm is queried once."""
    jobs = list(jobs)
    return [
        JobState(run, job, status) for (run, job), status in zip(jobs, statuses(jobs), strict=True)
    ]


class Dispatch:
    """A run: `start` submits its parts, `wait` waits for them."""

    def __init__(
        self,
        ledger: Path,
        command: str,
        resources: JobResources,
        parts: Sequence[Part],
        processes: int = 1,
    ):
        self.run = Run.new(ledger, resources.executor, command)
        self.resources, self.parts, self.processes = resources, parts, processes
        self.waiting = [(number, 0) for number in range(len(parts))]
        self.refused = ""  # why no job is submitted any more
        self._processes: list[Submitted[None]] = []  # this machine's, to be reaped

    def start(self) -> None:
        """Submit waiting parts: on a cluster all, on this machine as many as may run at once.

        Raises:
            UsageError: the cluster refuses the jobs.
            LedgerError: the record of the run cannot be written.
        """
        numbers = self.waiting
        if self.resources.executor == "local":
            running = sum(not state.status.over for state in self._query_jobs())
            numbers = self.waiting[: max(0, (self.resources.parallel or 1) - running)]
        self.waiting = self.waiting[len(numbers) :]
        for first in range(0, len(numbers), ARRAY):
            self._submit(numbers[first : first + ARRAY])

    def wait(self, watch: Watch = lambda ended: None) -> list[JobState]:
        """Wait until every part is over; resubmit parts whose job died, up to a limit.

        Raises:
            LedgerError: as `start`.
            KeyboardInterrupt: the user interrupted; jobs on a cluster continue.
        """
        pause = FIRST
        while True:
            states = self._query_jobs()
            watch(states)
            self.waiting += [
                (state.job.part, state.job.tries + 1)
                for state in states
                if self._worth_another(state)
            ]
            if self.waiting:
                try:
                    self.start()
                except UsageError as error:  # it took them before
                    self.waiting, self.refused = [], str(error)
            elif all(state.status.over for state in states):
                while not all(process.done() for process in self._processes):
                    time.sleep(0.02)  # the outcome is written; the process ends in a moment
                return states
            time.sleep(pause)
            pause = min(LAST_LOCAL if self.resources.executor == "local" else LAST, pause * 1.1)

    def _query_jobs(self) -> list[JobState]:
        """Return the state of the last job of each part; store final ones, since Slurm forgets
        them."""
        states = query_jobs((self.run, job) for job in self.run.latest)
        over = {
            state.job.id: final
            for state in states
            if (final := final_status(state.status)) and state.job.id not in self.run.over
        }
        if over:
            self.run.over |= over
            self.run.save()
        return states

    def _worth_another(self, state: JobState) -> bool:
        if (
            state.status.condition not in ("failed", "lost")
            or state.job.tries + 1 >= TRIES
            or self.refused
        ):
            return False
        outcome = self.run.outcome(state.job)
        wrong = outcome is not None and outcome.code == USAGE and not outcome.cut
        return not wrong and (state.job.part, state.job.tries + 1) not in self.waiting

    def _submit(self, numbers: Sequence[tuple[int, int]]) -> None:
        from submitit.core.utils import FailedJobError, FailedSubmissionError

        tasks = [self._task(number, tries) for number, tries in numbers]
        try:
            executor = self._executor()
            self._write_requests(number for number, _ in numbers)
            # submitit repeats on standard error what the error says
            with _undisturbed(), redirect_stderr(StringIO()):
                if len(tasks) > 1 and self.resources.executor == "slurm":
                    with executor.batch():
                        jobs = [executor.submit(task) for task in tasks]
                else:
                    jobs = [executor.submit(task) for task in tasks]
                self._processes += jobs if self.resources.executor == "local" else []
                for (number, tries), job in zip(numbers, jobs, strict=True):
                    part = self.parts[number]
                    self.run.jobs.append(
                        Job(job.job_id, number, list(part.models), list(part.covers), tries)
                    )
                self.run.save()
        except (FailedJobError, FailedSubmissionError, RuntimeError, OSError) as error:
            raise UsageError(
                f"--executor {self.resources.executor}: {_sbatch_message(error)}"
            ) from error

    def _write_requests(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            path = self.run.request_file(number)
            try:
                write_atomically(path, self.parts[number].request)
            except OSError as error:
                raise LedgerError(f"{path}: {error.strerror or error}") from error

    def _task(self, number: int, tries: int) -> Task:
        part = self.parts[number]
        output = str(self.run.output(number, tries)) if part.output else None
        outcome = str(self.run.outcome_file(number, tries))
        devices = "CUDA_VISIBLE_DEVICES"  # which submitit sets for local jobs
        environment = (
            ((devices, os.environ.get(devices)),) if self.resources.executor == "local" else ()
        )
        return Task(
            request=str(self.run.request_file(number)),
            folder=os.getcwd(),
            outcome=outcome,
            output=output,
            processes=self.processes,
            environment=environment,
        )

    def _executor(self) -> "Executor":
        """Return submitit's executor with the requested resources.

        Raises:
            UsageError: the ledger's path means something else to Slurm.
        """
        import submitit

        resources = self.resources
        if resources.executor == "slurm" and (
            odd := {"%", "\\"}.intersection(str(self.run.folder))
        ):
            raise UsageError(
                f"{self.run.folder}: Slurm reads {' and '.join(odd)} in a path as its own signs"
            )
        self.run.save()
        python = f"{shlex.quote(sys.executable)} -P"  # it imports nothing of the working folder
        executor = submitit.AutoExecutor(
            folder=self.run.folder,
            cluster=resources.executor,
            local_python=python,
            slurm_python=python,
        )
        general = {
            "timeout_min": resources.minutes,
            "gpus_per_node": resources.gpus,
            "cpus_per_task": resources.cpus,
        }
        requeue = {} if "no-requeue" in resources.sbatch else {"requeue": True}
        slurm: dict[str, Any] = {
            "slurm_partition": resources.partition,
            "slurm_array_parallelism": resources.parallel or len(self.parts),
            "slurm_exclusive": resources.exclusive or None,
            "slurm_signal_delay_s": min(WARNING, resources.minutes * 60 // 4),
            "slurm_srun_args": ["--cpu-bind=none"],  # a step may use all that the job has
            "slurm_additional_parameters": requeue | resources.sbatch,
        }
        parameters = {name: value for name, value in (general | slurm).items() if value is not None}
        executor.update_parameters(name=self.run.name, stderr_to_stdout=True, **parameters)
        return executor


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Delay an interruption until the jobs are recorded; started processes do not import from this
    folder."""
    waiting: list[int] = []
    handler = getsignal(SIGINT)
    previous = os.environ.get("PYTHONSAFEPATH")
    signal(SIGINT, lambda number, frame: waiting.append(number))
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        signal(SIGINT, handler)
        os.environ.pop("PYTHONSAFEPATH") if previous is None else os.environ.update(
            PYTHONSAFEPATH=previous
        )
    if waiting:
        raise KeyboardInterrupt(Signals(waiting[0]).name)


def _sbatch_message(error: Exception) -> str:
    """Return the messages of sbatch in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    messages = [
        line.removeprefix("sbatch: ").removeprefix("error: ") for line in lines if "sbatch:" in line
    ]
    return "; ".join(messages or lines[-1:]) or type(error).__name__
