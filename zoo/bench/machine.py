"""The machine that a benchmark ran on, and what has to be equal for two records to be compared.

Everything here is read from files of the kernel and from the metadata of distributions; unknown is
None.
"""

import hashlib
import importlib.metadata
import os
import platform
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zoo.model_index.ledger.benchmark import PROTOCOL
from zoo.models import environment

ROOT = Path("/")
CPUS = "sys/devices/system/cpu"
VERSIONS = (
    "torch",
    "torchvision",
    "timm",
    "numpy",
    "triton",
    "onnxruntime",
    "onnxruntime-gpu",
    "openvino",
    "tensorrt",
)


def describe(root: Path = ROOT) -> dict[str, Any]:
    """Processor, limits, memory and versions, as every record of a benchmark keeps them."""
    return environment.describe() | {
        "host": platform.node(),
        "cpu_flags": flags_hash(root),
        "cpus": len(available()),
        "governor": first_line(root / CPUS / "cpu0/cpufreq/scaling_governor"),
        "turbo": turbo(root),
        "smt": first_line(root / CPUS / "smt/control"),
        "quota": quota(root),
        "numa_nodes": len(list((root / "sys/devices/system/node").glob("node[0-9]*"))) or None,
        "virtualisation": virtualisation(root),
        "commit": commit(),
        "distributions": distributions(),
        "versions": {name: found for name in VERSIONS if (found := environment.version(name))},
    }


def key(
    device_model: str | None,
    driver: str | None,
    engine: str,
    versions: Mapping[str, str | None],
    limit: float | None,
) -> dict[str, str | int | None]:
    """What two records must have in common besides their cells' conditions; precision and threads
    are of those.

    `versions` are the engine's own, of which those of packages decide; of the driver the major
    version does.
    """
    told = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    return {
        "device": device_model,
        "driver": driver.split(".")[0] if driver else None,
        "protocol": PROTOCOL,
        "engine": engine,
        "engine_version": told or None,
        "quota": None if limit is None else f"{limit:g} CPUs",
    }


def available() -> list[int]:
    """The CPUs that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def default_threads(root: Path = ROOT) -> int:
    """One thread for each core that may be used, and not more than the quota allows."""
    cores = len(by_core(available(), root))
    limit = quota(root)
    return cores if limit is None else max(1, min(cores, int(limit)))


def pinned(threads: int, root: Path = ROOT) -> list[int]:
    """The CPUs for so many threads: one of each core first.

    All that there are where a quota is below their number: such a machine is shared by containers
    that would all choose the same ones.
    """
    cpus, limit = available(), quota(root)
    if limit is not None and limit < len(cpus):
        return cpus
    cores = by_core(cpus, root)
    turns = [
        cpu
        for turn in range(max(map(len, cores)))
        for core in cores
        for cpu in core[turn : turn + 1]
    ]
    return sorted(turns[:threads])


def by_core(cpus: list[int], root: Path = ROOT) -> list[list[int]]:
    """The CPUs grouped by the core that they are threads of."""
    cores: dict[str, list[int]] = {}
    for cpu in cpus:
        siblings = first_line(root / CPUS / f"cpu{cpu}/topology/thread_siblings_list")
        cores.setdefault(siblings or str(cpu), []).append(cpu)
    return list(cores.values())


def quota(root: Path = ROOT) -> float | None:
    """The CPUs' worth of time that the control group allows, by its version 2 or 1; None for no
    limit."""
    text = first_line(root / "sys/fs/cgroup/cpu.max")
    if text is None:
        folder = root / "sys/fs/cgroup/cpu"
        text = (
            f"{first_line(folder / 'cpu.cfs_quota_us')} {first_line(folder / 'cpu.cfs_period_us')}"
        )
    allowed, _, period = text.partition(" ")
    return int(allowed) / int(period) if allowed.isdigit() and period.isdigit() else None


def flags_hash(root: Path = ROOT) -> str | None:
    """A hash of the first processor's feature flags in alphabetical order."""
    found = re.search(
        r"^(?:flags|Features)\s*:\s*(.*)$", read(root / "proc/cpuinfo") or "", re.MULTILINE
    )
    return (
        hashlib.sha256(" ".join(sorted(found[1].split())).encode()).hexdigest()[:12]
        if found
        else None
    )


def turbo(root: Path = ROOT) -> bool | None:
    """Whether the clock may go above its base, as far as the driver says."""
    switches = ((f"{CPUS}/intel_pstate/no_turbo", "0"), (f"{CPUS}/cpufreq/boost", "1"))
    found = [first_line(root / path) == on for path, on in switches if (root / path).exists()]
    return found[0] if found else None


def virtualisation(root: Path = ROOT) -> str | None:
    """`none`, or what the firmware calls the virtual machine; None where the processor does not
    say."""
    text = read(root / "proc/cpuinfo")
    if text is None or "flags" not in text:
        return None
    if not re.search(r"^flags\s*:.*\bhypervisor\b", text, re.MULTILINE):
        return "none"
    names = (
        first_line(root / "sys/class/dmi/id" / name) for name in ("sys_vendor", "product_name")
    )
    return " ".join(filter(None, names)) or "virtual machine"


def last_level_cache(root: Path = ROOT) -> int | None:
    """Bytes of the first CPU's largest cache."""
    sizes = [first_line(path) or "" for path in (root / CPUS / "cpu0/cache").glob("index*/size")]
    return max(
        (int(size[:-1]) * 1024 for size in sizes if re.fullmatch(r"\d+K", size)), default=None
    )


def distributions() -> str:
    """A hash over the names and versions of all that is installed."""
    found = {
        f"{each.name.lower()}=={each.version}"
        for each in importlib.metadata.distributions()
        if each.name
    }
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()[:16]


def commit() -> str | None:
    """The revision of the repository that the command runs in, with `+` where files differ from
    it."""
    command = ["git", "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty=+"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None


def first_line(path: Path) -> str | None:
    """The first line of a file of the kernel, or None."""
    text = read(path)
    return text.strip().partition("\n")[0] if text else None


def read(path: Path) -> str | None:
    """A file's text, or None where there is no such file or it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
