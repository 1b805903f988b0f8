"""The ways to time a model that is ready. Each gives the raw samples of one process and drops none.

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
from typing import Any

import torch
from torch import nn

from zoo.bench.engines import torch_settings
from zoo.bench.engines.base import Engine
from zoo.bench.engines.errors import Unsupported
from zoo.bench.engines.output_check import first
from zoo.bench.machine import last_level_cache
from zoo.bench.messages import Job
from zoo.bench.model_under_test import options_of
from zoo.bench.protocol import Sampling, WarmingUp
from zoo.bench.telemetry import Telemetry
from zoo.model_index.ledger.benchmark import Replicate

TORCH = ("eager", "compile")  # engines whose calls can be recorded in a graph, and trained
RATE = 1e-6  # of learning: the work is the same at any, and the weights stay what they were
DIGITS = 9  # of seconds: nanoseconds


@dataclass
class Timing:
    """One process's work: an engine that is ready, and whom to tell of the time between samples."""

    job: Job
    engine: Engine
    telemetry: Telemetry

    @property
    def sampling(self) -> Sampling:
        return self.job.sampling


def latency(timing: Timing) -> Replicate:
    """Seconds of single calls, the device idle before and after each; beside it the device's own
    clock."""
    engine, flush, events = timing.engine, _flush(timing.job), _events(timing.job.device)
    device: list[float] = []

    def once() -> float:
        flush()
        engine.synchronise()
        start = time.perf_counter()
        with events(device):
            engine.run()
        engine.synchronise()
        return time.perf_counter() - start

    warming = warmed(once, timing.sampling)
    device.clear()
    samples = sampled(once, timing.sampling.enough, timing.telemetry)
    if timing.job.device.startswith("cuda"):
        return _replicate(samples, warming, device=_elapsed(device))
    return _replicate(samples, warming)


def throughput(timing: Timing) -> Replicate:
    """Seconds of blocks of calls, the device waited for once a block."""
    engine, sampling = timing.engine, timing.sampling

    def block(calls: int = 1) -> float:
        engine.synchronise()
        start = time.perf_counter()
        for _ in range(calls):
            engine.run()
        engine.synchronise()
        return time.perf_counter() - start

    warming = warmed(block, sampling)
    calls = sampling.calls_a_block(warming.last or median(warming.window))
    block(calls)  # a full queue for the first time
    samples = sampled(lambda: block(calls), sampling.enough_blocks, timing.telemetry)
    return _replicate(samples, warming, calls=calls)


def device(timing: Timing) -> Replicate:
    """Seconds of single replays of a CUDA graph by the device's clock: the model without the host's
    part.

    Raises:
        Unsupported: no CUDA device, or an engine whose calls cannot be recorded.
    """
    job, engine = timing.job, timing.engine
    if not job.device.startswith("cuda"):
        raise Unsupported(f"the mode device replays a CUDA graph; {job.device} has none")
    if job.engine not in TORCH:
        raise Unsupported(f"the mode device records calls of torch; {job.engine} makes its own")
    graph, flush = _recorded(engine), _flush(job)

    def once() -> float:
        flush()
        engine.synchronise()
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        graph.replay()
        end.record()
        engine.synchronise()
        return begin.elapsed_time(end) / 1000

    warming = warmed(once, timing.sampling)
    samples = sampled(once, timing.sampling.enough, timing.telemetry)
    return _replicate(samples, warming)


