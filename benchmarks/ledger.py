"""A million cells as one Parquet file, and the newest evidence of 1,500 models from it, by pandas.

The cells are counts of small made-up models at many versions of their library. They are written as
`zoo ledger compact` writes them, but from memory: a million files would time the file system.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from zoo.model_index.ledger.parquet import write
from zoo.model_index.ledger.store import Cell, Evidence
from zoo.model_index.ledger.trace import COLUMNS

MODELS, BAR = 1500, 1.0
VALUES = {
    "resolved": "net",
    "configuration": {"input_size": [3, 224, 224]},
    "registry": {},
    "input": "224x224 image",
    "input_from": "proposed",
    "parts": [["stem", "torch.nn.modules.conv.Conv2d", 1000, 1000, 0, 1]],
    "trace": {
        "input_size": [1, 3, 224, 224],
        "columns": list(COLUMNS),
        "rows": [
            ["conv2d", "convolution", "stem", "torch.nn.modules.conv.Conv2d", 10**9, 1, 1, 0, 1000]
        ],
        "uncounted": [],
        "bases": {},
    },
}


def cells(number: int) -> Iterator[Evidence]:
    """Counts of all models, at one version of the library after another."""
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    for n in range(number):
        turn, model = divmod(n, MODELS)
        cell = Cell(
            kind="count",
            model=f"net{model}",
            builder=f"timm:net{model}",
            builder_version=f"timm 1.0.{turn}",
            conditions={"image_size": "configured"},
            tool="zoo-count/4",
        )
        at = (begun + timedelta(hours=turn, seconds=model)).isoformat()
        yield Evidence(
            cell=cell,
            outcome="measured",
            values=VALUES,
            started_at=at,
            command=f"zoo verify net{model}",
        )


def newest(path: Path, models: list[str]) -> pd.DataFrame:
    """The newest evidence of each of the models."""
    table = pd.read_parquet(
        path, columns=["model", "started_at"], filters=[("kind", "==", "count")]
    )
    table = table[table.model.isin(models)]
    latest = table.groupby("model", sort=False).started_at.max()
    wanted = ["model", "key", "started_at", "macs", "parameters", "outcome"]
    rows = pd.read_parquet(path, columns=wanted, filters=[("started_at", ">=", latest.min())])
    return rows[rows.started_at == rows.model.map(latest)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.parquet"
        start = time.perf_counter()
        count = write(cells(options.cells), path)
        seconds = time.perf_counter() - start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(
            f"{count:,} cells written in {seconds:.1f} s, {path.stat().st_size / 1e6:.1f} MB, "
            f"{memory:.2f} GB of memory"
        )
        names = [f"net{n}" for n in range(MODELS)]
        times = []
        for _ in range(5):
            start = time.perf_counter()
            found = newest(path, names)
            times.append(time.perf_counter() - start)
            assert len(found) == min(MODELS, count) and found.model.is_unique
        median = sorted(times)[2]
        said = "reached" if median <= BAR else "MISSED"
        print(f"the newest evidence of {MODELS:,} models: {median:.2f} s, bar {BAR:g}: {said}")


if __name__ == "__main__":
    main()
