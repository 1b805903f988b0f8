"""Give models random weights with which every operator has an effect on the output."""

import torch
from torch import nn

SPREAD = 0.02  # as most networks initialise their linear layers


@torch.no_grad()
def randomise_constants(model: nn.Module, seed: int = 0) -> nn.Module:
    """Add noise to every constant parameter, and to the statistics of norms; return the model.

    A classifier that starts at zero makes every output zero, and a norm that starts at the identity
    may be left out; then a comparison of outputs detects nothing. Random values stay as they are,
    variances stay above zero.
    """
    generator = torch.Generator().manual_seed(seed)
    for parameter in model.parameters():
        floating = parameter.is_floating_point() and parameter.numel()
        if floating and (parameter == parameter.flatten()[0]).all():
            parameter.add_(_noise(parameter, generator))
    for name, buffer in model.named_buffers():
        if name.endswith(("running_mean", "running_var")):
            noise = _noise(buffer, generator)
            buffer.add_(noise.abs() if name.endswith("var") else noise)
    return model


def _noise(like: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    return SPREAD * torch.randn(like.shape, generator=generator).to(like.device, like.dtype)
