"""Forms of a model to count."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from zoo.models.builders.base import BuildError

if TYPE_CHECKING:
    from torch import nn

# Methods by which timm's layers merge branches and norms for deployment.
MERGING = ("fuse", "reparameterize", "switch_to_deploy")


def is_mergeable(model: "nn.Module") -> bool:
    """Whether a module of the model has a method that merges it for deployment."""
    return any(hasattr(module, method) for module in model.modules() for method in MERGING)


def _fuse(model: "nn.Module") -> "nn.Module":
    from timm.utils.model import reparameterize_model

    if not is_mergeable(model):
        raise BuildError("the model has no branches or norms to merge")
    return reparameterize_model(model.eval(), inplace=True)


def _move_strides(model: "nn.Module") -> "nn.Module":
    """Move the stride of each bottleneck from its second convolution into the first, a 1x1."""
    from torch import nn

    blocks = [
        (first, second)
        for block in model.modules()
        if isinstance(first := getattr(block, "conv1", None), nn.Conv2d)
        and isinstance(second := getattr(block, "conv2", None), nn.Conv2d)
        and first.kernel_size == first.stride == (1, 1)
        and second.stride != (1, 1)
    ]
    if not blocks:
        raise BuildError("the model has no bottleneck with a stride")
    for first, second in blocks:
        first.stride, second.stride = second.stride, first.stride
    return model.eval()


def _restore_googlenet_branches(model: "nn.Module") -> "nn.Module":
    """Give torchvision's GoogLeNet the 5x5 convolutions of the paper in place of its 3x3."""
    from torch import nn
    from torchvision.models.googlenet import Inception

    for block in model.modules():
        if isinstance(block, Inception):
            old = block.branch3[1].conv
            block.branch3[1].conv = nn.Conv2d(
                old.in_channels, old.out_channels, 5, padding=2, bias=False
            )
    return model.eval()


FORMS: dict[str, Callable[["nn.Module"], "nn.Module"]] = {
    "": lambda model: model.eval(),
    "training": lambda model: model.train(),
    "fused": _fuse,
    "stride in 1x1": _move_strides,
    "googlenet 5x5": _restore_googlenet_branches,
}
