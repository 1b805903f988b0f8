"""Benchmark models, and compare benchmarks."""

from collections.abc import Callable, Sequence
from os import PathLike
from typing import TYPE_CHECKING

from zoo.api.sources import Source, Store, list_names, list_paths, load, open_store
from zoo.bench.compare import CellComparison
from zoo.bench.request import BenchRequest
from zoo.bench.state import State
from zoo.model_index.records.tabular import TabularSequence

if TYPE_CHECKING:
    from zoo.bench.plan import Item
    from zoo.bench.run import BenchmarkProgress, BenchmarkRun
    from zoo.bench.selection import Matches
    from zoo.model_index.ledger.store import Ledger


class Benchmarks(TabularSequence[State]):
    """The cells of a benchmark: one for each model and combination of conditions."""

    html_columns = (
        "model",
        "engine",
        "device",
        "precision",
        "batch_size",
        "mode",
        "seconds",
        "interval",
        "samples_a_second",
        "failure",
    )

    def __str__(self) -> str:
        failed = sum(state.failure is not None for state in self)
        return f"{len(self)} cells, {failed} failed"


class Comparisons(TabularSequence[CellComparison]):
    """Two sets of benchmarks, cell by cell; ratios are B / A.

    `matches` says how many cells only one side has, `ledger` is the folder of evidence of B.
    """

    html_columns = ("model", "verdict", "ratio", "interval", "why")

    def __init__(self, cells: Sequence[CellComparison], matches: "Matches", ledger: "Ledger"):
        super().__init__(cells)
        self.matches, self.ledger = matches, ledger

    def __str__(self) -> str:
        verdicts = [str(cell.verdict) for cell in self]
        counts = ", ".join(f"{verdicts.count(v)} {v}" for v in dict.fromkeys(verdicts))
        return f"{len(self)} cells: {counts}" if counts else "no cells"


def benchmark(
    models: str | Sequence[str],
    *,
    engine: str | Sequence[str] = "eager",
    device: str | Sequence[str] = "cpu",
    precision: str | Sequence[str] = "fp32",
    batch_size: int | Sequence[int] = 1,
    mode: str | Sequence[str] = "latency",
    input_size: int | tuple[int, int] | None = None,
    input: str | None = None,
    channels_last: bool = False,
    threads: int | None = None,
    replicates: int = 10,
    budget: float | None = None,
    timeout: float = 600.0,
    l2: str = "none",
    compile_mode: str = "default",
    energy: bool = False,
    seed: int = 0,
    source: Source = None,
    ledger: Store = "ledger",
    trust: Sequence[str] = (),
    fresh: bool = False,
    progress: "Callable[[BenchmarkProgress], None] | None" = None,
) -> Benchmarks:
    """Measure latency, throughput, cold starts or training steps, each in fresh processes.

    Args:
        models: names or globs of models of the index.
        engine: one engine or several, as the next four: every combination is a cell.
        device: `cpu`, `cuda`, `cuda:1`, `mps`.
        precision: `fp32`, `fp16`, `bf16`, `amp`, `tf32`.
        batch_size: images at once, or samples of whatever the model takes.
        mode: `latency`, `throughput`, `device`, `cold`, `train`.
        input_size: pixels, (height, width); None is the configured size.
        input: what the model takes, such as `16x112x112 clip`; None is what the index states, else
            what the builder proposes.
        channels_last: weights and inputs with channels innermost.
        threads: CPU threads of a worker; None is one for each core.
        replicates: processes of each cell.
        budget: seconds for all of it; None is no limit.
        timeout: seconds of one process.
        l2: `none`, or `cold`: the last cache is emptied before every call.
        compile_mode: the mode of `torch.compile`.
        energy: measure joules too, where the GPU counts them.
        seed: of the inputs and of the order of cells.
        source: the index, as for `load`.
        ledger: the folder of evidence; what it has is not measured again.
        trust: packages whose code the index may call.
        fresh: measure again what the ledger has.
        progress: called after each process.

    Returns:
        The cells with their times in seconds of one call, and 95% intervals between processes.

    Raises:
        UsageError: an unknown model or value.
        LedgerError: evidence cannot be read or written.
    """
    store = open_store(ledger)
    request = BenchRequest(
        names=list_names(models),
        engine=_join(engine),
        device=_join(device),
        precision=_join(precision),
        batch_size=_join(batch_size),
        mode=_join(mode),
        input_size=None if input_size is None else _join(input_size, "x"),
        input=input,
        channels_last=channels_last,
        threads=threads,
        replicates=replicates,
        budget=None if budget is None else f"{budget:f}",
        timeout=f"{timeout:f}",
        l2=l2,
        compile_mode=compile_mode,
        energy=energy,
        seed=seed,
        index=list_paths(source),
        ledger=str(store.folder),
        fresh=fresh,
        trust=tuple(trust),
    )
    run, items = plan_benchmark(request, source, store, progress)
    return Benchmarks(run.measure(items))


def plan_benchmark(
    request: BenchRequest,
    source: Source,
    ledger: "Ledger",
    progress: "Callable[[BenchmarkProgress], None] | None" = None,
    flags: str = "",
) -> "tuple[BenchmarkRun, list[Item]]":
    """Return the run that measures a request on this machine, and the cells to measure."""
    from zoo.bench.parse_request import grid_of, limits_of
    from zoo.bench.plan import plan
    from zoo.bench.run import BenchmarkRun

    grid, limits = grid_of(request, local=True), limits_of(request)
    run = BenchmarkRun(
        ledger=ledger,
        limits=limits,
        fresh=request.fresh,
        trusted=request.trust,
        flags=flags,
        watch=progress or (lambda state: None),
    )
    return run, plan(load(source).select(request.names), grid, ledger)


def compare(
    a: "str | PathLike[str]",
    b: "str | PathLike[str]",
    *,
    ledger: "str | PathLike[str]" = "ledger",
) -> Comparisons:
    """Compare two sets of benchmarks, cell by cell.

    Args:
        a: a folder of evidence, or `[FOLDER:]NAME=VALUE,...` for the benchmarks with these values.
        b: the other side; ratios are B / A.
        ledger: the folder where a side names none.

    Raises:
        UsageError: a side that is neither, or that has no benchmarks.
    """
    from zoo.model_index.ledger.store import Ledger

    return compare_sides(str(a), str(b), str(ledger), Ledger)


def compare_sides(
    a: str, b: str, ledger: str, open_ledger: "Callable[[str], Ledger]"
) -> Comparisons:
    """Compare two sides whose ledgers `open_ledger` opens."""
    from zoo.bench import compare as judging
    from zoo.bench.selection import Selection, match

    left, right = (Selection.parse(side, ledger, open_ledger) for side in (a, b))
    matches = match(left, right)
    cells = judging.compare(matches.matched, matches.requested)
    return Comparisons(cells, matches, right.ledger)


def _join(values: object, separator: str = ",") -> str:
    """Return one value or several as the request has them: `1,4,8`."""
    if isinstance(values, Sequence) and not isinstance(values, str):
        return separator.join(map(str, values))
    return str(values)
