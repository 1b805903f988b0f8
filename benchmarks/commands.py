"""Times the commands as a user starts them, each beside its bar and its peer, and prints a table.

Byte code is written, as Python does by default, and one round is run before the counted ones.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {
    "NO_MKDOCS_2_WARNING": "1"
}
ZOO = [sys.executable, "-m", "zoo"]


@dataclass(frozen=True)
class Time:
    """Seconds of one finished process."""

    wall: float
    user: float
    system: float


def timed(command: list[str], folder: Path) -> Time:
    """Run a command to its end; its output is thrown away, its exit code is its own business."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, _, usage = os.wait4(process.pid, 0)
    return Time(time.perf_counter() - start, usage.ru_utime, usage.ru_stime)


# Commands of the base: name, CPU seconds allowed, and how many times `python -c pass`.
BASE = {
    "import zoo": (0.05, None),
    "zoo --help": (None, 4),
    "zoo lint": (0.15, None),
    "zoo list": (None, 6),
}


def base_commands(python: str) -> dict[str, list[str]]:
    """What is timed of the base, by name."""
    zoo = [str(Path(python).with_name("zoo"))]
    return {
        "python -c pass": [python, "-c", "pass"],
        "import zoo": [python, "-c", "import zoo"],
        "zoo --help": [*zoo, "--help"],
        "zoo lint": [*zoo, "lint", "--index", "demo"],
        "zoo list": [*zoo, "list", "--index", "demo"],
    }


