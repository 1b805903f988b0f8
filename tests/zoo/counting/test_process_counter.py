"""Counting in other processes: the same counts as in one process, limits of time and memory, and no
process that outlives the one that asks."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from tests.command import zoo_command
from zoo.counting.measurer import Measurer
from zoo.counting.process_counter import workers
from zoo.isolation.limits import GIB, Limits
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.load import load
from zoo.model_index.records.input_spec import image_input
from zoo.model_index.records.records import Entry
from zoo.models.cells import Variant
from zoo.verification.findings_cache import FindingsCache, verify_index
from zoo.verification.verify import verify

FOLDER = Path(__file__).parent
MODULE = "hostile_models"
# one second of CPU time, on a machine on which that may take long
BUSY = Limits(workers=1, seconds=1, patience=1000)
WIDTHS = range(1, 7)


def index(folder: Path, **builders: str) -> list[Entry]:
    """An index of models by name, each with its builder."""
    rows = [f"- {{Name: {name}, Builder: {builder}}}" for name, builder in builders.items()]
    (folder / "index.yml").write_text("\n".join(["Models:", *rows]))
    return list(load([folder / "index.yml"]).entries)


def hostile(name: str, **arguments: object) -> str:
    return json.dumps({"Name": f"{MODULE}:{name}", "Arguments": arguments})


@pytest.fixture(autouse=True)
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The module can be imported; this process never does."""
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setenv("PYTHONPATH", str(FOLDER))
    yield
    assert MODULE not in sys.modules


@pytest.fixture
def entries(tmp_path: Path) -> list[Entry]:
    return index(tmp_path, **{f"good{width}": hostile("Plain", width=width) for width in WIDTHS})


def measurer(folder: Path, **options: bool) -> Measurer:
    return Measurer(Ledger(folder / "ledger"), trusted=(MODULE,), **options)


def counts(folder: Path, entries: list[Entry]) -> dict[str, tuple]:
    asked = measurer(folder)
    found = {entry.name: asked.look_up(entry, Variant(entry.stated_input)) for entry in entries}
    return {
        name: (each.outcome, each.error, each.cell.key, each.values.get("trace"))
        for name, each in found.items()
        if each
    }


def count_one(folder: Path, builder: str, limits: Limits) -> tuple[Measurer, str]:
    """The error of counting a model within limits, and the measurer."""
    (entry,) = index(folder, model=builder)
    asked = measurer(folder)
    with workers(asked, limits):
        evidence = asked.count(entry, Variant(entry.stated_input))
    assert evidence
    return asked, evidence.error or ""


def test_what_computes_too_long_is_stopped_and_tried_again_by_the_next_run(tmp_path: Path) -> None:
    asked, error = count_one(tmp_path, hostile("Computes"), BUSY)
    assert error == "it took more than 1 s of CPU time; --time-limit allows more"
    assert asked.transient == {"model"} and not list(tmp_path.rglob("*.json"))


