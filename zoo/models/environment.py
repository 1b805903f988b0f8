"""Describe the conditions of a measurement: machine, interpreter, versions. Nothing here imports
torch."""

import importlib.metadata
import os
import platform
from functools import cache
from pathlib import Path

from zoo.version import __version__

PACKAGES = ("torch", "torchvision", "timm", "fvcore", "numpy")


def describe() -> dict[str, object]:
    """Return machine, operating system, Python and the versions that decide a count; unknown is
    None."""
    return dict(_describe())


@cache
def _describe() -> dict[str, object]:
    return {
        "zoo": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "memory_bytes": _memory(),
        **{name: version(name) for name in PACKAGES},
    }


def version(package: str) -> str | None:
    """Return the installed version of a distribution, or None."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _cpu() -> str | None:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or None
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), None
    )


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