def commands(work: Path) -> dict[str, list[str]]:
    """What is timed, by name. `work` holds a copy of the documentation, a ledger and a site."""
    build = [*ZOO, "build", "--no-verify", "--ledger", "ledger"]
    return {
        **base_commands(sys.executable),
        "import timm": [sys.executable, "-c", "import timm"],
        "zoo count timm:resnet50": [*ZOO, "count", "timm:resnet50"],
        "zoo verify --fresh": [*ZOO, "verify", "--fresh", "--ledger", "ledger"],
        "zoo verify": [*ZOO, "verify", "--ledger", "ledger"],
        "zoo build, first": build,
        "zoo build, again": build,
        "mkdocs build": [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"],
    }


# What is timed of two versions: name, and what is typed after `zoo`.
COMPARED = {
    "--help": ["--help"],
    "verify -h": ["verify", "-h"],
    "lint": ["lint", "--index", "demo"],
    "list": ["list", "--index", "demo"],
    "show": ["show", "dpn98", "--index", "demo"],
    "verify dpn98": ["verify", "dpn98", "--index", "demo"],
    "verify": ["verify", "--index", "demo"],
    "verify --format json": ["verify", "--index", "demo", "--format", "json"],
    "explain": ["explain", "dpn98", "--index", "demo"],
    "weights": ["weights", "digits_cnn", "--index", "demo"],
    "compare": ["compare", "engine=eager", "engine=compile"],
    "convert": ["convert", "demo", "--to", "csv"],
    "card": ["card", "dpn98", "--index", "demo"],
    "bench --plan": ["bench", "dpn98", "--plan", "--index", "demo"],
    "count": ["count", "timm:resnet18"],
}
ALLOWED = 1.05  # of the version before


def compare_versions(before: str, rounds: int) -> None:
    """Time each command of two versions in turn, and print the median ratio of the pairs."""
    pythons = {"before": before, "now": sys.executable}
    print(
        f"{'command':<22}{'before':>9}{'now':>9}   CPU seconds, median of {rounds}   now / before"
    )
    for name, typed in COMPARED.items():
        spent: dict[str, list[float]] = {side: [] for side in pythons}
        with tempfile.TemporaryDirectory() as folder:
            for number in range(rounds + 1):
                for side in sorted(pythons, reverse=number % 2 == 0):
                    work = Path(folder, side)
                    work.mkdir(exist_ok=True)
                    taken = timed([str(Path(pythons[side]).with_name("zoo")), *typed], work)
                    if number:
                        spent[side].append(taken.user + taken.system)
        ratio = median(a / b for a, b in zip(spent["now"], spent["before"], strict=True))
        print(
            f"{name:<22}{median(spent['before']):>9.2f}{median(spent['now']):>9.2f}"
            f"{ratio:>8.3f}x  {'reached' if ratio <= ALLOWED else 'MISSED'}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", "--rounds", type=int, default=5)
    parser.add_argument(
        "--base",
        metavar="PYTHON",
        type=os.path.abspath,
        help="time the commands of the base alone, by this Python",
    )
    parser.add_argument(
        "--before",
        metavar="PYTHON",
        type=os.path.abspath,
        help="time commands of another version too, by the Python of its environment",
    )
    arguments = parser.parse_args()
    rounds = arguments.rounds
    if arguments.before:
        compare_versions(arguments.before, rounds)
        return
    times: dict[str, list[Time]] = {}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        shutil.copy(ROOT / "mkdocs.yml", work)
        for number in range(rounds + 1):
            shutil.rmtree(work / "docs", ignore_errors=True)
            (work / "docs").mkdir()
            for page in ("architecture.md", "adding.md", "commands.md"):
                shutil.copy(ROOT / "docs" / page, work / "docs")
            timing = base_commands(arguments.base) if arguments.base else commands(work)
            for name, command in timing.items():
                taken = timed(command, work)
                if number:
                    times.setdefault(name, []).append(taken)
            print(
                f"round {number} of {rounds}" + ("" if number else " (not counted)"),
                file=sys.stderr,
            )
    report(times)
    bars = bars_of_base(times)
    if not arguments.base:
        bars += bars_of_all(times)
    print()
    for name, value, bar, unit in bars:
        print(
            f"{name:<36}{value:6.2f} {unit}   bar {bar:4.2f} {unit}   "
            f"{'reached' if value <= bar else 'MISSED'}"
        )


def report(times: dict[str, list[Time]]) -> None:
    """Medians of every command."""
    print(
        f"{'command':<22}{'wall':>8}{'user':>8}{'system':>8}   seconds, "
        f"median of {len(times['zoo list'])}"
    )
    for name, all_ in times.items():
        print(
            f"{name:<22}"
            + "".join(
                f"{median(getattr(t, part) for t in all_):8.2f}"
                for part in ("wall", "user", "system")
            )
        )


def bars_of_base(times: dict[str, list[Time]]) -> list[tuple[str, float, float, str]]:
    """Each bar of the base with what was reached, ratios round by round."""
    rows: list[tuple[str, float, float, str]] = []
    for name, (seconds, ratio) in BASE.items():
        spent = [t.user + t.system for t in times[name]]
        if seconds:
            rows.append((f"{name}, user and system", median(spent), seconds, "s"))
        if ratio:
            bare = [t.user + t.system for t in times["python -c pass"]]
            ratios = median(a / b for a, b in zip(spent, bare, strict=True))
            rows.append((f"{name} / python -c pass", ratios, ratio, "x"))
    return rows


def bars_of_all(times: dict[str, list[Time]]) -> list[tuple[str, float, float, str]]:
    """Each bar of the other commands with what was reached."""
    wall = {name: median(t.wall for t in all_) for name, all_ in times.items()}

    def beside(name: str) -> float:
        return median(
            a.user - b.user for a, b in zip(times[name], times["mkdocs build"], strict=True)
        )

    verify = median(
        a.wall / b.wall
        for a, b in zip(times["zoo verify --fresh"], times["import timm"], strict=True)
    )
    pairs = list(zip(times["zoo count timm:resnet50"], times["import timm"], strict=True))
    return [
        (
            "zoo count timm:resnet50 / import timm",
            median(a.wall / b.wall for a, b in pairs),
            1.3,
            "x",
        ),
        ("the same, user CPU", median(a.user / b.user for a, b in pairs), 1.3, "x"),
        ("zoo verify --fresh / import timm", verify, 2.5, "x"),
        ("zoo verify, evidence unchanged", wall["zoo verify"], 0.5, "s"),
        ("zoo build beside mkdocs, first", beside("zoo build, first"), 1.5, "s"),
        ("zoo build beside mkdocs, again", beside("zoo build, again"), 1.5, "s"),
    ]


if __name__ == "__main__":
    main()