def test_a_model_of_the_libraries_that_grows_without_end_is_stopped_too(tmp_path: Path) -> None:
    """A single one, whose size an index states; it is no evidence."""
    builder = "{Name: 'timm:vit_tiny_patch16_224', Arguments: {depth: 100000000}}"
    limits = Limits(workers=1, seconds=2, memory=GIB // 4, patience=1000)
    asked, error = count_one(tmp_path, builder, limits)
    assert error.endswith(("--time-limit allows more", "--memory-limit allows more than 0.25 GiB"))
    assert asked.transient == {"model"} and not list(tmp_path.rglob("*.json"))


def test_what_waits_for_ever_is_stopped_at_some_point(tmp_path: Path) -> None:
    limits = Limits(workers=1, seconds=1, patience=2)
    for name in ("Sleeps", "Stops"):
        asked, error = count_one(tmp_path, hostile(name), limits)
        assert error == "it had not ended after 2 s and was stopped"
        assert asked.transient == {"model"} and not list(tmp_path.rglob("*.json"))


def test_time_that_passes_without_computing_is_not_that_of_the_model(tmp_path: Path) -> None:
    assert count_one(tmp_path, hostile("Sleeps", seconds=2.5), BUSY)[1] == ""


def test_a_step_of_the_clock_is_not_time_of_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = time.time
    steps = count()
    monkeypatch.setattr(time, "time", lambda: real() + 400 * next(steps))
    assert count_one(tmp_path, hostile("Sleeps", seconds=1), Limits(workers=1))[1] == ""


def test_limits_hold_for_each_model_and_not_for_the_process(tmp_path: Path) -> None:
    """Models of libraries share a process, whose CPU time adds up."""
    names = {
        f"vit{depth}": f"{{Name: 'timm:test_vit', Arguments: {{depth: {depth}}}}}"
        for depth in range(40, 60)
    }
    entries = index(tmp_path, **names)
    asked = measurer(tmp_path)
    with workers(asked, BUSY):
        asked.count_all(entries)
    assert {each[0] for each in counts(tmp_path, entries).values()} == {"measured"}


@pytest.mark.parametrize("name", ["ExitNow", "Killed", "Disk", "Swallow"])
def test_a_later_run_tries_again_what_said_nothing_about_the_model(
    tmp_path: Path, name: str
) -> None:
    """With the findings cache between."""
    (entry,) = index(tmp_path, model=hostile(name))
    for _ in range(2):
        asked = measurer(tmp_path)
        with workers(asked, Limits(workers=1, memory=GIB // 4)):
            for _ in range(2):
                findings = verify_index([entry], asked, FindingsCache.open(tmp_path / "ledger"))
        assert asked.stats == (1, 0)  # once in a run
        # what "Disk" holds is known, and the index says nothing about it
        assert [finding.verdict for finding in findings] == ["error"] * (name != "Disk")


def test_a_finding_that_lacks_a_variant_is_not_cached(tmp_path: Path) -> None:
    """Its search for a cause may find one in a later run."""
    (entry,) = index(tmp_path, model=hostile("Plain"))
    asked = measurer(tmp_path)
    folder, other = tmp_path / "ledger", replace(entry.builder, name=f"{MODULE}:ExitNow")
    with workers(asked, Limits(workers=1)):
        asked.count(entry, Variant(image_input((32, 32)), builder=other))
        verify_index([entry], asked, FindingsCache.open(folder))
    assert asked.transient == {"model"} and not FindingsCache.open(folder).entries
    verify_index([entry], measurer(tmp_path), FindingsCache.open(folder))
    assert FindingsCache.open(folder).entries


def test_the_same_as_in_one_process(tmp_path: Path) -> None:
    good = index(tmp_path, **{name: f"'timm:test_{name}'" for name in ("resnet", "vit", "byobnet")})
    asked = measurer(tmp_path)
    with workers(asked, Limits(workers=2)):
        asked.count_all(good)
    alone = measurer(tmp_path / "alone")
    for entry in good:
        alone.count(entry, Variant(entry.stated_input))
    assert counts(tmp_path, good) == counts(tmp_path / "alone", good)


def test_what_is_asked_beyond_it_is_counted_there_too(tmp_path: Path, entries: list[Entry]) -> None:
    asked = measurer(tmp_path)
    with workers(asked, Limits(workers=1)):
        fine = asked.count(entries[0], Variant(image_input((64, 64))))
    assert fine and fine.trace and fine.trace.macs == 62 * 62 * 27


def test_fresh_counts_once(tmp_path: Path, entries: list[Entry]) -> None:
    good = entries[:2]
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
    "sign",
    [
        signal.SIGKILL,
        pytest.param(signal.SIGINT, marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, marks=pytest.mark.slow),
    ],
)
def test_all_processes_end_with_the_one_that_asks(
    tmp_path: Path, descendants: Callable[[int], set[int]], sign: int
) -> None:
    """Those that a model has started too; and what was counted until then is not counted again."""
    builders = {f"good{width}": hostile("Plain", width=width) for width in WIDTHS}
    entries = index(tmp_path, orphan=hostile("Orphan"), **builders, hangs=hostile("Computes"))
    command = zoo_command(f"verify --index index.yml --trust {MODULE} --jobs 2")
    run = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    below: set[int] = set()
    until = time.monotonic() + 120
    while len(list(tmp_path.glob("ledger/count/*/*.json"))) < len(entries) - 1:
        below |= descendants(run.pid)
        assert time.monotonic() < until and run.poll() is None
        time.sleep(0.05)
    below |= descendants(run.pid)
    os.kill(run.pid, sign)
    assert run.wait(60) in (-sign, 130)
    until = time.monotonic() + 60
    while alive(below) and time.monotonic() < until:
        time.sleep(0.1)
    assert below and alive(below) == set()
    assert not list(tmp_path.rglob("*.tmp"))
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("ledger/count/*/*.json")}
    done = subprocess.run(
        [*command, "--time-limit", "2"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 1 and "1 measured" in done.stdout + done.stderr
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no signal that stops a process")
def test_a_run_that_is_stopped_and_continued_has_no_finding_more(
    tmp_path: Path, descendants: Callable[[int], set[int]]
) -> None:
    """The workers stopped as well, and for longer than they may wait."""
    index(tmp_path, slow=hostile("Sleeps", seconds=3))
    command = zoo_command(f"verify --index index.yml --trust {MODULE} --time-limit 3 --format json")
    run = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    until = time.monotonic() + 120
    while len(below := descendants(run.pid)) < 3 and time.monotonic() < until:
        time.sleep(0.05)
    stopped = [run.pid, *below]
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(4)
    for pid in reversed(stopped):
        os.kill(pid, signal.SIGCONT)
    output, _ = run.communicate(timeout=120)
    assert "error" not in output and list(tmp_path.glob("ledger/count/slow/*.json"))
