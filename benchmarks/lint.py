"""Lints ten thousand entries in two hundred files, beside the `model-index` package's loader on the
same files.

Both run as processes of their own, in turns. The reference loads every file as an index; `zoo lint`
loads them all, with the place of each claim, and checks them. One round is run before the counted
ones.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

FILES, ENTRIES = 200, 50
BAR_SECONDS, BAR_RATIO = 3.0, 10.0
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
REFERENCE = """
import glob, sys
from modelindex.load_model_index import load
print(sum(len(load(file).models) for file in sorted(glob.glob(sys.argv[1] + "/*.yml"))))
"""
ENTRY = """- Name: net{number}
  In Collection: Family {file}
  Metadata:
    FLOPs: {flops}
    Parameters: {parameters}
    File Size: {size}
    Architecture:
    - Batch Normalization
    - Convolution
    - Dense Connections
    - Global Average Pooling
    - Softmax
    Tasks:
    - Image Classification
    Training Techniques:
    - SGD with Momentum
    - Weight Decay
    Training Data:
    - ImageNet
    Training Resources: 8x V100 GPUs
    ID: net{number}
    LR: 0.1
    Epochs: 90
    Crop Pct: '0.875'
    Batch Size: 256
    Image Size: '224'
    Interpolation: bicubic
  Code: https://example.org/models/net.py#L{number}
  Weights: https://example.org/weights/net{number}-{number:08x}.pth
  Results:
  - Task: Image Classification
    Dataset: ImageNet
    Metrics:
      Top 1 Accuracy: {top1:.2f}%
      Top 5 Accuracy: {top5:.2f}%
"""
HEAD = """Collections:
- Name: Family {file}
  Paper:
    Title: Networks of the family {file}
    URL: https://example.org/papers/{file}
Models:
"""


@dataclass(frozen=True)
class Time:
    """Seconds of one finished process."""

    wall: float
    user: float


def write(folder: Path) -> None:
    """The files, shaped as a zoo's documentation shapes them; the figures are made up and
    plausible."""
    for file in range(FILES):
        entries = []
        for number in range(file * ENTRIES, (file + 1) * ENTRIES):
            parameters = 5_000_000 + 7919 * number
            entries.append(
                ENTRY.format(
                    file=file,
                    number=number,
                    flops=210 * parameters + number,
                    parameters=parameters,
                    size=4 * parameters + 100_000,
                    top1=70 + number % 1000 / 100,
                    top5=90 + number % 800 / 100,
                )
            )
        (folder / f"family{file}.yml").write_text(HEAD.format(file=file) + "".join(entries))


def timed(command: list[str]) -> Time:
    """Run a command to its end.

    Raises:
        SystemExit: where it fails, or read another number of entries.
    """
    start = time.perf_counter()
    process = subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status or f"{FILES * ENTRIES}" not in output.replace(",", ""):
        sys.exit(f"{' '.join(command[:4])} ...: status {status}\n{output[-2000:]}")
    return Time(time.perf_counter() - start, usage.ru_utime)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", "--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    times: dict[str, list[Time]] = {"zoo lint": [], "model-index": []}
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        commands = {
            "zoo lint": [sys.executable, "-m", "zoo", "lint", folder],
            "model-index": [sys.executable, "-c", REFERENCE, folder],
        }
        for number in range(rounds + 1):
            for name, command in commands.items():
                taken = timed(command)
                if number:
                    times[name].append(taken)
            print(
                f"round {number} of {rounds}" + ("" if number else " (not counted)"),
                file=sys.stderr,
            )
    print(f"{FILES * ENTRIES:,} entries in {FILES} files, median of {rounds}")
    print(f"{'':<14}{'wall':>8}{'user':>8}{'entries/s':>12}")
    for name, each in times.items():
        wall = median(t.wall for t in each)
        print(
            f"{name:<14}{wall:8.2f}{median(t.user for t in each):8.2f}"
            f"{FILES * ENTRIES / wall:12,.0f}"
        )
    user = median(t.user for t in times["zoo lint"])
    ratio = median(b.wall / a.wall for a, b in zip(*times.values(), strict=True))
    bars = [
        ("user seconds of zoo lint", user, BAR_SECONDS, user <= BAR_SECONDS),
        ("times as fast as model-index", ratio, BAR_RATIO, ratio >= BAR_RATIO),
    ]
    for name, value, bar, reached in bars:
        print(f"{name:<30}{value:6.2f}   bar {bar:5.2f}   {'reached' if reached else 'MISSED'}")


if __name__ == "__main__":
    main()
