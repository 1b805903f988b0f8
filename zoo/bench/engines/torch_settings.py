"""Set precision, layout and threads for the engines that run torch itself."""

import os
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import nn

from zoo.bench.engines.base import EngineOptions
from zoo.bench.engines.errors import Unsupported
from zoo.models import precision
from zoo.models.inputs import Inputs


def apply_options(
    model: nn.Module, inputs: Inputs, options: EngineOptions
) -> tuple[nn.Module, Inputs]:
    """Return model and inputs in the precision and layout of the options; set torch's switches too.

    Raises:
        Unsupported: the device has no such precision.
    """
    require_precision(options)
    precision.allow_tf32(options.precision)
    torch.backends.cudnn.benchmark = False
    if options.threads:
        torch.set_num_threads(options.threads)
    layout = torch.channels_last if options.channels_last else torch.preserve_format
    model = model.to(dtype=options.dtype, memory_format=layout)  # type: ignore[call-overload]
    return model, inputs.cast(options.dtype, channels_last=options.channels_last)


def require_precision(options: EngineOptions) -> None:
    """Refuse a precision that the device would replace by another one.

    Raises:
        Unsupported: TF32 without an NVIDIA GPU of compute capability 8, or bfloat16 on an older
            one.
    """
    if options.precision == "tf32" and options.kind != "cuda":
        raise Unsupported(f"tf32 is a format of NVIDIA GPUs; {options.device} has none")
    if options.precision in ("tf32", "bf16") and options.kind == "cuda":
        major, minor = torch.cuda.get_device_capability(options.device)
        if major < 8:
            needed = f"{options.precision} needs compute capability 8.0"
            raise Unsupported(f"{needed}; {options.device} has {major}.{minor}")


def autocast(options: EngineOptions) -> AbstractContextManager[Any]:
    """Return a context of mixed precision, where the options have it."""
    return precision.autocast(options.kind, options.precision)


def synchronise(device: str) -> None:
    """Wait for the device's queue; the CPU has none."""
    kind = device.split(":")[0]
    if kind == "cuda":
        torch.cuda.synchronize(device)
    elif kind == "mps":
        torch.mps.synchronize()


def switches() -> dict[str, object]:
    """Return torch's switches that decide speed, as they are now."""
    return {
        "float32_matmul_precision": torch.get_float32_matmul_precision(),
        "cudnn_allow_tf32": torch.backends.cudnn.allow_tf32,
        "cudnn_benchmark": torch.backends.cudnn.benchmark,
        "deterministic_algorithms": torch.are_deterministic_algorithms_enabled(),
        "threads": torch.get_num_threads(),
        "interop_threads": torch.get_num_interop_threads(),
        "mkldnn": torch.backends.mkldnn.is_available(),
        "omp_num_threads": os.environ.get("OMP_NUM_THREADS"),
    }
