"""The real worker: a known time is found again, and every way to fail has a name."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import msgspec
import pytest
import torch

from zoo.bench.messages import MISSING, WorkerAnswer, WorkerJob
from zoo.bench.protocol import Sampling
from zoo.bench.subprocess_runner import COMMAND, run_worker, worker_environment
from zoo.bench.worker import first_line

TIMEOUT = 120.0
MakeJob = Callable[..., WorkerJob]
CPU = min(os.sched_getaffinity(0))
# Imports torch once and answers each job in a fork, so that many jobs cost the time of one process.
FORKS = """
import os, sys, msgspec, torch
from zoo.bench import worker
from zoo.bench import cold_start
from zoo.bench import timing_modes
from zoo.bench import measurements
from zoo.bench import model_under_test
from zoo.bench.messages import WorkerJob
answers = worker.redirect_output()
for text in sys.stdin.buffer.read().splitlines():
    if not os.fork():
        answer = worker.answer_job(msgspec.json.decode(text, type=WorkerJob))
        answers.write(msgspec.json.encode(answer).decode() + "\\n")
        answers.flush()
        os._exit(0)
    os.wait()
"""
FAILURES: dict[str, tuple[str, dict, str, str]] = {
    "raises": ("Raises", {}, "raised", "ValueError: no forward today"),
    "leaves": ("Leaves", {}, "raised", "SystemExit: leaving"),
    "no trust": (
        "Busy",
        {"trusted": []},
        MISSING,
        "benchtoys:Busy is code named by the index; it runs with --trust benchtoys",
    ),
    "no graph": (
        "Busy",
        {"mode": "device"},
        "unsupported",
        "the mode device replays a CUDA graph; cpu has none",
    ),
    "no tf32": (
        "Busy",
        {"precision": "tf32"},
        "unsupported",
        "tf32 is a format of NVIDIA GPUs; cpu has none",
    ),
    "no training": (
        "Busy",
        {"mode": "train", "engine": "onnxruntime"},
        "unsupported",
        "onnxruntime only infers; the mode train needs eager or compile",
    ),
}
OTHERS: dict[str, tuple[str, dict]] = {
    "blocks": ("Busy", {"mode": "throughput"}),
    "steps": ("Busy", {"mode": "train", "batch_size": 2}),
    "settings": ("Talks", {"cpus": [CPU], "channels_last": True}),
    "cold cache": ("Talks", {"l2": "cold"}),
    "large": ("Large", {}),
    "wanders": ("Wanders", {"check": True}),
    "batch": ("OfTheBatch", {"check": True, "batch_size": 16}),
    "second": ("SecondWrong", {"check": True, "precision": "bf16"}),
    "nowhere": ("Busy", {"purpose": "probe", "device": "cuda:63"}),
    "probe": ("Busy", {"purpose": "probe"}),
    "memory": ("Busy", {"purpose": "memory"}),
    "energy": ("Busy", {"purpose": "energy"}),
}
Answers = dict[str, WorkerAnswer]


@pytest.fixture(scope="module")
def answers(many: MakeJob, toys_once: Path) -> Answers:
    """The answers to all jobs of the tables above, each from a process of its own."""
    jobs = {label: many(row[0], **row[1]) for label, row in (FAILURES | OTHERS).items()}
    variables = worker_environment(jobs["blocks"], os.environ)
    variables["PYTHONPATH"] += os.pathsep + str(toys_once)
    done = subprocess.run(
        [sys.executable, "-c", FORKS],
        input=b"\n".join(map(msgspec.json.encode, jobs.values())),
        capture_output=True,
        env=variables,
        timeout=2 * TIMEOUT,
    )
    assert done.returncode == 0, done.stderr
    found = [msgspec.json.decode(line, type=WorkerAnswer) for line in done.stdout.splitlines()]
    return dict(zip(jobs, found, strict=True))


def test_a_busy_wait_of_known_length_is_recovered(job: MakeJob, toys: Path) -> None:
    answer = run_worker(job("Busy", check=True), TIMEOUT)
    assert answer.error is None
    replicate = answer.replicate
    assert replicate
    waited = [float(line) for line in (toys / "benchtoys.py.noted").read_text().split()][
        -len(replicate.samples) :
    ]
    assert min(replicate.samples) >= 0.005
    assert all(sample >= wait for sample, wait in zip(replicate.samples, waited, strict=True))
    assert median(waited) <= replicate.median
    assert replicate.warmup and replicate.warmup.calls >= 5
    tolerance = answer.output["tolerance"]
    assert answer.output == {"max_abs": 0.0, "tolerance": tolerance, "samples": 1.0, "outputs": 1.0}
    assert (answer.weights, answer.given, answer.shapes) == (
        "initialised, seed 0",
        "8x8 image",
        [[1, 3, 8, 8]],
    )
    assert {"before", "after", "extremes"} <= set(replicate.telemetry)
    assert answer.wall > 0.1


def test_blocks_and_steps(answers: Answers) -> None:
    replicate = answers["blocks"].replicate
    assert replicate and len(replicate.samples) == 3
    assert min(replicate.samples) >= replicate.calls * 0.005
    assert replicate.calls >= 2
    replicate = answers["steps"].replicate
    assert replicate and set(replicate.parts) == {"forward", "backward", "step"}
    assert {len(values) for values in replicate.parts.values()} == {len(replicate.samples)}
    sums = [sum(parts) for parts in zip(*replicate.parts.values(), strict=True)]
    assert sums == pytest.approx(replicate.samples, abs=1e-8)
    assert min(replicate.parts["forward"]) >= 0.005


def test_emptying_the_cache_needs_its_size(answers: Answers) -> None:
    cold = answers["cold cache"]
    if cold.failure:
        assert cold.error == "--l2 cold: the size of cpu's last cache is unknown"
    else:
        assert cold.replicate and min(cold.replicate.samples) > 0


def test_a_cold_start_has_five_parts(job: MakeJob) -> None:
    answer = run_worker(job("Busy", mode="cold", check=True), TIMEOUT)
    replicate = answer.replicate
    assert replicate and list(replicate.parts) == [
        "import",
        "build",
        "load",
        "compile",
        "first call",
    ]
    assert replicate.samples == [
        pytest.approx(sum(values[0] for values in replicate.parts.values()))
    ]
    assert replicate.parts["import"][0] > replicate.parts["build"][0]
    assert replicate.parts["first call"][0] >= 0.005
    assert answer.settings["inductor_caches"] == "off"


def test_what_is_set_is_recorded(answers: Answers) -> None:
    assert answers["settings"].settings == {
        "float32_matmul_precision": "highest",
        "cudnn_allow_tf32": False,
        "cudnn_benchmark": False,
        "cudnn_deterministic": False,
        "deterministic_algorithms": False,
        "threads": 1,
        "interop_threads": 1,
        "mkldnn": torch.backends.mkldnn.is_available(),
        "omp_num_threads": "1",
        "cpus": [CPU],
        "flush_denormal": True,
        "channels_last": True,
        "collector": "off while samples are taken",
        "inductor_caches": "on",
    }


def test_what_a_model_prints_is_no_answer(job: MakeJob) -> None:
    done = subprocess.run(
        COMMAND,
        input=msgspec.json.encode(job("Talks")),
        capture_output=True,
        env=worker_environment(job("Talks"), os.environ),
        timeout=TIMEOUT,
    )
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1
    assert msgspec.json.decode(done.stdout, type=WorkerAnswer).replicate
    assert b"a line that is no answer\n" in done.stderr


@pytest.mark.parametrize("label", FAILURES)
def test_every_failure_has_a_name(answers: Answers, label: str) -> None:
    answer, (_, _, failure, error) = answers[label], FAILURES[label]
    assert (answer.failure, answer.error, answer.replicate) == (failure, error, None)


def test_failures_whose_words_are_others(answers: Answers) -> None:
    large, wrong, nowhere = (answers[label] for label in ("large", "second", "nowhere"))
    assert large.failure == "out of memory"
    assert large.error and "allocate" in large.error
    assert (wrong.failure, wrong.replicate) == ("wrong output", None)
    assert wrong.error and wrong.error.startswith("output 2 of 2 differs by 1 from eager float32's")
    wanders = answers["wanders"]
    assert (wanders.failure, wanders.replicate) == ("not deterministic", None)
    assert (
        wanders.error and "two calls of the model on the same batch differ by 1:" in wanders.error
    )
    assert nowhere.failure == "unsupported"
    assert nowhere.error and nowhere.error.startswith(
        f"no device cuda:63 on this machine: torch {torch.__version__} finds "
    )


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_engine_and_reference_are_compared_on_the_same_batch(
    device: str, answers: Answers, job: MakeJob
) -> None:
    """A model whose output depends on the batch is right against itself. On a GPU the first samples
    are compared first, and the whole batch where they differ."""
    from zoo.bench import model_under_test as under_test

    assert answers["batch"].output["samples"] == 16.0
    assert answers["batch"].output["max_abs"] == 0.0
    asked = job("OfTheBatch", batch_size=16, device=device)
    expected = under_test.expected_outputs(asked, under_test.build(asked))
    assert [len(output) for output in expected] == [16 if device == "cpu" else 8]
    subject = under_test.build(asked)
    outputs = [subject.model(*subject.inputs.args)]
    assert under_test.compare_outputs(asked, outputs, expected)["samples"] == 16.0


def test_a_process_that_dies_has_crashed(job: MakeJob) -> None:
    answer = run_worker(job("Dies"), TIMEOUT)
    said = "the process was killed by SIGSEGV; its last line: about to die"
    assert (answer.failure, answer.error) == ("crashed", said)


def test_a_process_that_does_not_end_is_ended(job: MakeJob) -> None:
    answer = run_worker(job("Sleeps"), 1.0)
    assert answer.failure == "timeout"
    assert answer.error and answer.error.startswith("no answer within 1 s")
    assert answer.wall >= 1


def test_what_is_here_and_what_it_takes(answers: Answers) -> None:
    probe, memory, energy = (answers[label] for label in ("probe", "memory", "energy"))
    assert probe.key["engine"] == "eager"
    assert probe.key["device"] == probe.environment["cpu"]
    assert str(probe.key["engine_version"]).startswith("torch ")
    assert probe.environment["versions"]["torch"] == probe.environment["torch"]
    assert probe.environment["gpu"] is None
    assert [memory.memory[name] for name in ("allocated", "reserved", "device_used")] == [
        None,
        None,
        None,
    ]
    assert memory.memory["host_peak"] and memory.memory["host_peak"] > 50 << 20
    assert energy.energy == {"joules_a_call": None, "watts": None, "idle_watts": None}


@pytest.mark.parametrize("seconds", [0.0, 2.0])
def test_a_worker_ends_with_its_parent(job: MakeJob, seconds: float) -> None:
    """Also where the parent is gone before the worker has asked to be told."""
    code = (
        "import os, subprocess, sys, time\n"
        "from zoo.bench.subprocess_runner import COMMAND, worker_environment\n"
        "from zoo.bench.messages import WorkerJob\n"
        "import msgspec\n"
        "text = sys.stdin.buffer.read()\n"
        "variables = worker_environment(msgspec.json.decode(text, type=WorkerJob), os.environ)\n"
        "worker = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, "
        "env=variables,\n"
        "                          stderr=subprocess.DEVNULL, start_new_session=True)\n"
        "worker.stdin.write(text); worker.stdin.close(); print(worker.pid, flush=True)\n"
        f"time.sleep({seconds}); os.kill(os.getpid(), 9)\n"
    )
    parent = subprocess.run(
        [sys.executable, "-c", code],
        input=msgspec.json.encode(job("Sleeps")),
        capture_output=True,
        env=worker_environment(job("Sleeps"), os.environ),
        timeout=TIMEOUT,
    )
    assert parent.returncode == -9, parent.stderr
    status = Path(f"/proc/{int(parent.stdout)}/stat")
    end = time.monotonic() + 20
    while running(status) and time.monotonic() < end:
        time.sleep(0.1)
    assert not running(status)


def running(status: Path) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return status.read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("mode", ["latency", "throughput", "device", "train", "cold"])
def test_every_mode_on_a_gpu(job: MakeJob, mode: str) -> None:
    fields = {
        "model": "m",
        "builder": ("timm", "resnet18"),
        "input": "64x64 image",
        "batch_size": 2,
        "device": "cuda",
    }
    answer = run_worker(job("Busy", mode=mode, check=True, **fields), TIMEOUT)
    assert answer.error is None
    assert answer.replicate and answer.replicate.median > 0
    if mode == "latency":
        assert answer.replicate.device and len(answer.replicate.device) == len(
            answer.replicate.samples
        )


@pytest.mark.parametrize(("device", "chosen"), [("cuda", [0]), ("cuda:1", [1]), ("cpu", [])])
def test_a_device_without_a_number_is_the_first(
    device: str, chosen: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Torch itself refuses to make `cuda` the current device."""
    from zoo.bench.model_under_test import choose_device

    calls: list[int] = []
    monkeypatch.setattr(torch._C, "_cuda_setDevice", calls.append, raising=False)
    monkeypatch.setattr(torch.cuda, "_check_stray_context", lambda index: None, raising=False)
    choose_device(device)
    assert calls == chosen


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("mode", ["latency", "device"])
def test_memory_of_a_gpu(job: MakeJob, mode: str) -> None:
    fields = {"builder": ("timm", "resnet18"), "input": "64x64 image", "device": "cuda"}
    answer = run_worker(job("Busy", purpose="memory", mode=mode, **fields), TIMEOUT)
    assert answer.error is None
    allocated, reserved = answer.memory["allocated"], answer.memory["reserved"]
    assert allocated and reserved and 4 * 11_000_000 < allocated <= reserved


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_energy_of_a_gpu(job: MakeJob, quick: Sampling) -> None:
    """All of it, or nothing where the GPU does not count joules."""
    fields = {"builder": ("timm", "resnet18"), "input": "64x64 image", "device": "cuda"}
    sampling = msgspec.structs.replace(quick, steady=2.0, idle=1.0)
    answer = run_worker(job("Busy", purpose="energy", sampling=sampling, **fields), TIMEOUT)
    assert answer.error is None
    values = [answer.energy[name] for name in ("joules_a_call", "watts", "idle_watts")]
    assert values == [None] * 3 or all(value and value > 0 for value in values)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_what_does_not_fit_a_gpu(job: MakeJob) -> None:
    answer = run_worker(job("Large", device="cuda"), TIMEOUT)
    assert answer.failure == "out of memory"
    assert answer.error and "CUDA out of memory" in answer.error


def test_an_error_is_told_in_a_line() -> None:
    assert first_line(ValueError("\n one\ntwo")) == "one"
    assert first_line(ValueError()) == ""
