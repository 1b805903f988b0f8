"""What a benchmark measured, as the ledger keeps it: raw samples by process, and everything derived from them.

The process is the replicate: samples within one process agree with each other far better than processes do, so every
interval here is between processes. Statistics are derived and never stored; no sample is dropped.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist, fmean, median, stdev
from typing import Any, Literal

import msgspec

PROTOCOL = 1
CONFIDENCE = 0.95
Mode = Literal["latency", "throughput", "device", "cold", "train"]
MODES: tuple[Mode, ...] = ("latency", "throughput", "device", "cold", "train")
FAILURES = ("out of memory", "timeout", "unsupported", "wrong output", "raised", "crashed")
QUANTILES = (0.5, 0.9, 0.99)


class Warmup(msgspec.Struct, frozen=True):
    """Calls before the first sample, and whether two consecutive windows of them agreed."""

    calls: int
    seconds: float
    converged: bool


class Replicate(msgspec.Struct, frozen=True, kw_only=True):
    """One fresh process: `samples` in seconds, each over `calls` forward passes (or training steps) in a row.

    `device` are the same samples by the device's own clock, where it has one. `parts` are the seconds of each part of
    a sample: forward, backward and step of training; import, build, load, compile and first call of a cold start.
    `flags` say what was amiss (`throttled`, `foreign processes`, `warmup_not_converged`).
    """

    samples: list[float]
    calls: int = 1
    warmup: Warmup | None = None
    device: list[float] | None = None
    parts: dict[str, list[float]] = {}
    flags: list[str] = []
    telemetry: dict[str, Any] = {}
    started_at: str = ""

    @property
    def median(self) -> float:
        """Seconds of one call."""
        return median(self.samples) / self.calls


class Benchmark(msgspec.Struct, frozen=True, kw_only=True):
    """The values of a measured benchmark cell.

    `key` is what decides whether two records may be compared: device model, driver major, protocol, engine and its
    version, precision, threads, quota. `output` says how far the engine's output was from eager float32 on the CPU.
    `memory` in bytes and `energy` in joules come from passes of their own; what is unknown is None. `stopped` is
    `precise`, `maximum`, `budget` or `interrupted`.
    """

    mode: Mode
    batch_size: int
    replicates: list[Replicate]
    key: dict[str, str | int | None]
    stopped: str
    protocol: int = PROTOCOL
    output: dict[str, float | None] = {}
    memory: dict[str, int | None] = {}
    energy: dict[str, float | None] = {}
    resolved: str = ""
    weights: str = ""

    @property
    def medians(self) -> list[float]:
        """Seconds of one call, by process."""
        return [replicate.median for replicate in self.replicates]

    @property
    def seconds(self) -> float:
        """Seconds of one call: the median of the processes' medians."""
        return median(self.medians)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Between-process 95% interval of the seconds of one call; None for fewer than two processes."""
        return interval(self.medians)

    @property
    def rate(self) -> float:
        """Images a second."""
        return self.batch_size / self.seconds

    @property
    def flags(self) -> list[str]:
        """What was amiss in any process, each once."""
        return list(dict.fromkeys(flag for replicate in self.replicates for flag in replicate.flags))

    def quantile(self, share: float) -> float | None:
        """A quantile of single calls over all processes; None where its upper 95% bound does not exist."""
        values = sorted(sample / each.calls for each in self.replicates for sample in each.samples)
        return quantile(values, share)


def interval(medians: Sequence[float], confidence: float = CONFIDENCE) -> tuple[float, float] | None:
    """The interval of the mean log-median by Student's t, back in seconds."""
    if len(medians) < 2:
        return None
    logs = [math.log(value) for value in medians]
    half = student(len(logs) - 1, (1 + confidence) / 2) * stdev(logs) / math.sqrt(len(logs))
    return math.exp(fmean(logs) - half), math.exp(fmean(logs) + half)


def student(freedom: int, share: float) -> float:
    """The quantile of Student's t distribution."""
    from scipy.special import stdtrit  # a tenth of a second, and only where intervals are asked for

    return float(stdtrit(freedom, share))


def normal(share: float) -> float:
    """The quantile of the normal distribution."""
    return NormalDist().inv_cdf(share)


def quantile(ordered: Sequence[float], share: float, confidence: float = CONFIDENCE) -> float | None:
    """The sample quantile of sorted values where a distribution-free upper bound for it exists among them.

    The largest of n values exceeds the quantile with probability 1 - share^n, so n has to be at least
    log(1 - confidence) / log(share): 29 for the 90th percentile, 299 for the 99th.
    """
    count = len(ordered)
    if not count or 1 - share**count < confidence:
        return None
    return ordered[min(count - 1, max(0, math.ceil(share * count) - 1))]
