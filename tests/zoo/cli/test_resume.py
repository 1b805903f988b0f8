"""Killed at any moment, in the process that asks or in one that counts: nothing is lost, torn or
counted twice."""

import contextlib
import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import zoo_command
from zoo.model_index.ledger.store import Ledger

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc here"),
]

KILLS = 50
MODELS = 400
SLOW = """
import time
from torch import nn

def make(width):
    time.sleep(0.05)
    return nn.Sequential(nn.Conv2d(3, width, 3), nn.ReLU())
"""


def command(folder: Path) -> list[str]:
    return zoo_command("verify --index index.yml --trust slowzoo --jobs 2 --format json")


def times(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.glob("ledger/count/*/*.json")}


def numbers(folder: Path) -> dict[str, tuple]:
    """What was counted of each model, by cell; each document has to be whole."""
    documents = [json.loads(path.read_bytes()) for path in times(folder)]
    assert len(list(Ledger(folder / "ledger").all())) == len(documents)
    return {
        d["cell"]["model"]: (d["outcome"], d["error"], d["values"].get("trace")) for d in documents
    }


def test_killed_fifty_times_it_comes_to_the_same(
    tmp_path: Path, descendants: Callable[[int], set[int]]
) -> None:
    for name in ("killed", "undisturbed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "slowzoo.py").write_text(SLOW)
        lines = [
            f"- {{Name: m{n}, Builder: {{Name: 'slowzoo:make', Arguments: {{width: {n + 1}}}}}}}"
            for n in range(MODELS)
        ]
        (tmp_path / name / "index.yml").write_text("Models:\n" + "\n".join(lines))
    environment = os.environ | {"PYTHONPATH": "."}
    killed, chance = tmp_path / "killed", random.Random(9)
    for kill in range(KILLS):
        before = times(killed)
        run = subprocess.Popen(
            command(killed),
            cwd=killed,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        begun = time.monotonic() + 30
        while len(times(killed)) == len(before) and run.poll() is None and time.monotonic() < begun:
            time.sleep(0.05)
        time.sleep(chance.uniform(0, 0.3))
        workers = sorted(descendants(run.pid))[1:]
        target = run.pid if kill % 2 or not workers else chance.choice(workers)
        there = times(killed)
        with contextlib.suppress(ProcessLookupError):
            os.kill(target, signal.SIGKILL)
        if target != run.pid:  # the run goes on without it, and is ended after a while
            time.sleep(0.2)
            run.kill()
        run.wait()
        assert {path: at for path, at in times(killed).items() if path in there} == there
    for folder in (killed, tmp_path / "undisturbed"):
        before = times(folder)
        done = subprocess.run(
            command(folder),
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert f"{MODELS - len(before)} measured" in done.stderr, done.stderr[-2000:]
        assert {path: at for path, at in times(folder).items() if path in before} == before
    assert numbers(killed) == numbers(tmp_path / "undisturbed") and len(numbers(killed)) == MODELS
    left = [path for path in killed.rglob("*") if path.name.endswith(".tmp")]
    assert (
        len(left) <= KILLS
    )  # what a kill leaves half written is beside the documents, and never read
