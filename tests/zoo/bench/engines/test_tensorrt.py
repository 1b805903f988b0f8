"""Written from TensorRT's interface; nothing but what needs no GPU has run where this was
written."""

import sys
from importlib.util import find_spec

import pytest
import torch
from torch import nn

from zoo.bench.engines import create_engine
from zoo.bench.engines.base import EngineOptions
from zoo.bench.engines.errors import MissingPackage, Unsupported
from zoo.bench.engines.output_check import check, eager_outputs
from zoo.models.inputs import Inputs


@pytest.mark.parametrize("device", ["cpu", "mps"])
def test_it_needs_an_nvidia_gpu(device: str, toy_network: nn.Module, images: torch.Tensor) -> None:
    with pytest.raises(
        Unsupported, match=f"^tensorrt needs an NVIDIA GPU; the device is {device}$"
    ):
        create_engine("tensorrt").prepare(
            toy_network, Inputs.of(images), EngineOptions(device=device)
        )


def test_it_needs_a_gpu_that_is_there(
    toy_network: nn.Module, images: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(Unsupported, match=r"^tensorrt needs an NVIDIA GPU; the device is cuda$"):
        create_engine("tensorrt").prepare(
            toy_network, Inputs.of(images), EngineOptions(device="cuda")
        )


def test_without_the_package_it_names_the_extra(
    toy_network: nn.Module, images: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    message = r"^tensorrt cannot be imported \(.*\): pip install 'model-zoo-ledger\[tensorrt\]'$"
    with pytest.raises(MissingPackage, match=message):
        create_engine("tensorrt").prepare(
            toy_network, Inputs.of(images), EngineOptions(device="cuda")
        )


@pytest.mark.gpu
@pytest.mark.skipif(
    not torch.cuda.is_available() or not find_spec("tensorrt"),
    reason="no CUDA device or no tensorrt",
)
@pytest.mark.parametrize("precision", ["fp32", "tf32", "fp16"])
def test_its_output_is_the_models(
    precision: str, toy_network: nn.Module, images: torch.Tensor
) -> None:
    expected = eager_outputs(toy_network, Inputs.of(images))
    runtime = create_engine("tensorrt")
    runtime.prepare(
        toy_network.cuda(),
        Inputs.of(images.cuda()),
        EngineOptions(precision=precision, device="cuda"),
    )  # type: ignore[arg-type]
    runtime.run()
    runtime.synchronise()
    assert check(runtime.outputs(), expected, precision).ok
    runtime.close()
