"""Parts as processes of this machine: they are waited for, tried again where they die, and kept for
`zoo jobs`."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.command import zoo_command
from tests.zoo.cluster.conftest import until
from zoo.bench.request import BenchRequest
from zoo.cli.job_options import Cluster, JobOptions
from zoo.cluster.cancel import earlier_jobs
from zoo.cluster.chunking import alike, chunks, digest, literal
from zoo.cluster.dispatch import TRIES, Dispatch, JobResources, Part
from zoo.cluster.outcome import Outcome
from zoo.cluster.run_record import FinalStatus, Job, Run, find_run, jobs_folder, runs
from zoo.cluster.status import Status, statuses
from zoo.model_index.errors import UsageError

LOCAL = JobResources(executor="local", parallel=2)


def zoo(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"PYTHONPATH": str(folder)}
    command = [sys.executable, "-m", "zoo", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )


PLAN = BenchRequest(names=("dpn68", "dla34"), plan=True)  # neither imports torch nor measures


def part(request: BenchRequest = PLAN, output: bool = False) -> Part:
    text = msgspec.json.encode(request).decode()
    return Part(text, ("m",), (digest(text),), output)


def test_commands_are_run_and_their_output_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three at most two at once; one that is wrong is not tried again."""
    monkeypatch.chdir(tmp_path)
    wrong = BenchRequest(names=("dpn68",), engine="nonsense")
    parts = [part(output=True), part(wrong), part()]
    run = Dispatch(tmp_path / "ledger", "zoo bench", LOCAL, parts)
    run.start()
    assert len(run.run.jobs) == 2 and len(earlier_jobs(tmp_path / "ledger", "local")) == 2
    ended = run.wait()
    assert [(one.status.condition, one.job.tries) for one in ended] == [
        ("done", 0),
        ("failed", 0),
        ("done", 0),
    ]
    assert ended[1].status.reason == "zoo ended with exit code 2"
    assert "nonsense" in ended[1].run.log(ended[1].job).read_text()
    cells = json.loads(run.run.output(0, 0).read_bytes())["cells"]
    assert {cell["model"] for cell in cells} == {"dpn68", "dla34"}
    (kept,) = runs(tmp_path / "ledger")
    assert kept == run.run and earlier_jobs(tmp_path / "ledger", "local") == []


def test_what_dies_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\nif 'zoo.cli.job' in getattr(sys, 'orig_argv', ()): "
        "os.kill(os.getpid(), 9)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    run = Dispatch(tmp_path / "ledger", "zoo bench", LOCAL, [part()])
    run.start()
    (ended,) = run.wait()
    assert (ended.job.tries, ended.status.condition, ended.status.reason) == (
        TRIES - 1,
        "failed",
        "zoo was cut off by signal 9",
    )
    assert [job.tries for job in run.run.jobs] == list(range(TRIES))


