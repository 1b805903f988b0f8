import re
import sys
import threading

import pytest
import torch
from torch import nn

from zoo.bench.engines import create_engine
from zoo.bench.engines.base import EngineOptions, Hint
from zoo.bench.engines.errors import MissingPackage, Unsupported
from zoo.bench.engines.openvino import _target, settings
from zoo.bench.engines.output_check import check, eager_outputs
from zoo.models.inputs import Inputs

openvino = pytest.importorskip("openvino")


class Core:
    """A machine with a CPU that computes in float32 and int8."""

    available_devices = ("CPU", "NPU")

    def get_property(self, device: str, name: str) -> list[str]:
        return ["FP32", "INT8"]


@pytest.mark.parametrize("hint", ["latency", "throughput"])
def test_its_output_is_the_models(hint: Hint, toy_network: nn.Module, images: torch.Tensor) -> None:
    expected = eager_outputs(toy_network, Inputs.of(images))
    runtime = create_engine("openvino")
    runtime.prepare(toy_network, Inputs.of(images), EngineOptions(threads=2, hint=hint))
    for _ in range(5):
        runtime.run()
    runtime.synchronise()
    first = runtime.outputs()
    assert check(first, expected, "fp32").ok
    compiled = runtime.compiled  # type: ignore[attr-defined]
    assert str(compiled.get_property("PERFORMANCE_HINT")).rpartition(".")[2] == hint.upper()
    assert compiled.get_property("INFERENCE_NUM_THREADS") == 2
    next(iter(runtime.inputs.tensors().values())).mul_(2)  # type: ignore[attr-defined]
    assert not check(runtime.outputs(), expected, "fp32").ok  # bound, not copied
    assert check(first, expected, "fp32").ok  # a copy
    runtime.close()
    runtime.close()


def test_all_outputs_are_compared(images: torch.Tensor) -> None:
    class Two(nn.Module):
        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return x.mean((2, 3)), x * 2 + 1

    expected = eager_outputs(Two(), Inputs.of(images))
    runtime = create_engine("openvino")
    runtime.prepare(Two().eval(), Inputs.of(images), EngineOptions(threads=1))
    assert check(runtime.outputs(), expected, "fp32").ok
    runtime.close()


def test_calls_go_on_after_an_output_was_asked_for(
    toy_network: nn.Module, images: torch.Tensor
) -> None:
    runtime = create_engine("openvino")
    runtime.prepare(toy_network, Inputs.of(images), EngineOptions(threads=2, hint="throughput"))
    runtime.outputs()
    calls = threading.Thread(target=lambda: [runtime.run() for _ in range(500)], daemon=True)
    calls.start()
    calls.join(30)
    assert not calls.is_alive()
    runtime.synchronise()
    runtime.close()


def test_bfloat16_where_the_cpu_has_it(toy_network: nn.Module, images: torch.Tensor) -> None:
    if "BF16" not in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        pytest.skip("this CPU has no bfloat16 in openvino")
    expected = eager_outputs(toy_network, Inputs.of(images))
    runtime = create_engine("openvino")
    runtime.prepare(toy_network, Inputs.of(images), EngineOptions(precision="bf16", threads=1))
    found = runtime.outputs()
    assert check(found, expected, "bf16").ok
    assert not check(found, expected, "fp32").ok
    runtime.close()


def test_what_a_cpu_lacks_is_unsupported() -> None:
    assert _target(Core(), EngineOptions()) == ("CPU", "f32")
    for precision in ("bf16", "fp16"):
        message = f"this CPU has no {precision} in openvino; it has FP32, INT8"
        with pytest.raises(Unsupported, match=f"^{message}$"):
            _target(Core(), EngineOptions(precision=precision))  # type: ignore[arg-type]


REFUSED = [
    (EngineOptions(precision="tf32"), "openvino has fp32, bf16, fp16, not tf32"),
    (
        EngineOptions(precision="amp"),
        "amp is torch's autocast; openvino has fp32, fp16 or bf16 for a whole graph",
    ),
    (
        EngineOptions(channels_last=True),
        "channels-last is a layout of torch's tensors; openvino chooses its own",
    ),
]


@pytest.mark.parametrize(
    ("options", "message"), REFUSED, ids=[message.split(" ")[0] for _, message in REFUSED]
)
def test_what_it_cannot_do_is_unsupported(
    options: EngineOptions, message: str, toy_network: nn.Module, images: torch.Tensor
) -> None:
    with pytest.raises(Unsupported, match=f"^{re.escape(message)}$"):
        create_engine("openvino").prepare(toy_network, Inputs.of(images), options)


def test_it_runs_on_the_cpu_only() -> None:
    with pytest.raises(
        Unsupported, match=r"^openvino runs on the CPU here, not on cuda:1; it sees CPU, NPU$"
    ):
        _target(Core(), EngineOptions(device="cuda:1"))


def test_settings_are_those_asked_for() -> None:
    assert settings(EngineOptions(), "f32") == {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32",
    }
    assert settings(EngineOptions(threads=3), "f32")["INFERENCE_NUM_THREADS"] == 3


def test_without_the_package_it_names_the_extra(
    toy_network: nn.Module, images: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    message = r"^openvino cannot be imported \(.*\): pip install 'model-zoo-ledger\[openvino\]'$"
    with pytest.raises(MissingPackage, match=message):
        create_engine("openvino").prepare(toy_network, Inputs.of(images), EngineOptions())
