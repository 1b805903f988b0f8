"""Time a model that is ready, in one of several modes. Each returns all raw samples of one process.

`latency` waits for the device before and after every single call, `throughput` only around a block
of calls, `device` lets the GPU's own clock time replays of a recorded graph, and `train` times the
three parts of a step. Cold starts are in `zoo.bench.cold_start`.
"""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any, cast

import torch
from torch import nn

from zoo.bench.availability import explain_mode
from zoo.bench.engines import create_engine, torch_settings
from zoo.bench.engines.base import Engine, TrainingEngine
from zoo.bench.engines.errors import Unsupported
from zoo.bench.engines.output_check import first_tensor
from zoo.bench.machine import last_level_cache
from zoo.bench.messages import WorkerJob
from zoo.bench.model_under_test import engine_options
from zoo.bench.protocol import Sampling, WarmUpMonitor
from zoo.bench.telemetry import Telemetry
from zoo.model_index.ledger.benchmark import Replicate
from zoo.models.inputs import Inputs
from zoo.models.memory_errors import describe_exception

# too small to change the weights: the work of a step is the same at any rate
LEARNING_RATE = 1e-6
DIGITS = 9  # of seconds: nanoseconds
CAPTURE = ("captur", "Captur")  # in CUDA's errors of what a graph cannot record


@dataclass
class Timing:
    """An engine that is ready, its job, and the telemetry that is read between samples."""

    job: WorkerJob
    engine: Engine
    telemetry: Telemetry

    @property
    def sampling(self) -> Sampling:
        return self.job.sampling


def time_latency(timing: Timing) -> Replicate:
    """Time single calls, the device idle before and after each; on a GPU by its own clock too."""
    engine, flush = timing.engine, _flush(timing.job)
    events = _events(timing.job.device, engine)
    device: list[float] = []

    def sample() -> float:
        flush()
        engine.synchronise()
        start = time.perf_counter()
        with events(device):
            engine.run()
        engine.synchronise()
        return time.perf_counter() - start

    warming = warm_up(sample, timing.sampling)
    device.clear()
    samples = take_samples(sample, timing.sampling.enough, timing.telemetry)
    if timing.job.device.startswith("cuda"):
        return _replicate(samples, warming, device=_elapsed(device))
    return _replicate(samples, warming)


def time_throughput(timing: Timing) -> Replicate:
    """Time blocks of calls, with one wait for the device a block."""
    engine, sampling = timing.engine, timing.sampling

    def block(calls: int = 1) -> float:
        engine.synchronise()
        start = time.perf_counter()
        for _ in range(calls):
            engine.run()
        engine.synchronise()
        return time.perf_counter() - start

    warming = warm_up(block, sampling)
    calls = sampling.calls_a_block(warming.last or median(warming.window))
    block(calls)  # fill the queue for the first time
    samples = take_samples(lambda: block(calls), sampling.enough_blocks, timing.telemetry)
    return _replicate(samples, warming, calls=calls)


def time_device_graph(timing: Timing) -> Replicate:
    """Time single replays of a CUDA graph by the device's clock: the model without the host's part.

    Raises:
        Unsupported: no CUDA device, or an engine whose calls a graph cannot record.
    """
    job, engine = timing.job, timing.engine
    replay, flush = choose_call(job, engine), _flush(job)

    def sample() -> float:
        flush()
        engine.synchronise()
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        replay()
        end.record()
        engine.synchronise()
        return float(begin.elapsed_time(end)) / 1000

    warming = warm_up(sample, timing.sampling)
    samples = take_samples(sample, timing.sampling.enough, timing.telemetry)
    return _replicate(samples, warming)


def choose_call(job: WorkerJob, engine: Engine) -> Callable[[], object]:
    """Return what one call of the mode is: a replay of the recorded graph, else a call of the
    engine.

    Raises:
        Unsupported: no CUDA device, or an engine whose calls a graph cannot record.
    """
    if job.mode != "device":
        return engine.run
    if reason := explain_mode("device", job.engine, job.device):
        raise Unsupported(reason)
    return _record_graph(engine).replay


def _record_graph(engine: Engine) -> "torch.cuda.CUDAGraph":
    """Record one call as a CUDA graph, after a few on another stream, as torch requires.

    Raises:
        Unsupported: the call waits for the device, as where it reads a value.
    """
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            engine.run()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    try:
        with torch.cuda.graph(graph):
            engine.run()
    except RuntimeError as error:
        if not any(word in str(error) for word in CAPTURE):
            raise
        reason = describe_exception(error)
        raise Unsupported(f"no CUDA graph can record a call of it: {reason}") from error
    return graph


