"""What went on beside a measurement: from fixtures of NVML's answers and of the kernel's files."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch

from zoo.bench import nvml
from zoo.bench.telemetry import Telemetry, clock_rate, flags, read_cpu

FIXTURE = Path(__file__).parent / "fixtures" / "nvml_h100.json"


class NVMLError(Exception):
    """The fixture's error, as the binding has one."""


def struct(value: Any) -> Any:
    """The binding gives structures where the fixture has mappings."""
    if isinstance(value, dict):
        return SimpleNamespace(**value)
    return [struct(each) for each in value] if isinstance(value, list) else value


class Replayed(ModuleType):
    """A `pynvml` that answers from the fixture."""

    NVMLError = NVMLError

    def __init__(self, answers: dict[str, list[Any]], constants: dict[str, int]):
        super().__init__("pynvml")
        self.answers = {name: list(values) for name, values in answers.items()}
        self.asked: list[Any] = []
        self.__dict__.update(constants)

    def nvmlInit(self) -> None:
        pass

    def nvmlDeviceGetHandleByIndex(self, index: int) -> str:
        self.asked.append(index)
        return "handle"

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> str:
        self.asked.append(uuid)
        return "handle"

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in self.answers:
            raise AttributeError(name)

        def answer(*arguments: Any) -> Any:
            values = self.answers[name]
            value = values.pop(0) if len(values) > 1 else values[0]
            if value is None:
                raise NVMLError("not supported")
            return struct(value)

        return answer


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Replayed:
    fixture = json.loads(FIXTURE.read_text())
    made = Replayed(fixture["answers"], fixture["constants"])
    monkeypatch.setitem(sys.modules, "pynvml", made)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return made


def test_what_stays_of_a_gpu(library: Replayed) -> None:
    gpu = nvml.gpu(0)
    assert gpu and gpu.describe() == {
        "name": "NVIDIA H100 80GB HBM3",
        "driver": "570.86.15",
        "vbios": "96.00.74.00.01",
        "power_limit_watts": 700.0,
        "most_sm_mhz": 1980,
        "mig": False,
        "ecc": True,
        "persistence": True,
        "memory_bytes": 85520809984,
    }


def test_what_changes_of_a_gpu(library: Replayed) -> None:
    gpu = nvml.gpu(0)
    assert gpu and gpu.reading() == {
        "sm_mhz": 345,
        "memory_mhz": 1593,
        "celsius": 31,
        "watts": 71.324,
        "limit_watts": 700.0,
        "reasons": 1,
        "processes": [],
        "used_bytes": 591396864,
    }
    assert gpu.joules() == 31415926.535


def test_what_nvml_does_not_know_is_none(library: Replayed) -> None:
    library.answers |= {
        "nvmlDeviceGetMigMode": [None],
        "nvmlDeviceGetTotalEnergyConsumption": [None],
    }
    del library.answers[
        "nvmlDeviceGetCurrentClocksEventReasons"
    ]  # an older binding, which has the older name
    library.answers["nvmlDeviceGetCurrentClocksThrottleReasons"] = [64]
    gpu = nvml.gpu(0)
    assert gpu and (gpu.describe()["mig"], gpu.joules(), gpu.reading()["reasons"]) == (
        None,
        None,
        64,
    )


def test_without_the_binding_there_is_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert nvml.gpu(0) is None


