"""Build the model to be timed from a seed, put it on its device in its precision, and compare its
output."""

import gc
import importlib
import os
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from zoo.bench.availability import explain_input
from zoo.bench.engines import create_engine, torch_settings
from zoo.bench.engines.base import Engine, EngineOptions
from zoo.bench.engines.errors import Unsupported
from zoo.bench.engines.output_check import (
    NOT_DETERMINISTIC,
    OutputCheck,
    check,
    difference_of_calls,
    eager_outputs,
)
from zoo.bench.messages import WorkerJob
from zoo.model_index.errors import ZooError
from zoo.model_index.records.input_spec import PROPOSED
from zoo.model_index.records.input_text import parse_input
from zoo.model_index.records.records import Builder
from zoo.models import builders, precision
from zoo.models.inputs import Inputs, choose_input, make_random
from zoo.models.memory_errors import describe_exception, is_memory_error

WEIGHTS_SEED = 0
WEIGHTS = f"initialised, seed {WEIGHTS_SEED}"
# samples of a GPU's batch that are compared first: eager float32 on the CPU takes long
COMPARED = 8


class WrongOutput(ZooError):
    """The engine's output differs from the model's; nothing is timed."""

    failure = "wrong output"


class ForwardFailure(ZooError):
    """The model raises when it is given its input."""

    failure = "raised"


class NotDeterministic(ZooError):
    """Two calls of the model in eager float32 differ; nothing is timed."""

    failure = "not deterministic"


@dataclass
class ModelUnderTest:
    """A model in float32 on the CPU, in evaluation mode, its inputs, and their spelling."""

    model: nn.Module
    inputs: Inputs
    resolved: str
    given: str

    @property
    def shapes(self) -> list[list[int]]:
        """The shapes of the tensors that the model takes."""
        return [list(tensor.shape) for tensor in self.inputs.tensors().values()]


def import_libraries(job: WorkerJob) -> None:
    """Import the library that builds the model and the engine's module."""
    kind, name = job.builder
    importlib.import_module(name.partition(":")[0] if kind == "callable" else kind)
    create_engine(job.engine)


def set_switches(job: WorkerJob) -> None:
    """Set everything of the process that decides speed: to the job's value, else to a fixed one."""
    if job.cpus is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, job.cpus)
    torch.set_num_threads(job.threads)
    torch.set_num_interop_threads(1)
    torch.set_flush_denormal(True)
    precision.allow_tf32(job.precision)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = False
    # setting it imports the compiler, which takes a second and a half
    if torch.are_deterministic_algorithms_enabled():
        torch.use_deterministic_algorithms(False)
    require_device(job.device)


def choose_device(name: str) -> None:
    """Make a CUDA device the current one, which creates the process's context on it."""
    device = torch.device(name)
    if device.type == "cuda":
        torch.cuda.set_device(device.index or 0)  # it takes no device without a number


def require_device(name: str) -> None:
    """Refuse a device that does not exist here.

    Raises:
        Unsupported: this machine has no such device, or this build of torch does not see it.
    """
    device = torch.device(name)
    count = {"cuda": torch.cuda.device_count, "mps": lambda: int(torch.backends.mps.is_available())}
    number = int(count.get(device.type, lambda: 1)())  # type: ignore[no-untyped-call]
    if (device.index or 0) >= number:
        count_of_devices = f"{number} ({device.type}:0 to {number - 1})" if number else "none"
        raise Unsupported(
            f"no device {name} on this machine: torch {torch.__version__} finds {count_of_devices}"
        )


def describe_switches(job: WorkerJob) -> dict[str, Any]:
    """Return the switches as they are now, and the CPUs that the process is pinned to."""
    caches_off = os.environ.get("TORCHINDUCTOR_FORCE_DISABLE_CACHES") == "1"
    cpus = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    return torch_settings.switches() | {
        "cpus": cpus,
        "flush_denormal": True,
        "cudnn_deterministic": torch.backends.cudnn.deterministic,
        "channels_last": job.channels_last,
        "collector": "off while samples are taken",
        "inductor_caches": "off" if caches_off else "on",
    }


