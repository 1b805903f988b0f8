"""The measurements of a worker: probe, replicate, memory, energy. Each runs in a process of its
own.

Memory and energy are measured apart from time, since reading them, and comparing outputs, would
disturb it.
"""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from zoo.bench import machine, nvml
from zoo.bench.messages import WorkerAnswer, WorkerJob
from zoo.bench.protocol import Sampling
from zoo.bench.telemetry import Telemetry
from zoo.models import control_groups

if TYPE_CHECKING:
    from zoo.bench.engines.base import Engine


def probe(job: WorkerJob) -> WorkerAnswer:
    """Describe this machine, device and engine.

    Raises:
        Unsupported: the device or the engine does not exist here.
    """
    import torch

    from zoo.bench import model_under_test
    from zoo.bench.engines import create_engine

    model_under_test.require_device(job.device)
    engine = create_engine(job.engine)
    cuda, gpu = job.device.startswith("cuda"), _gpu(job.device)
    properties: dict[str, Any] = gpu.describe() if gpu else {}
    if cuda:
        device = torch.cuda.get_device_properties(job.device)
        properties |= {"name": device.name, "capability": f"{device.major}.{device.minor}"}
        properties["driver"] = properties.get("driver") or driver_version()
    environment = machine.describe() | {"gpu": properties or None, "build": _build_of(torch)}
    versions = engine.versions()
    environment["engines"] = {job.engine: versions}
    key = machine.comparability_key(
        device_model=properties.get("name") if cuda else environment["cpu"],
        driver=properties.get("driver"),
        engine=job.engine,
        versions=versions,
        limit=environment["quota"],
    )
    return WorkerAnswer(environment=environment, key=key)


def _build_of(torch: Any) -> dict[str, Any]:
    return {
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version() if torch.cuda.is_available() else None,
        "mkldnn": torch.backends.mkldnn.is_available(),
        "capability": torch.backends.cpu.get_cpu_capability(),
    }


def driver_version(path: str = "/proc/driver/nvidia/version") -> str | None:
    """Return the version of NVIDIA's kernel module."""
    match = re.search(r"\b(\d+\.\d+(?:\.\d+)?)\b", control_groups.read(Path(path)) or "")
    return match[1] if match else None


def _gpu(device: str) -> nvml.Gpu | None:
    """Return the device in NVML, which does not touch it; None for a CPU."""
    kind, _, index = device.partition(":")
    return nvml.gpu(int(index or 0)) if kind == "cuda" else None


def measure_replicate(job: WorkerJob) -> WorkerAnswer:
    """Take the samples of one process, and compare the output with the model's where `job.check`
    says so.

    Raises:
        WrongOutput: the outputs differ; nothing was timed.
        Unsupported: the device has no such mode, engine or precision.
    """
    if job.mode == "cold":
        from zoo.bench.cold_start import measure_cold_start

        return measure_cold_start(job)
    from zoo.bench import model_under_test as under_test
    from zoo.bench import timing_modes

    telemetry = Telemetry(_gpu(job.device))
    under_test.set_switches(job)
    if job.mode == "train":
        timing_modes.require_training(job)
    subject = under_test.build(job)
    resolved, given, shapes = subject.resolved, subject.given, subject.shapes
    expected = under_test.expected_outputs(job, subject) if job.check else None
    engine = under_test.prepare_engine(job, subject)
    output: dict[str, float | None] = {}
    if expected is not None:
        output = under_test.compare_outputs(job, engine.outputs(), expected)
    if job.mode == "train":
        engine.close()
        replicate = timing_modes.time_training(job, *_training_inputs(job), telemetry)
    else:
        timing = timing_modes.Timing(job, engine, telemetry)
        replicate = timing_modes.MODES[job.mode](timing)
    return WorkerAnswer(
        replicate=msgspec.structs.replace(
            replicate,
            flags=[*replicate.flags, *telemetry.flags()],
            telemetry=telemetry.report() | {"checked": job.check},
        ),
        output=output,
        settings=under_test.describe_switches(job),
        resolved=resolved,
        weights=under_test.WEIGHTS,
        given=given,
        shapes=shapes,
    )


