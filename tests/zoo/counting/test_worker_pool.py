"""Counting in other processes: whatever a model does there costs that model alone, and is in its
evidence."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.command import zoo_command
from zoo.counting.measurer import Measurer
from zoo.counting.worker_pool import GIB, Limits, workers
from zoo.model_index.ledger.store import Evidence, Ledger
from zoo.model_index.load import load
from zoo.model_index.records.records import Entry
from zoo.models.cells import Variant
from zoo.verification.verify import verify

WILD = """
import os, signal, sys, time
from torch import nn
import torch

def good(width=4):
    return nn.Sequential(nn.Conv2d(3, width, 3), nn.ReLU())

class Wild(nn.Module):
    def __init__(self, does):
        super().__init__()
        self.does = does
    def forward(self, x):
        if self.does == "abort":
            os.abort()
        if self.does == "segfault":
            os.kill(os.getpid(), signal.SIGSEGV)
        if self.does == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.does == "leaves":
            os._exit(3)
        if self.does == "exits":
            sys.exit(4)
        if self.does == "hangs":
            time.sleep(600)
        if self.does == "swallows":
            kept = []
            while True:
                kept.append(bytearray(os.urandom(1 << 20)) * 64)
        return x

def wild(does):
    return Wild(does)
"""
SAID = {
    "abort": "the process that counted it was ended by SIGABRT",
    "segfault": "the process that counted it was ended by SIGSEGV",
    "killed": (
        "the process that counted it was ended by SIGKILL; "
        "the system sends SIGKILL when memory runs out"
    ),
    "leaves": "the process that counted it ended with exit code 3",
    "exits": "SystemExit: 4",
    "swallows": "MemoryError: ",
}


@pytest.fixture
def entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Entry]]:
    """A good model before and after each wild one."""
    (tmp_path / "wildzoo.py").write_text(WILD)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    lines = ["Models:"]
    for number, does in enumerate([*SAID, "hangs"]):
        lines.append(
            f"- {{Name: {does}, Builder: {{Name: 'wildzoo:wild', Arguments: {{does: {does}}}}}}}"
        )
        lines.append(
            f"- {{Name: good{number}, Builder: {{Name: 'wildzoo:good', Arguments: "
            f"{{width: {number + 1}}}}}}}"
        )
    path = tmp_path / "index.yml"
    path.write_text("\n".join(lines))
    yield list(load([path]).entries)
    sys.modules.pop("wildzoo", None)


def measurer(folder: Path, **options: bool) -> Measurer:
    return Measurer(Ledger(folder / "ledger"), trusted=("wildzoo",), **options)


def evidence(folder: Path, entries: list[Entry]) -> dict[str, Evidence]:
    asked = measurer(folder)
    found = {entry.name: asked.look_up(entry, Variant(entry.image_size)) for entry in entries}
    return {name: document for name, document in found.items() if document}


def counts(found: dict[str, Evidence]) -> dict[str, tuple]:
    return {
        name: (each.outcome, each.error, each.cell.key, each.values.get("trace"))
        for name, each in found.items()
    }


def test_each_costs_itself_alone(tmp_path: Path, entries: list[Entry]) -> None:
    asked, seen = measurer(tmp_path), []
    entries = [entry for entry in entries if entry.name != "hangs"]
    with workers(asked, Limits(workers=2, memory=GIB)):
        asked.count_all(entries, lambda entry: seen.append(entry.name))
        found = evidence(tmp_path, entries)
        errors = {
            name: (document.error or "").partition("\n")[0] for name, document in found.items()
        }
        assert {name: errors[name][: len(said)] for name, said in SAID.items()} == SAID
        assert sorted(seen) == sorted(found) == sorted(entry.name for entry in entries)
        good = [found[entry.name] for entry in entries if entry.name.startswith("good")]
        assert [document.trace.macs for document in good if document.trace] == [
            222 * 222 * 27 * (number + 1) for number in range(len(good))
        ]
        before = counts(found)
        asked.count_all(entries)  # what is there is not counted again, failures neither
        verify(entries, asked)
        assert counts(evidence(tmp_path, entries)) == before
    assert asked.stats == (len(entries), 0)


def test_a_model_that_hangs_is_stopped(tmp_path: Path, entries: list[Entry]) -> None:
    (hanging,) = [entry for entry in entries if entry.name == "hangs"]
    asked = measurer(tmp_path)
    with workers(asked, Limits(workers=1, seconds=1)):
        asked.count_all([hanging])
    stopped = evidence(tmp_path, [hanging])["hangs"]
    assert (stopped.outcome, stopped.error) == ("failed", "it took longer than 1 s and was stopped")


def test_the_same_as_in_one_process(tmp_path: Path, entries: list[Entry]) -> None:
    good = [entry for entry in entries if entry.name.startswith("good")]
    asked = measurer(tmp_path)
    with workers(asked, Limits(workers=2)):
        asked.count_all(good)
    alone = measurer(tmp_path / "alone")
    for entry in good:
        alone.count(entry, Variant(entry.image_size))
    assert counts(evidence(tmp_path, good)) == counts(evidence(tmp_path / "alone", good))


def test_what_is_asked_beyond_it_is_counted_there_too(tmp_path: Path, entries: list[Entry]) -> None:
    asked = measurer(tmp_path)
    with workers(asked, Limits(workers=1)):
        ended = asked.count(entries[0], Variant((64, 64)))
        fine = asked.count(entries[1], Variant((64, 64)))
    assert ended and ended.outcome == "failed" and "SIGABRT" in (ended.error or "")
    assert fine and fine.trace and fine.trace.macs == 62 * 62 * 27
    assert "wildzoo" not in sys.modules


def test_fresh_counts_once(tmp_path: Path, entries: list[Entry]) -> None:
    good = [entry for entry in entries if entry.name.startswith("good")][:2]
    for _ in range(2):
        asked = measurer(tmp_path, fresh=True)
        with workers(asked, Limits(workers=1)):
            asked.count_all(good)
            verify(good, asked)
        assert asked.stats == (2, 0)


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}/stat").exists() and "Z" not in status(pid)}


def status(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to see processes in")
@pytest.mark.parametrize(
    "sign", [signal.SIGKILL, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_workers_end_with_the_one_that_asks(
    tmp_path: Path, entries: list[Entry], descendants: Callable[[int], set[int]], sign: int
) -> None:
    """And what was counted until then is not counted again."""
    lines = (tmp_path / "index.yml").read_text().splitlines()
    kept = [line for line in lines if line == "Models:" or "good" in line or "hangs" in line]
    (tmp_path / "index.yml").write_text("\n".join(kept))
    entries = list(load([tmp_path / "index.yml"]).entries)
    command = zoo_command("verify --index index.yml --trust wildzoo --jobs 2")
    run = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    hanging = time.monotonic() + 60
    while (
        not (below := descendants(run.pid))
        or len(list(tmp_path.glob("ledger/count/good*/*.json"))) < 6
    ):
        assert time.monotonic() < hanging and run.poll() is None
        time.sleep(0.1)
    below = descendants(run.pid)
    os.kill(run.pid, sign)
    assert run.wait(20) in (-sign, 130)
    gone = time.monotonic() + 20
    while alive(below) and time.monotonic() < gone:
        time.sleep(0.1)
    assert alive(below) == set()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("ledger/count/*/*.json")}
    done = subprocess.run(
        [*command, "--time-limit", "2"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (
        done.returncode == 1
        and f"{len(entries) - len(before)} measured" in done.stdout + done.stderr
    )
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len(evidence(tmp_path, entries)) == len(entries)
