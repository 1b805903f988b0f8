import re
import sys
from dataclasses import replace

import pytest
import torch
from torch import nn

from zoo.bench.engines import create_engine
from zoo.bench.engines.base import EngineOptions
from zoo.bench.engines.errors import MissingPackage, Unsupported
from zoo.bench.engines.output_check import check, eager_outputs
from zoo.models.inputs import Inputs

onnxruntime = pytest.importorskip("onnxruntime")
HERE = ", ".join(onnxruntime.get_available_providers())
REFUSED = [
    (EngineOptions(precision="fp16"), "onnxruntime computes fp16 graphs in float32 on the CPU"),
    (EngineOptions(precision="bf16"), "onnxruntime computes bf16 graphs in float32 on the CPU"),
    (EngineOptions(precision="tf32"), "tf32 is a format of NVIDIA GPUs; cpu has none"),
    (
        EngineOptions(precision="amp"),
        "amp is torch's autocast; onnxruntime has fp32, fp16 or bf16 for a whole graph",
    ),
    (
        EngineOptions(channels_last=True),
        "channels-last is a layout of torch's tensors; onnxruntime chooses its own",
    ),
    (
        EngineOptions(device="mps"),
        f"onnxruntime {onnxruntime.__version__} has no provider for mps here; it has {HERE}",
    ),
]


def test_its_output_is_the_models_in_the_same_memory(
    toy_network: nn.Module, images: torch.Tensor
) -> None:
    expected = eager_outputs(toy_network, Inputs.of(images))
    runtime = create_engine("onnxruntime")
    runtime.prepare(toy_network, Inputs.of(images), EngineOptions(threads=1))
    first = runtime.outputs()
    addresses = [value.data_ptr() for value in runtime.binding.get_outputs()]  # type: ignore[attr-defined]
    runtime.run()
    runtime.synchronise()
    assert check(first, expected, "fp32").ok
    assert addresses == [value.data_ptr() for value in runtime.binding.get_outputs()]  # type: ignore[attr-defined]
    next(iter(runtime.inputs.tensors().values())).mul_(2)  # type: ignore[attr-defined]
    assert not check(runtime.outputs(), expected, "fp32").ok  # bound, not copied
    assert check(first, expected, "fp32").ok  # a copy
    runtime.close()
    runtime.close()


def test_the_session_is_as_asked(toy_network: nn.Module, images: torch.Tensor) -> None:
    runtime = create_engine("onnxruntime")
    runtime.prepare(toy_network, Inputs.of(images), EngineOptions(threads=2))
    session = runtime.session  # type: ignore[attr-defined]
    options = session.get_session_options()
    assert options.intra_op_num_threads == 2
    assert options.inter_op_num_threads == 1
    assert options.graph_optimization_level == onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    assert session.get_providers() == ["CPUExecutionProvider"]
    assert runtime.versions()["onnxruntime"] == onnxruntime.__version__
    assert runtime.versions()["opset"] == "18"
    runtime.close()


class Several(nn.Module):
    """Outputs of several shapes and types, in a mapping."""

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        logits = x.mean((2, 3))
        return {"logits": logits, "features": x + 1, "label": logits.argmax(1), "dark": logits < 0}


def test_all_outputs_are_bound_and_compared(images: torch.Tensor) -> None:
    expected = eager_outputs(Several(), Inputs.of(images))
    runtime = create_engine("onnxruntime")
    runtime.prepare(Several().eval(), Inputs.of(images), EngineOptions(threads=1))
    found = runtime.outputs()
    assert check(found, expected, "fp32").ok
    assert [value.dtype for value in found] == [
        torch.float32,
        torch.float32,
        torch.int64,
        torch.bool,
    ]
    assert [tuple(value.shape) for value in found] == [(4, 3), (4, 3, 8, 8), (4,), (4, 3)]
    runtime.close()


def test_an_output_of_unknown_size_is_unsupported(images: torch.Tensor) -> None:
    class Chosen(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x[x > 0]

    message = "the output output is tensor(float) of ['u0']; it cannot be bound"
    with pytest.raises(Unsupported, match=f"^{re.escape(message)}$"):
        create_engine("onnxruntime").prepare(
            Chosen().eval(), Inputs.of(images), EngineOptions(threads=1)
        )


@pytest.mark.parametrize(
    ("options", "message"), REFUSED, ids=[message.split(" ")[0] for _, message in REFUSED]
)
def test_what_it_cannot_do_is_unsupported(
    options: EngineOptions, message: str, toy_network: nn.Module, images: torch.Tensor
) -> None:
    with pytest.raises(Unsupported, match=f"^{re.escape(message)}$"):
        create_engine("onnxruntime").prepare(toy_network, Inputs.of(images), options)


def test_without_the_package_it_names_the_extra(
    toy_network: nn.Module, images: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    message = r"^onnxruntime cannot be imported \(.*\): pip install 'model-zoo-ledger\[onnx\]'$"
    with pytest.raises(MissingPackage, match=message):
        create_engine("onnxruntime").prepare(toy_network, Inputs.of(images), EngineOptions())


@pytest.mark.gpu
@pytest.mark.skipif(
    "CUDAExecutionProvider" not in HERE, reason="this onnxruntime has no CUDA provider"
)
@pytest.mark.parametrize("precision", ["fp32", "tf32", "fp16"])
def test_on_a_gpu(precision: str, toy_network: nn.Module, images: torch.Tensor) -> None:
    expected = eager_outputs(toy_network, Inputs.of(images))
    runtime = create_engine("onnxruntime")
    options = replace(EngineOptions(device="cuda"), precision=precision)  # type: ignore[arg-type]
    runtime.prepare(toy_network.cuda(), Inputs.of(images.cuda()), options)
    assert check(runtime.outputs(), expected, precision).ok
    runtime.close()
