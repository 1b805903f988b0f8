"""`benchmarks/gpu.sh`: its plan, its limits, and all of it with small models on a CPU."""

import importlib.util
import json
import os
import re
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.testing import CliRunner

from zoo.cli import app

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def gpu() -> Iterator[ModuleType]:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("gpu_script", ROOT / "benchmarks/gpu.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture
def run(gpu: ModuleType, tmp_path: Path) -> Any:
    """Eight minutes that begin now."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return gpu.Run(gpu.GPU, tmp_path, scratch, 480.0, time.time())


def document(processes: int, outcome: str = "measured") -> str:
    """A benchmark's document, as far as the script reads it."""
    replicates = [{"telemetry": {"wall": 4.0}}] * processes
    output = {"max_abs": 0.0} if processes else {}
    values: dict[str, Any] = {"replicates": replicates, "output": output}
    if outcome != "measured":
        values["failure"] = "out of memory"
    conditions = {"engine": "compile", "mode": "latency"}
    cell = {"model": "dpn98", "conditions": conditions}
    return json.dumps({"cell": cell, "outcome": outcome, "values": values, "error": "no room"})


def store(run: Any, name: str, text: str) -> None:
    folder = run.ledger / "bench" / "dpn98"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


def test_steps_fit_the_budget_and_leave_the_later_ones_their_time(
    gpu: ModuleType, run: Any
) -> None:
    limits = dict(run.limits(gpu.STEPS, run.budget))
    assert sum(limits.values()) <= 480
    assert all(limit >= step.least for step, limit in limits.items())
    run.budget = 240.0
    halves = dict(run.limits(gpu.STEPS, run.budget))
    assert sum(halves.values()) <= 240
    assert all(limit >= step.least / 2 for step, limit in halves.items())
    run.budget = 900.0
    assert sum(dict(run.limits(gpu.STEPS, run.budget)).values()) > 480


def test_its_benchmarks_are_eight_cells_of_five_processes(gpu: ModuleType, run: Any) -> None:
    cells = []
    for commands in (gpu.eager, gpu.graph, gpu.compiled):
        [command] = commands(run, 100.0)
        assert command[:3] == [sys.executable, "-m", "zoo"]
        done = CliRunner().invoke(app, [*command[3:], "--plan", "--format", "json"])
        plan = json.loads(done.stdout)
        cells += plan["cells"]
        assert "--replicates" in command and command[command.index("--replicates") + 1] == "5"
    shown = [
        (row["model"], row["batch_size"], row["engine"], row["mode"], row["precision"])
        for row in cells
    ]
    models = [
        (name, size, "eager", "latency", "fp16")
        for name in ("densenet121", "dla34", "dpn98")
        for size in (1, 64)
    ]
    assert sorted(shown) == sorted(
        [
            *models,
            ("dpn98", 1, "eager", "device", "fp16"),
            ("dpn98", 1, "compile", "latency", "fp16"),
        ]
    )


def test_the_tests_that_it_runs_are_all_that_need_a_gpu(gpu: ModuleType, run: Any) -> None:
    [command] = gpu.test(run, 100.0)
    names = {word for word in command if word.endswith(".py")}
    marked = subprocess.run(
        ["grep", "-rlE", r"^@pytest\.mark\.gpu", "tests"], cwd=ROOT, capture_output=True, text=True
    )
    assert set(marked.stdout.split()) <= names
    assert {"tests/zoo/bench/test_worker.py", "tests/zoo/counting/test_api.py"} <= names


def test_a_step_that_fails_or_takes_too_long_stops_no_other(
    gpu: ModuleType, run: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    def commands(*codes: str) -> Any:
        return lambda run, left: ([sys.executable, "-c", code] for code in codes)

    def broken(run: Any, left: float) -> Iterator[list[str]]:
        raise ValueError("no commands today")
        yield []

    steps = [
        gpu.Step("fails", 1, 90, commands("import sys; sys.exit(3)", "print('still here')")),
        gpu.Step("broken", 1, 60, broken),
        gpu.Step("long", 1, 5, commands("import time; time.sleep(100)")),
        gpu.Step("late", 0, 1, commands("print('never')")),
        gpu.Step("last", 1, 90, commands("print('the last one')")),
    ]
    begin = time.monotonic()
    run.do(steps)
    assert time.monotonic() - begin < 100  # the sleep did not end
    assert [outcome.result for outcome in run.outcomes] == [
        "exit code 3",
        "ValueError: no commands today",
        "out of time",
        "no time left",
        "ok",
    ]
    assert {outcome.well for outcome in run.outcomes} == {False, True}
    printed, summary = capfd.readouterr().out, (run.out / "summary.txt").read_text()
    assert "still here" in printed and "the last one" in printed and "never'" not in printed
    assert re.search(r"^long +\d+ +5  out of time$", summary, re.MULTILINE)
    assert "still here" in (run.out / "log.txt").read_text()


def test_records_to_commit_are_those_with_all_processes(gpu: ModuleType, run: Any) -> None:
    store(run, "a.json", document(5))
    store(run, "b.json", document(3))
    store(run, "c.json", document(0, "failed"))
    run.pack()
    run.summarise()
    names = {}
    for name in ("records", "ledger"):
        with tarfile.open(run.out / f"{name}.tar.gz") as archive:
            names[name] = archive.getnames()
    assert names["records"] == ["bench/dpn98/a.json"]
    assert names["ledger"] == [f"bench/dpn98/{letter}.json" for letter in "abc"]
    assert "1 of 3 cells have 5 processes, 0 have joules" in run.summary
    assert "failed: dpn98: out of memory: no room" in run.summary
    [command] = gpu.unfinished(run, 100.0)
    assert command == next(gpu.compiled(run, 100.0))


def test_other_models_are_as_many_as_fit_and_the_rest_is_named(gpu: ModuleType, run: Any) -> None:
    store(run, "a.json", document(5))
    steps = gpu.rest(run, 60.0)  # six processes of 4 s each: two models
    command = next(steps)
    assert command[4:6] == ["densenet161", "densenet169"] and command[6] == "--device"
    assert list(steps) == []
    [note] = run.notes
    assert note.startswith("not reached: densenet161, densenet169, densenet201")
    assert "dpn98" not in note and note.endswith("efficientnet_lite0")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["out", "--minutes", "0"], "--minutes: expected 0.1 to 600"),
        (["out", "--steps", "eager,lunch"], "--steps: no 'lunch' (device, tests, eager"),
        ([], "expected a folder for the results"),
    ],
)
def test_wrong_usage_runs_nothing(arguments: list[str], message: str) -> None:
    variables = {name: value for name, value in os.environ.items() if name != "OUT"}
    command = [sys.executable, "-P", "benchmarks/gpu.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True)
    assert done.returncode and message in done.stderr


def test_every_wheel_is_of_a_version_that_the_constraints_name() -> None:
    script = (ROOT / "benchmarks/gpu_wheels.sh").read_text()
    [block] = re.findall(r"^PACKAGES=\((.*?)^\)", script, re.MULTILINE | re.DOTALL)
    names = re.sub(r"#.*", "", block).split()
    pins = (ROOT / "constraints.txt").read_text()
    assert [name for name in names if f"\n{name}==" not in pins] == []
    assert {"msgspec", "jellyfish", "junitparser", "typer", "mkdocs", "babel", "timm"} <= set(names)
    assert "/wheels/\n" in (ROOT / ".gitignore").read_text()


@pytest.mark.slow
def test_all_of_it_on_a_cpu(tmp_path: Path) -> None:
    command = ["benchmarks/gpu.sh", "--dry-run", "--minutes", "24", str(tmp_path)]
    variables = os.environ | {"PYTHON": sys.executable}
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True)
    summary = (tmp_path / "summary.txt").read_text()
    outcomes = dict(re.findall(r"^(\w+) +\d+ +\d+  (.+)$", summary, re.MULTILINE))
    noisy = outcomes.pop("compare")  # two processes a side may differ on a busy machine
    assert noisy in ("ok", "exit code 1"), done.stdout
    assert outcomes == dict.fromkeys(
        ("device", "tests", "eager", "graph", "compile", "energy", "rest"), "ok"
    ), done.stdout
    assert done.returncode == (noisy != "ok")
    with tarfile.open(tmp_path / "records.tar.gz") as archive:
        names = archive.getnames()
    assert sum(name.startswith("bench/digits_cnn/") for name in names) == 4
    assert sum(name.startswith("bench/dla46") for name in names) >= 1
    assert "not reached: " in summary
