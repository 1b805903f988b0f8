"""What becomes of a worker that gives no answer, and what it is started with."""

import os
import signal
from pathlib import Path

import pytest

from zoo.bench.messages import WorkerJob
from zoo.bench.subprocess_runner import count_memory_kills, describe_exit, worker_environment


def test_the_end_of_a_process_in_words() -> None:
    assert describe_exit(3) == "ended with exit code 3"
    assert describe_exit(-signal.SIGKILL) == "was killed by SIGKILL"
    assert describe_exit(-200) == "was killed by signal 200"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("sys/fs/cgroup/memory.events", "low 0\nhigh 0\nmax 4\noom 2\noom_kill 2\n"),
        (
            "sys/fs/cgroup/memory/memory.oom_control",
            "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
        ),
    ],
)
def test_kills_for_memory_are_counted(tmp_path: Path, path: str, text: str) -> None:
    assert count_memory_kills(tmp_path) == 0
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(text)
    assert count_memory_kills(tmp_path) == 2


def test_a_worker_is_told_what_libraries_read_when_they_are_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.path", ["", "/elsewhere"])
    found = worker_environment(
        WorkerJob(purpose="replicate", engine="eager", device="cpu", threads=3),
        {"HOME": "/home/me"},
    )
    assert found == {
        "HOME": "/home/me",
        "OMP_NUM_THREADS": "3",
        "MKL_NUM_THREADS": "3",
        "OPENBLAS_NUM_THREADS": "3",
        "NUMEXPR_NUM_THREADS": "3",
        "VECLIB_MAXIMUM_THREADS": "3",
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "PYTHONPATH": f"{os.getcwd()}{os.pathsep}/elsewhere",
        "PYTHONUTF8": "1",
        "ZOO_BENCH_PARENT": str(os.getpid()),
    }
    cold = worker_environment(
        WorkerJob(purpose="replicate", engine="eager", device="cpu", mode="cold"), {}
    )
    assert cold["TORCHINDUCTOR_FORCE_DISABLE_CACHES"] == "1"
