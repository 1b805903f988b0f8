"""Output of `zoo jobs`: runs with their jobs by state, the jobs of a run, CSV."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from zoo.cli.job_options import conditions
from zoo.cli.output.console import print_csv, print_table, print_text

if TYPE_CHECKING:
    from zoo.cluster.dispatch import JobState
    from zoo.cluster.run_record import Run

FIELDS = (
    "run",
    "executor",
    "submitted_at",
    "host",
    "job",
    "state",
    "reason",
    "node",
    "tries",
    "models",
    "log",
    "command",
)
Runs = Sequence[tuple["Run", Sequence["JobState"]]]


def print_runs(runs: Runs) -> None:
    """Print a row for each run: how many jobs it has in which states; its command stands below."""
    columns = ("Run", "Executor", "Jobs", "States", "Submitted")
    rows = [
        (run.identity, run.executor, str(len(states)), conditions(states), run.submitted_at)
        for run, states in runs
    ]
    print_table(columns, rows, right=("Jobs",), notes=[run.command for run, _ in runs])


def print_jobs(run: "Run", states: "Sequence[JobState]") -> None:
    """Print the command of a run, and a row for each job; reason and log stand below."""
    print_text(f"{run.identity}: {run.command}")
    columns = ("Job", "State", "Node", "Tries", "Models")
    rows = [
        (
            state.job.id,
            state.status.condition,
            state.status.node,
            str(state.job.tries + 1),
            _name_models(state.job.models),
        )
        for state in states
    ]
    notes = [
        "; ".join(filter(None, (state.status.reason, f"log {os.path.relpath(run.log(state.job))}")))
        for state in states
    ]
    print_table(columns, rows, right=("Tries",), notes=notes)


def _name_models(models: Sequence[str]) -> str:
    first = models[0] if models else ""
    return first if len(models) < 2 else f"{first} and {len(models) - 1:,} more"


def describe_run(run: "Run", states: "Sequence[JobState]") -> dict[str, Any]:
    """Return a run and its jobs for JSON."""
    names = ("identity", "executor", "command", "host", "submitted_at")
    jobs = [_describe_job(run, state) for state in states]
    return {name: getattr(run, name) for name in names} | {"jobs": jobs}


def _describe_job(run: "Run", state: "JobState") -> dict[str, Any]:
    return {
        "job": state.job.id,
        "state": state.status.condition,
        "reason": state.status.reason,
        "node": state.status.node,
        "tries": state.job.tries + 1,
        "models": state.job.models,
        "log": str(run.log(state.job)),
    }


def print_jobs_csv(runs: Runs) -> None:
    """Print a line for each job of each run."""
    rows = []
    for run, states in runs:
        document = describe_run(run, states)
        for job in document["jobs"]:
            cells = document | job | {"run": run.identity, "models": "; ".join(job["models"])}
            rows.append([cells[name] for name in FIELDS])
    print_csv(FIELDS, rows)
