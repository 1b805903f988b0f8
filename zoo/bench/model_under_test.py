"""A model ready to be timed: built from a seed, on its device, in its precision, its output known
to be right."""

import gc
import importlib
import os
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from zoo.bench import engines
from zoo.bench.engines import torch_settings
from zoo.bench.engines.base import Engine, EngineOptions
from zoo.bench.engines.errors import Unsupported
from zoo.bench.engines.output_check import check, reference
from zoo.bench.messages import Job
from zoo.model_index.errors import ZooError
from zoo.model_index.records.records import Builder
from zoo.models import builders, precision

WEIGHTS_SEED = 0
WEIGHTS = f"initialised, seed {WEIGHTS_SEED}"
# images of a batch whose output is compared; eager float32 on the CPU may take seconds for each
CHECKED = 8
SIZE = 224  # where a model is configured for none


class WrongOutput(ZooError):
    """The engine's output is not the model's; nothing is timed."""

    failure = "wrong output"


@dataclass
class Subject:
    """A model in float32 on the CPU, in evaluation mode, and its inputs: (batch, channels, height,
    width)."""

    model: nn.Module
    inputs: torch.Tensor
    resolved: str


def libraries(job: Job) -> None:
    """Import what builds the model and what runs it."""
    kind, name = job.builder
    importlib.import_module(name.partition(":")[0] if kind == "callable" else kind)
    engines.engine(job.engine)


def switches(job: Job) -> None:
    """Everything of the process that decides speed, set to what the job says or to one fixed
    value."""
    if job.cpus is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, job.cpus)
    torch.set_num_threads(job.threads)
    torch.set_num_interop_threads(1)
    torch.set_flush_denormal(True)
    precision.allow_tf32(job.precision)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = False
    if (
        torch.are_deterministic_algorithms_enabled()
    ):  # setting it imports the compiler, for a second and a half
        torch.use_deterministic_algorithms(False)
    require_device(job.device)
    if job.device.startswith("cuda"):
        torch.cuda.set_device(job.device)


def require_device(name: str) -> None:
    """Refuse a device that is not there.

    Raises:
        Unsupported: this machine has none, or this build of torch does not see it.
    """
    device = torch.device(name)
    count = {"cuda": torch.cuda.device_count, "mps": lambda: int(torch.backends.mps.is_available())}
    there = count.get(device.type, lambda: 1)()
    if (device.index or 0) >= there:
        raise Unsupported(
            f"no device {name}: torch {torch.__version__} sees {there or 'none'} of them on this machine"
        )


def recorded(job: Job) -> dict[str, Any]:
    """The switches as they are now, and what the process is held to."""
    cpus = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    return torch_settings.flags() | {
        "cpus": cpus,
        "flush_denormal": True,
        "cudnn_deterministic": torch.backends.cudnn.deterministic,
        "channels_last": job.channels_last,
        "collector": "off while samples are taken",
        "inductor_caches": "off"
        if os.environ.get("TORCHINDUCTOR_FORCE_DISABLE_CACHES") == "1"
        else "on",
    }


def build(job: Job) -> Subject:
    """The model with values drawn from one seed, and inputs drawn from another.

    Raises:
        BuilderMissing, BuildError: as `zoo.models.builders.initialised`.
    """
    torch.manual_seed(WEIGHTS_SEED)
    builder = Builder(*job.builder, job.arguments)
    built = builders.initialised(builder, job.trusted)
    configured = built.configuration.get("input_size")
    height, width = job.input_size or (configured[-2:] if configured else (SIZE, SIZE))
    shape = (job.batch_size, builders.channels(built, builder), height, width)
    inputs = torch.randn(shape, generator=torch.Generator().manual_seed(job.seed))
    return Subject(built.model, inputs, built.resolved)


def options_of(job: Job) -> EngineOptions:
    """What the engine is told."""
    return EngineOptions(
        precision=job.precision,  # type: ignore[arg-type]  # the command has looked at it
        device=job.device,
        threads=job.threads,
        channels_last=job.channels_last,
        **job.engine_options,
    )


def expected(subject: Subject) -> torch.Tensor:
    """What the model says of the first images in eager float32 on the CPU."""
    return reference(subject.model, subject.inputs[:CHECKED])


def ready(job: Job, subject: Subject) -> Engine:
    """The engine with model and inputs on the device; it takes them over from `subject`.

    Raises:
        Unsupported: the engine is not installed, or cannot run this here.
    """
    engine = engines.engine(job.engine)
    model, inputs = subject.model.to(job.device), subject.inputs.to(job.device)
    engine.prepare(model, inputs, options_of(job))
    gc.collect()
    return engine


def compared(output: torch.Tensor, right: torch.Tensor, precision: str) -> dict[str, float | None]:
    """How far the output of the first images is from what the model says.

    Raises:
        WrongOutput: further than the precision allows.
    """
    found = check(output[: len(right)], right, precision)
    if not found.ok:
        raise WrongOutput(str(found))
    return {"max_abs": found.max_abs, "tolerance": found.tolerance, "images": float(len(right))}
