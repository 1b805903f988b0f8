"""Samples hold the calls of the model and nothing else, on a clock that only the engine
advances."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from zoo.bench import timing_modes
from zoo.bench.messages import WorkerJob
from zoo.bench.protocol import Sampling
from zoo.bench.telemetry import Telemetry

SAMPLING = Sampling(
    window_calls=2, window_seconds=0.0, warm_calls=2, samples=4, seconds=0.0, longest=1e9, blocks=3
)


class Clock:
    """Seconds that pass only where a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


class Engine:
    """Takes 2 s a call; the wait for the device takes another 1 s where a call is pending."""

    def __init__(self, clock: Clock):
        self.clock, self.pending = clock, False

    def run(self) -> None:
        self.clock.now += 2
        self.pending = True

    def synchronise(self) -> None:
        self.clock.now += self.pending
        self.pending = False


@pytest.fixture
def timing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., timing_modes.Timing]:
    """A job whose emptying of the cache takes 5 s, and whose telemetry takes 100 s a reading."""
    clock = Clock()

    def pass_time(seconds: float) -> None:
        clock.now += seconds

    def create(**conditions: Any) -> timing_modes.Timing:
        monkeypatch.setattr(timing_modes, "time", clock)
        monkeypatch.setattr(timing_modes, "_flush", lambda job: lambda: pass_time(5))
        monkeypatch.setattr(Telemetry, "read", lambda self: pass_time(100))
        monkeypatch.setattr(Telemetry, "between", lambda self: pass_time(100))
        job = WorkerJob(purpose="replicate", sampling=SAMPLING, **conditions)
        return timing_modes.Timing(job, Engine(clock), Telemetry())  # type: ignore[arg-type]

    return create


def test_a_sample_is_a_call_and_the_wait_for_it(
    timing: Callable[..., timing_modes.Timing],
) -> None:
    """Emptying the cache and reading telemetry are no part of it."""
    replicate = timing_modes.time_latency(timing(l2="cold"))
    assert replicate.samples == [3.0] * 4
    assert replicate.calls == 1 and replicate.warmup and replicate.warmup.converged


def test_a_block_waits_for_the_device_once(timing: Callable[..., timing_modes.Timing]) -> None:
    replicate = timing_modes.time_throughput(timing(mode="throughput"))
    assert replicate.samples == [2.0 * replicate.calls + 1] * 3
    assert replicate.calls >= 2


def test_the_devices_clock_watches_the_engines_own_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events on torch's current stream would not wait for work on another one."""

    class Event:
        def __init__(self, enable_timing: bool) -> None:
            self.streams: list[object] = []

        def record(self, stream: object) -> None:
            self.streams.append(stream)

    monkeypatch.setattr(timing_modes.torch.cuda, "Event", Event)
    for engine, stream in ((SimpleNamespace(), None), (SimpleNamespace(stream="own"), "own")):
        pairs: list[Any] = []
        with timing_modes._events("cuda", engine)(pairs):  # type: ignore[arg-type]
            pass
        [(begin, end)] = pairs
        assert begin.streams == end.streams == [stream]
