"""Weights for models whose own are not at hand: random ones that leave no operator without an
effect."""

import torch
from torch import nn

SPREAD = 0.02  # as most networks initialise their linear layers


@torch.no_grad()
def stirred(model: nn.Module, seed: int = 0) -> nn.Module:
    """The model with noise on every parameter that is constant, and on the statistics of its norms.

    A classifier that starts at zero makes every output zero, a norm that starts at the identity may
    be left out, and then comparing outputs finds nothing. Values that are random already stay;
    variances stay above zero.
    """
    generator = torch.Generator().manual_seed(seed)
    for parameter in model.parameters():
        if (
            parameter.is_floating_point()
            and parameter.numel()
            and (parameter == parameter.flatten()[0]).all()
        ):
            parameter.add_(_noise(parameter, generator))
    for name, buffer in model.named_buffers():
        if name.endswith(("running_mean", "running_var")):
            noise = _noise(buffer, generator)
            buffer.add_(noise.abs() if name.endswith("var") else noise)
    return model


def _noise(like: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    return SPREAD * torch.randn(like.shape, generator=generator).to(like.device, like.dtype)
