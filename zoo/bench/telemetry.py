"""Record the load, clocks and temperature of the machine while a process is timed: before, between
samples and after, never inside a timed region.

A reading is plain numbers. Disturbances are derived from readings alone (`flags`), so recorded
readings can be examined again.
"""

import os
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from zoo.bench.machine import CPUS
from zoo.bench.nvml import POWER_CAP, SLOWDOWN, THERMAL, Gpu
from zoo.bench.protocol import THROTTLED
from zoo.models.control_groups import ROOT, first_line, read, read_counters

INTERVAL = 0.5  # seconds between readings while samples are taken
STEAL = 0.01  # of the time of all CPUs
OTHERS = 0.10
TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
EXTREMES = ("mhz", "load", "sm_mhz", "memory_mhz", "celsius", "watts")
Reading = dict[str, Any]


class Telemetry:
    """Collects readings; `gpu` is None for a CPU, and for a GPU without NVML."""

    def __init__(
        self, gpu: Gpu | None = None, root: Path = ROOT, clock: Callable[[], float] = time.monotonic
    ):
        self.gpu, self.root, self.clock = gpu, root, clock
        self.readings: list[Reading] = []
        self.foreign = (gpu.reading()["processes"] if gpu else None) or []

    def read(self) -> None:
        """Take a reading now."""
        reading = {"at": round(self.clock(), 3), **read_cpu(self.root)}
        self.readings.append(reading | (self.gpu.reading() if self.gpu else {}))

    def between(self) -> None:
        """Take a reading if the last one is at least `INTERVAL` ago."""
        if not self.readings or self.clock() - self.readings[-1]["at"] >= INTERVAL:
            self.read()

    def report(self) -> dict[str, Any]:
        """Return the first and last reading and the extremes, which a record stores."""
        if not self.readings:
            return {}
        extremes = {}
        for name in sorted(EXTREMES):
            values = [reading[name] for reading in self.readings if reading.get(name) is not None]
            if values:
                extremes[name] = [min(values), max(values)]
        return {
            "before": self.readings[0],
            "after": self.readings[-1],
            "extremes": extremes,
            "readings": len(self.readings),
        }

    def flags(self) -> list[str]:
        """Return the names of all disturbances."""
        return flags(self.readings, self.foreign)


def read_cpu(root: Path = ROOT) -> Reading:
    """Read load, MHz, and counters of time and throttling; `own` is this process's CPU time."""
    fields = (read(root / "proc/stat") or "").partition("\n")[0].split()[1:9]
    ticks = [int(field) for field in fields]
    times = os.times()
    return {
        "load": _number((first_line(root / "proc/loadavg") or "").split(" ")[0]),
        "mhz": clock_rate(root),
        "total": sum(ticks) / TICK if ticks else None,
        "idle": sum(ticks[3:5]) / TICK if ticks else None,
        "steal": ticks[7] / TICK if len(ticks) > 7 else None,
        "own": round(times.user + times.system, 2),
        "periods_throttled": _throttled_periods(root),
        "heat_throttled": _thermal_events(root),
    }


def clock_rate(root: Path = ROOT) -> float | None:
    """Return the mean MHz over the CPUs; on a virtual machine often a constant of the firmware."""
    files = (root / CPUS).glob("cpu[0-9]*/cpufreq/scaling_cur_freq")
    rates = [int(text) / 1000 for path in files if (text := first_line(path)) and text.isdigit()]
    if not rates:
        text = read(root / "proc/cpuinfo") or ""
        rates = [float(rate) for rate in re.findall(r"^cpu MHz\s*:\s*([\d.]+)", text, re.MULTILINE)]
    return round(sum(rates) / len(rates), 1) if rates else None


def _throttled_periods(root: Path) -> int | None:
    """Return how often the control groups used up their quotas."""
    counters = read_counters("cpu", ("cpu.stat",), "nr_throttled", root)
    return sum(counters) if counters else None


def _thermal_events(root: Path) -> int | None:
    """Return how often any core was slowed down because of its temperature."""
    files = (root / CPUS).glob("cpu[0-9]*/thermal_throttle/core_throttle_count")
    counts = [int(text) for path in files if (text := first_line(path)) and text.isdigit()]
    return sum(counts) if counts else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def flags(readings: Sequence[Reading], foreign: Sequence[int] = ()) -> list[str]:
    """Name the disturbances between the first reading and the last; `foreign` processes used the
    GPU before this one did.

    `throttled`: heat, a power brake, or a used-up quota slowed the process down. `power capped`:
    the GPU was held at its power limit. `steal`: the hypervisor gave more than 1% of the time to
    other machines. `busy machine`: other processes used more than 10% of all CPUs. `foreign
    processes`: other processes used the GPU. The kernel counts in ticks of some milliseconds, so
    two ticks are ignored.
    """
    if not readings:
        return []
    growth = {name: _growth(readings, name) for name in ("total", "idle", "steal", "own")}
    others = growth["total"] - growth["idle"] - growth["own"] - growth["steal"]
    reasons = 0
    for reading in readings:
        reasons |= reading.get("reasons") or 0
    pids = {pid for reading in readings for pid in reading.get("processes") or ()}
    heat = _growth(readings, "periods_throttled") + _growth(readings, "heat_throttled")
    disturbances = {
        THROTTLED: bool(heat or reasons & (THERMAL | SLOWDOWN)),
        "power capped": bool(reasons & POWER_CAP),
        "steal": growth["steal"] > max(STEAL * growth["total"], 2 / TICK),
        "busy machine": others > max(OTHERS * growth["total"], 2 / TICK),
        "foreign processes": bool(foreign) or len(pids) > 1,
    }
    return [name for name, holds in disturbances.items() if holds]


def _growth(readings: Sequence[Reading], name: str) -> float:
    first, last = readings[0].get(name), readings[-1].get(name)
    return 0.0 if first is None or last is None else last - first
