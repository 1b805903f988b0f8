"""Options of commands that may run in jobs of their own, and what is seen of the jobs while they
run."""

import os
import re
import shlex
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo.cli.options import duration
from zoo.cli.output.console import plural, say
from zoo.cli.output.progress import Progress, show_progress

if TYPE_CHECKING:
    from zoo.cluster.dispatch import Asked, Ended, Part, Watch

NAMED = 3  # models of a job that failed, on a terminal


class Executor(StrEnum):
    """Where jobs run."""

    LOCAL = "local"
    SLURM = "slurm"


Where = Annotated[
    Executor | None,
    typer.Option(
        "--executor",
        help="Do it in jobs: processes of this machine, or Slurm's. Default: in this process.",
    ),
]
Partition = Annotated[
    str | None, typer.Option("--partition", metavar="NAME", help="Slurm's partition of the jobs.")
]
GpusPerNode = Annotated[
    int | None, typer.Option("--gpus-per-node", min=1, metavar="N", help="GPUs of a job.")
]
CpusPerTask = Annotated[
    int | None, typer.Option("--cpus-per-task", min=1, metavar="N", help="CPUs of a job.")
]
JobTime = Annotated[
    str,
    typer.Option(
        "--job-time", metavar="TIME", help="Of one job: 30m, 4h; when it is up, another goes on."
    ),
]
Chunk = Annotated[
    int | None, typer.Option("--chunk", min=1, metavar="N", help="Models of one job.")
]
Parallel = Annotated[
    int | None,
    typer.Option(
        "--parallel", min=1, metavar="N", help="Jobs at once. Default: as many as there may be."
    ),
]
Sbatch = Annotated[
    list[str] | None,
    typer.Option(
        "--sbatch",
        metavar="NAME[=VALUE]",
        help="Another option of sbatch: account=vision; may be repeated.",
    ),
]
Detach = Annotated[
    bool, typer.Option("--detach", help="Submit the jobs and end; `zoo jobs` shows them.")
]
JOB_TIME = "4h"
OURS = frozenset(
    "array error job-name ntasks output signal wrap".split()
)  # what jobs are made with


@dataclass(frozen=True, slots=True)
class Cluster:
    """What is asked of a cluster, and of how many models a job is. `detach` waits for nothing."""

    asked: "Asked"
    chunk: int
    detach: bool


@dataclass(frozen=True, slots=True)
class JobOptions:
    """What `in_jobs` adds to a command: a field for each option."""

    executor: Where = None
    partition: Partition = None
    gpus_per_node: GpusPerNode = None
    cpus_per_task: CpusPerTask = None
    job_time: JobTime = JOB_TIME
    chunk: Chunk = None
    parallel: Parallel = None
    sbatch: Sbatch = None
    detach: Detach = False

    def cluster(self, *, models: int, exclusive: bool = False, width: int = 1) -> Cluster | None:
        """The options as they are used, None where no executor is asked for; by default a job has
        so many `models`, is alone on its node where `exclusive`, and `width` jobs run at once on
        this machine.

        Raises:
            UsageError: options that do not go together.
        """
        from zoo.cluster.dispatch import Asked
        from zoo.model_index.errors import UsageError

        for name in ("partition", "sbatch"):
            if getattr(self, name) and self.executor is not Executor.SLURM:
                raise UsageError(f"{_option(name)} is an option of --executor slurm")
        if self.executor is None:
            for field in fields(self):
                if getattr(self, field.name) != field.default:
                    raise UsageError(f"{_option(field.name)} is an option of --executor")
            return None
        local = self.executor is Executor.LOCAL
        if self.detach and local:
            raise UsageError(
                "--detach is an option of --executor slurm: local jobs end with their command"
            )
        further = dict(_pair(text) for text in self.sbatch or ())
        minutes = max(1, round(duration("--job-time", self.job_time) / 60))
        parallel = self.parallel or (width if local else None)
        asked = Asked(
            self.executor.value, self.partition, self.gpus_per_node, self.cpus_per_task, minutes, parallel, exclusive,
            further,
        )  # fmt: skip
        return Cluster(asked, self.chunk or models, self.detach)


