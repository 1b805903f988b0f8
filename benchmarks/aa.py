"""How often identical programs are called different, and a slower one found, with real processes on
this machine.

    python benchmarks/aa.py [--programs 8] [--slow 3] [--rounds 5] [--minutes 10]

A toy network is timed by the worker of `zoo bench`, as so many programs that are the same, and some
that do 10% more of the same work, in turn: each round a random order, each second round that of the
one before turned round. Every two of the same programs are an A/A pair; each of them with each
slower one is a pair with a difference. Pairs that share a program are not independent, so the
shares are rougher than the numbers of pairs suggest; none of that favours either side. Beside the
verdicts of `zoo compare` stand tests on samples of the same processes. When the time is over, the
rounds that are complete are judged.
"""

import argparse
import itertools
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from scipy.stats import mannwhitneyu, ttest_ind

from zoo.bench.compare import LEVEL, estimate_effect
from zoo.bench.machine import cpus_for_threads
from zoo.bench.messages import WorkerJob
from zoo.bench.protocol import Sampling, shuffle
from zoo.bench.subprocess_runner import run_worker
from zoo.model_index.ledger.benchmark import Replicate

TOY = """
from torch import nn

class Toy(nn.Module):
    def __init__(self, rounds):
        super().__init__()
        self.rounds = rounds
        self.stem, self.body = nn.Conv2d(3, 16, 1), nn.Conv2d(16, 16, 3, padding=1)

    def forward(self, x):
        x = self.stem(x)
        for _ in range(self.rounds):
            x = self.body(x)
        return x.mean((2, 3))
"""
WORK, MORE = 40, 44  # convolutions of a call, about 5 ms, and 10% more
FEWEST = 3  # rounds below which there is nothing to judge
CEILING, FOUND = 0.05, 0.80

Program = list[Replicate]  # one a round
Test = Callable[[Program, Program], bool]


def measured(rounds: int) -> Replicate:
    """One fresh process of the toy."""
    job = WorkerJob(
        purpose="replicate",
        engine="eager",
        device="cpu",
        model="toy",
        builder=("callable", "aatoy:Toy"),
        arguments={"rounds": rounds},
        trusted=["aatoy"],
        input="32x32 image",
        cpus=cpus_for_threads(1),
        sampling=Sampling(samples=100, seconds=0.5, warm_seconds=5),
    )
    answer = run_worker(job, timeout=120)
    if answer.replicate is None:
        sys.exit(f"the worker failed: {answer.failure}: {answer.error}")
    return answer.replicate


def run(work: Sequence[int], rounds: int, seconds: float) -> list[Program]:
    """Each program's processes by round, of the rounds that were complete in time."""
    programs: list[Program] = [[] for _ in work]
    start = time.monotonic()
    for number in range(rounds):
        for done, place in enumerate(shuffle(range(len(work)), number, seed=0)):
            if time.monotonic() - start > seconds:
                print(f"out of time in round {number + 1} of {rounds}", file=sys.stderr)
                return [program[:number] for program in programs]
            found = measured(work[place])
            programs[place].append(
                Replicate(samples=found.samples, flags=found.flags, run="aa", round=number)
            )
            print(
                f"\rround {number + 1} of {rounds}: {done + 1} of {len(work)}",
                end="",
                file=sys.stderr,
            )
        print(file=sys.stderr)
    return programs


def ours(a: Program, b: Program) -> bool:
    """The verdict of `zoo compare` on a report of one cell."""
    found = estimate_effect(a, b)
    return found is not None and found.p <= LEVEL


def one_process(a: Program, b: Program) -> bool:
    return bool(mannwhitneyu(a[0].samples, b[0].samples).pvalue <= LEVEL)


def one_process_and_floor(a: Program, b: Program) -> bool:
    return one_process(a, b) and abs(b[0].median / a[0].median - 1) > 0.01


def pooled(a: Program, b: Program) -> bool:
    return bool(mannwhitneyu(*_all(a, b)).pvalue <= LEVEL)


def pooled_t(a: Program, b: Program) -> bool:
    return bool(ttest_ind(*_all(a, b), equal_var=False).pvalue <= LEVEL)


def _all(*programs: Program) -> Iterable[list[float]]:
    return ([sample for one in program for sample in one.samples] for program in programs)


TESTS: tuple[tuple[str, Test], ...] = (
    ("zoo compare, medians of processes", ours),
    ("one process each, Mann-Whitney", one_process),
    ("the same and 1% apart", one_process_and_floor),
    ("all samples, Mann-Whitney", pooled),
    ("all samples, Welch's t-test", pooled_t),
)


def report(same: Sequence[Program], slow: Sequence[Program]) -> None:
    """A row for each test; the first has to keep the bars."""
    alike, unlike = list(itertools.combinations(same, 2)), list(itertools.product(same, slow))
    print(
        f"{len(same[0])} processes each; {len(alike)} identical pairs, "
        f"{len(unlike)} with a slow-down of 10%"
    )
    print(f"load {os.getloadavg()[0]:.1f}; flags: {_flags([*same, *slow])}\n")
    print(f"{'test':<36}{'false differences':>18}{'slow-downs found':>18}")
    shares = [(name, _share(test, alike), _share(test, unlike)) for name, test in TESTS]
    for name, false, found in shares:
        print(f"{name:<36}{false:>18.0%}{found:>18.0%}")
    _, false, found = shares[0]
    print(
        f"\nfalse differences  {false:5.0%}   bar {CEILING:.0%}   "
        f"{'reached' if false <= CEILING else 'MISSED'}"
    )
    print(
        f"slow-downs found   {found:5.0%}   bar {FOUND:.0%}   "
        f"{'reached' if found >= FOUND else 'MISSED'}"
    )


def _share(test: Test, pairs: Sequence[tuple[Program, Program]]) -> float:
    return sum(test(a, b) for a, b in pairs) / len(pairs)


def _flags(programs: Iterable[Program]) -> str:
    flags = [flag for program in programs for one in program for flag in one.flags]
    return ", ".join(f"{flag} {flags.count(flag)}" for flag in sorted(set(flags))) or "none"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--programs", type=int, default=8, help="that are the same; 8 make 28 pairs"
    )
    parser.add_argument("--slow", type=int, default=3, help="that do 10%% more")
    parser.add_argument("--rounds", type=int, default=5, help="processes of each program")
    parser.add_argument("--minutes", type=float, default=10)
    options = parser.parse_args()
    if options.programs < 2 or options.slow < 1 or options.rounds < FEWEST:
        parser.error(f"expected at least 2 programs, 1 slow one and {FEWEST} rounds")
    work = [WORK] * options.programs + [MORE] * options.slow
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "aatoy.py").write_text(TOY, encoding="utf-8")
        sys.path.insert(0, folder)  # workers are given the path of their parent
        programs = run(work, options.rounds, options.minutes * 60)
    if len(programs[0]) < FEWEST:
        sys.exit(
            f"fewer than {FEWEST} rounds were complete; give it more --minutes or fewer --programs"
        )
    report(programs[: options.programs], programs[options.programs :])


if __name__ == "__main__":
    main()
