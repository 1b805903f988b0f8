"""Read NVIDIA's management library (NVML), through `nvidia-ml-py` where that is installed.

An older driver, a virtual GPU or a container may leave any value out; unknown values are None.
Nothing here changes a setting.
"""

import os
from collections.abc import Callable
from typing import Any

THERMAL = 0x20 | 0x40
SLOWDOWN = 0x08 | 0x80
POWER_CAP = 0x04
"""Bits of NVML's clock event reasons: software and hardware thermal slowdown; hardware slowdown and
power brake; the software power cap, which holds a busy GPU at its power limit and is no fault."""


class Gpu:
    """One GPU; create it with `gpu`."""

    def __init__(self, library: Any, handle: Any):
        self.library, self.handle = library, handle

    def reading(self) -> dict[str, Any]:
        """Return what changes: clocks in MHz, degrees Celsius, watts, reasons as bits, processes
        and bytes in use."""
        library = self.library
        memory = self._ask("nvmlDeviceGetMemoryInfo")
        reasons = self._ask("nvmlDeviceGetCurrentClocksEventReasons")
        if reasons is None:
            reasons = self._ask("nvmlDeviceGetCurrentClocksThrottleReasons")
        processes = self._ask("nvmlDeviceGetComputeRunningProcesses")
        pids = None if processes is None else sorted(process.pid for process in processes)
        return {
            "sm_mhz": self._ask("nvmlDeviceGetClockInfo", library.NVML_CLOCK_SM),
            "memory_mhz": self._ask("nvmlDeviceGetClockInfo", library.NVML_CLOCK_MEM),
            "celsius": self._ask("nvmlDeviceGetTemperature", library.NVML_TEMPERATURE_GPU),
            "watts": _thousandth(self._ask("nvmlDeviceGetPowerUsage")),
            "limit_watts": _thousandth(self._ask("nvmlDeviceGetEnforcedPowerLimit")),
            "reasons": reasons,
            "processes": pids,
            "used_bytes": None if memory is None else memory.used,
        }

    def describe(self) -> dict[str, Any]:
        """Return what stays: name, driver, firmware, limits and modes."""
        library, memory = self.library, self._ask("nvmlDeviceGetMemoryInfo")
        ecc, mig = self._ask("nvmlDeviceGetEccMode"), self._ask("nvmlDeviceGetMigMode")
        return {
            "name": _text(self._ask("nvmlDeviceGetName")),
            "driver": _text(self._call("nvmlSystemGetDriverVersion")),
            "vbios": _text(self._ask("nvmlDeviceGetVbiosVersion")),
            "power_limit_watts": _thousandth(self._ask("nvmlDeviceGetEnforcedPowerLimit")),
            "most_sm_mhz": self._ask("nvmlDeviceGetMaxClockInfo", library.NVML_CLOCK_SM),
            "mig": None if mig is None else bool(mig[0]),
            "ecc": None if ecc is None else bool(ecc[0]),
            "persistence": _switch(self._ask("nvmlDeviceGetPersistenceMode")),
            "memory_bytes": None if memory is None else memory.total,
        }

    def joules(self) -> float | None:
        """Return the total-energy counter, which starts when the driver is loaded."""
        return _thousandth(self._ask("nvmlDeviceGetTotalEnergyConsumption"))

    def used_bytes(self) -> int | None:
        """Return the bytes of the device that all processes use."""
        memory = self._ask("nvmlDeviceGetMemoryInfo")
        return None if memory is None else memory.used

    def _ask(self, name: str, *arguments: Any) -> Any:
        return self._call(name, self.handle, *arguments)

    def _call(self, name: str, *arguments: Any) -> Any:
        function: Callable[..., Any] | None = getattr(self.library, name, None)
        try:
            return function(*arguments) if function else None
        except self.library.NVMLError:
            return None


def gpu(index: int) -> Gpu | None:
    """Return the GPU that CUDA gives this number; None where NVML or its binding is missing.

    CUDA has to number devices by their bus, as NVML does (`CUDA_DEVICE_ORDER=PCI_BUS_ID`);
    `CUDA_VISIBLE_DEVICES` may hide some. NVML does not touch the device, which would use memory on
    it.
    """
    try:
        import pynvml
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
        name = nvml_device(index, os.environ.get("CUDA_VISIBLE_DEVICES"))
        if isinstance(name, str):
            return Gpu(pynvml, pynvml.nvmlDeviceGetHandleByUUID(name))
        return Gpu(pynvml, pynvml.nvmlDeviceGetHandleByIndex(name))
    except pynvml.NVMLError:
        return None


def nvml_device(index: int, restriction: str | None) -> int | str:
    """Return NVML's number or identity of CUDA's device `index`, by `CUDA_VISIBLE_DEVICES`."""
    devices = [part.strip() for part in (restriction or "").split(",") if part.strip()]
    if index >= len(devices):
        return index
    return int(devices[index]) if devices[index].isdigit() else devices[index]


def _thousandth(value: int | None) -> float | None:
    return None if value is None else value / 1000


def _text(value: str | bytes | None) -> str | None:
    return value.decode() if isinstance(value, bytes) else value


def _switch(value: int | None) -> bool | None:
    return None if value is None else bool(value)
