"""How many images it takes to check a claimed accuracy.

    python benchmarks/checking.py [--runs 2000] [--write]

Simulates `zoo eval --check`: of a data set's images, so many are answered rightly; they come in a
random order, and after every 64 the claim is decided or left open. For claims that are right, that
are off within the tolerance, and that are off by more, the table has the share of runs that refute
and confirm them, the share that needed the last image, and the number of images looked at.
`--write` puts it between the markers in docs/sampling.md. Runs of one data set and accuracy share
their random orders, so a row does not depend on which others are made.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zoo.evaluation.confidence_sequence import TOLERANCE, ConfidenceSequence
from zoo.model_index.ledger.evaluation import counts_near

PAGE = Path(__file__).parent.parent / "docs" / "sampling.md"
START, END = "<!-- benchmarks/checking.py -->", "<!-- end -->"

POPULATIONS = (50_000, 10_000)
ACCURACIES = tuple(map(Decimal, ("0.75", "0.80", "0.95")))
POINTS = tuple(map(Decimal, ("-5 -2 -1 -0.5 -0.25 0 0.25 0.5 1 2 5".split())))
RUNS = 2000
EVERY = 64  # images between two looks
SEED = 20261201

HEADER = (
    "| images | accuracy | off by, points | refuted | confirmed | at the last image | median | "
    "90% of runs within |\n"
    "|---|---|---|---|---|---|---|---|\n"
)


@dataclass(frozen=True)
class Orders:
    """Right answers among the first images of many random orders.

    `looks` (peeks) holds n at each look, the last is N; `right` (runs, peeks) holds k.
    """

    looks: NDArray[np.int64]
    right: NDArray[np.int64]


def draw(population: int, correct: int, runs: int) -> Orders:
    """Random orders of a data set with so many images answered rightly, from a seed that depends on
    these only."""
    generator = np.random.default_rng((SEED, population, correct))
    looks = np.append(np.arange(EVERY, population, EVERY), population)
    right = np.zeros((runs, len(looks)), dtype=np.int64)
    seen, found = 0, np.zeros(runs, dtype=np.int64)
    for column, look in enumerate(looks):
        left = correct - found
        found = found + generator.hypergeometric(left, population - seen - left, look - seen)
        seen = look
        right[:, column] = found
    return Orders(looks, right)


def row(population: int, accuracy: Decimal, points: Decimal, orders: Orders) -> str:
    """The table's row for a claim that is off by so many points."""
    claim = accuracy + points / 100
    low, high = counts_near(Fraction(claim), Fraction(TOLERANCE), population)
    decisions = ConfidenceSequence.of_claim(population, claim).decisions(
        orders.looks, orders.right, low, high
    )
    first = (decisions != 0).argmax(axis=1)
    images, verdicts = orders.looks[first], decisions[np.arange(len(first)), first]
    shares = (np.mean(verdicts == -1), np.mean(verdicts == 1), np.mean(images == population))
    case = (f"{population:,}", f"{accuracy:.0%}", f"{points:+}" if points else "0")
    counts = (f"{round(np.quantile(images, q, method='higher')):,}" for q in (0.5, 0.9))
    return f"| {' | '.join((*case, *(f'{share:.1%}' for share in shares), *counts))} |\n"


def rows(population: int, accuracy: Decimal, runs: int) -> Iterator[str]:
    """All rows of one data set and accuracy."""
    orders = draw(population, int(accuracy * population), runs)
    return (row(population, accuracy, points, orders) for points in POINTS)


def table(runs: int) -> str:
    """The whole table."""
    return HEADER + "".join(
        line for n in POPULATIONS for accuracy in ACCURACIES for line in rows(n, accuracy, runs)
    )


def write(text: str) -> None:
    """Replace what stands between the markers of the page."""
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(START)[0], page.split(END)[1]
    PAGE.write_text(f"{before}{START}\n\n{text}\n{END}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument(
        "--write", action="store_true", help="write the table into docs/sampling.md"
    )
    options = parser.parse_args()
    text = table(options.runs)
    print(text, end="")
    if options.write:
        write(text)


if __name__ == "__main__":
    main()