def build(job: WorkerJob) -> ModelUnderTest:
    """Build the model with values drawn from one seed, and inputs drawn from another.

    Raises:
        BuilderMissing, BuildError: as `zoo.models.builders.build_on_cpu`.
        Unsupported: the engine cannot be given the input that the builder proposes.
    """
    torch.manual_seed(WEIGHTS_SEED)
    builder = Builder(*job.builder, job.arguments)
    built = builders.build_on_cpu(builder, job.trusted)
    stated = None if job.input == PROPOSED else parse_input(job.input)
    spec = choose_input(stated, built).spec
    if reason := explain_input(job.engine, str(spec)):
        raise Unsupported(reason)
    model = built.model.float()
    generator = torch.Generator().manual_seed(job.seed)
    channels = builders.input_channels(built, builder)
    inputs = make_random(model, spec, channels, job.batch_size, generator)
    return ModelUnderTest(model, inputs, built.resolved, str(spec))


def engine_options(job: WorkerJob) -> EngineOptions:
    """Return the options that the engine is prepared with."""
    return EngineOptions(
        precision=job.precision,  # type: ignore[arg-type]  # the command has validated it
        device=job.device,
        threads=job.threads,
        channels_last=job.channels_last,
        **job.engine_options,
    )


def expected_outputs(job: WorkerJob, subject: ModelUnderTest) -> list[torch.Tensor]:
    """Return the model's outputs in eager float32 on the CPU: for the whole batch where the CPU is
    timed, else for the first samples of it.

    Raises:
        ForwardFailure: the model raises.
    """
    samples = job.batch_size if job.device == "cpu" else COMPARED
    return _run_eager(job, subject, subject.inputs.first(samples))


def _run_eager(job: WorkerJob, subject: ModelUnderTest, inputs: Inputs) -> list[torch.Tensor]:
    """Return the outputs of a pass.

    Raises:
        ForwardFailure: the model raises.
    """
    try:
        return eager_outputs(subject.model, inputs)
    except ZooError:
        raise
    except Exception as error:
        if is_memory_error(error):
            raise
        where = f" ({job.place})" if job.place else ""
        raise ForwardFailure(
            f"given {subject.given}{where}, it raised {describe_exception(error)}"
        ) from error


def prepare_engine(job: WorkerJob, subject: ModelUnderTest) -> Engine:
    """Return the engine with model and inputs on the device; it takes them over from `subject`.

    Raises:
        Unsupported: the engine is not installed, or cannot run this here.
    """
    engine = create_engine(job.engine)
    choose_device(job.device)
    model, inputs = subject.model.to(job.device), subject.inputs.to(job.device)
    engine.prepare(model, inputs, engine_options(job))
    gc.collect()
    return engine


def compare_outputs(
    job: WorkerJob, outputs: list[torch.Tensor], expected: list[torch.Tensor]
) -> dict[str, float | None]:
    """Return how far the engine's outputs are from the expected ones.

    Where the first samples differ, the whole batch is compared: a model may compute something of a
    batch that is no function of each sample. A model is built again for that, with the same values.

    Raises:
        WrongOutput: they differ by more than the precision allows.
        NotDeterministic: so do two calls of eager float32.
    """
    samples = job.batch_size if job.device == "cpu" else min(COMPARED, job.batch_size)
    rows = [_first_rows(output, samples, job.batch_size) for output in outputs]
    result = check(rows, expected, job.precision)
    if not result.ok:
        samples, result = job.batch_size, _compare_again(job, outputs)
    return {
        "max_abs": result.max_abs,
        "tolerance": result.tolerance,
        "samples": float(samples),
        "outputs": float(result.outputs),
    }


def _first_rows(output: torch.Tensor, samples: int, batch: int) -> torch.Tensor:
    """Return the rows of the first samples, of an output that has some of each."""
    if not output.ndim or len(output) % batch:
        return output
    return output[: len(output) * samples // batch]


def _compare_again(job: WorkerJob, outputs: list[torch.Tensor]) -> OutputCheck:
    subject = build(job)
    expected = _run_eager(job, subject, subject.inputs)
    result = check(outputs, expected, job.precision)
    if result.ok:
        return result
    difference = difference_of_calls(subject.model, subject.inputs, expected)
    if difference is not None:
        raise NotDeterministic(NOT_DETERMINISTIC.format(difference=difference))
    raise WrongOutput(str(result))
