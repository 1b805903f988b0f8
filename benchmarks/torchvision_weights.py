"""Verifies all of torchvision on an empty ledger, beside importing timm.

`zoo verify --index torchvision` runs as a user runs it; the registry's file is written before. The
bar is 25 times `python -c "import timm"`, which is what a machine is worth, and 1.5 GB in the
largest worker.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from registry import ZOO, verify

TIMES, MEMORY = 25, 1.5e9
IMPORTS = 3  # of which the quickest counts
COUNTS = ("FLOPs", "Parameters")


def import_timm() -> float:
    """Return the seconds of the quickest of some imports."""
    seconds = []
    for _ in range(IMPORTS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import timm"], check=True)
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        listed = subprocess.run(
            [ZOO, "list", "--index", "torchvision", "--format", "json"],
            cwd=folder,
            capture_output=True,
            check=True,
        )
        before = import_timm()
        seconds, memory, findings = verify(folder, "--jobs", "2", library="torchvision")
        unit = (before + import_timm()) / 2
        print(f"{len(json.loads(listed.stdout))} weights on {os.cpu_count()} cores")
        print(f"import timm {unit:.2f} s, all of torchvision {seconds:.1f} s")
        for what, value, bar in (
            ("times as long", seconds / unit, TIMES),
            ("GB in the largest worker", memory / 1e9, MEMORY / 1e9),
        ):
            verdict = "reached" if value <= bar else "MISSED"
            print(f"{value:>8.2f} {what}, bar {bar:g}: {verdict}")
        counts = Counter(
            (finding["quantity"], finding["verdict"])
            for finding in findings
            if finding["quantity"] in (*COUNTS, "File Size")
        )
        for (quantity, verdict), number in sorted(counts.items()):
            print(f"{number:>8} {quantity}: {verdict}")


if __name__ == "__main__":
    main()
