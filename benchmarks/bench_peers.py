"""How far apart the latencies are that `zoo bench` and its peers report when they are asked again.

    python benchmarks/bench_peers.py [--models NAME,...] [--repetitions 10] [--replicates 5]
                                     [--minutes 90]

In each repetition every tool reports one latency of every model, each from fresh processes, all of
them in one random order. What is compared is the spread of a tool's ten reports about one model:
its coefficient of variation, and the median distance from the median, scaled to be the standard
deviation of a normal distribution. Over all models the mean square is taken. The peers are

- timm's benchmark: the mean of 40 calls in a row after 10 of warm-up,
- torch.utils.benchmark: the median that `Timer.blocked_autorange` and `Timer.adaptive_autorange`
  report,

with the same models, inputs, threads and precision. One report of ours is a cell of `zoo bench`:
the median of the medians of `--replicates` processes. That takes longer, so the table has the
seconds of a report; and it has the first process of each of our cells alone, which says what the
processes add.
"""

import argparse
import json
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from math import sqrt
from statistics import fmean, median, stdev
from typing import Any

MODELS = (
    "resnet18",
    "mobilenetv3_small_100",
    "efficientnet_lite0",
    "dla46_c",
    "regnetx_002",
    "ghostnet_100",
)
OURS, FIRST = "zoo bench", "zoo bench, one process"
WARM, STEPS = 10, 40
FEWEST = 3  # repetitions below which a spread says nothing
SCALE = 1.4826  # a normal distribution's standard deviation in median distances from the median
TIMEOUT = 300.0

Reports = dict[
    tuple[str, str], list[float]
]  # by tool and model, a latency in seconds for each repetition


def timm_loop(model: Any, inputs: Any, threads: int) -> float:
    """As timm's benchmark has it: each step timed, the mean of the steps reported."""
    taken = [_step(model, inputs) for _ in range(WARM + STEPS)]
    return fmean(taken[WARM:])


def _step(model: Any, inputs: Any) -> float:
    start = time.perf_counter()
    model(inputs)
    return time.perf_counter() - start


def timer(method: str) -> Callable[[Any, Any, int], float]:
    """torch's timer by one of its methods."""

    def report(model: Any, inputs: Any, threads: int) -> float:
        from torch.utils.benchmark import Timer

        made = Timer(
            "model(inputs)", globals={"model": model, "inputs": inputs}, num_threads=threads
        )
        return float(getattr(made, method)().median)

    return report


PEERS: dict[str, Callable[[Any, Any, int], float]] = {
    "timm's benchmark": timm_loop,
    "torch, blocked": timer("blocked_autorange"),
    "torch, adaptive": timer("adaptive_autorange"),
}


def peer(tool: str, name: str, threads: int) -> None:
    """What a peer's process does: one latency in seconds on standard output."""
    import timm
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    model: Any = timm.create_model(name).eval()
    inputs = torch.randn(1, *model.pretrained_cfg["input_size"])
    with torch.no_grad():
        print(json.dumps(PEERS[tool](model, inputs, threads)))


def ask_peer(tool: str, name: str, threads: int) -> float:
    command = [
        sys.executable,
        __file__,
        "--peer",
        tool,
        "--models",
        name,
        "--threads",
        str(threads),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT)
    if done.returncode:
        sys.exit(f"{tool} failed with {name}: {done.stderr.strip()[-500:]}")
    return float(json.loads(done.stdout.splitlines()[-1]))


def ask_ours(name: str, threads: int) -> float:
    """The median of one process of ours, in seconds."""
    from zoo.bench.machine import cpus_for_threads
    from zoo.bench.messages import WorkerJob
    from zoo.bench.subprocess_runner import run_worker

    job = WorkerJob(
        purpose="replicate",
        engine="eager",
        device="cpu",
        model=name,
        builder=("timm", name),
        threads=threads,
        cpus=cpus_for_threads(threads),
    )
    answer = run_worker(job, TIMEOUT)
    if answer.replicate is None:
        sys.exit(f"our worker failed with {name}: {answer.failure}: {answer.error}")
    return answer.replicate.median


def repetition(
    models: Sequence[str], replicates: int, threads: int, number: int, taken: dict[str, float]
) -> Reports:
    """One report by tool and model; the seconds they took are added to `taken`."""
    processes = [*product(PEERS, models), *product([OURS] * replicates, models)]
    random.Random(number).shuffle(processes)
    found: Reports = defaultdict(list)
    for done, (tool, name) in enumerate(processes):
        start = time.monotonic()
        found[tool, name].append(
            ask_ours(name, threads) if tool == OURS else ask_peer(tool, name, threads)
        )
        taken[tool] += time.monotonic() - start
        print(
            f"\rrepetition {number + 1}: process {done + 1} of {len(processes)}",
            end="",
            file=sys.stderr,
        )
    print(file=sys.stderr)
    first = {(FIRST, name): values[:1] for (tool, name), values in found.items() if tool == OURS}
    return {key: [median(values)] for key, values in found.items()} | first


