"""`zoo jobs`: list, show and cancel submitted jobs, and print their logs."""

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
from zoo.models.extras import require

if TYPE_CHECKING:
    from zoo.cluster.dispatch import JobState
    from zoo.cluster.run_record import Run

TAIL = 200_000  # bytes of a log that are read from its end


def jobs(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", help="Name of a run or its beginning, or number of a job."
        ),
    ] = None,
    log: Annotated[bool, typer.Option("--log", help="Print the logs of the jobs.")] = False,
    cancel: Annotated[
        bool, typer.Option("--cancel", help="Cancel the jobs. Stored evidence stays.")
    ] = False,
    ledger: LedgerFolder = LEDGER,
    format: OutputFormat = Format.TABLE,
) -> None:
    """List the runs that were divided into jobs, or the jobs of one with states, nodes and logs.

    States on Slurm come from squeue. The evidence of a job stays in the ledger however it ends.
    """
    require("cluster")
    from zoo.cluster.dispatch import query_jobs
    from zoo.cluster.run_record import find_run, runs
    from zoo.model_index.errors import UsageError

    if name is None:
        if log or cancel:
            raise UsageError("--log and --cancel require the name of a run or a job")
        recorded = list(runs(Path(ledger)))
        looked = iter(query_jobs((run, job) for run in recorded for job in run.latest))
        _list([(run, list(islice(looked, len(run.latest)))) for run in recorded], ledger, format)
        return
    run, job = find_run(Path(ledger), name)
    states = query_jobs((run, member) for member in ([job] if job else run.latest))
    if cancel:
        _cancel(states)
    elif log:
        _print_logs(states)
    elif format is Format.JSON:
        print_json(_to_dict(run, states))
    else:
        _print_jobs(run, states)


def _list(listed: "list[tuple[Run, list[JobState]]]", ledger: str, format: Format) -> None:
    if format is Format.JSON:
        print_json([_to_dict(run, jobs) for run, jobs in listed])
    elif not listed:
        say(f"{ledger}: no jobs were submitted", error=True)
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
            for run, jobs in listed
        ]
        print_table(columns, rows, right=("Jobs",))


def _print_jobs(run: "Run", states: "Sequence[JobState]") -> None:
    say(f"{run.identity}: {run.command}")
    columns = ("Job", "State", "Node", "Tries", "Models", "Log")
    rows = []
    for state in states:
        label = (
            f"{state.status.condition}: {state.status.reason}"
            if state.status.reason
            else state.status.condition
        )
        log = os.path.relpath(run.log(state.job))
        first = state.job.models[0] if state.job.models else ""
        models = (
            first
            if len(state.job.models) < 2
            else f"{first} and {len(state.job.models) - 1:,} more"
        )
        rows.append((state.job.id, label, state.status.node, str(state.job.tries + 1), models, log))
    print_table(columns, rows, right=("Tries",))


def _to_dict(run: "Run", states: "Sequence[JobState]") -> dict[str, Any]:
    """Return a run and its jobs for JSON."""
    jobs = [
        {
            "job": state.job.id,
            "state": state.status.condition,
            "reason": state.status.reason,
            "node": state.status.node,
            "tries": state.job.tries + 1,
            "models": state.job.models,
            "log": str(run.log(state.job)),
        }
        for state in states
    ]
    names = ("identity", "executor", "command", "host", "submitted_at")
    return {name: getattr(run, name) for name in names} | {"jobs": jobs}


def _cancel(states: "Sequence[JobState]") -> None:
    from zoo.cluster.cancel import cancel
    from zoo.model_index.errors import UsageError

    for state in states:
        if state.status.condition == "unknown":
            raise UsageError(
                f"job {state.job.id}: {state.status.reason}; it cannot be cancelled from here now"
            )
    going = [(state.run, state.job) for state in states if not state.status.over]
    cancel(going)
    say(
        f"{plural(len(going), 'job')} cancelled, {len(states) - len(going)} were already over",
        error=True,
    )


def _print_logs(states: "Sequence[JobState]") -> None:
    """Print the logs without control characters: a model may have printed anything."""
    for state in states:
        path = state.run.log(state.job)
        if len(states) > 1:
            say(f"==> {state.job.id} {state.status.condition} {os.path.relpath(path)}")
        try:
            with path.open("rb") as file:
                file.seek(max(0, path.stat().st_size - TAIL))
                text = file.read().decode("utf-8", errors="replace")
        except FileNotFoundError:
            say(f"{path}: no such file; the job has not started", error=True)
            continue
        for line in text.splitlines():
            say(line.expandtabs())
    sys.stdout.flush()
