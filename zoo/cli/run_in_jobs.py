"""Run verify, eval and bench as jobs and collect their results."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from zoo.bench.request import BenchRequest
from zoo.cli.job_options import Cluster, print_failures, send
from zoo.evaluation.request import EvalRequest
from zoo.verification.request import VerifyRequest

if TYPE_CHECKING:
    from zoo.bench.state import State
    from zoo.cluster.dispatch import JobState
    from zoo.counting.measurer import Measurer
    from zoo.model_index.ledger.store import Evidence, Ledger
    from zoo.model_index.records.records import Entry

Request = VerifyRequest | EvalRequest | BenchRequest


def count_in_jobs(
    entries: "Sequence[Entry]", measurer: "Measurer", request: VerifyRequest, cluster: Cluster
) -> bool:
    """Count in jobs what the ledger lacks; return whether a job failed. The cells of a failed job
    are not counted here either.

    A job also judges what it counts, so that measurements which judging needs are in the ledger.
    """
    from zoo.cluster.chunking import alike, chunks, literal
    from zoo.cluster.dispatch import Part

    processes = request.jobs or cluster.resources.cpus or 1
    parts = []
    due = alike(measurer.list_uncounted(entries), lambda pair: pair[0].name)
    for chunk in chunks(due, cluster.chunk):
        names = tuple(entry.name for group in chunk for entry, _ in group)
        counting = VerifyRequest(
            names=literal(names),
            index=request.index,
            ledger=request.ledger,
            fresh=request.fresh,
            trust=request.trust,
            path=request.path,
            jobs=processes,
            memory_limit=request.memory_limit,
            time_limit=request.time_limit,
        )
        keys = tuple(cell.key for group in chunk for _, cell in group)
        parts.append(Part(encode(counting), names, keys))
    ended = send(str(measurer.ledger.folder), cluster, parts) if parts else []
    failed = {key for job in ended if not job.fine for key in job.job.covers}
    measurer.reuse_jobs(entries, failed)
    return print_failures(ended)


def encode(request: Request) -> str:
    """Return the request as JSON.

    Raises:
        UsageError: a path or a name that JSON cannot hold.
    """
    from zoo.model_index.errors import UsageError

    try:
        return msgspec.json.encode(request).decode()
    except UnicodeEncodeError as error:
        raise UsageError(f"--executor: {error.object!r} is not UTF-8") from error


def evaluate_in_jobs(
    entries: "Sequence[Entry]", ledger: "Ledger", request: EvalRequest, cluster: Cluster
) -> "tuple[list[tuple[Entry, list[tuple[str, Evidence]]]], bool]":
    """Evaluations done in jobs, a model's each with the name of its pipeline; and whether a job
    failed. A job that has several GPUs evaluates on all of them."""
    rows, failed = _run(entries, ledger, request, cluster, cluster.resources.gpus or 1)
    evidence = _read_evidence(ledger, "eval", rows)
    results = []
    for row in rows:
        named = [
            ("", row["evidence"]),
            *((variant["pipeline"], variant["evidence"]) for variant in row["variants"]),
        ]
        documents = [(label, evidence[key]) for label, key in named if key in evidence]
        if documents and documents[0][1].cell.key == row["evidence"]:
            results.append((_entry(entries, row["model"], documents[0][1].cell.builder), documents))
    return results, failed


def benchmark_in_jobs(
    entries: "Sequence[Entry]", ledger: "Ledger", request: BenchRequest, cluster: Cluster
) -> "tuple[list[State], bool]":
    """Cells benchmarked in jobs, each alone on its node, and whether a job failed."""
    rows, failed = _run(entries, ledger, request, cluster)
    stored = _read_evidence(ledger, "bench", rows)
    states = []
    for row in rows:
        evidence = stored.get(row["key"])
        entry = _entry(entries, row["model"], evidence.cell.builder if evidence else "")
        states.append(_state(entry, row, evidence))
    return states, failed


def _read_evidence(
    ledger: "Ledger", kind: str, rows: Sequence[dict[str, Any]]
) -> "dict[str, Evidence]":
    """Return the evidence of the rows' models by key; read each model once."""
    models = dict.fromkeys(row["model"] for row in rows)
    return {evidence.cell.key: evidence for model in models for evidence in ledger.of(kind, model)}


def _entry(entries: "Sequence[Entry]", name: str, builder: str) -> "Entry":
    """The entry of a name, and of a builder where several have that name."""
    named = [entry for entry in entries if entry.name == name]
    return next((entry for entry in named if str(entry.builder) == builder), named[0])


def _state(entry: "Entry", row: dict[str, Any], evidence: "Evidence | None") -> "State":
    """The cell of a job's row, as the ledger has it; a failure that the ledger does not keep is the
    row's."""
    from zoo.bench.conditions import CONDITIONS, BenchConditions
    from zoo.bench.plan import PROCESS_SECONDS, Item, cell_of
    from zoo.bench.state import State

    if evidence:
        cell = evidence.cell
    else:
        fields = {name: row[name] for name in CONDITIONS if name in row}
        cell = cell_of(entry, msgspec.convert(fields, BenchConditions))
    state = State(item=Item(entry, cell, PROCESS_SECONDS, estimated=False), cell=cell)
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


def _run(
    entries: "Sequence[Entry]",
    ledger: "Ledger",
    request: EvalRequest | BenchRequest,
    cluster: Cluster,
    processes: int = 1,
) -> tuple[list[dict[str, Any]], bool]:
    """Return the rows that the jobs printed, one for each model or cell, and whether a job
    failed."""
    from zoo.cluster.chunking import alike, chunks, digest, literal
    from zoo.cluster.dispatch import Part

    parts = []
    for chunk in chunks(alike(entries, lambda entry: entry.name), cluster.chunk):
        names = tuple(entry.name for group in chunk for entry in group)
        text = encode(msgspec.structs.replace(request, names=literal(names)))
        parts.append(Part(text, names, (digest(text),), output=True))
    ended = send(str(ledger.folder), cluster, parts, processes)
    rows = [row for job in ended if job.fine for row in _read_output(job)]
    order = {entry.name: number for number, entry in enumerate(reversed(entries))}
    return sorted(rows, key=lambda row: -order[row["model"]]), print_failures(ended)


def _read_output(job: "JobState") -> list[dict[str, Any]]:
    """Return the rows that a finished job printed.

    Raises:
        UsageError: its output cannot be read.
    """
    from zoo.model_index.errors import UsageError

    path = job.run.output(job.job.part, job.job.tries)
    try:
        rows: list[dict[str, Any]] = json.loads(path.read_bytes())
        return rows
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path}: what job {job.job.id} printed cannot be read: {error}"
        ) from error
