"""Limits of a process: how many there are, and the memory and time of each for one task."""

import math
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from zoo.models.control_groups import usable_cpus

GIB = 1 << 30
PATIENCE = 10  # seconds of waiting for each second of CPU time that a task may take


@dataclass(frozen=True, slots=True)
class Limits:
    """The number of processes, and the limits of each for one task.

    `memory` is in bytes beyond those of an idle process. `seconds` are CPU time, rounded up to
    whole ones: it passes only while the task computes, however busy the machine is. A task that
    computes nothing is stopped after `patience` times as many seconds of waiting.
    """

    workers: int = field(default_factory=usable_cpus)
    memory: int = 4 * GIB
    seconds: float = 300.0
    patience: float = PATIENCE

    @classmethod
    def of(cls, workers: int | None, gib: float, seconds: float) -> "Limits":
        """Return the limits as a person states them: memory in GiB, None for the usual number of
        processes."""
        limits = cls(memory=int(gib * GIB), seconds=seconds)
        return replace(limits, workers=workers) if workers else limits


def limit_memory(memory: int) -> None:
    """Let the system refuse more than `memory` bytes beyond those in use; do nothing where it
    cannot."""
    try:
        import resource

        status = Path("/proc/self/status").read_text(encoding="ascii")
        used = int(status.partition("VmData:")[2].split()[0]) * 1024
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (used + memory, hard))
    except (ImportError, OSError, ValueError, IndexError):
        pass


def limit_cpu(seconds: float | None) -> None:
    """Let the system end this process by SIGXCPU after so much more CPU time; None is no limit."""
    try:
        import resource

        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        soft = hard if seconds is None else math.ceil(time.process_time() + seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
    except (ImportError, OSError, ValueError):
        pass


def refuse_core_files() -> None:
    """Write no core file of a process that crashes: it would be gigabytes in the user's folder."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):
        pass
