"""`zoo bench`: how fast models are, measured so that the number holds when it is measured again."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.bench.engines import ENGINES
from zoo.cli.deferred_errors import Unwritten, open_ledger
from zoo.cli.job_options import NO_JOBS, JobOptions, in_jobs
from zoo.cli.options import (
    LEDGER,
    Format,
    Fresh,
    IndexPaths,
    LedgerFolder,
    OutputFormat,
    Trust,
    duration,
    flags_of,
    read_index,
)
from zoo.cli.output.benchmarks import (
    print_plan,
    print_states,
    summarise,
    told,
    watch_cells,
)
from zoo.cli.output.console import print_json
from zoo.cli.output.progress import show_progress
from zoo.cli.run_in_jobs import benchmarked_in_jobs

if TYPE_CHECKING:
    from zoo.bench.state import State

MODELS_OF_A_JOB = 8  # their cells take turns on one machine

Models = Annotated[
    list[str], typer.Argument(metavar="MODEL...", help="Models of the index, by names or globs.")
]
Engines = Annotated[
    str,
    typer.Option("--engine", metavar="LIST", help=f"{', '.join(ENGINES)}."),
]
Devices = Annotated[str, typer.Option("--device", metavar="LIST", help="cpu, cuda, cuda:1, mps.")]
Precisions = Annotated[
    str, typer.Option("--precision", metavar="LIST", help="fp32, fp16, bf16, amp, tf32.")
]
BatchSizes = Annotated[
    str, typer.Option("--batch-size", metavar="LIST", help="Images at once: 1,4,8.")
]
ModeList = Annotated[
    str, typer.Option("--mode", metavar="LIST", help="latency, throughput, device, cold, train.")
]  # fmt: skip
ChannelsLast = Annotated[
    bool, typer.Option("--channels-last", help="Weights and inputs with channels innermost.")
]
Threads = Annotated[
    int | None,
    typer.Option(
        "--threads", min=1, help="CPU threads of a worker. Default: one a core that it may use."
    ),
]
Budget = Annotated[
    str | None,
    typer.Option(
        "--budget", metavar="TIME", help="Time for all of it: 90s, 10m, 2h. Default: no limit."
    ),
]
Replicates = Annotated[
    int, typer.Option("--replicates", min=1, help="Processes of each cell; five at least hold.")
]
Caches = Annotated[
    str, typer.Option("--l2", help="none, or cold: empty the last cache before every single call.")
]
InputSize = Annotated[
    str | None,
    typer.Option("--input-size", metavar="N|HxW", help="Of the images. Default: as configured."),
]
CompileMode = Annotated[
    str, typer.Option("--compile-mode", metavar="MODE", help="torch.compile's mode.")
]
Timeout = Annotated[str, typer.Option("--timeout", metavar="TIME", help="Of one process.")]
Energy = Annotated[
    bool, typer.Option("--energy", help="Measure joules too, where the GPU counts them.")
]
Seed = Annotated[
    int, typer.Option("--seed", min=0, help="Of the inputs and of the order of cells.")
]
Plan = Annotated[
    bool, typer.Option("--plan", help="Print the cells and the expected time; run nothing.")
]


@in_jobs
def bench(
    context: typer.Context,
    names: Models,
    engine: Engines = "eager",
    device: Devices = "cpu",
    precision: Precisions = "fp32",
    batch_size: BatchSizes = "1",
    mode: ModeList = "latency",
    channels_last: ChannelsLast = False,
    threads: Threads = None,
    budget: Budget = None,
    replicates: Replicates = 10,
    l2: Caches = "none",
    input_size: InputSize = None,
    compile_mode: CompileMode = "default",
    timeout: Timeout = "10m",
    energy: Energy = False,
    seed: Seed = 0,
    plan: Plan = False,
    index: IndexPaths = None,
    ledger: LedgerFolder = LEDGER,
    format: OutputFormat = Format.TABLE,
    fresh: Fresh = False,
    trust: Trust = None,
    job_options: JobOptions = NO_JOBS,
) -> None:
    """Measure latency, throughput, cold starts or training steps: every combination of the lists is
    a cell.

    Each replicate is a fresh process, cells are interleaved in a random order, and the interval is
    between processes. What was measured is kept after every process, and a run that was stopped
    goes on where it stood. Exits with 1 where a cell failed.
    """
    from zoo.bench.plan import Grid, validate
    from zoo.bench.plan import plan as planned
    from zoo.bench.protocol import Stopping
    from zoo.bench.run import BenchmarkRun, RunLimits

    cluster = job_options.cluster(models=MODELS_OF_A_JOB, exclusive=True)
    grid = validate(
        Grid(
            engines=names_in(engine),
            devices=names_in(device),
            precisions=names_in(precision),
            batch_sizes=numbers_in("--batch-size", batch_size),
            modes=names_in(mode),
            channels_last=channels_last,
            threads=threads if plan or not cluster else None,
            l2=l2,
            input_size=_size(input_size),
            compile_mode=compile_mode,
        )
    )
    seconds = None if budget is None else duration("--budget", budget)
    stopping = Stopping(replicates, more=seconds is not None)
    limits = RunLimits(
        stopping=stopping,
        budget=seconds,
        timeout=duration("--timeout", timeout),
        seed=seed,
        energy=energy,
    )
    kept = open_ledger(ledger)
    entries = read_index(index).select(names)
    if plan:
        print_plan(planned(entries, grid, kept), replicates, seconds, format)
        return
    if cluster:
        states, failed = benchmarked_in_jobs(entries, kept, context, cluster)
        raise typer.Exit(max(_show(states, format, str(kept.folder)), 2 if failed else 0))
    flags = flags_of(
        ("--seed", [str(seed)] if seed else None), ("--index", index), ("--trust", trust)
    )
    unwritten = Unwritten()
    with show_progress() as progress:
        run = BenchmarkRun(
            ledger=kept,
            limits=limits,
            fresh=fresh,
            trusted=tuple(trust or ()),
            flags=flags,
            watch=watch_cells(progress),
        )
        with unwritten.later():
            run.measure(planned(entries, grid, kept))
    code = _show(run.states, format, str(kept.folder))
    unwritten.tell()
    raise typer.Exit(code)


def _show(states: "Sequence[State]", format: Format, folder: str) -> int:
    """Print what was measured; the exit code."""
    if format is Format.JSON:
        print_json([told(state) for state in states])
    else:
        print_states(states)
    summarise(states, folder)
    return exit_code(states)


def exit_code(states: "Sequence[State]") -> int:
    """2 where nothing was learned about a cell, 1 where one failed, else 0."""
    failed = [state for state in states if state.failure]
    return 2 if any(not state.saved for state in failed) else int(bool(failed))


def names_in(text: str) -> tuple[str, ...]:
    """The parts of `fp32,fp16`, each once."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",")))


def numbers_in(option: str, text: str) -> tuple[int, ...]:
    """The numbers of `1,4,8`.

    Raises:
        UsageError: for what is none.
    """
    from zoo.model_index.errors import UsageError

    parts = names_in(text)
    if not all(re.fullmatch(r"[1-9]\d{0,8}", part) for part in parts):
        raise UsageError(f"{option}: expected whole numbers from 1 such as 1,4,8, got {text!r}")
    return tuple(map(int, parts))


def _size(text: str | None) -> tuple[int, int] | None:
    from zoo.model_index.errors import UsageError

    if text is None:
        return None
    found = re.fullmatch(r"([1-9]\d{0,4})(?:x([1-9]\d{0,4}))?", text)
    if not found:
        raise UsageError(f"--input-size: expected N or HxW such as 224 or 224x285, got {text!r}")
    return int(found[1]), int(found[2] or found[1])
