"""Small models that show every class of operator, for real counting tools and for ours."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn

Size = tuple[int, ...]


def _timm(name: str) -> Callable[[], nn.Module]:
    def make() -> nn.Module:
        import timm

        model: nn.Module = timm.create_model(name, pretrained=False)
        return model

    return make


def _torchvision(name: str, **arguments: object) -> Callable[[], nn.Module]:
    def make() -> nn.Module:
        from torchvision import models

        return models.get_model(name, weights=None, **arguments)

    return make


class Functions(nn.Module):
    """Functions and operators that no module stands for."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(6, 3, 3, 3))
        self.slope = nn.Parameter(torch.ones(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.conv2d(x, self.weight, padding=1)
        x = F.silu(F.leaky_relu(F.relu6(F.elu(F.prelu(x, self.slope)))))
        x = torch.add(x, x) * x + torch.mul(x, 2) + x.add(1)
        x = F.gelu(F.avg_pool2d(F.max_pool2d(x, 2), 2)).sigmoid()
        x = F.interpolate(x, scale_factor=2) + F.interpolate(x, size=(8, 8))
        q = x.flatten(2).transpose(1, 2)
        q = (q @ q.transpose(1, 2)).softmax(-1) @ q
        q = torch.matmul(q, q.transpose(1, 2)) + q.bmm(q.transpose(1, 2))
        q = F.softmax(torch.baddbmm(q, q, q), -1)
        return F.adaptive_avg_pool2d(q[:, None], 2)


class Attention(nn.Module):
    """Attention by torch's function, with an additive product."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv, self.out = nn.Linear(16, 48), nn.Linear(16, 16)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = self.qkv(x).chunk(3, -1)
        heads = [t.unflatten(-1, (2, 8)).transpose(1, 2) for t in (q, k, v)]
        return self.out(F.scaled_dot_product_attention(*heads).transpose(1, 2).flatten(2))


class MultiHead(nn.Module):
    """torch's own module of attention, which returns its weights."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(16, 2, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.attention(x, x, x)[0]


class First(nn.Module):
    """The first value of a layer that returns several."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x)[0]


def _convolutions() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding="same"),
        nn.BatchNorm2d(8),
        nn.Conv2d(8, 8, 3, groups=8, bias=False),
        nn.GroupNorm(2, 8),
        nn.Conv2d(8, 12, 3, groups=2, stride=2),
        nn.InstanceNorm2d(12),
        nn.PReLU(),
        nn.LeakyReLU(),
        nn.Conv2d(12, 4, 1),
        nn.BatchNorm2d(4, affine=False),
        nn.Upsample(scale_factor=2),
        nn.AvgPool2d(2),
        nn.Hardswish(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(4, 5),
    )


def _transposed() -> nn.Module:
    return nn.Sequential(
        nn.ConvTranspose2d(3, 8, 3, stride=2), nn.ReLU(), nn.ConvTranspose2d(8, 4, 2, bias=False)
    )


# name: how it is made, and the size of its input
MODELS: dict[str, tuple[Callable[[], nn.Module], Size]] = {
    "convolutions": (_convolutions, (1, 3, 16, 16)),
    "transposed": (_transposed, (1, 3, 8, 8)),
    "grouped transposed": (
        lambda: nn.Sequential(nn.ConvTranspose2d(4, 8, 3, groups=2)),
        (1, 4, 8, 8),
    ),
    "functions": (Functions, (1, 3, 16, 16)),
    "attention": (Attention, (1, 5, 16)),
    "multi-head": (MultiHead, (1, 5, 16)),
    "lstm": (lambda: First(nn.LSTM(8, 6, 2, batch_first=True, bidirectional=True)), (1, 7, 8)),
    "gru": (lambda: First(nn.GRU(8, 6, batch_first=True)), (1, 7, 8)),
    "mlp": (lambda: nn.Sequential(nn.Linear(8, 6), nn.GELU(), nn.LayerNorm(6)), (1, 7, 8)),
    "resnet18": (_torchvision("resnet18"), (1, 3, 64, 64)),
    "mobilenet_v3_small": (_torchvision("mobilenet_v3_small"), (1, 3, 64, 64)),
    "vit_b_32": (_torchvision("vit_b_32", image_size=64), (1, 3, 64, 64)),
    "vit_tiny_patch16_224": (_timm("vit_tiny_patch16_224"), (1, 3, 224, 224)),
    "convnext_atto": (_timm("convnext_atto"), (1, 3, 64, 64)),
    "swin_t": (_torchvision("swin_t"), (1, 3, 64, 64)),
    "efficientnet_b0": (_timm("efficientnet_b0"), (1, 3, 64, 64)),
    "densenet121": (_torchvision("densenet121"), (1, 3, 64, 64)),
}
# Large ones, which take the tools' tracers a minute.
SLOW = (
    "vit_b_32",
    "vit_tiny_patch16_224",
    "convnext_atto",
    "swin_t",
    "efficientnet_b0",
    "densenet121",
)
