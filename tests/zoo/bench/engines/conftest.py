"""A small network with norms, made alike each time, and inputs for it."""

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import nn

from zoo.bench.engines.random_weights import randomise_constants


def network() -> nn.Module:
    """(batch, 3, 8, 8) to (batch, 5)."""
    torch.manual_seed(0)
    made = nn.Sequential(
        nn.Conv2d(3, 8, 3, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(8 * 36, 5),
    )
    return randomise_constants(made).eval()


@pytest.fixture
def toy_network() -> nn.Module:
    return network()


@pytest.fixture
def make_network() -> Callable[[], nn.Module]:
    return network


@pytest.fixture
def images() -> torch.Tensor:
    return torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(1))


@pytest.fixture(autouse=True)
def switches() -> Iterator[None]:
    """Engines set torch's switches for their process; the tests' own gets its own back."""
    matmul, tf32 = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    threads, benchmark = torch.get_num_threads(), torch.backends.cudnn.benchmark
    yield
    torch.set_float32_matmul_precision(matmul)
    torch.backends.cudnn.allow_tf32, torch.backends.cudnn.benchmark = tf32, benchmark
    torch.set_num_threads(threads)