NO_JOBS = JobOptions()


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def in_jobs(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of jobs; it takes them as one record, `job_options`."""
    own = signature(command)
    kept = [parameter for name, parameter in own.parameters.items() if name != "job_options"]
    added = [
        Parameter(f.name, Parameter.KEYWORD_ONLY, default=f.default, annotation=f.type)
        for f in fields(JobOptions)
    ]

    @wraps(command)
    def extended(**given: Any) -> None:
        options = JobOptions(**{parameter.name: given.pop(parameter.name) for parameter in added})
        command(**given, job_options=options)

    extended.__signature__ = own.replace(parameters=[*kept, *added])  # type: ignore[attr-defined]
    return extended


def cores(each: int) -> int:
    """How many jobs of so many CPUs this machine may run at once."""
    return max(1, (os.cpu_count() or 1) // each)


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
) -> "list[Ended]":
    """Do the parts in jobs and wait for them; those that jobs of an earlier run are doing are
    waited for only.

    Raises:
        UsageError: the cluster takes no such jobs, or does not answer.
        typer.Exit: with `--detach`, once they are submitted.
        KeyboardInterrupt: as it came; jobs on a cluster go on.
    """
    from zoo.cluster.cancel import await_others, cancel, under_way
    from zoo.cluster.dispatch import Dispatch

    others = [
        (run, job)
        for run, job in under_way(Path(ledger), cluster.asked.executor)
        if _overlaps(parts, job.covers)
    ]
    taken = {key for _, job in others for key in job.covers}
    for identity in dict.fromkeys(run.identity for run, _ in others):
        say(
            f"{identity} is under way and does some of it; `zoo jobs {identity}` shows it",
            error=True,
        )
    sent: list[Dispatch] = []

    def submit(these: "Sequence[Part]") -> None:
        if these:
            sent.append(
                Dispatch(
                    Path(ledger),
                    shlex.join(["zoo", *sys.argv[1:]]),
                    cluster.asked,
                    these,
                    processes,
                )
            )
            sent[-1].start()
            name, jobs = sent[-1].run.identity, plural(len(these), "job")
            say(f"{jobs} submitted as {name}; `zoo jobs {name}` shows them", error=True)

    try:
        submit([part for part in parts if not taken.issuperset(part.covers)])
        if cluster.detach:
            raise typer.Exit
        with show_progress() as progress:
            watch = watch_jobs(progress)
            found = await_others(others, watch) if others else []
            died = [one for one in found if one.status.condition in ("failed", "lost")]
            if died:  # their own command tries again too, if it is still there
                found = [one for one in found if one not in died]
                keys = {key for one in died for key in one.job.covers}
                submit(
                    [
                        part
                        for part in parts
                        if taken.issuperset(part.covers) and not keys.isdisjoint(part.covers)
                    ]
                )
            for run in sent:
                found += run.wait(watch)
                if run.refused:
                    say(run.refused, error=True)
    except KeyboardInterrupt:
        if cluster.asked.executor == "local":
            cancel(
                [
                    (run.run, job)
                    for run in sent
                    for job in run.run.latest
                    if job.id not in run.run.over
                ]
            )
        for name in dict.fromkeys(
            [one.identity for one, _ in others] + [run.run.identity for run in sent]
        ):
            if cluster.asked.executor == "slurm":
                say(
                    f"jobs go on; the same command waits for them, `zoo jobs {name} --cancel` ends them",
                    error=True,
                )
        raise
    return found


def _overlaps(parts: "Sequence[Part]", covers: Sequence[str]) -> bool:
    return any(not set(part.covers).isdisjoint(covers) for part in parts)


def tell_failed(ended: "Sequence[Ended]") -> bool:
    """Name the jobs that did not do their part; whether there are any."""
    failed = [one for one in ended if not one.fine]
    for one in failed:
        models = ", ".join(one.job.models[:NAMED])
        more = f" and {len(one.job.models) - NAMED:,} more" if len(one.job.models) > NAMED else ""
        why = f": {one.status.reason}" if one.status.reason else ""
        log = os.path.relpath(one.run.log(one.job))
        say(
            f"job {one.job.id} ({models}{more}) {one.status.condition}{why}; its log: {log}",
            error=True,
        )
    return bool(failed)


def conditions(found: "Sequence[Ended]") -> str:
    """`3 done, 2 running (n1, n2), 1 pending (Resources)`."""
    told = []
    for condition, count in Counter(one.status.condition for one in found).most_common():
        these = [one.status for one in found if one.status.condition == condition]
        notes = sorted(
            {status.node if condition == "running" else status.reason for status in these} - {""}
        )
        shown = f" ({', '.join(notes[:NAMED])})" if notes and condition != "done" else ""
        told.append(f"{count} {condition}{shown}")
    return ", ".join(told)


def watch_jobs(progress: Progress) -> "Watch":
    """Return a watcher that shows how many jobs are in which condition."""

    def watch(jobs: "Sequence[Ended]") -> None:
        over, note = sum(job.status.over for job in jobs), conditions(jobs)
        line = f"{plural(len(jobs), 'job')}: {note}"
        progress.update("jobs", over, len(jobs), note=note, line=line)

    return watch
