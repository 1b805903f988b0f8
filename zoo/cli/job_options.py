"""Options of commands that may run in jobs of their own, and what is seen of the jobs while they
run."""

import os
import re
import shlex
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import typer

from zoo.bench.parse_request import duration
from zoo.cli.choice import choice
from zoo.cli.output.console import plural, say
from zoo.cli.output.progress import Progress, show_progress
from zoo.models.extras import require

if TYPE_CHECKING:
    from zoo.cluster.dispatch import Dispatch, JobResources, JobState, Part, Watch

NAMED = 3  # models of a job that failed, on a terminal


Executor = Annotated[
    Literal["local", "slurm"] | None,
    choice(
        "--executor",
        ("local", "slurm"),
        "Run in jobs; their options: --help-all. On this machine, or on a Slurm cluster.",
    ),
]
Partition = Annotated[
    str | None, typer.Option("--partition", metavar="NAME", help="Name Slurm's partition.")
]
GpusPerNode = Annotated[
    int | None, typer.Option("--gpus-per-node", min=1, metavar="N", help="Give each job N GPUs.")
]
CpusPerTask = Annotated[
    int | None, typer.Option("--cpus-per-task", min=1, metavar="N", help="Give each job N CPUs.")
]
JobTime = Annotated[
    str,
    typer.Option(
        "--job-time",
        metavar="TIME",
        help="Limit the time of a job: 30m, 4h. Then another job continues.",
    ),
]
Chunk = Annotated[
    int | None, typer.Option("--chunk", min=1, metavar="N", help="Put N models into a job.")
]
Parallel = Annotated[
    int | None,
    typer.Option(
        "--parallel",
        min=1,
        metavar="N",
        help="Run at most N jobs at once. Default: all on a cluster.",
    ),
]
Sbatch = Annotated[
    list[str] | None,
    typer.Option(
        "--sbatch",
        metavar="NAME[=VALUE]",
        help="Pass an option to sbatch: account=vision. May be repeated.",
    ),
]
Detach = Annotated[
    bool, typer.Option("--detach", help="Submit the jobs and end. `zoo jobs` shows them.")
]
JOB_TIME = "4h"
# what jobs are made with
OURS = frozenset("array error job-name ntasks output signal wrap".split())


@dataclass(frozen=True, slots=True)
class Cluster:
    """What is asked of a cluster, and of how many models a job is. `detach` waits for nothing."""

    resources: "JobResources"
    chunk: int
    detach: bool


class JobOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of commands that can run as jobs."""

    executor: Literal["local", "slurm"] | None = None
    partition: str | None = None
    gpus_per_node: int | None = None
    cpus_per_task: int | None = None
    job_time: str = JOB_TIME
    chunk: int | None = None
    parallel: int | None = None
    sbatch: tuple[str, ...] = ()
    detach: bool = False

    def cluster(self, *, models: int, exclusive: bool = False, width: int = 1) -> Cluster | None:
        """Return what to ask of the cluster, None without an executor.

        By default a job has so many `models`, is alone on its node where `exclusive`, and `width`
        jobs run at once on this machine.

        Raises:
            UsageError: options that contradict each other.
        """
        self._check()
        if self.executor is None:
            return None

        require("cluster")
        from zoo.cluster.dispatch import JobResources

        local = self.executor == "local"
        resources = JobResources(
            executor=self.executor,
            partition=self.partition,
            gpus=self.gpus_per_node,
            cpus=self.cpus_per_task,
            minutes=max(1, round(duration("--job-time", self.job_time) / 60)),
            parallel=self.parallel or (width if local else None),
            exclusive=exclusive,
            sbatch=dict(_pair(text) for text in self.sbatch),
        )
        return Cluster(resources, self.chunk or models, self.detach)

    def _check(self) -> None:
        from zoo.model_index.errors import UsageError

        for name in ("partition", "sbatch"):
            if getattr(self, name) and self.executor != "slurm":
                raise UsageError(f"{_flag(name)} requires --executor slurm")
        if self.executor is None:
            for name, default in msgspec.structs.asdict(NO_JOBS).items():
                if getattr(self, name) != default:
                    raise UsageError(f"{_flag(name)} requires --executor")
        if self.detach and self.executor == "local":
            raise UsageError(
                "--detach requires --executor slurm: local jobs end with their command"
            )


NO_JOBS = JobOptions()
JOB_OPTIONS = {
    "executor": Executor,
    "partition": Partition,
    "gpus_per_node": GpusPerNode,
    "cpus_per_task": CpusPerTask,
    "job_time": JobTime,
    "chunk": Chunk,
    "parallel": Parallel,
    "sbatch": Sbatch,
    "detach": Detach,
}


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def cores(processes: int) -> int:
    """How many jobs of so many CPUs this machine may run at once."""
    from zoo.models.control_groups import usable_cpus

    return max(1, usable_cpus() // processes)


def _pair(text: str) -> tuple[str, str | bool]:
    from zoo.model_index.errors import UsageError

    name, equals, value = text.partition("=")
    name = name.strip()
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name) or "\n" in value:
        raise UsageError(
            f"--sbatch: expected NAME=VALUE such as account=vision, or NAME, got {text!r}"
        )
    if name in OURS:
        raise UsageError(f"--sbatch: {name} is what jobs are made with; expected another option")
    return name, value.strip() if equals else True


def send(
    ledger: str, cluster: Cluster, parts: "Sequence[Part]", processes: int = 1
) -> "list[JobState]":
    """Run the parts as jobs and wait for them; for parts that jobs of an earlier run are doing,
    only wait.

    Raises:
        UsageError: the cluster takes no such jobs, or does not answer.
        typer.Exit: with `--detach`, once they are submitted.
        KeyboardInterrupt: as it came; jobs on a cluster go on.
    """
    return _Sending(Path(ledger), cluster, parts, processes).run()


class _Sending:
    """Submits parts and waits, for jobs of earlier runs (`earlier`) too."""

    def __init__(self, ledger: Path, cluster: Cluster, parts: "Sequence[Part]", processes: int):
        from zoo.cluster.cancel import earlier_jobs

        self.ledger, self.cluster, self.parts, self.processes = ledger, cluster, parts, processes
        self.earlier = [
            (run, job)
            for run, job in earlier_jobs(ledger, cluster.resources.executor)
            if any(not set(part.covers).isdisjoint(job.covers) for part in parts)
        ]
        self.taken = {key for _, job in self.earlier for key in job.covers}
        self.dispatches: list[Dispatch] = []

    def run(self) -> "list[JobState]":
        for name in dict.fromkeys(run.identity for run, _ in self.earlier):
            say(f"{name} is running some of these models; `zoo jobs {name}` shows it", error=True)
        try:
            self._submit([part for part in self.parts if not self.taken.issuperset(part.covers)])
            if self.cluster.detach:
                raise typer.Exit
            return self._wait()
        except KeyboardInterrupt:
            self._interrupt()
            raise

    def _submit(self, parts: "Sequence[Part]") -> None:
        from zoo.cluster.dispatch import Dispatch

        if not parts:
            return
        command = shlex.join(["zoo", *sys.argv[1:]])
        dispatch = Dispatch(self.ledger, command, self.cluster.resources, parts, self.processes)
        self.dispatches.append(dispatch)
        dispatch.start()
        name, jobs = dispatch.run.identity, plural(len(parts), "job")
        say(f"{jobs} submitted as {name}; `zoo jobs {name}` shows them", error=True)

    def _wait(self) -> "list[JobState]":
        from zoo.cluster.cancel import await_others

        with show_progress() as progress:
            watch = watch_jobs(progress)
            jobs = await_others(self.earlier, watch) if self.earlier else []
            # their own command submits them again too, if it is still there
            died = [job for job in jobs if job.status.condition in ("failed", "lost")]
            jobs = [job for job in jobs if job not in died]
            self._submit(self._parts_of(died))
            for dispatch in self.dispatches:
                jobs += dispatch.wait(watch)
                if dispatch.refused:
                    say(dispatch.refused, error=True)
        return jobs

    def _parts_of(self, jobs: "Sequence[JobState]") -> "list[Part]":
        """Return the parts, not submitted here, that these jobs of earlier runs cover."""
        keys = {key for job in jobs for key in job.job.covers}
        waiting = [part for part in self.parts if self.taken.issuperset(part.covers)]
        return [part for part in waiting if not keys.isdisjoint(part.covers)]

    def _interrupt(self) -> None:
        """End local jobs; name those that go on."""
        from zoo.cluster.cancel import cancel

        runs = [dispatch.run for dispatch in self.dispatches]
        if self.cluster.resources.executor == "local":
            cancel([(run, job) for run in runs for job in run.latest if job.id not in run.over])
            return
        for name in dict.fromkeys(run.identity for run in [*(r for r, _ in self.earlier), *runs]):
            say(
                f"jobs go on; the same command waits for them, `zoo jobs {name} --cancel` ends "
                "them",
                error=True,
            )


def print_failures(ended: "Sequence[JobState]") -> bool:
    """Print the jobs that failed; return whether there are any."""
    failed = [job for job in ended if not job.fine]
    for job in failed:
        models = ", ".join(job.job.models[:NAMED])
        more = f" and {len(job.job.models) - NAMED:,} more" if len(job.job.models) > NAMED else ""
        why = f": {job.status.reason}" if job.status.reason else ""
        log = os.path.relpath(job.run.log(job.job))
        say(
            f"job {job.job.id} ({models}{more}) {job.status.condition}{why}; its log: {log}",
            error=True,
        )
    return bool(failed)


def conditions(jobs: "Sequence[JobState]") -> str:
    """Summarise the states of jobs: `3 done, 2 running (n1, n2), 1 pending (Resources)`."""
    parts = []
    for condition, count in Counter(job.status.condition for job in jobs).most_common():
        statuses = [job.status for job in jobs if job.status.condition == condition]
        notes = sorted(
            {status.node if condition == "running" else status.reason for status in statuses} - {""}
        )
        shown = f" ({', '.join(notes[:NAMED])})" if notes and condition != "done" else ""
        parts.append(f"{count} {condition}{shown}")
    return ", ".join(parts)


def watch_jobs(progress: Progress) -> "Watch":
    """Return a watcher that shows how many jobs are in which condition."""

    def watch(jobs: "Sequence[JobState]") -> None:
        over, note = sum(job.status.over for job in jobs), conditions(jobs)
        line = f"{plural(len(jobs), 'job')}: {note}"
        progress.update("jobs", over, len(jobs), note=note, line=line)

    return watch