def _training_inputs(job: WorkerJob) -> "tuple[Any, Any]":
    """Build model and inputs again, on the device and in their precision: an engine keeps those it
    was prepared with."""
    from zoo.bench import model_under_test as under_test
    from zoo.bench.engines import torch_settings

    subject = under_test.build(job)
    under_test.choose_device(job.device)
    model, inputs = subject.model.to(job.device), subject.inputs.to(job.device)
    return torch_settings.apply_options(model, inputs, under_test.engine_options(job))


# a training step needs no more memory after these steps
FEW_STEPS = Sampling(warm_seconds=0, samples=3, seconds=0)


def measure_memory(job: WorkerJob) -> WorkerAnswer:
    """Measure the bytes in use after a few calls or training steps.

    `allocated` and `reserved` are the peaks of torch's allocator; `device_used` is how much more of
    the device is in use than before this process touched it, contexts and workspaces of other
    libraries included; `host_peak` is the peak of the process, by the kernel.
    """
    from zoo.bench import model_under_test, timing_modes

    before = _bytes_in_use(job.device)
    model_under_test.set_switches(job)
    if job.mode == "train":
        short = msgspec.structs.replace(job, sampling=FEW_STEPS)
        timing_modes.time_training(short, *_training_inputs(job), Telemetry())
    else:
        engine = model_under_test.prepare_engine(job, model_under_test.build(job))
        call = timing_modes.choose_call(job, engine)
        for _ in range(job.sampling.warm_calls):
            call()
        engine.synchronise()
    after = _bytes_in_use(job.device)
    used = None if before is None or after is None else after - before
    return WorkerAnswer(
        memory=_allocator_peaks(job.device) | {"device_used": used, "host_peak": host_peak()}
    )


def _bytes_in_use(device: str) -> int | None:
    """Return the bytes of the device that all processes use."""
    gpu = _gpu(device)
    return gpu.used_bytes() if gpu else None


def _allocator_peaks(device: str) -> dict[str, int | None]:
    if not device.startswith("cuda"):
        return {"allocated": None, "reserved": None}
    import torch

    return {
        "allocated": torch.cuda.max_memory_allocated(device),
        "reserved": torch.cuda.max_memory_reserved(device),
    }


def host_peak(path: str = "/proc/self/status") -> int | None:
    """Return the largest resident size of the process so far, in bytes."""
    match = re.search(r"^VmHWM:\s*(\d+) kB", control_groups.read(Path(path)) or "", re.MULTILINE)
    return int(match[1]) * 1024 if match else None


def measure_energy(job: WorkerJob) -> WorkerAnswer:
    """Measure joules of a call in a steady loop, and watts in the loop and idle, by the GPU's own
    counter."""
    from zoo.bench import model_under_test, timing_modes

    model_under_test.set_switches(job)
    gpu = _gpu(job.device)
    if gpu is None or gpu.joules() is None or job.mode in ("cold", "train"):
        return WorkerAnswer(energy=NO_ENERGY)
    engine = model_under_test.prepare_engine(job, model_under_test.build(job))
    call = timing_modes.choose_call(job, engine)
    engine.synchronise()
    idle = _watts(gpu, lambda: time.sleep(0.1), job.sampling.idle)[0]
    watts, joules, rounds = _watts(gpu, lambda: _steady(engine, call), job.sampling.steady)
    if not joules:  # some virtual GPUs have a counter that stands still
        return WorkerAnswer(energy=NO_ENERGY)
    joules_a_call = joules / (rounds * STEADY_CALLS)
    return WorkerAnswer(energy={"joules_a_call": joules_a_call, "watts": watts, "idle_watts": idle})


NO_ENERGY: dict[str, float | None] = {"joules_a_call": None, "watts": None, "idle_watts": None}
STEADY_CALLS = 10  # calls between looks at the clock


def _steady(engine: "Engine", call: Callable[[], object]) -> None:
    for _ in range(STEADY_CALLS):
        call()
    engine.synchronise()


def _watts(gpu: nvml.Gpu, work: Any, seconds: float) -> tuple[float, float, int]:
    """Return mean watts, joules and rounds of work over at least so many seconds."""
    work()
    begin, start, rounds = gpu.joules() or 0.0, time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        work()
        rounds += 1
    joules = (gpu.joules() or 0.0) - begin
    return joules / (time.perf_counter() - start), joules, rounds