def _recorded(engine: Engine) -> "torch.cuda.CUDAGraph":
    """One call as a CUDA graph, after a few on another stream, as torch asks for."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            engine.run()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        engine.run()
    return graph


def train(job: Job, model: nn.Module, inputs: torch.Tensor, telemetry: Telemetry) -> Replicate:
    """Seconds of training steps, and of their forward, backward and optimiser parts, the device
    waited for after each.

    The loss is the mean square of the first output; the optimiser is SGD with momentum; `amp` on a
    GPU scales the loss. `model` and `inputs` are on the device in their precision.

    Raises:
        Unsupported: an engine that only infers.
    """
    refuse_training(job)
    options = options_of(job)
    model = model.train()
    called: Callable[[torch.Tensor], Any] = model
    if job.engine == "compile":
        called = torch.compile(model, mode=options.compile_mode, dynamic=False)
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE, momentum=0.9)
    scaler = torch.amp.GradScaler(
        options.kind, enabled=job.precision == "amp" and options.kind == "cuda"
    )
    parts: dict[str, list[float]] = {"forward": [], "backward": [], "step": []}

    def once() -> float:
        torch_settings.synchronise(job.device)
        start = time.perf_counter()
        with torch_settings.autocast(options):
            loss = first(called(inputs)).float().square().mean()
        forward = _now(job.device)
        scaler.scale(loss).backward()
        backward = _now(job.device)
        scaler.step(optimiser)
        scaler.update()
        optimiser.zero_grad(set_to_none=True)
        end = _now(job.device)
        for name, seconds in zip(
            parts, (forward - start, backward - forward, end - backward), strict=True
        ):
            parts[name].append(round(seconds, DIGITS))
        return end - start

    warming = warmed(once, job.sampling)
    for values in parts.values():
        values.clear()
    samples = sampled(once, job.sampling.enough, telemetry)
    return _replicate(samples, warming, parts=parts)


def refuse_training(job: Job) -> None:
    """Raises Unsupported for an engine that only infers."""
    if job.engine not in TORCH:
        raise Unsupported(f"{job.engine} only infers; the mode train needs {' or '.join(TORCH)}")


def _now(where: str) -> float:
    torch_settings.synchronise(where)
    return time.perf_counter()


MODES: dict[str, Callable[[Timing], Replicate]] = {
    "latency": latency,
    "throughput": throughput,
    "device": device,
}


def warmed(once: Callable[[], float], sampling: Sampling) -> WarmingUp:
    """Call until warm-up is over."""
    warming = WarmingUp(sampling)
    while not warming.add(once()):
        pass
    return warming


def sampled(
    once: Callable[[], float], enough: Callable[[int, float], bool], telemetry: Telemetry
) -> list[float]:
    """Samples until there are enough; telemetry is read around and between them."""
    samples: list[float] = []
    telemetry.read()
    with _no_collector():
        start = time.perf_counter()
        while not enough(len(samples), time.perf_counter() - start):
            samples.append(round(once(), DIGITS))
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


def _replicate(samples: list[float], warming: WarmingUp, **fields: Any) -> Replicate:
    return Replicate(samples=samples, warmup=warming.result, flags=warming.flags, **fields)


def _flush(job: Job) -> Callable[[], None]:
    """What empties the device's last cache before a sample with `--l2 cold`: a buffer of twice its
    size is written.

    Raises:
        Unsupported: the size of the cache is not known.
    """
    if job.l2 != "cold":
        return lambda: None
    cuda = job.device.startswith("cuda")
    size = (
        torch.cuda.get_device_properties(job.device).L2_cache_size if cuda else last_level_cache()
    )
    if not size or job.device.startswith("mps"):
        raise Unsupported(f"--l2 cold: the size of {job.device}'s last cache is not known")
    buffer = torch.empty(2 * size, dtype=torch.int8, device=job.device)
    return lambda: _write(buffer)


def _write(buffer: torch.Tensor) -> None:
    buffer.fill_(1)


Events = Callable[[list], Any]


def _events(where: str) -> Events:
    """A context that has a CUDA device note when its calls begin and end; elsewhere it does
    nothing."""

    @contextmanager
    def noted(found: list) -> Iterator[None]:
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        yield
        end.record()
        found.append((begin, end))

    @contextmanager
    def nothing(found: list) -> Iterator[None]:
        yield

    return noted if where.startswith("cuda") else nothing


def _elapsed(events: list) -> list[float]:
    """Seconds between pairs of events; the device has passed them all."""
    return [round(begin.elapsed_time(end) / 1000, DIGITS) for begin, end in events]
