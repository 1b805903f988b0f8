"""What a worker can be asked for: what is here, one replicate, the memory, the energy. Each is a
process of its own.

Memory and energy are measured apart from time, because asking for them, and comparing outputs,
would be in the way.
"""

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from zoo.bench import machine, nvml
from zoo.bench.messages import Answer, Job
from zoo.bench.protocol import Sampling
from zoo.bench.telemetry import Telemetry

if TYPE_CHECKING:
    from zoo.bench.engines.base import Engine


def probe(job: Job) -> Answer:
    """What this machine, device and engine are.

    Raises:
        Unsupported: the device or the engine is not there.
    """
    import torch

    from zoo.bench import engines, model_under_test

    model_under_test.require_device(job.device)
    engine = engines.engine(job.engine)
    gpu = _gpu(job.device)
    found: dict[str, Any] = gpu.describe() if gpu else {}
    if job.device.startswith("cuda"):
        properties = torch.cuda.get_device_properties(job.device)
        found |= {"name": properties.name, "capability": f"{properties.major}.{properties.minor}"}
        found.setdefault("driver", None)
        found["driver"] = found["driver"] or driver()
    environment = machine.describe() | {"gpu": found or None, "build": _build_of(torch)}
    name = found.get("name") if job.device.startswith("cuda") else environment["cpu"]
    versions = engine.versions()
    environment["engines"] = {job.engine: versions}
    key = machine.key(name, found.get("driver"), job.engine, versions, environment["quota"])
    return Answer(environment=environment, key=key)


def _build_of(torch: Any) -> dict[str, Any]:
    return {
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version() if torch.cuda.is_available() else None,
        "mkldnn": torch.backends.mkldnn.is_available(),
        "capability": torch.backends.cpu.get_cpu_capability(),
    }


def driver(path: str = "/proc/driver/nvidia/version") -> str | None:
    """The version of NVIDIA's kernel module."""
    found = re.search(r"\b(\d+\.\d+(?:\.\d+)?)\b", machine.read(Path(path)) or "")
    return found[1] if found else None


def _gpu(device: str) -> nvml.Gpu | None:
    """What NVML knows of the device, without touching it; None for a CPU."""
    kind, _, index = device.partition(":")
    return nvml.gpu(int(index or 0)) if kind == "cuda" else None


def replicate(job: Job) -> Answer:
    """The samples of one process, and where `job.check` asks for it how far the output is from the
    model's.

    Raises:
        WrongOutput: too far; nothing was timed.
        Unsupported: mode, engine or precision are not for this device.
    """
    if job.mode == "cold":
        from zoo.bench.cold_start import cold

        return cold(job)
    from zoo.bench import model_under_test, timing_modes

    telemetry = Telemetry(_gpu(job.device))
    model_under_test.switches(job)
    if job.mode == "train":
        timing_modes.refuse_training(job)
    made = model_under_test.build(job)
    resolved, shape = made.resolved, list(made.inputs.shape)
    right = model_under_test.expected(made) if job.check else None
    engine = model_under_test.ready(job, made)
    output = (
        {} if right is None else model_under_test.compared(engine.output(), right, job.precision)
    )
    if job.mode == "train":
        engine.close()
        found = timing_modes.train(job, *_trained(job), telemetry)
    else:
        found = timing_modes.MODES[job.mode](timing_modes.Timing(job, engine, telemetry))
    told = msgspec.structs.replace(
        found,
        flags=[*found.flags, *telemetry.flags()],
        telemetry=telemetry.report() | {"checked": job.check},
    )
    return Answer(
        replicate=told,
        output=output,
        settings=model_under_test.recorded(job),
        resolved=resolved,
        weights=model_under_test.WEIGHTS,
        shape=shape,
    )


def _trained(job: Job) -> "tuple[Any, Any]":
    """Model and inputs anew, on the device and in their precision: an engine keeps what it was
    given."""
    from zoo.bench import model_under_test
    from zoo.bench.engines import torch_settings

    made = model_under_test.build(job)
    return torch_settings.applied(
        made.model.to(job.device), made.inputs.to(job.device), model_under_test.options_of(job)
    )


FEW = Sampling(
    warm_seconds=0, samples=3, seconds=0
)  # steps after which a training step needs no more memory


def memory(job: Job) -> Answer:
    """Bytes after a few calls, or training steps: by torch's allocator, on the device, and of the
    process at its peak.

    `allocated` and `reserved` are torch's peaks; `device_used` is how much more of the device is in
    use than before this process touched it, contexts and workspaces of other libraries included;
    `host_peak` is what the kernel says.
    """
    from zoo.bench import model_under_test, timing_modes

    before = _used(job.device)
    model_under_test.switches(job)
    if job.mode == "train":
        few = msgspec.structs.replace(job, sampling=FEW)
        timing_modes.train(few, *_trained(job), Telemetry())
    else:
        engine = model_under_test.ready(job, model_under_test.build(job))
        for _ in range(job.sampling.warm_calls):
            engine.run()
        engine.synchronise()
    after = _used(job.device)
    used = None if before is None or after is None else after - before
    return Answer(memory=_allocated(job.device) | {"device_used": used, "host_peak": host_peak()})


def _used(device: str) -> int | None:
    """Bytes in use on the device by whomever."""
    gpu = _gpu(device)
    return gpu.used_bytes() if gpu else None


def _allocated(device: str) -> dict[str, int | None]:
    if not device.startswith("cuda"):
        return {"allocated": None, "reserved": None}
    import torch

    return {
        "allocated": torch.cuda.max_memory_allocated(device),
        "reserved": torch.cuda.max_memory_reserved(device),
    }


def host_peak(path: str = "/proc/self/status") -> int | None:
    """The largest resident size that the process has had, in bytes."""
    found = re.search(r"^VmHWM:\s*(\d+) kB", machine.read(Path(path)) or "", re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def energy(job: Job) -> Answer:
    """Joules of one call in a steady loop, and watts in the loop and idle beside it, by the GPU's
    own counter."""
    from zoo.bench import model_under_test

    model_under_test.switches(job)
    gpu = _gpu(job.device)
    if gpu is None or gpu.joules() is None or job.mode in ("cold", "train"):
        return Answer(energy={"joules_a_call": None, "watts": None, "idle_watts": None})
    engine = model_under_test.ready(job, model_under_test.build(job))
    idle = _watts(gpu, lambda: time.sleep(0.1), job.sampling.idle)[0]
    watts, joules, calls = _watts(gpu, lambda: _steady(engine), job.sampling.steady)
    each = joules / (calls * STEADY)
    return Answer(energy={"joules_a_call": each, "watts": watts, "idle_watts": idle})


STEADY = 10  # calls between looks at the clock


def _steady(engine: "Engine") -> None:
    for _ in range(STEADY):
        engine.run()
    engine.synchronise()


def _watts(gpu: nvml.Gpu, work: Any, seconds: float) -> tuple[float, float, int]:
    """Mean watts, joules and rounds of work over at least so many seconds."""
    work()
    begin, start, rounds = gpu.joules() or 0.0, time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        work()
        rounds += 1
    joules = (gpu.joules() or 0.0) - begin
    return joules / (time.perf_counter() - start), joules, rounds
