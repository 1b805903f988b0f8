"""Records of benchmarks: raw samples by process, and statistics derived from them.

The process is the replicate: samples within one process agree with each other far better than
processes do, so every interval here is between processes. Statistics are derived and never stored;
no sample is dropped.
"""

import math
from collections.abc import Sequence
from statistics import fmean, median, quantiles, stdev
from typing import Any, Literal

import msgspec

from zoo.model_index.ledger import students_t
from zoo.model_index.records.input_text import parse_input

PROTOCOL = 1
CONFIDENCE = 0.95
WIDEST = 10  # an interval reaches at most from a tenth of its middle to ten times it
IMAGES = ("image", "image list")  # kinds of inputs of which a sample is one image
IMAGE_RATE, OTHER_RATE = "images/s", "samples/s"
Mode = Literal["latency", "throughput", "device", "cold", "train"]
MODES: tuple[Mode, ...] = ("latency", "throughput", "device", "cold", "train")
FAILURES = (
    "out of memory",
    "timeout",
    "unsupported",
    "wrong output",
    "not deterministic",
    "raised",
    "crashed",
)
CONDITIONS = (
    "engine",
    "engine_options",
    "device",
    "precision",
    "batch_size",
    "input",
    "channels_last",
    "threads",
    "mode",
    "l2",
)
"""What of a cell's conditions was asked for. The one other, `key`, says where it was measured and
by which versions, so that one ledger holds the records of several machines."""


class Warmup(msgspec.Struct, frozen=True):
    """Calls before the first sample, and whether two consecutive windows of them agreed."""

    calls: int
    seconds: float
    converged: bool


class Replicate(msgspec.Struct, frozen=True, kw_only=True):
    """One fresh process: `samples` in seconds, each over `calls` forward passes (or training steps)
    in a row.

    `device` are the same samples by the device's own clock, where it has one. `parts` are the
    seconds of each part of a sample: forward, backward and step of training; import, build, load,
    compile and first call of a cold start. `flags` say what was amiss (`throttled`, `foreign
    processes`, `warmup_not_converged`). Replicates of two cells with the same `run` and `round`
    were measured one soon after the other, in an order drawn at random.
    """

    samples: list[float]
    calls: int = 1
    warmup: Warmup | None = None
    device: list[float] | None = None
    parts: dict[str, list[float]] = {}
    flags: list[str] = []
    telemetry: dict[str, Any] = {}
    started_at: str = ""
    run: str = ""
    round: int = 0

    @property
    def median(self) -> float:
        """Seconds of one call."""
        return median(self.samples) / self.calls

    @property
    def outliers(self) -> tuple[int, int]:
        """How many samples are mild and how many severe outliers; all of them count."""
        return outliers(self.samples)


class Benchmark(msgspec.Struct, frozen=True, kw_only=True):
    """The values of a measured benchmark cell.

    `key` is what decides whether two records may be compared: device model, driver major, protocol,
    engine and its version, precision, threads, quota. `output` says how far the engine's output was
    from eager float32 on the CPU. `memory` in bytes and `energy` in joules come from passes of
    their own; what is unknown is None. `stopped` is `precise`, `maximum`, `budget` or
    `interrupted`. `input` is the spelling of what the model was given, `shapes` are those of its
    tensors, batch first; `weights` says what values the model had.
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
    input: str = ""
    shapes: list[list[int]] = []

    @property
    def medians(self) -> list[float]:
        """Return seconds of one call, by process."""
        return [replicate.median for replicate in self.replicates]

    @property
    def seconds(self) -> float:
        """Return seconds of one call: the median of the processes' medians."""
        return median(self.medians)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Between-process 95% interval of the seconds of one call; None for fewer than two
        processes, or for two or three that differ too much to say anything."""
        return interval(self.medians)

    @property
    def rate(self) -> float:
        """Return samples a second: images, where the model takes them one by one."""
        return self.batch_size / self.seconds

    @property
    def rate_unit(self) -> str:
        """Return the unit of `rate`: `images/s`, `samples/s` of what is more than one image."""
        return unit_of_rate(self.input)

    @property
    def flags(self) -> list[str]:
        """Return the flags of all processes, each once."""
        return list(
            dict.fromkeys(flag for replicate in self.replicates for flag in replicate.flags)
        )

    @property
    def outliers(self) -> tuple[int, int]:
        """Mild and severe outliers within their own processes, over all processes."""
        mild, severe = zip(*(replicate.outliers for replicate in self.replicates), strict=True)
        return sum(mild), sum(severe)

    def quantile(self, share: float) -> float | None:
        """A quantile of single calls over all processes, in seconds; None where its upper 95% bound
        does not exist, or where calls were not timed singly."""
        if any(replicate.calls > 1 for replicate in self.replicates):
            return None
        return quantile(
            sorted(sample for replicate in self.replicates for sample in replicate.samples), share
        )


def unit_of_rate(spelling: str) -> str:
    """Return the unit of the throughput of a model with such an input."""
    try:
        parts = parse_input(spelling).parts if spelling else ()
    except ValueError:
        return OTHER_RATE
    images = not parts or (len(parts) == 1 and parts[0].noun in IMAGES)
    return IMAGE_RATE if images else OTHER_RATE


def outliers(samples: Sequence[float]) -> tuple[int, int]:
    """How many values lie more than 1.5, and how many more than 3, interquartile ranges outside of
    the quartiles.

    Those are Tukey's fences (Exploratory Data Analysis, 1977); a severe outlier is not counted as a
    mild one too.
    """
    if len(samples) < 4:
        return 0, 0
    low, _, high = quantiles(samples, n=4, method="inclusive")
    away = [max(low - value, value - high) / ((high - low) or 1e-12) for value in samples]
    severe = sum(distance > 3 for distance in away)
    return sum(distance > 1.5 for distance in away) - severe, severe


def interval(
    medians: Sequence[float], confidence: float = CONFIDENCE
) -> tuple[float, float] | None:
    """The interval of the mean log-median by Student's t, back in seconds; None for fewer than two
    processes, and where it would reach beyond `WIDEST` times the mean: that says nothing."""
    if len(medians) < 2:
        return None
    logs = [math.log(value) for value in medians]
    factor = students_t.quantile(len(logs) - 1, (1 + confidence) / 2)
    half = factor * stdev(logs) / math.sqrt(len(logs))
    if half > math.log(WIDEST):
        return None
    return math.exp(fmean(logs) - half), math.exp(fmean(logs) + half)


def quantile(
    ordered: Sequence[float], share: float, confidence: float = CONFIDENCE
) -> float | None:
    """The sample quantile of sorted values where a distribution-free upper bound for it exists
    among them.

    The largest of n values exceeds the quantile with probability 1 - share^n, so n has to be at
    least log(1 - confidence) / log(share): 29 for the 90th percentile, 299 for the 99th.
    """
    count = len(ordered)
    if not count or 1 - share**count < confidence:
        return None
    return ordered[min(count - 1, max(0, math.ceil(share * count) - 1))]
