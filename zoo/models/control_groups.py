"""Read limits and counters of the control groups that this process lives in, of version 2 and 1.

A limit may be set for the group of the process or for any group around it, so all are read, from
the own group up to the top of the mounted hierarchy.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

ROOT = Path("/")
MOUNTED = "sys/fs/cgroup"  # where systemd and containers mount the hierarchies
# the limit of a group's memory and what it uses, in version 2 and 1
MEMORY_FILES = (
    ("memory.max", "memory.current"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes"),
)
UNLIMITED = 1 << 60  # version 1 writes a number of this size for no limit
ESCAPE = re.compile(r"\\([0-7]{3})")


class Mount(NamedTuple):
    """A mounted hierarchy: its folder, and the group that is its top."""

    folder: str
    top: str


def quota(root: Path = ROOT) -> float | None:
    """Return how many CPUs' time the control groups allow; None for no limit."""
    limits = []
    for folder in group_folders("cpu", root):
        text = first_line(folder / "cpu.max") or (
            f"{first_line(folder / 'cpu.cfs_quota_us')} {first_line(folder / 'cpu.cfs_period_us')}"
        )
        allowed, _, period = text.partition(" ")
        if allowed.isdigit() and period.isdigit() and int(period):
            limits.append(int(allowed) / int(period))
    return min(limits, default=None)


def usable_cpus(root: Path = ROOT) -> int:
    """Return how many CPUs this process may use at once: by its affinity and its quota, at least
    one."""
    affinity = getattr(os, "sched_getaffinity", None)
    cpus = len(affinity(0)) if affinity else os.cpu_count() or 1
    limit = quota(root)
    return cpus if limit is None else max(1, min(cpus, int(limit)))


def free_memory(root: Path = ROOT) -> int | None:
    """Return the bytes that this process may still use: what the machine has free, or what its
    control groups leave; None where neither says."""
    free = []
    if match := re.search(
        r"^MemAvailable:\s*(\d+) kB", read(root / "proc/meminfo") or "", re.MULTILINE
    ):
        free.append(int(match[1]) * 1024)
    for folder in group_folders("memory", root):
        for limit, used in MEMORY_FILES:
            most, now = first_line(folder / limit) or "", first_line(folder / used) or ""
            if most.isdigit() and now.isdigit() and int(most) < UNLIMITED:
                free.append(max(0, int(most) - int(now)) + _cached(folder))
    return min(free, default=None)


def _cached(folder: Path) -> int:
    """Return the bytes of files in memory, which give way."""
    match = re.search(r"^inactive_file (\d+)", read(folder / "memory.stat") or "", re.MULTILINE)
    return int(match[1]) if match else 0


def read_counters(controller: str, files: tuple[str, ...], name: str, root: Path) -> list[int]:
    """Return a counter of each control group that has it in one of these files, the own first."""
    paths = (folder / file for folder in group_folders(controller, root) for file in files)
    matches = (re.search(rf"^{name} (\d+)", read(path) or "", re.MULTILINE) for path in paths)
    return [int(match[1]) for match in matches if match]


def group_folders(controller: str, root: Path = ROOT) -> list[Path]:
    """Return the folders of the control groups that this process lives in: its own first, then
    those around it; of both versions where a controller may be in either."""
    paths = dict(_own_groups(root))
    folders: list[Path] = []
    for version in ("", controller):
        mount = _find_mount(version, root)
        own = PurePosixPath(paths.get(version, mount.top))
        inside = own.relative_to(mount.top) if own.is_relative_to(mount.top) else PurePosixPath()
        if ".." in inside.parts:  # the group is outside of the namespace
            inside = PurePosixPath()
        top = root / mount.folder.lstrip("/")
        folders += [top / part for part in (inside, *inside.parents)]
    return list(dict.fromkeys(folders))


def _own_groups(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the group of this process by controller; that of version 2 has an empty name."""
    for line in (read(root / "proc/self/cgroup") or "").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        for controller in controllers.split(","):
            yield controller, path


def _find_mount(controller: str, root: Path) -> Mount:
    """Return where the hierarchy of a controller is mounted, of version 2 for an empty name."""
    for line in (read(root / "proc/self/mountinfo") or "").splitlines():
        before, _, after = line.partition(" - ")
        fields, kind, options = before.split(" "), *_kind(after)
        if len(fields) < 5:
            continue
        if (kind == "cgroup2") if not controller else (kind == "cgroup" and controller in options):
            return Mount(_unescape(fields[4]), _unescape(fields[3]))
    return Mount(f"{MOUNTED}/{controller}" if controller else MOUNTED, "/")


def _kind(text: str) -> tuple[str, list[str]]:
    """Return the kind of a mounted file system, and its options."""
    kind, _, rest = text.partition(" ")
    return kind, rest.rpartition(" ")[2].split(",")


def _unescape(text: str) -> str:
    return ESCAPE.sub(lambda match: chr(int(match[1], 8)), text)


def first_line(path: Path) -> str | None:
    """Return the first line of a kernel file, or None."""
    text = read(path)
    return text.strip().partition("\n")[0] if text else None


def read(path: Path) -> str | None:
    """Return a file's text, or None where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
