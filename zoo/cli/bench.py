"""`zoo bench`: how fast models are, measured so that the number holds when it is measured again."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.bench.engines import ENGINES
from zoo.bench.request import BenchRequest
from zoo.cli.choice import choice
from zoo.cli.deferred_errors import DeferredErrors, open_ledger
from zoo.cli.job_options import JOB_OPTIONS, NO_JOBS, JobOptions
from zoo.cli.options import (
    OUTPUT_OPTIONS,
    Format,
    Fresh,
    IndexPaths,
    Input,
    LedgerFolder,
    Models,
    OutputOptions,
    Trust,
    read_index,
)
from zoo.cli.output.benchmark_plan import print_plan, warn_of_budget
from zoo.cli.output.benchmarks import print_states, print_states_csv, summarise, watch_cells
from zoo.cli.output.console import print_json, say_note
from zoo.cli.output.progress import show_progress
from zoo.cli.records import from_options
from zoo.cli.run_in_jobs import benchmark_in_jobs
from zoo.cli.settings import BuilderPath
from zoo.models.command_line import flags_of, flags_of_code

if TYPE_CHECKING:
    from zoo.bench.state import State
    from zoo.model_index.ledger.store import Ledger
    from zoo.model_index.records.records import Index

MODELS_OF_A_JOB = 8  # their cells take turns on one machine

Engines = Annotated[
    str,
    typer.Option("--engine", metavar="LIST", help=f"Run by {', '.join(ENGINES)}."),
]
Devices = Annotated[
    str, typer.Option("--device", metavar="LIST", help="Run on cpu, cuda, cuda:1, mps.")
]
Precisions = Annotated[
    str, typer.Option("--precision", metavar="LIST", help="Run in fp32, fp16, bf16, amp, tf32.")
]
BatchSizes = Annotated[
    str,
    typer.Option(
        "--batch-size", metavar="LIST", help="Take so many images or samples at once: 1,4,8."
    ),
]
ModeList = Annotated[
    str,
    typer.Option(
        "--mode", metavar="LIST", help="Measure latency, throughput, device, cold, train."
    ),
]
ChannelsLast = Annotated[bool, typer.Option("--channels-last", help="Put channels innermost.")]
Threads = Annotated[
    int | None,
    typer.Option("--threads", min=1, metavar="N", help="Use N CPU threads. Default: one a core."),
]
Budget = Annotated[
    str | None,
    typer.Option("--budget", metavar="TIME", help="Stop after this time: 90s, 10m, 2h."),
]
Replicates = Annotated[
    int,
    typer.Option(
        "--replicates", min=1, metavar="N", help="Run each cell in N processes. Five at least hold."
    ),
]
Caches = Annotated[
    str,
    choice("--l2", ("none", "cold"), "Empty the last cache before every call."),
]
InputSize = Annotated[
    str | None,
    typer.Option(
        "--input-size", metavar="SIZE", help="Take images of this size. Default: as configured."
    ),
]
CompileMode = Annotated[
    str, typer.Option("--compile-mode", metavar="MODE", help="Set torch.compile's mode.")
]
Timeout = Annotated[
    str, typer.Option("--timeout", metavar="TIME", help="Stop a process after this time.")
]
Energy = Annotated[
    bool, typer.Option("--energy", help="Measure joules too. Where the GPU counts them.")
]
Seed = Annotated[
    int, typer.Option("--seed", min=0, metavar="N", help="Draw inputs and the order of cells.")
]
Plan = Annotated[bool, typer.Option("--plan", help="Print cells and expected time, run nothing.")]


OPTIONS = {
    "names": Models,
    "engine": Engines,
    "device": Devices,
    "precision": Precisions,
    "batch_size": BatchSizes,
    "mode": ModeList,
    "channels_last": ChannelsLast,
    "threads": Threads,
    "budget": Budget,
    "replicates": Replicates,
    "l2": Caches,
    "input_size": InputSize,
    "input": Input,
    "compile_mode": CompileMode,
    "timeout": Timeout,
    "energy": Energy,
    "seed": Seed,
    "plan": Plan,
    "index": IndexPaths,
    "ledger": LedgerFolder,
    "fresh": Fresh,
    "trust": Trust,
    "path": BuilderPath,
}


@from_options({BenchRequest: OPTIONS, OutputOptions: OUTPUT_OPTIONS, JobOptions: JOB_OPTIONS})
def bench(request: BenchRequest, output: OutputOptions, jobs: JobOptions) -> None:
    """Measure latency, throughput, cold starts or training steps: every combination of the lists is
    a cell.

    Each replicate is a fresh process, cells are interleaved in a random order, and the interval is
    between processes. Each process' result is stored when it ends, and a stopped run continues from
    there. Exits with 1 where a cell failed.
    """
    raise typer.Exit(run_bench(request, output.format, jobs))


def run_bench(
    request: BenchRequest, format: str, jobs: JobOptions = NO_JOBS, *, in_job: bool = False
) -> int:
    """Benchmark here or in jobs, print the results, return the exit code."""
    from zoo.bench.parse_request import grid_of, limits_of
    from zoo.bench.plan import find_obstacles, plan

    cluster = jobs.cluster(models=MODELS_OF_A_JOB, exclusive=True)
    grid, limits = grid_of(request, local=request.plan or not cluster), limits_of(request)
    ledger, index = open_ledger(request.ledger), read_index(request.index)
    if request.plan:
        items = plan(index.select(request.names), grid, ledger)
        if not cluster:  # nodes have other devices and packages
            items = find_obstacles(items, request.trust)
        print_plan(items, request.replicates, limits.budget, format)
        return 2 if all(item.obstacle for item in items) else 0
    if cluster:
        entries = index.select(request.names)
        states, failed = benchmark_in_jobs(entries, ledger, request, cluster)
        _show(states, format, str(ledger.folder))
        return max(exit_code(states), 2 if failed else 0)
    states = _run_here(request, index, ledger, format)
    return _exit_code_of_job(states) if in_job else exit_code(states)


def _run_here(
    request: BenchRequest, index: "Index", ledger: "Ledger", format: str
) -> "list[State]":
    from zoo.api.benchmarking import plan_benchmark
    from zoo.bench.plan import find_obstacles

    seed = [str(request.seed)] if request.seed else None
    flags = flags_of(("--seed", seed), *flags_of_code(request.index, request.trust))
    unwritten = DeferredErrors()
    with show_progress() as progress:
        run, items = plan_benchmark(request, index, ledger, watch_cells(progress), flags)
        possible = find_obstacles(items, request.trust)
        if warning := warn_of_budget(possible, request.replicates, run.limits.budget):
            say_note(warning)
        with unwritten.later():
            run.measure(items)
    _show(run.states, format, str(ledger.folder))
    unwritten.tell()
    return run.states


def _show(states: "Sequence[State]", format: str, folder: str) -> None:
    """Print what was measured."""
    if format == Format.JSON:
        print_json([state.to_dict() for state in states])
    elif format == Format.CSV:
        print_states_csv(states)
    else:
        print_states(states)
    summarise(states, folder)


def exit_code(states: "Sequence[State]") -> int:
    """Return 2 where nothing was learned about a cell, or no cell can run here; 1 where one failed;
    else 0."""
    from zoo.bench.state import RETRIED

    nowhere = bool(states) and all(state.failure in RETRIED for state in states)
    return 2 if nowhere else _exit_code_of_job(states)


def _exit_code_of_job(states: "Sequence[State]") -> int:
    """Return 2 where the ledger has nothing of a cell; 1 where one failed; else 0."""
    failed = [state for state in states if state.failure]
    return 2 if any(not state.saved for state in failed) else int(bool(failed))
