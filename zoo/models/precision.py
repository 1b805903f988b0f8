"""Translate precisions for torch: the type of weights and inputs, mixed precision, and whether
float32 may be TF32."""

from contextlib import AbstractContextManager, nullcontext

import torch

DTYPES: dict[str, torch.dtype] = {
    "fp32": torch.float32,
    "tf32": torch.float32,
    "amp": torch.float32,
    "bf16": torch.bfloat16,
    "fp16": torch.float16,
}


def autocast(kind: str, precision: str) -> AbstractContextManager[object]:
    """Enable mixed precision in the type that is usual for a kind of device: bfloat16 on the CPU,
    float16 on any other."""
    if precision != "amp":
        return nullcontext()
    return torch.autocast(kind, dtype=torch.bfloat16 if kind == "cpu" else torch.float16)


def allow_tf32(precision: str) -> None:
    """Set torch's switches: float32 is float32, and TF32 only where `precision` is `tf32`."""
    tf32 = precision == "tf32"
    torch.set_float32_matmul_precision("high" if tf32 else "highest")
    torch.backends.cudnn.allow_tf32 = tf32
