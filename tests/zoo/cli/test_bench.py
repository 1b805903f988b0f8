"""`zoo bench` as a person types it: the plan, the table, what is refused, and runs that end
early."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.command import zoo_command
from zoo.bench.messages import WorkerAnswer
from zoo.bench.parse_request import duration, numbers_in
from zoo.bench.plan import Item
from zoo.bench.run import BenchmarkProgress, BenchmarkRun
from zoo.cli import app
from zoo.cli.output.benchmarks import line
from zoo.cli.output.times import format_duration
from zoo.model_index.errors import LedgerError, UsageError
from zoo.model_index.ledger.store import Ledger

ROOT = Path(__file__).parents[3]
TRUST = "benchtoys"
TOYS = (
    "Models:\n- {Name: busy, Builder: 'benchtoys:Busy'}\n- {Name: talks, Builder: "
    "'benchtoys:Talks'}\n"
)


@pytest.fixture
def zoo(toys: Path, pretender: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs `zoo bench` in this process with pretended workers."""
    (toys / "toys.yml").write_text(TOYS)
    monkeypatch.chdir(toys)
    monkeypatch.setattr("zoo.bench.run.run_worker", pretender)
    monkeypatch.setattr("zoo.bench.plan.available_cpus", lambda: [0, 1])

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(
            app, ["bench", *arguments, *f"--index toys.yml --threads 2 --trust {TRUST}".split()]
        )

    return call


def table(text: str) -> list[list[str]]:
    """The cells of a printed table's rows."""
    return [row.split("\t") for row in text.splitlines()]


def test_the_plan_runs_nothing(zoo: Callable[..., Result], pretender: Any) -> None:
    result = zoo("busy", "--batch-size", "1,8", "--mode", "latency,cold", "--plan")
    assert result.exit_code == 0, result.output
    assert result.stdout == (
        "All cells: busy, eager, cpu, 2 threads, fp32\n"
        "Batch\tMode\tExpected\n"
        "1\tlatency\t110 s\n"
        "1\tcold\t100 s\n"
        "8\tlatency\t110 s\n"
        "8\tcold\t100 s\n"
        "4 cells, 10 processes each and one for the memory: 7 min 5 s; 10 s a process is a guess, "
        "nothing like it was measured here\n"
    )
    assert pretender.jobs == []


def test_a_budget_that_is_too_short_is_named_with_one_that_is_not(
    zoo: Callable[..., Result], pretender: Any
) -> None:
    warning = (
        "the budget of 20 s is too short for 2 processes of each cell, which an interval needs: "
        "--budget 30s (all of it takes 1 min 55 s)"
    )
    planned = zoo("busy", "--budget", "20s", "--plan").stdout.splitlines()
    assert planned[-2].startswith("1 cell, 10 processes each and one for the memory: 1 min 55 s, ")
    assert "ends after 20 s" in planned[-2]
    assert planned[-1] == warning
    result = zoo("busy", "--budget", "20s")
    assert result.stderr.splitlines()[0] == warning
    assert "needs" not in zoo("busy", "--budget", "30s", "--plan").stdout
    assert warning not in zoo("busy", "--budget", "20s", "--fresh", "-q").stderr


