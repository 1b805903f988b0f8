"""Limits and counters of control groups, from the kernel's files of pretended machines."""

import os
from pathlib import Path

import pytest

from zoo.bench.machine import default_threads
from zoo.bench.subprocess_runner import count_memory_kills
from zoo.bench.telemetry import read_cpu
from zoo.models import control_groups
from zoo.models.control_groups import free_memory, group_folders, quota, usable_cpus

CGROUP2 = "31 23 0:28 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
JOB = {
    "proc/self/cgroup": "0::/user.slice/job.scope\n",
    "sys/fs/cgroup/user.slice/job.scope/cpu.max": "150000 100000\n",
    "sys/fs/cgroup/user.slice/job.scope/cpu.stat": "usage_usec 1\nnr_throttled 7\n",
    "sys/fs/cgroup/user.slice/job.scope/memory.events": "oom 3\noom_kill 2\n",
    "sys/fs/cgroup/user.slice/cpu.max": "max 100000\n",
    "sys/fs/cgroup/user.slice/cpu.stat": "usage_usec 1\nnr_throttled 1\n",
    "sys/fs/cgroup/user.slice/memory.events": "oom 90\noom_kill 80\n",
    "sys/fs/cgroup/cpu.stat": "usage_usec 1\n",
}


def put(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize(
    ("text", "cpus"),
    [
        ("max 100000\n", None),
        ("150000 100000\n", 1.5),
        ("400000 100000\n", 4.0),
        ("", None),
        ("100000 0\n", None),
    ],
)
def test_the_quota_of_a_machine_that_says_nothing_of_groups(
    tmp_path: Path, text: str, cpus: float | None
) -> None:
    assert quota(tmp_path) is None
    assert quota(put(tmp_path, {"sys/fs/cgroup/cpu.max": text})) == cpus


@pytest.mark.parametrize(("limit", "cpus"), [("-1", None), ("250000", 2.5)])
def test_the_quota_of_version_1(tmp_path: Path, limit: str, cpus: float | None) -> None:
    files = {
        "sys/fs/cgroup/cpu/cpu.cfs_quota_us": f"{limit}\n",
        "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    }
    assert quota(put(tmp_path, files)) == cpus


@pytest.mark.parametrize("mounts", [{}, {"proc/self/mountinfo": CGROUP2}])
def test_a_group_two_levels_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mounts: dict[str, str]
) -> None:
    monkeypatch.setattr("zoo.bench.machine.available_cpus", lambda: [0, 1, 2, 3])
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1, 2, 3}, raising=False)
    root = put(tmp_path, JOB | mounts)
    assert quota(root) == 1.5
    assert default_threads(root) == usable_cpus(root) == 1
    assert read_cpu(root)["periods_throttled"] == 8
    assert count_memory_kills(root) == 2  # of the own group, not of the neighbours


def test_the_smallest_quota_around_a_process_holds(tmp_path: Path) -> None:
    files = {"sys/fs/cgroup/user.slice/cpu.max": "50000 100000\n"}
    assert quota(put(tmp_path, JOB | files)) == 0.5
    assert usable_cpus(tmp_path) == 1


def test_version_1_below_its_mount(tmp_path: Path) -> None:
    """As Slurm does with cgroup/v1, beside an empty hierarchy of version 2."""
    mounts = (
        "33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
        "36 31 0:33 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
        "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
    )
    cpu, memory = "sys/fs/cgroup/cpu,cpuacct", "sys/fs/cgroup/memory/slurm/job_7"
    files = {
        "proc/self/cgroup": "4:memory:/slurm/job_7\n2:cpu,cpuacct:/slurm/job_7/step_0\n0::/\n",
        "proc/self/mountinfo": mounts,
        f"{cpu}/slurm/job_7/step_0/cpu.cfs_quota_us": "-1\n",
        f"{cpu}/slurm/job_7/step_0/cpu.cfs_period_us": "100000\n",
        f"{cpu}/slurm/job_7/cpu.cfs_quota_us": "200000\n",
        f"{cpu}/slurm/job_7/cpu.cfs_period_us": "100000\n",
        f"{cpu}/slurm/job_7/cpu.stat": "nr_periods 9\nnr_throttled 5\n",
        f"{memory}/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
    }
    root = put(tmp_path, files)
    assert quota(root) == 2.0
    assert read_cpu(root)["periods_throttled"] == 5
    assert count_memory_kills(root) == 2


@pytest.mark.parametrize(
    ("group", "top", "folders"),
    [
        ("/docker/1a", "/docker/1a", ["cg roup"]),  # a container without a namespace
        ("/docker/1a/b", "/docker/1a", ["cg roup/b", "cg roup"]),
        ("/../other", "/", ["cg roup"]),  # outside of the namespace
        ("/other", "/docker/1a", ["cg roup"]),
    ],
)
def test_where_the_own_group_is_mounted(
    tmp_path: Path, group: str, top: str, folders: list[str]
) -> None:
    files = {
        "proc/self/cgroup": f"0::{group}\n",
        "proc/self/mountinfo": f"odd line\n1 2 0:3 {top} /cg\\040roup rw - cgroup2 cgroup2 rw\n",
    }
    found = group_folders("cpu", put(tmp_path, files))
    assert found == [*(tmp_path / name for name in folders), tmp_path / "sys/fs/cgroup/cpu"]


def test_this_machine_answers() -> None:
    limit = quota()
    assert limit is None or limit > 0
    assert 1 <= usable_cpus() <= (os.cpu_count() or 1)
    assert control_groups.read(Path("/proc/self/cgroup/nothing")) is None


def test_the_free_memory_is_the_least_that_anybody_leaves(tmp_path: Path) -> None:
    assert free_memory(tmp_path) is None
    machine = {"proc/meminfo": "MemTotal: 900 kB\nMemAvailable:     500 kB\n"}
    assert free_memory(put(tmp_path / "bare", machine)) == 500 * 1024
    scope = "sys/fs/cgroup/user.slice/job.scope"
    group = {
        f"{scope}/memory.max": "400000\n",
        f"{scope}/memory.current": "350000\n",
        f"{scope}/memory.stat": "anon 1\ninactive_file 20000\n",
        "sys/fs/cgroup/user.slice/memory.max": "max\n",
        "sys/fs/cgroup/user.slice/memory.current": "350000\n",
    }
    assert free_memory(put(tmp_path / "group", JOB | machine | group)) == 70_000
    first = {
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": "5\n",
    }
    assert free_memory(put(tmp_path / "first", machine | first)) == 500 * 1024