def test_verify_in_local_jobs_is_the_same(tmp_path: Path, toys: Callable[[int], Path]) -> None:
    folder = toys(3)
    command = ("verify", "--index", "index.yml", "--trust", "toys", "--format", "json")
    done = zoo(folder, *command, "--executor", "local", "--chunk", "2")
    alone = zoo(folder, *command, "--ledger", "alone", "--jobs", "1")
    assert (done.returncode, done.stdout) == (0, alone.stdout)
    assert "2 jobs submitted" in done.stderr and "0 measured, 3 reused" in done.stderr
    (run,) = json.loads(zoo(folder, "jobs", "--format", "json").stdout)
    assert [(job["state"], job["models"]) for job in run["jobs"]] == [
        ("done", ["m0"]),
        ("done", ["m1", "m2"]),
    ]
    table = zoo(folder, "jobs", run["identity"]).stdout
    assert (
        "m1 and 1 more" in table
        and run["jobs"][0]["log"].endswith("_0_log.out")
        and "ledger/.cache/jobs" in table
    )
    log = zoo(folder, "jobs", run["jobs"][0]["job"], "--log").stdout
    assert '{"type":"verify","names":["m0"],"index":["index.yml"]' in log
    again = zoo(folder, *command, "--executor", "local")
    assert again.stdout == alone.stdout and "submitted" not in again.stderr
    assert zoo(folder, "ledger", "check").returncode == 0
    assert (
        "0 jobs cancelled, 2 were already over"
        in zoo(folder, "jobs", run["identity"], "--cancel").stderr
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"chunk": 2}, "--chunk requires --executor"),
        ({"detach": True}, "--detach requires --executor"),
        (
            {"executor": "local", "partition": "x"},
            "--partition requires --executor slurm",
        ),
        ({"executor": "local", "detach": True}, "local jobs end with their command"),
        (
            {"executor": "slurm", "sbatch": ("account vision",)},
            "--sbatch: expected NAME=VALUE",
        ),
        (
            {"executor": "slurm", "sbatch": ("array=0-5",)},
            "--sbatch: array is what jobs are made with",
        ),
        ({"executor": "slurm", "sbatch": ("x\n#SBATCH=1",)}, "--sbatch: expected NAME=VALUE"),
        (
            {"executor": "slurm", "sbatch": ("comment=x\nrm -rf",)},
            "--sbatch: expected NAME=VALUE",
        ),
        ({"executor": "local", "job_time": "soon"}, "--job-time: expected a time"),
    ],
)
def test_options_that_do_not_go_together(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        cluster(**options)


def cluster(**options: Any) -> Cluster | None:
    return JobOptions(**options).cluster(models=8, width=3)


def test_what_a_command_asks_for_by_default() -> None:
    assert cluster() is None
    assert cluster(executor="local") == Cluster(
        JobResources(executor="local", parallel=3), 8, False
    )
    slurm = cluster(executor="slurm", sbatch=("account=a b", "contiguous"), job_time="90m", chunk=2)
    assert slurm == Cluster(
        JobResources(executor="slurm", minutes=90, sbatch={"account": "a b", "contiguous": True}),
        2,
        False,
    )


@pytest.mark.parametrize("command", [("verify",), ("eval", "digits_cnn"), ("bench", "digits_cnn")])
def test_each_command_asks_before_it_works(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = zoo(tmp_path, *command, "--chunk", "2")
    assert done.returncode == 2 and "--chunk requires --executor" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_slurm_it_says_so(tmp_path: Path) -> None:
    environment = {"PATH": "/nowhere", "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "zoo", "verify", "dpn68", "--executor", "slurm"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2 and "srun" in done.stderr and "Traceback" not in done.stderr


def test_a_run_is_found_by_its_beginning_and_by_a_job(tmp_path: Path) -> None:
    one, other = (
        Run(identity=name, executor="slurm", command="zoo verify", ledger=str(tmp_path))
        for name in ("2026-verify-1", "2026-verify-2")
    )
    one.jobs = [Job("7_0", 0, ["m"], ["k"]), Job("9", 0, ["m"], ["k"], 1)]
    one.save(), other.save()
    assert find_run(tmp_path, "2026-verify-1") == (one, None)
    assert find_run(tmp_path, "9") == (one, one.jobs[1]) and one.latest == [one.jobs[1]]
    for name, said in (("2026", "2 runs begin with"), ("8", "no run and no job '8'")):
        with pytest.raises(UsageError, match=said):
            find_run(tmp_path, name)


RUN = b"""{"identity": "x", "executor": "slurm", "command": "zoo verify",
"jobs": [{"id": "%s", "part": 0, "models": ["m"], "covers": []}]}"""


def test_a_damaged_run_is_passed_over(tmp_path: Path) -> None:
    Run(identity="whole", executor="local", command="zoo verify", ledger=str(tmp_path)).save()
    for name, text in (
        ("torn", b'{"identity"'),
        ("other", b"[]"),
        ("bytes", b"\xff"),
        ("wrong", b'{"jobs": 3}'),
        ("all", RUN % b"--me"),
        ("group", RUN % b"0"),
        ("long", RUN % b"99999999999999999999"),
    ):
        (jobs_folder(tmp_path) / name).mkdir()
        (jobs_folder(tmp_path) / name / "run.json").write_bytes(text)
    (jobs_folder(tmp_path) / "folder" / "run.json").mkdir(parents=True)
    (jobs_folder(tmp_path) / "pipe").mkdir()
    os.mkfifo(jobs_folder(tmp_path) / "pipe" / "run.json")
    assert [run.identity for run in runs(tmp_path)] == ["whole"]


def test_a_process_of_another_program_is_not_the_job(tmp_path: Path) -> None:
    """A number is used again after a while; and a run of another machine cannot be asked."""
    run = Run.new(tmp_path, "local", "zoo verify")
    run.jobs = [Job(str(os.getpid()), 0, ["m"], ["k"])]
    assert statuses([(run, run.jobs[0])]) == [Status("lost", "its process is gone")]
    run.host = "elsewhere"
    assert statuses([(run, run.jobs[0])]) == [Status("unknown", "it runs on elsewhere")]


def test_chunks_are_even() -> None:
    assert [len(chunk) for chunk in chunks(range(13), 5)] == [4, 4, 5]
    assert list(chunks([], 5)) == [] and [
        n for chunk in chunks(range(100), 7) for n in chunk
    ] == list(range(100))


def test_names_are_no_patterns_and_no_options() -> None:
    assert literal(["m*", "-x", "a[1]", "M*"]) == ("M[*]", "-x", "a[[]1]")
    assert alike(["m", "x", "M"], str) == [["m", "M"], ["x"]]


@pytest.mark.parametrize(
    ("code", "fine"), [(0, True), (1, True), (2, False), (-signal.SIGKILL, False), (137, False)]
)
def test_findings_are_no_failure(code: int, fine: bool) -> None:
    assert Outcome(code, "n1").fine is fine and not Outcome(code, "n1", cut=True).fine


def test_a_command_that_crashes_has_not_done_its_work(
    tmp_path: Path, toys: Callable[[int], Path]
) -> None:
    """Its exit code is none of a command that came to its end. What is not counted is not counted
    here."""
    folder = toys(2)
    (folder / "sitecustomize.py").write_text(
        "import sys\nif 'zoo.cli.job' in sys.orig_argv: "
        "sys.modules['zoo.counting.measurer'] = None\n"
    )
    (folder / "zoo").mkdir()  # nothing is imported from the folder at hand
    (folder / "zoo" / "__init__.py").write_text("raise ImportError('of the folder')")
    environment = os.environ | {"PYTHONPATH": str(folder / "toys"), "PYTHONSAFEPATH": "1"}
    (folder / "toys").mkdir()
    for name in ("sitecustomize.py", "toys.py"):
        (folder / name).rename(folder / "toys" / name)
    command = zoo_command("verify --index index.yml --trust toys --executor local")
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 2 and "failed: zoo ended with exit code 70" in done.stderr, (
        done.stderr
    )
    assert "0 wrong, 0 right, 2 unknown of 2 claims" in done.stderr
    assert not list(folder.glob("ledger/count"))
    (run,) = runs(folder / "ledger")
    assert [job.tries for job in run.jobs] == list(range(TRIES)) and run.over[
        run.jobs[-1].id
    ].condition == "failed"
    assert "of the folder" not in run.log(run.jobs[-1]).read_text()


@pytest.mark.slow
def test_a_model_that_cannot_be_built_is_judged_as_without_jobs(tmp_path: Path) -> None:
    (tmp_path / "index.yml").write_text(
        "Models:\n- {Name: m, Builder: 'nothere:make', Metadata: {Parameters: 3}}\n"
    )
    command = ("verify", "--index", "index.yml", "--format", "json")
    assert (
        zoo(tmp_path, *command, "--executor", "local").stdout
        == zoo(tmp_path, *command).stdout
        != "[]\n"
    )


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to see processes in")
@pytest.mark.parametrize("by", ["interruption", "zoo jobs"])
def test_jobs_that_are_ended_leave_nothing_behind(
    tmp_path: Path, toys: Callable[[int], Path], descendants: Callable[[int], set[int]], by: str
) -> None:
    folder = toys(2)
    (folder / "hold").touch()
    environment = os.environ | {"PYTHONPATH": str(folder)}
    command = zoo_command("verify --index index.yml --trust toys --executor local")
    run = subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)
    until(lambda: len(descendants(run.pid)) >= 4)
    below = descendants(run.pid)
    (known,) = runs(folder / "ledger")
    if by == "interruption":
        run.send_signal(signal.SIGINT)
    else:
        assert "1 job cancelled" in zoo(folder, "jobs", known.identity, "--cancel").stderr
    _, err = run.communicate(timeout=60)
    assert run.returncode == (130 if by == "interruption" else 2) and "Traceback" not in err
    until(
        lambda: (
            not below & descendants(1) and not any(Path(f"/proc/{pid}").exists() for pid in below)
        ),
        20,
    )
    (known,) = runs(folder / "ledger")
    assert len(known.jobs) == 1 and [s.condition for s in statuses([(known, known.jobs[0])])] == [
        "cancelled"
    ]


def test_an_end_that_was_seen_is_not_asked_for_again(tmp_path: Path) -> None:
    """Slurm forgets; nothing answers here."""
    run = Run(
        identity="run",
        executor="slurm",
        command="zoo verify",
        over={"7": FinalStatus("cancelled", "", "n1")},
        ledger=str(tmp_path),
    )
    run.jobs = [Job("7", 0, ["m"], ["k"])]
    assert statuses([(run, run.jobs[0])]) == [Status("cancelled", "", "n1")]


def test_local_jobs_see_the_gpus_of_their_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """submitit hides those that were not asked for."""
    told = tmp_path / "told"
    (tmp_path / "sitecustomize.py").write_text(
        f"import os, sys\nif 'zoo.cli.job' in sys.orig_argv:\n"
        f"    open({str(told)!r}, 'a').write(repr(os.environ.get('CUDA_VISIBLE_DEVICES')) + ';')\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for devices in ("2,3", "", None):
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        if devices is not None:
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", devices)
        run = Dispatch(
            tmp_path / "ledger", "zoo bench", JobResources(executor="local", gpus=1), [part()]
        )
        run.start()
        assert [one.fine for one in run.wait()] == [True]
    assert told.read_text() == "'2,3';'';None;"


def test_slurm_reads_its_own_signs_in_paths(tmp_path: Path) -> None:
    run = Dispatch(tmp_path / "l%j", "zoo bench", JobResources(executor="slurm"), [part()])
    with pytest.raises(UsageError, match="Slurm reads % in a path"):
        run.start()
