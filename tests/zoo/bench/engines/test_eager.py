import re
from collections.abc import Callable

import pytest
import torch
from torch import nn

from zoo.bench.engines import ENGINES, create_engine, torch_settings
from zoo.bench.engines.base import EngineOptions
from zoo.bench.engines.errors import Unsupported
from zoo.bench.engines.output_check import check, eager_outputs
from zoo.model_index.errors import UsageError
from zoo.models.inputs import Inputs


class Counting(nn.Module):
    """Counts its calls."""

    calls = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return x.flatten(1)


def test_an_unknown_engine_is_refused() -> None:
    message = "--engine: no 'jax' (eager, compile, onnxruntime, openvino, tensorrt)"
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        create_engine("jax")


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_has_the_same_calls(name: str) -> None:
    engine = create_engine(name)
    for call in ("prepare", "outputs", "run", "synchronise", "close", "versions"):
        assert callable(getattr(engine, call))
    assert engine.versions()["torch"] == torch.__version__.split("+")[0]
    engine.close()


@pytest.mark.parametrize("precision", ["fp32", "amp", "bf16", "fp16"])
def test_its_output_is_the_models(
    precision: str, toy_network: nn.Module, images: torch.Tensor
) -> None:
    expected = eager_outputs(toy_network, Inputs.of(images))
    eager = create_engine("eager")
    eager.prepare(toy_network, Inputs.of(images), EngineOptions(precision=precision, threads=1))  # type: ignore[arg-type]
    eager.run()
    eager.synchronise()
    found = eager.outputs()
    assert [(value.dtype, value.shape) for value in found] == [(torch.float32, (4, 5))]
    assert check(found, expected, precision).ok
    assert (found[0] == expected[0]).all() == (precision == "fp32")
    eager.close()


def test_preparing_makes_no_call(images: torch.Tensor) -> None:
    model, eager = Counting().eval(), create_engine("eager")
    eager.prepare(model, Inputs.of(images), EngineOptions())
    assert model.calls == 0
    eager.run()
    eager.run()
    assert model.calls == 2


def test_an_output_is_a_copy_of_its_own(images: torch.Tensor) -> None:
    eager = create_engine("eager")
    eager.prepare(nn.Flatten().eval(), Inputs.of(images), EngineOptions())
    assert eager.outputs()[0].data_ptr() != images.data_ptr()


def test_a_closed_engine_keeps_nothing(toy_network: nn.Module, images: torch.Tensor) -> None:
    eager = create_engine("eager")
    eager.prepare(toy_network, Inputs.of(images), EngineOptions())
    eager.close()
    eager.close()
    assert not [
        value for value in vars(eager).values() if isinstance(value, torch.Tensor | nn.Module)
    ]


def test_channels_last_reaches_weights_and_inputs(images: torch.Tensor) -> None:
    seen: list[bool] = []

    class Looking(nn.Conv2d):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            seen.extend(
                t.is_contiguous(memory_format=torch.channels_last) for t in (x, self.weight)
            )
            return super().forward(x)

    for wanted in (False, True):
        eager = create_engine("eager")
        eager.prepare(
            Looking(3, 8, 3).eval(), Inputs.of(images), EngineOptions(channels_last=wanted)
        )
        eager.run()
    assert seen == [False, False, True, True]


def test_switches_are_set_and_not_inherited(images: torch.Tensor) -> None:
    torch.set_float32_matmul_precision("medium")
    torch.backends.cudnn.allow_tf32 = torch.backends.cudnn.benchmark = True
    create_engine("eager").prepare(nn.Flatten().eval(), Inputs.of(images), EngineOptions(threads=1))
    found = torch_settings.switches()
    assert found["float32_matmul_precision"] == "highest"
    assert found["cudnn_allow_tf32"] is False
    assert found["cudnn_benchmark"] is False
    assert found["threads"] == 1


def test_what_the_device_lacks_is_unsupported(toy_network: nn.Module, images: torch.Tensor) -> None:
    with pytest.raises(Unsupported, match=r"^tf32 is a format of NVIDIA GPUs; cpu has none$"):
        create_engine("eager").prepare(
            toy_network, Inputs.of(images), EngineOptions(precision="tf32")
        )


def test_an_old_gpu_has_neither_tf32_nor_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (7, 5))
    for precision in ("tf32", "bf16"):
        message = f"{precision} needs compute capability 8.0; cuda:1 has 7.5"
        with pytest.raises(Unsupported, match=f"^{message}$"):
            torch_settings.require_precision(EngineOptions(precision=precision, device="cuda:1"))  # type: ignore[arg-type]
    torch_settings.require_precision(EngineOptions(precision="fp16", device="cuda:1"))


def test_an_operator_without_a_kernel_is_unsupported() -> None:
    class Inverse(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.linalg.inv(x)

    eager = create_engine("eager")
    squares = Inputs.of(torch.eye(3).expand(2, 1, 3, 3))
    eager.prepare(Inverse().eval(), squares, EngineOptions(precision="fp16"))
    message = "torch on cpu in fp16: linalg.inv: Low precision dtypes not supported. Got Half"
    with pytest.raises(Unsupported, match=f"^{re.escape(message)}$"):
        eager.run()


def test_what_the_model_raises_passes(images: torch.Tensor) -> None:
    class Broken(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("no forward today")

    for precision in ("fp32", "fp16"):
        eager = create_engine("eager")
        eager.prepare(Broken().eval(), Inputs.of(images), EngineOptions(precision=precision))  # type: ignore[arg-type]
        with pytest.raises(RuntimeError, match=r"^no forward today$"):
            eager.run()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.filterwarnings("ignore:TensorFloat32 tensor cores")  # the compiler's, for float32
@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("precision", ["fp32", "tf32", "amp", "bf16", "fp16"])
@pytest.mark.parametrize("name", ["eager", "compile"])
def test_on_a_gpu(
    name: str,
    precision: str,
    channels_last: bool,
    make_network: Callable[[], nn.Module],
    images: torch.Tensor,
) -> None:
    expected = eager_outputs(make_network(), Inputs.of(images))
    engine = create_engine(name)
    options = EngineOptions(precision=precision, device="cuda", channels_last=channels_last)  # type: ignore[arg-type]
    engine.prepare(make_network().cuda(), Inputs.of(images.cuda()), options)
    engine.run()
    engine.synchronise()
    assert check(engine.outputs(), expected, precision).ok
    engine.close()
