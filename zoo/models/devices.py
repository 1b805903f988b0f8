"""Say why this machine certainly has no such device, without importing torch: by the build of torch
that is installed, by the system, and by files of the kernel."""

import os
import platform
from collections.abc import Callable
from pathlib import Path

from zoo.model_index.errors.suggestions import describe_unknown, find_close
from zoo.models.control_groups import ROOT
from zoo.models.environment import version

# NVIDIA's driver, that of Windows' subsystem for Linux, and AMD's
DRIVERS = ("dev/nvidiactl", "dev/nvidia0", "proc/driver/nvidia/version", "dev/dxg", "dev/kfd")
HIDDEN = ("", "-1")  # values of CUDA_VISIBLE_DEVICES that hide all GPUs


def explain_absence(device: str, root: Path = ROOT) -> str:
    """Return why there is no such device here, and what to type; empty where only torch knows."""
    kind = device.partition(":")[0]
    find = REASONS.get(kind)
    if kind not in KINDS and find_close(kind, KINDS):
        return describe_unknown("--device: no", device, KINDS)
    reason = find(root) if find else ""
    return f"no device {device} on this machine: {reason}; --device cpu runs here" if reason else ""


def _lacks_cuda(root: Path) -> str:
    torch = version("torch") or ""
    if torch.endswith("+cpu"):
        return f"torch {torch} is built for CPUs only"
    if os.environ.get("CUDA_VISIBLE_DEVICES") in HIDDEN:
        return "CUDA_VISIBLE_DEVICES hides all GPUs"
    if platform.system() == "Linux" and not any((root / path).exists() for path in DRIVERS):
        return "it has no driver of a GPU"
    return ""


def _lacks_mps(root: Path) -> str:
    system = platform.system()
    return "" if system == "Darwin" else f"mps is the GPU of a Mac, and this is {system}"


REASONS: dict[str, Callable[[Path], str]] = {"cuda": _lacks_cuda, "mps": _lacks_mps}
KINDS = ("auto", "cpu", *REASONS)
