"""Energy, peaks and versions, from counters and files that are made up."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from zoo.bench import measurements, model_under_test, timing_modes
from zoo.bench.messages import WorkerJob


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


class Engine:
    """Takes 50 ms and 20 J a call, or 10 ms and 4 J a replay of it."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter

    def run(self) -> None:
        self.meter.spend(0.05, 400.0)

    def replay(self) -> None:
        self.meter.spend(0.01, 400.0)

    def synchronise(self) -> None:
        pass


def energy_of(meter: Meter, mode: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, float | None]:
    """Measure on this meter what a call of the mode takes."""
    engine = Engine(meter)
    clock = SimpleNamespace(perf_counter=lambda: meter.now, sleep=lambda s: meter.spend(s, 100.0))
    monkeypatch.setattr(measurements, "time", clock)
    monkeypatch.setattr(measurements, "_gpu", lambda device: meter)
    monkeypatch.setattr(timing_modes, "_record_graph", lambda engine: engine)
    monkeypatch.setattr(model_under_test, "set_switches", lambda job: None)
    monkeypatch.setattr(model_under_test, "build", lambda job: None)
    monkeypatch.setattr(model_under_test, "prepare_engine", lambda job, subject: engine)
    job = WorkerJob(purpose="energy", mode=mode, device="cuda")  # type: ignore[arg-type]
    return measurements.measure_energy(job).energy


@pytest.mark.parametrize(("mode", "joules"), [("latency", 20.0), ("device", 4.0)])
def test_energy_is_that_of_the_mode(
    mode: str, joules: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record of graph replays has the joules of a replay, not of a call from Python."""
    energy = energy_of(Meter(), mode, monkeypatch)
    assert energy["joules_a_call"] == pytest.approx(joules)
    assert (energy["watts"], energy["idle_watts"]) == (pytest.approx(400), pytest.approx(100))


def test_a_counter_that_stands_still_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    meter = Meter()
    monkeypatch.setattr(meter, "joules", lambda: 31415926.5)
    energy = energy_of(meter, "latency", monkeypatch)
    assert energy == {"joules_a_call": None, "watts": None, "idle_watts": None}


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
