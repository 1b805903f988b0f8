"""The environment of a record, from the kernel's files of pretended machines."""

from pathlib import Path

import pytest

from zoo.bench import machine

FLAGS = "processor : 0\nflags\t\t: fpu sse avx2{}\n"


def put(root: Path, **files: str) -> None:
    """Write files whose names have `__` for `/`."""
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def eight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four cores of two threads each: CPUs 0 and 4 are of one core."""
    monkeypatch.setattr(machine, "available_cpus", lambda: list(range(8)))
    for cpu in range(8):
        folder = tmp_path / f"sys/devices/system/cpu/cpu{cpu}/topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(f"{cpu % 4},{cpu % 4 + 4}\n")
    return tmp_path


def test_threads_go_to_cores_first(eight: Path) -> None:
    assert machine.default_threads(eight) == 4
    assert machine.cpus_for_threads(1, eight) == [0]
    assert machine.cpus_for_threads(4, eight) == [0, 1, 2, 3]
    assert machine.cpus_for_threads(6, eight) == [0, 1, 2, 3, 4, 5]
    assert machine.cpus_for_threads(8, eight) == list(range(8))


def test_a_quota_limits_threads_and_pins_nothing(eight: Path) -> None:
    put(eight, sys__fs__cgroup__cpu_max="")
    (eight / "sys/fs/cgroup/cpu.max").write_text("250000 100000\n")
    assert machine.default_threads(eight) == 2
    assert machine.cpus_for_threads(2, eight) == list(range(8))


def test_flags_are_hashed_in_order(tmp_path: Path) -> None:
    assert machine.flags_hash(tmp_path) is None
    put(tmp_path, proc__cpuinfo=FLAGS.format(" aes"))
    first = machine.flags_hash(tmp_path)
    put(tmp_path, proc__cpuinfo="flags : aes avx2 fpu sse\n")
    assert machine.flags_hash(tmp_path) == first
    put(tmp_path, proc__cpuinfo=FLAGS.format(""))
    assert machine.flags_hash(tmp_path) != first


def test_virtual_machines_are_named(tmp_path: Path) -> None:
    assert machine.virtualisation(tmp_path) is None
    put(tmp_path, proc__cpuinfo=FLAGS.format(""))
    assert machine.virtualisation(tmp_path) == "none"
    put(tmp_path, proc__cpuinfo=FLAGS.format(" hypervisor"))
    assert machine.virtualisation(tmp_path) == "virtual machine"
    put(
        tmp_path,
        sys__class__dmi__id__sys_vendor="QEMU\n",
        sys__class__dmi__id__product_name="Standard PC\n",
    )
    assert machine.virtualisation(tmp_path) == "QEMU Standard PC"


def test_turbo_by_either_driver(tmp_path: Path) -> None:
    assert machine.turbo(tmp_path) is None
    put(tmp_path, sys__devices__system__cpu__cpufreq__boost="1\n")
    assert machine.turbo(tmp_path) is True
    put(tmp_path, sys__devices__system__cpu__intel_pstate__no_turbo="1\n")
    assert machine.turbo(tmp_path) is False


def test_the_last_cache_is_the_largest(tmp_path: Path) -> None:
    assert machine.last_level_cache(tmp_path) is None
    for index, size in enumerate(("32K", "1024K", "32768K")):
        folder = tmp_path / f"sys/devices/system/cpu/cpu0/cache/index{index}"
        folder.mkdir(parents=True)
        (folder / "size").write_text(f"{size}\n")
    assert machine.last_level_cache(tmp_path) == 32 << 20


def test_what_decides_whether_records_are_compared() -> None:
    versions = {"torch": "2.15.0", "triton": None, "cuda": "13.2"}
    assert machine.comparability_key(
        "NVIDIA H100 80GB HBM3", "570.86.15", "compile", versions, 2.5
    ) == {
        "device": "NVIDIA H100 80GB HBM3",
        "driver": "570",
        "protocol": 1,
        "engine": "compile",
        "engine_version": "torch 2.15.0, cuda 13.2",
        "quota": "2.5 CPUs",
    }
    assert machine.comparability_key(None, None, "eager", {}, None) == {
        "device": None,
        "driver": None,
        "protocol": 1,
        "engine": "eager",
        "engine_version": None,
        "quota": None,
    }


def test_this_machine_is_described() -> None:
    description = machine.describe()
    assert description["cpus"] == len(machine.available_cpus())
    assert description["versions"]["torch"] == description["torch"]
    assert len(description["distributions"]) == 16
    assert {
        "host",
        "cpu_flags",
        "governor",
        "quota",
        "numa_nodes",
        "virtualisation",
        "memory_bytes",
        "commit",
    } <= set(description)