def variation(values: Sequence[float]) -> float:
    """The coefficient of variation."""
    return stdev(values) / fmean(values)


def scatter(values: Sequence[float]) -> float:
    """The median distance from the median, as a share of it, scaled."""
    middle = median(values)
    return SCALE * median(abs(value - middle) for value in values) / middle


def table(
    reports: Mapping[tuple[str, str], Sequence[float]],
    models: Sequence[str],
    seconds: Mapping[str, float],
) -> str:
    """Latency and spread by model and tool, spreads over all models with those of the peers as
    multiples of ours."""
    tools = (OURS, FIRST, *PEERS)
    lines = [f"{'model':<24}{'tool':<24}{'median':>12}{'variation':>12}{'scatter':>12}"]
    for name, tool in product(models, tools):
        values = reports[tool, name]
        spread = f"{variation(values):>12.1%}{scatter(values):>12.1%}"
        lines.append(f"{name:<24}{tool:<24}{median(values) * 1e3:>9.2f} ms{spread}")
    lines += ["", f"{'all models':<24}{'':<24}{'a report':>12}{'variation':>12}{'scatter':>12}"]
    whole = {
        tool: [_all(spread, reports, models, tool) for spread in (variation, scatter)]
        for tool in tools
    }
    for tool, spreads in whole.items():
        times = "".join(f"{spread:>12.1%}" for spread in spreads)
        ratios = " and ".join(
            _ratio(spread, own) for spread, own in zip(spreads, whole[OURS], strict=True)
        )
        peer = "" if tool == OURS else f"   {ratios} ours"
        lines.append(f"{'':<24}{tool:<24}{seconds[tool]:>10.1f} s{times}{peer}")
    return "\n".join(
        [
            *lines,
            "",
            *(_verdict(word, [whole[tool][at] for tool in (OURS, *PEERS)]) for at, word in WORDS),
        ]
    )


WORDS = ((0, "variation"), (1, "scatter"))


def _all(
    spread: Callable[[Sequence[float]], float],
    reports: Mapping[tuple[str, str], Sequence[float]],
    models: Sequence[str],
    tool: str,
) -> float:
    return sqrt(fmean(spread(reports[tool, name]) ** 2 for name in models))


def _ratio(spread: float, own: float) -> str:
    return f"{spread / own:.2f}x" if own else "-"


def _verdict(word: str, spreads: Sequence[float]) -> str:
    own, peers = spreads[0], dict(zip(PEERS, spreads[1:], strict=True))
    best = min(peers, key=peers.__getitem__)
    against = f"{own:.1%} against {peers[best]:.1%} of the nearest, {best}"
    return (
        f"{word}: ours is {'the smallest' if own < peers[best] else 'NOT the smallest'}, {against}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", default=",".join(MODELS), help="timm's names, parted by commas")
    parser.add_argument("--repetitions", type=int, default=10)
    parser.add_argument("--replicates", type=int, default=5, help="processes of one report of ours")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--minutes", type=float, default=90, help="no repetition starts after so many"
    )
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    models = options.models.split(",")
    if options.peer:
        peer(options.peer, models[0], options.threads)
        return
    if options.repetitions < FEWEST or options.replicates < 1:
        parser.error(f"expected at least {FEWEST} repetitions and 1 replicate")
    run(models, options.repetitions, options.replicates, options.threads, options.minutes * 60)


def run(
    models: Sequence[str], repetitions: int, replicates: int, threads: int, limit: float
) -> None:
    """All repetitions that start in time, and the table."""
    reports: Reports = defaultdict(list)
    taken: dict[str, float] = defaultdict(float)
    start, done = time.monotonic(), 0
    while done < repetitions and (done < FEWEST or time.monotonic() - start < limit):
        for key, values in repetition(models, replicates, threads, done, taken).items():
            reports[key] += values
        done += 1
    seconds = {tool: whole / (done * len(models)) for tool, whole in taken.items()}
    seconds[FIRST] = seconds[OURS] / replicates
    print(f"{done} repetitions, {replicates} processes of ours in each, threads {threads}\n")
    print(table(reports, models, seconds))


if __name__ == "__main__":
    main()
