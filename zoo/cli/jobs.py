"""`zoo jobs`: list, show and cancel submitted jobs, and print their logs."""

import os
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.options import LEDGER, Format, LedgerFolder, OutputFormat
from zoo.cli.output.console import plural, print_json, say
from zoo.cli.output.jobs import Runs, describe_run, print_jobs, print_jobs_csv, print_runs
from zoo.models.extras import require

if TYPE_CHECKING:
    from zoo.cluster.dispatch import JobState

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
        listed = [(run, list(islice(looked, len(run.latest)))) for run in recorded]
        _list(listed, ledger, format)
        return
    run, job = find_run(Path(ledger), name)
    states = query_jobs((run, member) for member in ([job] if job else run.latest))
    if cancel:
        _cancel(states)
    elif log:
        _print_logs(states)
    elif format is Format.JSON:
        print_json(describe_run(run, states))
    elif format is Format.CSV:
        print_jobs_csv([(run, states)])
    else:
        print_jobs(run, states)


def _list(listed: Runs, ledger: str, format: Format) -> None:
    if format is Format.JSON:
        print_json([describe_run(run, states) for run, states in listed])
    elif format is Format.CSV:
        print_jobs_csv(listed)
    elif listed:
        print_runs(listed)
    else:
        say(f"{ledger}: no jobs were submitted", error=True)


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
