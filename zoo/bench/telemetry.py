"""What else went on while a process was timed: read before, between samples and after, never inside
a timed region.

A reading is plain numbers. What was amiss is derived from readings alone (`flags`), so recorded
ones can be judged again.
"""

import os
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from zoo.bench.machine import CPUS, ROOT, first_line, read
from zoo.bench.nvml import POWER_CAP, SLOWDOWN, THERMAL, Gpu
from zoo.bench.protocol import THROTTLED

EVERY = 0.5  # seconds between readings while samples are taken
STEAL = 0.01  # of the time of all CPUs
OTHERS = 0.10
TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
Reading = dict[str, Any]


class Telemetry:
    """Collects readings; `gpu` is None for a CPU, or where nothing is known of the GPU."""

    def __init__(
        self, gpu: Gpu | None = None, root: Path = ROOT, clock: Callable[[], float] = time.monotonic
    ):
        self.gpu, self.root, self.clock = gpu, root, clock
        self.readings: list[Reading] = []
        self.foreign = (gpu.reading()["processes"] if gpu else None) or []

    def read(self) -> None:
        """Take a reading now."""
        self.readings.append(
            {
                "at": round(self.clock(), 3),
                **cpu(self.root),
                **(self.gpu.reading() if self.gpu else {}),
            }
        )

    def between(self) -> None:
        """Take a reading where the last one is long enough ago."""
        if not self.readings or self.clock() - self.readings[-1]["at"] >= EVERY:
            self.read()

    def report(self) -> dict[str, Any]:
        """The first and last reading, and the extremes of what was read: what a record keeps."""
        if not self.readings:
            return {}
        numbers = {
            name
            for reading in self.readings
            for name, value in reading.items()
            if _extreme(name, value)
        }
        values = {
            name: [r[name] for r in self.readings if r.get(name) is not None]
            for name in sorted(numbers)
        }
        extremes = {name: [min(found), max(found)] for name, found in values.items()}
        return {
            "before": self.readings[0],
            "after": self.readings[-1],
            "extremes": extremes,
            "readings": len(self.readings),
        }

    def flags(self) -> list[str]:
        """What was amiss, each once."""
        return flags(self.readings, self.foreign)


def _extreme(name: str, value: object) -> bool:
    return isinstance(value, (int, float)) and name in (
        "mhz",
        "load",
        "sm_mhz",
        "memory_mhz",
        "celsius",
        "watts",
    )


def cpu(root: Path = ROOT) -> Reading:
    """The CPU side of a reading: load, MHz, and counters of time and throttling. `own` is this
    process's time."""
    fields = (read(root / "proc/stat") or "").partition("\n")[0].split()[1:9]
    ticks = [int(field) for field in fields]
    own = os.times()
    return {
        "load": _number((first_line(root / "proc/loadavg") or "").split(" ")[0]),
        "mhz": clock_rate(root),
        "total": sum(ticks) / TICK if ticks else None,
        "idle": sum(ticks[3:5]) / TICK if ticks else None,
        "steal": ticks[7] / TICK if len(ticks) > 7 else None,
        "own": round(own.user + own.system, 2),
        "periods_throttled": _periods(root),
        "heat_throttled": _heat(root),
    }


def clock_rate(root: Path = ROOT) -> float | None:
    """MHz, the mean over the CPUs; on a virtual machine often what the firmware said once."""
    files = (root / CPUS).glob("cpu[0-9]*/cpufreq/scaling_cur_freq")
    rates = [int(text) / 1000 for path in files if (text := first_line(path)) and text.isdigit()]
    if not rates:
        found = re.findall(
            r"^cpu MHz\s*:\s*([\d.]+)", read(root / "proc/cpuinfo") or "", re.MULTILINE
        )
        rates = [float(text) for text in found]
    return round(sum(rates) / len(rates), 1) if rates else None


def _periods(root: Path) -> int | None:
    """How often the control group used up its quota."""
    for path in ("sys/fs/cgroup/cpu.stat", "sys/fs/cgroup/cpu/cpu.stat"):
        if found := re.search(r"^nr_throttled (\d+)", read(root / path) or "", re.MULTILINE):
            return int(found[1])
    return None


def _heat(root: Path) -> int | None:
    """How often any core was slowed down because of its temperature."""
    files = (root / CPUS).glob("cpu[0-9]*/thermal_throttle/core_throttle_count")
    counts = [int(text) for path in files if (text := first_line(path)) and text.isdigit()]
    return sum(counts) if counts else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def flags(readings: Sequence[Reading], foreign: Sequence[int] = ()) -> list[str]:
    """What was amiss between the first reading and the last; `foreign` used the GPU before this
    process did.

    `throttled`: heat, a power brake, or a used-up quota slowed it down. `power capped`: the GPU was
    held at its power limit. `steal`: the hypervisor gave more than 1% of the time to others. `busy
    machine`: other processes used more than 10% of all CPUs. `foreign processes`: others used the
    GPU. The kernel counts in ticks of some milliseconds, so two of them are nothing.
    """
    if not readings:
        return []
    grown = {name: _grown(readings, name) for name in ("total", "idle", "steal", "own")}
    others = grown["total"] - grown["idle"] - grown["own"] - grown["steal"]
    reasons = 0
    for reading in readings:
        reasons |= reading.get("reasons") or 0
    seen = {pid for reading in readings for pid in reading.get("processes") or ()}
    heat = _grown(readings, "periods_throttled") + _grown(readings, "heat_throttled")
    found = {
        THROTTLED: bool(heat or reasons & (THERMAL | SLOWDOWN)),
        "power capped": bool(reasons & POWER_CAP),
        "steal": grown["steal"] > max(STEAL * grown["total"], 2 / TICK),
        "busy machine": others > max(OTHERS * grown["total"], 2 / TICK),
        "foreign processes": bool(foreign) or len(seen) > 1,
    }
    return [name for name, true in found.items() if true]


def _grown(readings: Sequence[Reading], name: str) -> float:
    first, last = readings[0].get(name), readings[-1].get(name)
    return 0.0 if first is None or last is None else last - first
