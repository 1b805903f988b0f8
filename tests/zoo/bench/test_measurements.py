"""Energy, peaks and versions, from counters and files that are made up."""

from pathlib import Path

import pytest

from zoo.bench import measurements


class Meter:
    """A GPU that uses 100 W idle and 400 W at work, on a clock that only sleeping and working
    move."""

    def __init__(self) -> None:
        self.now = self.used = 0.0

    def joules(self) -> float:
        return self.used

    def spend(self, seconds: float, watts: float) -> None:
        self.now += seconds
        self.used += seconds * watts


def test_watts_are_joules_over_the_time_they_took(monkeypatch: pytest.MonkeyPatch) -> None:
    meter = Meter()
    monkeypatch.setattr(measurements.time, "perf_counter", lambda: meter.now)
    watts, joules, rounds = measurements._watts(meter, lambda: meter.spend(0.4, 400.0), 10.0)  # type: ignore[arg-type]
    assert (watts, joules, rounds) == (pytest.approx(400.0), pytest.approx(25 * 0.4 * 400.0), 25)
    assert measurements._watts(meter, lambda: meter.spend(0.5, 100.0), 5.0)[0] == pytest.approx(
        100.0
    )  # type: ignore[arg-type]


def test_the_peak_of_a_process(tmp_path: Path) -> None:
    status = tmp_path / "status"
    assert measurements.host_peak(str(status)) is None
    status.write_text("Name:\tpython\nVmPeak:\t  9000 kB\nVmHWM:\t  2048 kB\n")
    assert measurements.host_peak(str(status)) == 2 << 20


def test_the_drivers_version(tmp_path: Path) -> None:
    version = tmp_path / "version"
    assert measurements.driver_version(str(version)) is None
    version.write_text(
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build\n"
    )
    assert measurements.driver_version(str(version)) == "570.86.15"
