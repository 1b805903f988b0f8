"""Starting a worker, waiting for its answer, and saying what became of one that gave none."""

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

from zoo.bench.machine import ROOT, read
from zoo.bench.messages import PARENT, Answer, Job

COMMAND = (sys.executable, "-P", "-m", "zoo.bench.worker")
THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
KILLS = ("sys/fs/cgroup/memory.events", "sys/fs/cgroup/memory/memory.oom_control")
TAIL = 2000  # bytes of what a worker last printed


def ask(job: Job, timeout: float) -> Answer:
    """What a fresh process answers; one that ends without an answer, or does not end, has failed.

    The process is gone when this returns or raises, KeyboardInterrupt included: it and all that it
    started are of a session of their own, so that an interruption of ours reaches it through us
    alone.
    """
    start, kills = time.perf_counter(), killed_for_memory()
    with tempfile.TemporaryFile() as said:
        worker = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            env=environment(job, os.environ),
            start_new_session=True,
        )
        try:
            line, _ = worker.communicate(msgspec.json.encode(job), timeout)
            answer = _answer(worker.returncode, line, said, killed_for_memory() > kills)
        except subprocess.TimeoutExpired:
            answer = Answer(failure="timeout", error=f"no answer within {timeout:g} s{_tail(said)}")
        finally:
            end(worker)
    return msgspec.structs.replace(answer, wall=round(time.perf_counter() - start, 3))


def end(worker: "subprocess.Popen[bytes]") -> None:
    """Kill what is left of the worker's session and wait for the worker."""
    with suppress(
        ProcessLookupError, PermissionError
    ):  # it is gone; some systems refuse to signal what has ended
        os.killpg(worker.pid, signal.SIGKILL)
    for stream in (worker.stdin, worker.stdout):
        if stream:
            stream.close()
    worker.wait()


def environment(job: Job, inherited: Mapping[str, str]) -> dict[str, str]:
    """Variables that libraries read when they are imported: threads, the numbers of devices,
    caches, import path."""
    own = dict.fromkeys(THREADS, str(job.threads)) | {
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
        "PYTHONUTF8": "1",
        PARENT: str(os.getpid()),
    }
    if job.mode == "cold":
        own["TORCHINDUCTOR_FORCE_DISABLE_CACHES"] = "1"
    return {**inherited, **own}


def _answer(code: int, line: bytes, said: IO[bytes], out_of_memory: bool) -> Answer:
    with suppress(msgspec.DecodeError):  # it ended before it could answer
        return msgspec.json.decode(line, type=Answer)
    if out_of_memory:
        return Answer(
            failure="out of memory", error="the kernel killed the process because memory ran out"
        )
    return Answer(failure="crashed", error=f"the process {ending(code)}{_tail(said)}")


def ending(code: int) -> str:
    """`ended with exit code 3`, `was killed by SIGSEGV`."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"


def killed_for_memory(root: Path = ROOT) -> int:
    """How many processes of our control group the kernel killed for memory so far; 0 where it does
    not say."""
    for path in KILLS:
        for line in (read(root / path) or "").splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill" and count.isdigit():
                return int(count)
    return 0


def _tail(said: IO[bytes]) -> str:
    """The last line that the worker printed, as the end of a sentence."""
    size = said.seek(0, os.SEEK_END)
    said.seek(max(0, size - TAIL))
    lines = said.read().decode(errors="replace").strip().splitlines()
    return f"; it last said: {lines[-1].strip()[:300]}" if lines else ""
