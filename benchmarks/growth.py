"""Time and memory of the commands for 10, 100, 1,000 and 10,000 models: both should grow with the
number, no faster.

The models are one architecture of timm under many names, in collections of 25, each with claims and
evidence of its count. Commands run in processes of their own; `pages` is what `zoo build` does
before MkDocs. The last column is the exponent between the two largest numbers: 1 is linear growth.
"""

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from zoo.model_index.ledger.store import Ledger

ZOO = Path(sys.executable).parent / "zoo"
PAGES = """
from pathlib import Path
from zoo.model_index.load import load
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.build import write
from zoo.reporting.views.catalogue import Zoo
from zoo.reporting.plots import matplotlib_files
from zoo.cli.session import measurer_for, verify_with_cache
from zoo.verification.verify import primary_keys
matplotlib_files.draw = lambda plot: {}
read = load(["index"])
measurer = measurer_for("ledger", ["index"], None, live=False)
findings, digests = verify_with_cache(read.entries, measurer, "ledger")
keys = primary_keys(read.entries, measurer)
zoo = Zoo(
    index=read, findings=tuple(findings), evidence=measurer.evidence, primary=keys,
    ledger="ledger", digests=digests,
)
write(zoo, Path("docs"), Settings(hides_html=True))
"""
ENTRY = """\
- {{Name: {name}, In Collection: Family {group}, Builder: 'timm:dla34',
   Metadata: {{FLOPs: 3070105576, Parameters: 15740000, File Size: {size}}},
   Results: [{{Task: Image Classification, Dataset: ImageNet,
              Metrics: {{Top 1 Accuracy: {top1:.2f}%}}}}]}}"""
COMMANDS = {
    "list": [str(ZOO), "list", "--index", "index"],
    "lint": [str(ZOO), "lint", "index"],
    "convert": [str(ZOO), "convert", "index", "--to", "csv", "--output", "claims.csv"],
    "verify, evidence new": [str(ZOO), "verify", "--index", "index", "--jobs", "1"],
    "verify, nothing changed": [str(ZOO), "verify", "--index", "index"],
    "ledger check": [str(ZOO), "ledger", "check"],
    "ledger compact": [str(ZOO), "ledger", "compact"],
    "pages, all new": [sys.executable, "-c", PAGES],
    "pages, nothing changed": [sys.executable, "-c", PAGES],
}
BAR = (
    1.2  # the exponent that is still called linear: caches of the machine are left sooner or later
)


def index(folder: Path, models: int) -> None:
    """So many models, and the document of each."""
    (folder / "index").mkdir(parents=True)
    names = [f"net{n}" for n in range(models)]
    for start in range(0, models, 25):
        lines = [f"Collections: [{{Name: Family {start // 25}}}]", "Models:"]
        for n, name in enumerate(names[start : start + 25], start):
            lines.append(
                ENTRY.format(
                    name=name, group=start // 25, size=63_000_000 + n, top1=60 + n % 2900 / 100
                )
            )
        (folder / "index" / f"family{start // 25}.yml").write_text("\n".join(lines) + "\n")
    document = next(Ledger(folder.parent / "one" / "ledger").all("count"))
    ledger = Ledger(folder / "ledger")
    for name in names:
        ledger.put(
            msgspec.structs.replace(
                document, cell=msgspec.structs.replace(document.cell, model=name)
            )
        )


def clock(command: list[str], folder: Path) -> tuple[float, float]:
    """Seconds of a core, and megabytes at the most."""
    start = time.perf_counter()
    run = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert run.stderr is not None
    said = run.stderr.read()
    _, status, used = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    if run.returncode not in (0, 1):
        sys.exit(
            f"{' '.join(command)} failed after {time.perf_counter() - start:.0f} s:\n"
            f"{said.decode()[-2000:]}"
        )
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=10_000)
    options = parser.parse_args()
    numbers = [n for n in (10, 100, 1_000, 10_000) if n <= options.most]
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        (root / "one").mkdir()
        subprocess.run(
            [str(ZOO), "verify", "dla34"], cwd=root / "one", capture_output=True, check=False
        )
        for number in numbers:
            index(root / str(number), number)
            for name, command in COMMANDS.items():
                found[name].append(clock(command, root / str(number)))
                seconds, memory = found[name][-1]
                print(
                    f"{number:>7,} models  {name:<26} {seconds:>8.2f} s {memory:>8.0f} MB",
                    flush=True,
                )
    print(
        f"\n{'command':<26} {'time':>8} {'memory':>8}   exponents from "
        f"{numbers[-2]:,} to {numbers[-1]:,}"
    )
    for name, each in found.items():
        growth = [
            math.log(each[-1][n] / each[-2][n]) / math.log(numbers[-1] / numbers[-2])
            for n in (0, 1)
        ]
        said = "linear" if max(growth) <= BAR else "MISSED"
        print(f"{name:<26} {growth[0]:>8.2f} {growth[1]:>8.2f}   {said}")


if __name__ == "__main__":
    main()
