"""Commands whose work is done in jobs: what each job is told, and what comes of it."""

import json
from collections.abc import Collection, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import typer

from zoo.cli.job_options import Cluster, JobOptions, send, tell_failed

if TYPE_CHECKING:
    from zoo.bench.state import State
    from zoo.cluster.dispatch import Ended
    from zoo.counting.measurer import Measurer
    from zoo.model_index.ledger.store import Evidence, Ledger
    from zoo.model_index.records.records import Entry

OF_JOBS = frozenset(field.name for field in fields(JobOptions)) | {"format"}
OF_COUNTING = frozenset("index ledger fresh trust memory_limit time_limit".split())


def given(context: typer.Context, only: Collection[str] | None = None) -> tuple[str, ...]:
    """A command's options as they were given, without those that are about jobs; `only` some of
    them."""
    arguments: list[str] = []
    for option in context.command.params:
        name = option.name or ""
        source = context.get_parameter_source(name)
        typed = (
            option.param_type_name == "option" and source is not None and source.name != "DEFAULT"
        )
        if not typed or name in OF_JOBS or (only and name not in only):
            continue
        value = context.params[name]
        if isinstance(value, bool):
            arguments += [option.opts[0]] if value else []
            continue
        for one in value if isinstance(value, list | tuple) else [value]:
            arguments.append(f"{option.opts[0]}={getattr(one, 'value', one)}")
    return tuple(arguments)


def count_in_jobs(
    entries: "Sequence[Entry]",
    measurer: "Measurer",
    context: typer.Context,
    cluster: Cluster,
    processes: int,
) -> bool:
    """Count in jobs what the ledger lacks; whether a job failed. What such a job left is not
    counted here either.

    A job judges what it counts, so what that asks of the models is in the ledger too.
    """
    from zoo.cluster.chunking import alike, chunks, literal
    from zoo.cluster.dispatch import Part

    due = [
        pair for pair in measurer.list_uncounted(entries) if "\0" not in pair[0].name
    ]  # which no command line holds
    arguments = ("verify", f"--jobs={processes}", *given(context, OF_COUNTING))
    parts = []
    for chunk in chunks(alike(due, lambda pair: pair[0].name), cluster.chunk):
        names = tuple(entry.name for group in chunk for entry, _ in group)
        parts.append(
            Part(
                (*arguments, *literal(names)),
                names,
                tuple(cell.key for group in chunk for _, cell in group),
            )
        )
    ended = send(str(measurer.ledger.folder), cluster, parts) if parts else []
    measurer.reuse_jobs(entries, {key for one in ended if not one.fine for key in one.job.covers})
    return tell_failed(ended)


def evaluated_in_jobs(
    entries: "Sequence[Entry]", ledger: "Ledger", context: typer.Context, cluster: Cluster
) -> "tuple[list[tuple[Entry, list[tuple[str, Evidence]]]], bool]":
    """Evaluations done in jobs, a model's each with the name of its pipeline; and whether a job
    failed. A job that has several GPUs evaluates on all of them."""
    rows, failed = _answers(entries, ledger, context, cluster, cluster.asked.gpus or 1)
    known = _known(ledger, "eval", rows)
    found = []
    for row in rows:
        named = [
            ("", row["evidence"]),
            *((each["pipeline"], each["evidence"]) for each in row["variants"]),
        ]
        there = [(label, known[key]) for label, key in named if key in known]
        if there and there[0][1].cell.key == row["evidence"]:
            found.append((_entry(entries, row["model"], there[0][1].cell.builder), there))
    return found, failed


def benchmarked_in_jobs(
    entries: "Sequence[Entry]", ledger: "Ledger", context: typer.Context, cluster: Cluster
) -> "tuple[list[State], bool]":
    """Cells benchmarked in jobs, each alone on its node, and whether a job failed."""
    rows, failed = _answers(entries, ledger, context, cluster)
    known = _known(ledger, "bench", rows)
    states = []
    for row in rows:
        evidence = known.get(row["key"])
        entry = _entry(entries, row["model"], evidence.cell.builder if evidence else "")
        states.append(_state(entry, row, evidence))
    return states, failed


def _known(ledger: "Ledger", kind: str, rows: Sequence[dict[str, Any]]) -> "dict[str, Evidence]":
    """What the ledger has of the rows' models, by key; each model is read once."""
    models = dict.fromkeys(row["model"] for row in rows)
    return {evidence.cell.key: evidence for model in models for evidence in ledger.of(kind, model)}


def _entry(entries: "Sequence[Entry]", name: str, builder: str) -> "Entry":
    """The entry of a name, and of a builder where several have that name."""
    named = [entry for entry in entries if entry.name == name]
    return next((entry for entry in named if str(entry.builder) == builder), named[0])


def _state(entry: "Entry", row: dict[str, Any], evidence: "Evidence | None") -> "State":
    """The cell of a job's row, as the ledger has it; a failure that the ledger does not keep is the
    row's."""
    import msgspec

    from zoo.bench.conditions import CONDITIONS, BenchConditions
    from zoo.bench.plan import PROCESS_SECONDS, Item, cell_of
    from zoo.bench.state import State

    if evidence:
        cell = evidence.cell
    else:
        fields = {name: row[name] for name in CONDITIONS if name in row}
        cell = cell_of(entry, msgspec.convert(fields, BenchConditions))
    state = State(Item(entry, cell, PROCESS_SECONDS, estimated=False), cell)
    if evidence:
        state.resume(evidence)
    if not state.over:
        state.failure, state.error, state.stopped = (
            row.get("failure"),
            row.get("error"),
            row.get("stopped"),
        )
    state.reused, state.saved = False, evidence is not None
    return state


def _answers(
    entries: "Sequence[Entry]",
    ledger: "Ledger",
    context: typer.Context,
    cluster: Cluster,
    processes: int = 1,
) -> tuple[list[dict[str, Any]], bool]:
    """What the jobs printed, a row for each model or cell, and whether one of them failed."""
    from zoo.cluster.chunking import alike, chunks, digest, literal
    from zoo.cluster.dispatch import Part

    arguments = (context.info_name or "", *given(context), "--format=json")
    parts = []
    for chunk in chunks(alike(entries, lambda entry: entry.name), cluster.chunk):
        names = tuple(entry.name for group in chunk for entry in group)
        whole = (*arguments, *literal(names))
        parts.append(Part(whole, names, (digest(whole),), output=True))
    ended = send(str(ledger.folder), cluster, parts, processes)
    rows = [row for one in ended if one.fine for row in _printed(one)]
    order = {entry.name: number for number, entry in enumerate(reversed(entries))}
    return sorted(rows, key=lambda row: -order[row["model"]]), tell_failed(ended)


def _printed(one: "Ended") -> list[dict[str, Any]]:
    """The rows of a job that came to its end.

    Raises:
        UsageError: what it printed is gone.
    """
    from zoo.model_index.errors import UsageError

    path = one.run.output(one.job.part, one.job.tries)
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path}: what job {one.job.id} printed cannot be read: {error}"
        ) from error
