"""`zoo jobs`: what was submitted, what became of it, and the logs."""

import os
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo.cli.job_options import conditions
from zoo.cli.options import LEDGER, Format, LedgerFolder, OutputFormat
from zoo.cli.output.console import plural, print_json, print_table, say

if TYPE_CHECKING:
    from zoo.cluster.dispatch import Ended
    from zoo.cluster.run_record import Run

TAIL = 200_000  # bytes of a log that are read from its end


def jobs(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN|JOB]", help="A run, or the beginning of its name, or a job's number."
        ),
    ] = None,
    log: Annotated[bool, typer.Option("--log", help="Print what the jobs wrote.")] = False,
    cancel: Annotated[
        bool, typer.Option("--cancel", help="End the jobs; what they measured stays.")
    ] = False,
    ledger: LedgerFolder = LEDGER,
    format: OutputFormat = Format.TABLE,
) -> None:
    """List the runs that were divided into jobs, or the jobs of one with their states, nodes and
    logs.

    Slurm is asked by squeue. What a job measured is in the ledger, whatever became of the job.
    """
    from zoo.cluster.dispatch import looked_at
    from zoo.cluster.run_record import named, runs
    from zoo.model_index.errors import UsageError

    if name is None:
        if log or cancel:
            raise UsageError("--log and --cancel want the name of a run or a job")
        known = list(runs(Path(ledger)))
        looked = iter(looked_at((run, job) for run in known for job in run.latest))
        _list([(run, list(islice(looked, len(run.latest)))) for run in known], ledger, format)
        return
    run, job = named(Path(ledger), name)
    found = looked_at((run, one) for one in ([job] if job else run.latest))
    if cancel:
        _cancel(found)
    elif log:
        _print_logs(found)
    elif format is Format.JSON:
        print_json(_told(run, found))
    else:
        _print_jobs(run, found)


def _list(found: "list[tuple[Run, list[Ended]]]", ledger: str, format: Format) -> None:
    if format is Format.JSON:
        print_json([_told(run, jobs) for run, jobs in found])
    elif not found:
        say(f"{ledger}: nothing was submitted", error=True)
    else:
        columns = ("Run", "Executor", "Jobs", "States", "Submitted", "Command")
        rows = [
            (
                run.identity,
                run.executor,
                str(len(jobs)),
                conditions(jobs),
                run.submitted_at,
                run.command,
            )
            for run, jobs in found
        ]
        print_table(columns, rows, right=("Jobs",))


def _print_jobs(run: "Run", found: "Sequence[Ended]") -> None:
    say(f"{run.identity}: {run.command}")
    columns = ("Job", "State", "Node", "Tries", "Models", "Log")
    rows = []
    for one in found:
        state = (
            f"{one.status.condition}: {one.status.reason}"
            if one.status.reason
            else one.status.condition
        )
        log = os.path.relpath(run.log(one.job))
        first = one.job.models[0] if one.job.models else ""
        models = (
            first if len(one.job.models) < 2 else f"{first} and {len(one.job.models) - 1:,} more"
        )
        rows.append((one.job.id, state, one.status.node, str(one.job.tries + 1), models, log))
    print_table(columns, rows, right=("Tries",))


def _told(run: "Run", found: "Sequence[Ended]") -> dict[str, Any]:
    """A run for machines."""
    jobs = [
        {
            "job": one.job.id, "state": one.status.condition, "reason": one.status.reason, "node": one.status.node,
            "tries": one.job.tries + 1, "models": one.job.models, "log": str(run.log(one.job)),
        }
        for one in found
    ]  # fmt: skip
    names = ("identity", "executor", "command", "host", "submitted_at")
    return {name: getattr(run, name) for name in names} | {"jobs": jobs}


def _cancel(found: "Sequence[Ended]") -> None:
    from zoo.cluster.cancel import cancel
    from zoo.model_index.errors import UsageError

    for one in found:
        if one.status.condition == "unknown":
            raise UsageError(
                f"job {one.job.id}: {one.status.reason}; it cannot be ended from here now"
            )
    going = [(one.run, one.job) for one in found if not one.status.over]
    cancel(going)
    say(f"{plural(len(going), 'job')} cancelled, {len(found) - len(going)} were over", error=True)


def _print_logs(found: "Sequence[Ended]") -> None:
    """The logs, as far as they can be printed: a model may have printed anything."""
    for one in found:
        path = one.run.log(one.job)
        if len(found) > 1:
            say(f"==> {one.job.id} {one.status.condition} {os.path.relpath(path)}")
        try:
            with path.open("rb") as file:
                file.seek(max(0, path.stat().st_size - TAIL))
                text = file.read().decode("utf-8", errors="replace")
        except FileNotFoundError:
            say(f"{path}: not there; the job has not begun", error=True)
            continue
        for line in text.splitlines():
            say(line.expandtabs())
    sys.stdout.flush()
