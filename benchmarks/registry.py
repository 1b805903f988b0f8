"""Counts every architecture of timm, and a hundred of them beside fvcore's own loop over real
weights.

Everything runs as a user runs it: `zoo verify --index timm` on an empty ledger, again on a full
one, and with the names of the subset. fvcore builds each model with random weights and counts it on
the CPU, one after the other. The subset is every n-th architecture of those that fit into a process
of fvcore: at most so many parameters.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

ZOO = Path(sys.executable).parent / "zoo"
BARS = {"ratio": 15.0, "memory": 1.2e9, "registry": 600.0, "again": 2.0}
SUBSET, LARGEST = 100, 200_000_000
FVCORE = """
import logging, sys, time, timm, torch, warnings
from fvcore.nn import FlopCountAnalysis
logging.disable(logging.CRITICAL); warnings.simplefilter("ignore")
failed, start = 0, time.perf_counter()
for name in sys.argv[1:]:
    try:
        model = timm.create_model(name).eval()
        size = timm.get_pretrained_cfg(name).input_size
        with torch.no_grad():
            FlopCountAnalysis(model, torch.randn(1, *size)).unsupported_ops_warnings(False).total()
    except Exception:
        failed += 1
print(failed, time.perf_counter() - start)
"""
OURS = """
import sys, time
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.load import load
from zoo.models.registries import resolve_paths
from zoo.counting.measurer import Measurer
from zoo.counting.process_counter import workers
from zoo.isolation.limits import Limits

read = load(resolve_paths(["timm"]))
measurer = Measurer(Ledger("ledger-alone"))
with workers(measurer, Limits()):
    # Every worker has begun after these.
    measurer.count_all(read.select(["dpn68", "dla34", "densenet121", "resnet18"]))
    start = time.perf_counter()
    measurer.count_all(read.select(sys.argv[1:]))
    print(time.perf_counter() - start)
"""


class Peak(threading.Thread):
    """The most memory that any process below this one had, but for the one that was started, in
    bytes."""

    def __init__(self, top: int):
        super().__init__(daemon=True)
        self.top, self.most, self.over = top, 0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.2):
            parents = {}
            for path in Path("/proc").glob("[0-9]*/status"):
                try:
                    told = dict(
                        line.split(":", 1) for line in path.read_text().splitlines() if ":" in line
                    )
                except OSError:
                    continue
                parents[int(told["Pid"])] = (
                    int(told["PPid"]),
                    int(told.get("VmHWM", "0 kB").split()[0]) * 1024,
                )
            inside = {self.top}
            while (
                more := {pid for pid, (parent, _) in parents.items() if parent in inside} - inside
            ):
                inside |= more
            self.most = max(
                [self.most, *(parents[pid][1] for pid in inside - {self.top} if pid in parents)]
            )


def verify(folder: Path, *arguments: str, library: str = "timm") -> tuple[float, int, list[dict]]:
    """Seconds, the largest worker's bytes, and findings, of a library's registry."""
    command = [str(ZOO), "verify", "--index", library, "--format", "json", *arguments]
    start = time.perf_counter()
    with (folder / "out.json").open("wb") as out:
        run = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.DEVNULL)
        peak = Peak(run.pid)
        peak.start()
        run.wait()
        seconds = time.perf_counter() - start
        peak.over.set()
    return seconds, peak.most, json.loads((folder / "out.json").read_bytes())


def subset(folder: Path) -> list[str]:
    """A hundred architectures, evenly over the alphabet, small enough for fvcore."""
    found = []
    for path in sorted((folder / "ledger" / "count").glob("*/*.json")):
        document = json.loads(path.read_bytes())
        parts = document["values"].get("parts", [])
        if document["outcome"] != "failed" and sum(part[2] for part in parts) <= LARGEST:
            found.append(document["cell"]["model"])
    return found[:: max(1, len(found) // SUBSET)][:SUBSET]


def say(what: str, value: float, bar: float, unit: str, *, least: bool = False) -> None:
    reached = value >= bar if least else value <= bar
    print(
        f"{what:<60} {value:>9,.2f} {unit:<6} bar {bar:,g}: {'reached' if reached else 'MISSED'}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-peer", action="store_true", help="leave fvcore out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "subset").mkdir()
        verify(folder / "subset", "dpn98")  # the registry's file is written once for a version
        seconds, memory, found = verify(folder)
        models = {finding["model"] for finding in found}
        print(f"{len(models)} architectures of timm on {os.cpu_count()} cores")
        say("all of them, on an empty ledger", seconds, BARS["registry"], "s")
        say("the largest worker", memory / 1e9, BARS["memory"] / 1e9, "GB")
        again, _, same = verify(folder)
        assert same == found
        say("again, nothing changed", again, BARS["again"], "s")
        print(f"verdicts: {dict(Counter(finding['verdict'] for finding in found))}")
        errors = {f["model"]: f["reason"] for f in found if f["verdict"] == "error"}
        print(
            f"failures: {len(errors)}",
            *(f"  {name}: {reason[:100]}" for name, reason in errors.items()),
            sep="\n",
        )
        if options.no_peer:
            return
        names = subset(folder)
        ours, _, _ = verify(folder / "subset", *names, "--fresh")
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", FVCORE, *names], capture_output=True, text=True, check=True
        )
        peer = time.perf_counter() - start
        failed, loop = done.stdout.split()
        print(
            f"{len(names)} of them: ours {ours:.1f} s, fvcore's loop {peer:.1f} s, "
            f"which failed on {failed}"
        )
        say(
            "fvcore's command beside ours, with what both import",
            peer / ours,
            BARS["ratio"],
            "times",
            least=True,
        )
        alone = [sys.executable, "-c", OURS, *names]
        told = subprocess.run(
            alone, cwd=folder / "subset", capture_output=True, text=True, check=True
        )
        counting = float(told.stdout.split()[-1])
        print(f"the loops alone: ours {counting:.1f} s, fvcore's {float(loop):.1f} s")
        ratio = float(loop) / counting
        say(
            "fvcore's loop beside ours, from the first model",
            ratio,
            BARS["ratio"],
            "times",
            least=True,
        )


if __name__ == "__main__":
    main()