def time_training(
    job: WorkerJob, model: nn.Module, inputs: Inputs, telemetry: Telemetry
) -> Replicate:
    """Time training steps, and their forward, backward and optimiser parts, with a wait for the
    device after each.

    The loss is the mean square of the first output; the optimiser is SGD with momentum; `amp` on a
    GPU scales the loss. `model` and `inputs` are on the device in their precision.

    Raises:
        Unsupported: an engine that only infers.
    """
    require_training(job)
    options = engine_options(job)
    trainer = cast(TrainingEngine, create_engine(job.engine))
    forward_pass = trainer.wrap(model.train(), options)
    optimiser = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE, momentum=0.9)
    scaler = torch.amp.GradScaler(
        options.kind, enabled=job.precision == "amp" and options.kind == "cuda"
    )
    parts: dict[str, list[float]] = {"forward": [], "backward": [], "step": []}

    def sample() -> float:
        torch_settings.synchronise(job.device)
        start = time.perf_counter()
        with torch_settings.autocast(options):
            outputs = forward_pass(*inputs.args, **inputs.kwargs)
            loss = first_tensor(outputs).float().square().mean()
        forward = _now(job.device)
        scaler.scale(loss).backward()
        backward = _now(job.device)
        scaler.step(optimiser)
        scaler.update()
        optimiser.zero_grad(set_to_none=True)
        end = _now(job.device)
        seconds = (forward - start, backward - forward, end - backward)
        for values, part in zip(parts.values(), seconds, strict=True):
            values.append(round(part, DIGITS))
        return end - start

    warming = warm_up(sample, job.sampling)
    for values in parts.values():
        values.clear()
    samples = take_samples(sample, job.sampling.enough, telemetry)
    return _replicate(samples, warming, parts=parts)


def require_training(job: WorkerJob) -> None:
    """Raise Unsupported for an engine that only infers."""
    if reason := explain_mode("train", job.engine, job.device):
        raise Unsupported(reason)


def _now(device: str) -> float:
    torch_settings.synchronise(device)
    return time.perf_counter()


MODES: dict[str, Callable[[Timing], Replicate]] = {
    "latency": time_latency,
    "throughput": time_throughput,
    "device": time_device_graph,
}


def warm_up(sample: Callable[[], float], sampling: Sampling) -> WarmUpMonitor:
    """Call until warm-up is over, and return what it measured."""
    warming = WarmUpMonitor(sampling=sampling)
    while not warming.add(sample()):
        pass
    return warming


def take_samples(
    sample: Callable[[], float], enough: Callable[[int, float], bool], telemetry: Telemetry
) -> list[float]:
    """Take samples until there are enough; telemetry is read around and between them."""
    samples: list[float] = []
    telemetry.read()
    with _no_collector():
        start = time.perf_counter()
        while not enough(len(samples), time.perf_counter() - start):
            samples.append(round(sample(), DIGITS))
            telemetry.between()
    telemetry.read()
    return samples


@contextmanager
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _replicate(samples: list[float], warming: WarmUpMonitor, **fields: Any) -> Replicate:
    return Replicate(samples=samples, warmup=warming.result, flags=warming.flags, **fields)


def _flush(job: WorkerJob) -> Callable[[], None]:
    """Return what empties the device's last cache before a sample with `--l2 cold`: writing a
    buffer of twice its size.

    Raises:
        Unsupported: the size of the cache is unknown.
    """
    if job.l2 != "cold":
        return lambda: None
    cuda = job.device.startswith("cuda")
    size = (
        torch.cuda.get_device_properties(job.device).L2_cache_size if cuda else last_level_cache()
    )
    if not size or job.device.startswith("mps"):
        raise Unsupported(f"--l2 cold: the size of {job.device}'s last cache is unknown")
    buffer = torch.empty(2 * size, dtype=torch.int8, device=job.device)
    return lambda: _write(buffer)


def _write(buffer: torch.Tensor) -> None:
    buffer.fill_(1)


Events = Callable[[list[Any]], Any]


def _events(device: str, engine: Engine) -> Events:
    """Return a context in which a CUDA device records the begin and end of its calls, on the
    engine's own stream where it has one; on other devices it does nothing."""
    stream = getattr(engine, "stream", None)

    @contextmanager
    def record(pairs: list[Any]) -> Iterator[None]:
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record(stream)
        yield
        end.record(stream)
        pairs.append((begin, end))

    @contextmanager
    def skip(pairs: list[Any]) -> Iterator[None]:
        yield

    return record if device.startswith("cuda") else skip


def _elapsed(events: list[Any]) -> list[float]:
    """Return the seconds between pairs of events that the device has passed."""
    return [round(begin.elapsed_time(end) / 1000, DIGITS) for begin, end in events]
