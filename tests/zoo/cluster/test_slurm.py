"""Commands divided into jobs of a real Slurm: what happens to jobs there; the results are those of
one machine."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.zoo.cluster.conftest import Slurm, until

pytestmark = pytest.mark.slurm
INDEX = ("--index", "index.yml", "--trust", "toys")


def start(slurm: Slurm, folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    environment = slurm.environment | {"PYTHONPATH": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-m", "zoo", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(slurm: Slurm, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    process = start(slurm, folder, *arguments)
    out, err = process.communicate(timeout=240)
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def counted(folder: Path, ledger: str = "ledger") -> dict[str, Path]:
    return {path.parent.name: path for path in folder.glob(f"{ledger}/count/*/*.json")}


def numbers(folder: Path, ledger: str) -> dict[str, Any]:
    """What was counted of each model, without when and where."""
    documents = {
        name: json.loads(path.read_bytes()) for name, path in counted(folder, ledger).items()
    }
    return {
        name: (each["cell"], each["outcome"], each["values"]) for name, each in documents.items()
    }


def listed(slurm: Slurm, folder: Path) -> list[dict[str, Any]]:
    """The jobs of the newest run."""
    return json.loads(run(slurm, folder, "jobs", "--format", "json").stdout)[0]["jobs"]


def test_an_array_survives_what_happens_to_it(slurm: Slurm, toys: Callable[[int], Path]) -> None:
    """A node is drained, a job requeued and one cancelled while they run; the rest is counted, and
    in the end all."""
    folder = toys(6)
    (folder / "hold").touch()
    command = ("verify", *INDEX, "--executor", "slurm", "--chunk", "2", "--format", "json")
    process = start(slurm, folder, *command)
    until(lambda: {"m0", "m2"} <= counted(folder).keys())
    where = {number: node for number, (_, node) in slurm.jobs("running").items()}
    (drained, cancelled), (_, requeued) = sorted((node, number) for number, node in where.items())
    assert drained == "n1"
    slurm.ask("scontrol", "update", "nodename=n1", "state=drain", "reason=test")
    before = {path: path.stat().st_mtime_ns for path in counted(folder).values()}
    slurm.ask("scancel", cancelled)
    slurm.ask("scontrol", "requeue", requeued)
    # a job that is not quite gone would count one model more
    until(lambda: cancelled not in slurm.jobs("running,completing"))
    (folder / "hold").unlink()
    out, err = process.communicate(timeout=240)
    slurm.ask("scontrol", "update", "nodename=n1", "state=resume")
    jobs = {job["job"]: job for job in listed(slurm, folder)}
    assert process.returncode == 2 and f"job {cancelled} (m0, m1) cancelled" in err
    assert [job["state"] for _, job in sorted(jobs.items())] == ["cancelled", "done", "done"]
    assert {job["node"] for number, job in jobs.items() if number != cancelled} == {"n2"}
    assert {path: path.stat().st_mtime_ns for path in before} == before  # the requeued job went on
    assert counted(folder).keys() == {"m0", "m2", "m3", "m4", "m5"} and len(before) == 2
    verdicts = {f["model"]: f["verdict"] for f in json.loads(out) if f["quantity"] == "Parameters"}
    assert verdicts["m1"] == "unchecked" and set(verdicts.values()) == {"exact", "unchecked"}
    again = run(slurm, folder, *command)
    assert again.returncode == 0 and "1 job submitted" in again.stderr
    assert [job["models"] for job in listed(slurm, folder)] == [["m1"]]
    local = run(
        slurm, folder, "verify", *INDEX, "--ledger", "local", "--jobs", "1", "--format", "json"
    )
    assert local.stdout == again.stdout
    assert (
        numbers(folder, "ledger") == numbers(folder, "local") and len(numbers(folder, "local")) == 6
    )


@pytest.mark.slow
def test_benchmarks_have_a_node_each_and_evaluations_come_back(
    slurm: Slurm, tmp_path: Path
) -> None:
    bench = ("bench", "digits_cnn", "--replicates", "1", "--executor", "slurm")
    process = start(slurm, tmp_path, *bench)
    until(lambda: slurm.jobs("running"))
    number = next(iter(slurm.jobs("running")))
    assert "OverSubscribe=NO" in slurm.ask("scontrol", "show", "job", number)
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0 and "1 cell: 1 measured" in err and "digits_cnn" in out
    (path,) = tmp_path.glob("ledger/bench/digits_cnn/*.json")
    assert len(json.loads(path.read_bytes())["values"]["replicates"]) == 1
    done = run(slurm, tmp_path, "eval", "digits_cnn", "--executor", "slurm", "--format", "json")
    (row,) = json.loads(done.stdout)
    assert done.returncode == 0 and {f["verdict"] for f in row["findings"]} == {"rounded", "exact"}
    (path,) = tmp_path.glob("ledger/eval/digits_cnn/*.json")
    assert path.stem == row["evidence"]


def test_what_slurm_does_not_take_is_said(slurm: Slurm, toys: Callable[[int], Path]) -> None:
    folder = toys(2)
    done = run(slurm, folder, "verify", *INDEX, "--executor", "slurm", "--partition", "none\x1b")
    assert (
        done.returncode == 2
        and "--executor slurm: " in done.stderr
        and "invalid partition" in done.stderr
    )
    assert "\x1b" not in done.stderr and "Traceback" not in done.stderr
    assert counted(folder) == {}


@pytest.mark.slow
def test_a_node_that_fails_and_time_that_is_up(slurm: Slurm, toys: Callable[[int], Path]) -> None:
    """Slurm starts the job of a failed node again; a job whose time is up asks for that itself."""
    folder = toys(8)
    (folder / "hold").touch()
    command = ("verify", *INDEX, "--executor", "slurm", "--chunk", "4", "--format", "json")
    process = start(slurm, folder, *command)
    until(lambda: {"m0", "m4"} <= counted(folder).keys())
    before = {path: path.stat().st_mtime_ns for path in counted(folder).values()}
    first, second = sorted(slurm.jobs("running"))
    failed = slurm.jobs("running")[first][1]
    slurm.ask("scontrol", "update", f"nodename={failed}", "state=down", "reason=test")
    slurm.ask("scancel", "--signal=USR2", second)
    (folder / "hold").unlink()
    _, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    assert [job["state"] for job in listed(slurm, folder)] == ["done", "done"]
    assert {path: path.stat().st_mtime_ns for path in before} == before
    run(slurm, folder, "verify", *INDEX, "--ledger", "local", "--jobs", "1")
    assert numbers(folder, "ledger") == numbers(folder, "local")


@pytest.mark.slow
def test_a_job_that_dies_is_submitted_again(slurm: Slurm, toys: Callable[[int], Path]) -> None:
    folder = toys(4)
    (folder / "hold").touch()
    process = start(slurm, folder, "verify", *INDEX, "--executor", "slurm", "--chunk", "4")
    until(lambda: "m0" in counted(folder))
    (pid,) = commands_in(folder)
    os.kill(pid, signal.SIGKILL)
    (folder / "hold").unlink()
    _, err = process.communicate(timeout=240)
    (job,) = listed(slurm, folder)
    assert process.returncode == 0 and (job["tries"], job["state"]) == (2, "done"), err
    assert len(counted(folder)) == 4


def commands_in(folder: Path) -> Iterator[int]:
    """The processes of jobs that work in this folder: slurmstepd started them, so they are below
    nobody here."""
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (path / "cmdline").read_bytes().split(b"\0")
            if b"zoo.cli.job" in words and (path / "cwd").resolve() == folder.resolve():
                yield int(path.name)


@pytest.mark.slow
def test_detached_and_interrupted_runs_are_waited_for(
    slurm: Slurm, toys: Callable[[int], Path]
) -> None:
    folder = toys(4)
    (folder / "hold").touch()
    command = ("verify", *INDEX, "--executor", "slurm", "--chunk", "2")
    detached = run(slurm, folder, *command, "--detach")
    assert detached.returncode == 0 and "2 jobs submitted" in detached.stderr
    waiting = start(slurm, folder, *command)
    until(lambda: len(counted(folder)) >= 1)
    waiting.send_signal(signal.SIGINT)
    _, err = waiting.communicate(timeout=60)
    assert waiting.returncode == 130 and "is under way" in err and "jobs go on" in err
    (folder / "hold").unlink()
    done = run(slurm, folder, *command)
    assert done.returncode == 0 and "submitted" not in done.stderr
    assert len(counted(folder)) == 4 and len(listed(slurm, folder)) == 2


@pytest.mark.slow
def test_jobs_are_cancelled_and_their_logs_read(slurm: Slurm, toys: Callable[[int], Path]) -> None:
    folder = toys(4)
    (folder / "hold").touch()
    run(slurm, folder, "verify", *INDEX, "--executor", "slurm", "--chunk", "1", "--detach")
    until(lambda: len(counted(folder)) >= 1)
    (one, *_) = listed(slurm, folder)
    assert "$ zoo verify" in run(slurm, folder, "jobs", one["job"], "--log").stdout
    name = one["log"].split("/")[-2]
    assert "cancelled" in run(slurm, folder, "jobs", name, "--cancel").stderr
    until(lambda: all(job["state"] in ("done", "cancelled") for job in listed(slurm, folder)), 30)
    assert "cancelled" in {job["state"] for job in listed(slurm, folder)}