def test_the_plan_for_machines(zoo: Callable[..., Result]) -> None:
    options = ("--batch-size", "1,2", "--plan", "--format")
    document = json.loads(zoo("busy", *options, "json").stdout)
    assert (document["replicates"], document["seconds"], document["budget"]) == (10, 225.0, None)
    assert [
        (cell["model"], cell["engine"], cell["batch_size"], cell["obstacle"])
        for cell in document["cells"]
    ] == [("busy", "eager", 1, None), ("busy", "eager", 2, None)]
    assert zoo("busy", *options, "csv").stdout.splitlines()[:2] == [
        "model,engine,device,threads,precision,batch_size,mode,seconds,estimated,obstacle",
        "busy,eager,cpu,2,fp32,1,latency,10.0,False,",
    ]


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a GPU and without OpenVINO."""

    def explain(device: str) -> str:
        return "" if device == "cpu" else f"no device {device} on this machine: no driver"

    monkeypatch.setattr("zoo.bench.availability.explain_absence", explain)
    monkeypatch.setitem(sys.modules, "openvino", None)


def test_the_plan_marks_cells_that_cannot_run(zoo: Callable[..., Result], absent: None) -> None:
    result = zoo("busy", "--engine", "eager,openvino", "--device", "cpu,cuda", "--plan")
    assert table(result.stdout)[1:-1] == [
        ["Engine", "Device", "Threads", "Expected", "Note"],
        ["eager", "cpu", "2", "110 s", ""],
        ["eager", "cuda", "", "cannot run", "no device cuda on this machine: no driver"],
        [
            "openvino",
            "cpu",
            "2",
            "cannot run",
            "openvino is not installed: pip install 'model-zoo-ledger[openvino]'",
        ],
        [
            "openvino",
            "cuda",
            "",
            "cannot run",
            "openvino runs on cpu, not on cuda",
        ],
    ]
    assert table(result.stdout)[-1][0].startswith("1 cell, 10 processes each")
    assert result.exit_code == 0


@pytest.mark.parametrize("plan", [["--plan"], []])
def test_cells_that_cannot_run_are_no_findings(
    plan: list[str], zoo: Callable[..., Result], absent: None, pretender: Any
) -> None:
    result = zoo("busy", "--device", "cuda", "--budget", "10s", *plan)
    assert result.exit_code == 2
    assert "cannot run here: no device cuda on this machine: no driver\n" in result.stdout
    assert "budget" not in result.output
    assert pretender.jobs == []


def test_one_cell_in_sentences(zoo: Callable[..., Result], pretender: Any) -> None:
    pretender.seconds = lambda job, count: 0.0125
    pretender.flags = {1: ["busy machine"]}
    result = zoo("busy", "--batch-size", "4", "--channels-last")
    assert result.exit_code == 0, result.output
    assert result.stdout == (
        "busy, eager, cpu, 2 threads, fp32, batch 4, channels last, latency: 12.50 ms (12.50 to "
        "12.50, 95%, 5 processes)\n"
        "320 images/s, memory 1 MiB\n"
        "other programs used the processor\n"
    )
    assert result.stderr == "1 cell: 1 measured; records in ledger\n"
    again = zoo("busy", "--batch-size", "4", "--channels-last")
    assert (
        again.stderr == "1 cell: 0 measured, 1 reused; records in ledger (--fresh measures again)\n"
    )
    assert again.stdout == result.stdout


def test_several_cells_in_a_table(zoo: Callable[..., Result], pretender: Any) -> None:
    pretender.seconds = lambda job, count: 0.5 * job.batch_size
    result = zoo("busy", "--batch-size", "1,4")
    assert table(result.stdout) == [
        ["All cells: busy, eager, cpu, 2 threads, fp32, latency, 5 processes each"],
        ["Batch", "Time", "95% +/-", "Images/s", "Memory"],
        ["1", "500.0 ms", "0.0%", "2", "1 MiB"],
        ["4", "2.000 s", "0.0%", "2", "1 MiB"],
    ]
    lines = zoo("busy", "--batch-size", "1,4", "--format", "csv").stdout.splitlines()
    assert lines[1] == (
        "busy,eager,cpu,2,fp32,1,proposed,False,latency,none,0.5,0.5,0.5,,,2.0,1048576,5,precise,,,"
    )
    assert lines[0].startswith("model,engine,device,threads,precision,batch_size,input,")


def test_failures_follow_what_was_measured(zoo: Callable[..., Result], pretender: Any) -> None:
    pretender.failing["busy"] = WorkerAnswer(failure="out of memory", error="it did not fit")
    result = zoo("busy", "talks")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == (
        "busy, eager, cpu, 2 threads, fp32, batch 1, latency: failed, out of memory: it did not fit"
    )
    assert result.stdout.startswith("talks, eager")
    assert result.stderr == "2 cells: 1 measured, 1 failed; records in ledger\n"


def test_a_cell_that_was_not_reached(zoo: Callable[..., Result], pretender: Any) -> None:
    result = zoo("busy", "--budget", "5s")
    assert result.stdout == (
        "busy, eager, cpu, 2 threads, fp32, batch 1, latency: not measured: the budget ended "
        "before its first process\n"
    )


def test_a_model_that_is_not_trusted_is_a_usage_error(
    zoo: Callable[..., Result], pretender: Any
) -> None:
    pretender.failing["busy"] = WorkerAnswer(failure="missing", error="it is not installed")
    result = zoo("busy")
    assert (result.exit_code, result.stdout) == (
        2,
        "busy, eager, cpu, 2 threads, fp32, batch 1, latency: cannot run here: it is not "
        "installed\n",
    )


def test_json_has_statistics_and_failures(zoo: Callable[..., Result], pretender: Any) -> None:
    pretender.failing["talks"] = WorkerAnswer(failure="raised", error="ValueError: no")
    busy, talks = json.loads(zoo("busy", "talks", "--format", "json").stdout)
    assert (busy["seconds"], busy["interval"], busy["p90"], busy["stopped"]) == (
        1.0,
        [1.0, 1.0],
        None,
        "precise",
    )
    assert (busy["medians"], busy["samples_a_second"]) == ([1.0] * 5, 1.0)
    assert (talks["model"], talks["failure"], talks["error"]) == (
        "talks",
        "raised",
        "ValueError: no",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--engine", "turbo"],
            "--engine: no 'turbo' (eager, compile, onnxruntime, openvino, tensorrt)",
        ),
        (["--device", "tpu"], "--device: no 'tpu': did you mean cpu? (cpu, cuda, mps)"),
        (
            ["--batch-size", "1,x"],
            "--batch-size: expected whole numbers from 1 such as 1,4,8, got '1,x'",
        ),
        (["--budget", "soon"], "--budget: expected a time such as 90s, 10m or 2h, got 'soon'"),
        (
            ["--input-size", "big"],
            "--input-size: expected N or HxW such as 224 or 224x285, got 'big'",
        ),
        (
            ["nothing_like_it"],
            "no model 'nothing_like_it' (2 models in toys.yml; `zoo list` lists them)",
        ),
    ],
)
def test_what_does_not_exist_is_refused_before_anything_runs(
    zoo: Callable[..., Result], pretender: Any, arguments: list[str], message: str
) -> None:
    result = zoo("busy", *arguments)
    assert isinstance(result.exception, UsageError)
    assert str(result.exception) == message
    assert pretender.jobs == []


def test_times_and_numbers() -> None:
    assert [duration("--budget", text) for text in ("90", "90s", "10m", "1.5h", "2min")] == [
        90,
        90,
        600,
        5400,
        120,
    ]
    assert numbers_in("--batch-size", "1, 4,4") == (1, 4)
    assert [format_duration(seconds) for seconds in (0.4, 59.6, 200, 7500)] == [
        "0 s",
        "1 min 0 s",
        "3 min 20 s",
        "2 h 5 min",
    ]


def test_a_line_of_progress(
    items: Callable[..., list[Item]], pretender: Any, tmp_path: Path
) -> None:
    seen: list[str] = []

    def watch(progress: BenchmarkProgress) -> None:
        seen.append(line(progress))

    pretender.seconds = lambda job, count: 0.0312 + 0.0001 * (count % 2)
    BenchmarkRun(
        ledger=Ledger(tmp_path / "ledger"),
        run_worker=pretender,
        trusted=(TRUST,),
        clock=pretender.clock,
        watch=watch,
    ).measure(items("Busy"))
    assert seen[0] == "1 min 30 s left, busy eager batch 1: 31.30 ms, 1 process"
    assert seen[-1] == "0 s left, busy eager batch 1: 31.30 ms (31.19 to 31.33), 5 processes"


def test_a_full_disk_is_a_message_and_tears_nothing(
    items: Callable[..., list[Item]], pretender: Any, tmp_path: Path, small_disk: Path
) -> None:
    ledger = Ledger(small_disk / "ledger")
    pretender.seconds = lambda job, count: 1.0 + 0.3 * (count % 3)
    (small_disk / "filler").write_bytes(b"x" * 48 * 1024)
    pretender.flags = {count: [f"{count} " * 1500] for count in range(20)}
    with pytest.raises(LedgerError, match="cannot write evidence: No space left on device"):
        BenchmarkRun(
            ledger=ledger, run_worker=pretender, trusted=(TRUST,), clock=pretender.clock
        ).measure(items("Busy"))
    (document,) = ledger.all("bench")
    assert (
        document.benchmark
        and len(document.benchmark.replicates) == len(pretender.asked("replicate")) - 1
    )
    assert [path.suffix for path in (small_disk / "ledger").rglob("*") if path.is_file()] == [
        ".json"
    ]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if (
        not hasattr(os, "geteuid")
        or os.geteuid()
        or subprocess.run(mount, capture_output=True).returncode
    ):
        pytest.skip("a small file system can only be made by root, where mounting is allowed")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def measured(folder: Path) -> dict[str, list[dict]]:
    """The replicates of each model that the ledger has."""
    found = Ledger(folder / "ledger").all("bench")
    return {each.cell.model: each.values["replicates"] for each in found}


@pytest.mark.slow
def test_a_run_that_is_interrupted_then_killed_goes_on(toys: Path) -> None:
    """The same plan's records in the end, and no process measured twice."""
    (toys / "toys.yml").write_text(TOYS)
    command = zoo_command(
        "bench busy talks --mode cold --replicates 2 --threads 1 --input-size 8"
        " --index toys.yml --trust benchtoys"
    )
    variables = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{toys}"}

    def ended(after: int, by: signal.Signals) -> tuple[int, str]:
        """Start, wait for so many replicates, send the signal."""
        with subprocess.Popen(
            command, cwd=toys, env=variables, stderr=subprocess.PIPE, text=True
        ) as parent:
            end = time.monotonic() + 90
            while sum(map(len, measured(toys).values())) < after and time.monotonic() < end:
                time.sleep(0.05)
            parent.send_signal(by)
            return parent.wait(), parent.stderr.read() if parent.stderr else ""

    code, said = ended(1, signal.SIGINT)
    assert (code, said.splitlines()[-1]) == (130, "zoo: interrupted; results so far are stored")
    first = measured(toys)
    assert ended(sum(map(len, first.values())) + 1, signal.SIGKILL)[0] == -signal.SIGKILL
    second = measured(toys)
    done = subprocess.run(
        command, cwd=toys, env=variables, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "2 cells: 2 measured; records in ledger\n")
    last = measured(toys)
    assert {model: len(replicates) for model, replicates in last.items()} == {"busy": 2, "talks": 2}
    for before in (first, second):
        for model, replicates in before.items():
            assert last[model][: len(replicates)] == replicates
    assert len({replicate["run"] for replicates in last.values() for replicate in replicates}) >= 2
