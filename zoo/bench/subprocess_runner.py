"""Start a worker, wait for its answer, and say why it gave none."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec

from zoo.bench.messages import PARENT, WorkerAnswer, WorkerJob
from zoo.models.control_groups import ROOT, read_counters

COMMAND = (sys.executable, "-P", "-m", "zoo.bench.worker")
THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
KILLS = ("memory.events", "memory.oom_control")  # of version 2 and 1
TAIL = 2000  # bytes of what a worker last printed


def run_worker(job: WorkerJob, timeout: float) -> WorkerAnswer:
    """Return the answer of a fresh process; one that ends without an answer, or does not end, has
    failed.

    The process has ended when this returns or raises, KeyboardInterrupt included. It has a session
    of its own, so that only this function interrupts it.
    """
    start, kills = time.perf_counter(), count_memory_kills()
    with tempfile.TemporaryFile() as errors:
        worker = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=worker_environment(job, os.environ),
            start_new_session=True,
        )
        try:
            line, _ = worker.communicate(msgspec.json.encode(job), timeout)
            answer = _answer(worker.returncode, line, errors, count_memory_kills() > kills)
        except subprocess.TimeoutExpired:
            answer = WorkerAnswer(
                failure="timeout", error=f"no answer within {timeout:g} s{_tail(errors)}"
            )
        finally:
            stop_worker(worker)
    return msgspec.structs.replace(answer, wall=round(time.perf_counter() - start, 3))


def stop_worker(worker: "subprocess.Popen[bytes]") -> None:
    """Kill everything in the worker's session and wait for the worker."""
    # some systems refuse to signal a process that has ended
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(worker.pid, signal.SIGKILL)
    for stream in (worker.stdin, worker.stdout):
        if stream:
            stream.close()
    worker.wait()


def worker_environment(job: WorkerJob, inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that libraries read when they are imported: threads, numbers of devices,
    caches, import path."""
    variables = dict.fromkeys(THREADS, str(job.threads)) | {
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
        "PYTHONUTF8": "1",
        PARENT: str(os.getpid()),
    }
    if job.mode == "cold":
        variables["TORCHINDUCTOR_FORCE_DISABLE_CACHES"] = "1"
    return {**inherited, **variables}


def _answer(code: int, line: bytes, errors: IO[bytes], out_of_memory: bool) -> WorkerAnswer:
    with suppress(msgspec.DecodeError):  # it ended before it could answer
        return msgspec.json.decode(line, type=WorkerAnswer)
    if out_of_memory:
        return WorkerAnswer(
            failure="out of memory", error="the kernel killed the process because memory ran out"
        )
    return WorkerAnswer(
        failure="crashed", error=f"the process {describe_exit(code)}{_tail(errors)}"
    )


def describe_exit(code: int) -> str:
    """`ended with exit code 3`, `was killed by SIGSEGV`."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"


def count_memory_kills(root: Path = ROOT) -> int:
    """Count the processes of this control group that the kernel has killed for memory; 0 where it
    does not say."""
    return next(iter(read_counters("memory", KILLS, "oom_kill", root)), 0)


def _tail(errors: IO[bytes]) -> str:
    """Return the last line that the worker printed, as the end of a sentence."""
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - TAIL))
    lines = errors.read().decode(errors="replace").strip().splitlines()
    return f"; its last line: {lines[-1].strip()[:300]}" if lines else ""
