"""Evaluations on a ledger that another run writes at the same time, or that is full."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from zoo.evaluation.predictions import Batch, Predictions
from zoo.model_index.errors import LedgerError
from zoo.model_index.ledger.store import Ledger

NAMES = [f"{number}.png" for number in range(40)]
ANSWERS = [(number % 5,) for number in range(40)]


def predictions(folder: Path, **options: bool) -> Predictions:
    stored = Predictions(folder / "key.parquet", NAMES, ANSWERS, "state", **options)
    stored.read()
    return stored


def batch(first: int, count: int = 4) -> Batch:
    places = np.arange(first, first + count)
    return Batch(
        positions=places,
        images=places,
        top=np.zeros((count, 2), int),
        score=np.ones((count, 2), np.float32),
        right_score=np.ones(count, np.float32),
    )


def positions(folder: Path) -> list[int]:
    return pq.read_table(folder / "key.parquet", partitioning=None)["position"].to_pylist()


def test_predictions_of_two_runs_are_merged(tmp_path: Path) -> None:
    """The limited run ends last, and would leave only its own predictions."""
    long, short = predictions(tmp_path), predictions(tmp_path)
    for first in range(0, 12, 4):
        long.add(batch(first))
        long.flush()
        if not first:
            short.add(batch(first))
            short.flush()
    assert len(list(long.parts.iterdir())) == 4  # the parts of one are not those of the other
    long.close()
    short.add(batch(20))
    short.close()
    assert positions(tmp_path) == [*range(12), *range(20, 24)]
    assert [path.name for path in tmp_path.iterdir()] == ["key.parquet"]
    again = predictions(tmp_path).read()
    assert again is not None and again.positions.tolist() == positions(tmp_path)


def test_a_part_that_another_run_left_unfinished_is_kept(tmp_path: Path) -> None:
    killed, complete = predictions(tmp_path), predictions(tmp_path)
    killed.add(batch(8))
    killed.flush()  # and then it is killed
    complete.add(batch(0))
    complete.close()
    assert positions(tmp_path) == [*range(4), *range(8, 12)]


def test_new_predictions_replace_all(tmp_path: Path) -> None:
    old = predictions(tmp_path)
    old.add(batch(0))
    old.close()
    fresh = predictions(tmp_path, fresh=True)
    fresh.add(batch(4))
    fresh.close()
    assert positions(tmp_path) == [4, 5, 6, 7]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a file system of its own cannot be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Fill the file system."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    return path


def test_predictions_on_a_full_disk(disk: Path) -> None:
    """Stored parts stay, the waiting batch is kept, and no partial file remains."""
    stored = predictions(disk)
    stored.add(batch(0))
    stored.flush()
    before = sorted(path for path in disk.rglob("*") if path.is_file())
    filler = fill(disk)
    stored.add(batch(4))
    with pytest.raises(
        LedgerError,
        match=r"/key\.parts/000000004-\w+\.parquet: cannot write predictions: No space left",
    ):
        stored.close()
    assert sorted(path for path in disk.rglob("*") if path.is_file()) == sorted([*before, filler])
    filler.unlink()
    stored.close()
    assert positions(disk) == list(range(8))


@pytest.mark.slow
def test_an_evaluation_on_a_full_disk_goes_on_later(shades, evaluate, disk: Path) -> None:
    ledger = disk / "ledger"
    os.symlink(ledger, shades.folder / "ledger")
    ledger.mkdir()
    filler = fill(disk)
    done = subprocess.run(
        shades.command(*shades.eval_arguments()),
        env=shades.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    assert done.stderr.splitlines()[-1].endswith(": No space left on device")
    assert not [path for path in ledger.rglob("*") if path.is_file()]
    filler.unlink()
    assert evaluate()["evaluation"]["seen"] == 400


@pytest.mark.slow
def test_a_limited_run_beside_a_whole_one_takes_nothing_from_it(shades) -> None:
    """The limited run starts first, ends last, and has fewer images."""
    command = shades.command(*shades.eval_arguments("--batch-size", "20"))
    slow = subprocess.Popen([*command, "--limit", "120"], env=shades.environment(SHADE_SLEEPS="5"))
    # It has read the ledger once its first part is there.
    while not list(shades.folder.glob("ledger/eval/shade/*.parts/*.parquet")):
        assert slow.poll() is None
        time.sleep(0.1)
    quick = subprocess.run(
        command, env=shades.environment(), capture_output=True, text=True, check=False
    )
    assert slow.poll() is None and quick.returncode in (0, 1), quick.stderr
    assert slow.wait() in (0, 1)
    (document,) = Ledger(shades.folder / "ledger").of("eval", "shade")
    assert document.evaluation and document.evaluation.complete
    (path,) = shades.folder.glob("ledger/eval/shade/*.parquet")
    assert pq.read_table(path, partitioning=None)["position"].to_pylist() == list(range(400))
    assert sorted(file.suffix for file in path.parent.iterdir()) == [".json", ".parquet"]
