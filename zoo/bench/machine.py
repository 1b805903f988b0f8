"""Describe the machine of a benchmark, and what must be equal for two records to be compared.

Everything here comes from files of the kernel and from the metadata of distributions; unknown
values are None.
"""

import hashlib
import importlib.metadata
import os
import platform
import re
import subprocess
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

from zoo.bench.engines import all_packages
from zoo.model_index.ledger.benchmark import PROTOCOL
from zoo.models import environment
from zoo.models.control_groups import ROOT, first_line, quota, read

CPUS = "sys/devices/system/cpu"
LIBRARIES = ("torch", "torchvision", "timm", "numpy")


def describe(root: Path = ROOT) -> dict[str, Any]:
    """Return processor, limits, memory and versions, which every record of a benchmark stores."""
    packages = dict.fromkeys((*LIBRARIES, *all_packages()))
    versions = {name: environment.version(name) for name in packages}
    return environment.describe() | {
        "host": platform.node(),
        "cpu_flags": flags_hash(root),
        "cpus": len(available_cpus()),
        "governor": first_line(root / CPUS / "cpu0/cpufreq/scaling_governor"),
        "turbo": turbo(root),
        "smt": first_line(root / CPUS / "smt/control"),
        "quota": quota(root),
        "numa_nodes": len(list((root / "sys/devices/system/node").glob("node[0-9]*"))) or None,
        "virtualisation": virtualisation(root),
        "commit": commit(),
        "distributions": distributions(),
        "versions": {name: version for name, version in versions.items() if version},
    }


def comparability_key(
    device_model: str | None,
    driver: str | None,
    engine: str,
    versions: Mapping[str, str | None],
    limit: float | None,
) -> dict[str, str | int | None]:
    """Return what two records must have in common besides their cells' conditions.

    `versions` are those of the engine. Of the driver only the major version counts.
    """
    packages = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    return {
        "device": device_model,
        "driver": driver.split(".")[0] if driver else None,
        "protocol": PROTOCOL,
        "engine": engine,
        "engine_version": packages or None,
        "quota": None if limit is None else f"{limit:g} CPUs",
    }


def available_cpus() -> list[int]:
    """Return the CPUs that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def default_threads(root: Path = ROOT) -> int:
    """Return one thread for each core that may be used, at most as many as the quota allows."""
    cores = len(group_by_core(available_cpus(), root))
    limit = quota(root)
    return cores if limit is None else max(1, min(cores, int(limit)))


def cpus_for_threads(threads: int, root: Path = ROOT) -> list[int]:
    """Return the CPUs for so many threads: one of each core first.

    Where a quota is below the number of CPUs, return all of them: containers share such a machine
    and would all choose the same ones.
    """
    cpus, limit = available_cpus(), quota(root)
    if limit is not None and limit < len(cpus):
        return cpus
    cores = group_by_core(cpus, root)
    in_turns = [cpu for turn in zip_longest(*cores) for cpu in turn if cpu is not None]
    return sorted(in_turns[:threads])


def group_by_core(cpus: list[int], root: Path = ROOT) -> list[list[int]]:
    """Group CPUs by the core that they are threads of."""
    cores: dict[str, list[int]] = {}
    for cpu in cpus:
        siblings = first_line(root / CPUS / f"cpu{cpu}/topology/thread_siblings_list")
        cores.setdefault(siblings or str(cpu), []).append(cpu)
    return list(cores.values())


def flags_hash(root: Path = ROOT) -> str | None:
    """Return a hash of the first processor's feature flags in alphabetical order."""
    text = read(root / "proc/cpuinfo") or ""
    line = re.search(r"^(?:flags|Features)\s*:\s*(.*)$", text, re.MULTILINE)
    if line is None:
        return None
    flags = " ".join(sorted(line[1].split()))
    return hashlib.sha256(flags.encode()).hexdigest()[:12]


def turbo(root: Path = ROOT) -> bool | None:
    """Whether the clock may go above its base; None where the driver does not say."""
    switches = ((f"{CPUS}/intel_pstate/no_turbo", "0"), (f"{CPUS}/cpufreq/boost", "1"))
    for path, enabled in switches:
        if (root / path).exists():
            return first_line(root / path) == enabled
    return None


def virtualisation(root: Path = ROOT) -> str | None:
    """Return `none`, or the firmware's name of the virtual machine; None where the processor does
    not say."""
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
    """Return the bytes of the first CPU's largest cache."""
    sizes = [first_line(path) or "" for path in (root / CPUS / "cpu0/cache").glob("index*/size")]
    return max(
        (int(size[:-1]) * 1024 for size in sizes if re.fullmatch(r"\d+K", size)), default=None
    )


def distributions() -> str:
    """Return a hash of the names and versions of all installed distributions."""
    pins = {
        f"{distribution.name.lower()}=={distribution.version}"
        for distribution in importlib.metadata.distributions()
        if distribution.name
    }
    return hashlib.sha256("\n".join(sorted(pins)).encode()).hexdigest()[:16]


def commit() -> str | None:
    """Return the git revision of the current folder, with `+` where files differ from it."""
    command = ["git", "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty=+"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None