def test_cudas_numbers_and_nvmls(library: Replayed, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [nvml.nvml_device(index, "3, GPU-5f,1") for index in range(4)] == [3, "GPU-5f", 1, 3]
    assert nvml.nvml_device(2, None) == 2
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,GPU-5f")
    nvml.gpu(0), nvml.gpu(1)
    assert library.asked == [3, "GPU-5f"]


def test_telemetry_keeps_ends_and_extremes(library: Replayed, tmp_path: Path) -> None:
    now = iter([0.0, 0.2, 0.7, 0.9])
    telemetry = Telemetry(nvml.gpu(0), tmp_path, clock=lambda: next(now))
    telemetry.read()
    telemetry.between()  # too soon
    telemetry.between()
    report = telemetry.report()
    assert report["readings"] == 2
    assert report["extremes"] == {
        "celsius": [47, 52],
        "memory_mhz": [2619, 2619],
        "sm_mhz": [1755, 1980],
        "watts": [512.087, 698.211],
    }
    assert (report["before"]["at"], report["after"]["at"]) == (0.0, 0.9)
    assert telemetry.flags() == ["power capped"]


def test_nothing_read_is_nothing_said(tmp_path: Path) -> None:
    telemetry = Telemetry(None, tmp_path)
    assert (telemetry.report(), telemetry.flags()) == ({}, [])


QUIET: dict[str, Any] = {
    "total": 100.0,
    "idle": 50.0,
    "steal": 0.0,
    "own": 1.0,
    "reasons": 0,
    "processes": [7],
}
LATER = QUIET | {"total": 110.0, "idle": 55.0, "own": 6.0}


@pytest.mark.parametrize(
    ("later", "found"),
    [
        ({}, []),
        ({"reasons": 0x01 | 0x02 | 0x10}, []),  # idle, application clocks, sync boost
        ({"reasons": 0x04}, ["power capped"]),
        ({"reasons": 0x08}, ["throttled"]),
        ({"reasons": 0x20}, ["throttled"]),
        ({"reasons": 0x40}, ["throttled"]),
        ({"reasons": 0x80}, ["throttled"]),
        ({"periods_throttled": 3}, ["throttled"]),
        ({"heat_throttled": 1}, ["throttled"]),
        ({"steal": 0.2}, ["steal"]),
        ({"steal": 0.05}, []),
        ({"idle": 52.0}, ["busy machine"]),
        ({"idle": 54.5}, []),
        ({"processes": [7, 8]}, ["foreign processes"]),
        ({"reasons": None, "processes": None, "total": None, "idle": None, "steal": None}, []),
    ],
)
def test_what_was_amiss(later: dict[str, Any], found: list[str]) -> None:
    counters = {"periods_throttled": 0, "heat_throttled": 0}
    assert flags([QUIET | counters, LATER | counters | later]) == found


def test_who_used_the_gpu_before_is_foreign() -> None:
    assert flags([QUIET, LATER], foreign=[99]) == ["foreign processes"]


STAT = "cpu  1000 20 300 5000 100 7 8 50 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n"


def test_the_kernels_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.bench.telemetry.TICK", 100)
    files = {
        "proc/stat": STAT,
        "proc/loadavg": "1.25 0.80 0.40 2/345 6789\n",
        "sys/fs/cgroup/cpu.stat": "usage_usec 5\nnr_periods 10\nnr_throttled 4\nthrottled_usec 9\n",
        "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq": "2000000\n",
        "sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq": "3000000\n",
        "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count": "2\n",
        "sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count": "3\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    reading = read_cpu(tmp_path)
    assert reading.pop("own") > 0
    assert reading == {
        "load": 1.25,
        "mhz": 2500.0,
        "total": 64.85,
        "idle": 51.0,
        "steal": 0.5,
        "periods_throttled": 4,
        "heat_throttled": 5,
    }


def test_clocks_of_a_machine_that_only_has_cpuinfo(tmp_path: Path) -> None:
    assert clock_rate(tmp_path) is None
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/cpuinfo").write_text("cpu MHz\t\t: 2400.5\ncpu MHz\t\t: 2600.5\n")
    assert clock_rate(tmp_path) == 2500.5


def test_a_kernel_that_says_nothing(tmp_path: Path) -> None:
    reading = read_cpu(tmp_path)
    reading.pop("own")
    assert set(reading.values()) == {None}


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_the_gpu_of_this_machine() -> None:
    """What the driver refuses is None, and nothing is changed."""
    pytest.importorskip("pynvml")
    gpu = nvml.gpu(0)
    assert gpu, "NVML finds no GPU"
    before = gpu.describe()
    assert before["name"] == torch.cuda.get_device_name(0) and before["driver"]
    reading = gpu.reading()
    assert reading["used_bytes"] is None or 0 < reading["used_bytes"] <= before["memory_bytes"]
    for name in ("sm_mhz", "celsius", "watts"):
        assert reading[name] is None or reading[name] > 0
    assert gpu.describe() == before
