"""Run OpenVINO on the CPU, with its hints for latency or throughput.

With the hint for throughput a call only submits one of several requests that run in parallel, which
the hint tunes for; `synchronise` waits for all of them.
"""

from typing import Any

import torch
from torch import nn

from zoo.bench.engines import ENGINES, ONNX_OPSET, onnx_graph
from zoo.bench.engines.base import EngineOptions
from zoo.bench.engines.errors import Unsupported
from zoo.bench.engines.optional import import_runtime, refuse_torch_only
from zoo.bench.engines.output_check import copy_to_cpu
from zoo.models.environment import version
from zoo.models.inputs import Inputs

DEVICES = {"cpu": "CPU"}
PRECISIONS = {"fp32": ("f32", "FP32"), "bf16": ("bf16", "BF16"), "fp16": ("f16", "FP16")}
"""The hint, and the capability that a device needs for it."""


class OpenVino:
    """See `base.Engine`. The graph and its inputs stay float32; the hint sets the precision of the
    computation."""

    def prepare(self, model: nn.Module, inputs: Inputs, options: EngineOptions) -> None:
        runtime = import_runtime("openvino")
        refuse_torch_only("openvino", options)
        core = runtime.Core()
        device, hint = _target(core, options)
        self.inputs = inputs.map(torch.Tensor.contiguous)
        graph = core.read_model(onnx_graph.export_onnx(model, self.inputs).SerializeToString())
        self.compiled = core.compile_model(graph, device, settings(options, hint))
        used = self.compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
        if used != hint:
            raise Unsupported(f"openvino computes in {used} on this {device}, not in {hint}")
        streams = options.hint == "throughput"
        number = self.compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS") if streams else 1
        self.queue = runtime.AsyncInferQueue(self.compiled, number)
        names = {name for row in self.compiled.inputs for name in row.names}
        self.shared = {
            name: runtime.Tensor(tensor.numpy(), shared_memory=True)
            for name, tensor in self.inputs.tensors().items()
            if name in names
        }
        for index in range(len(self.queue)):
            self._bind(self.queue[index])
        self.streams = streams

    def _bind(self, request: Any) -> None:
        for name, tensor in self.shared.items():
            request.set_tensor(name, tensor)

    def outputs(self) -> list[torch.Tensor]:
        self.synchronise()
        # a request of the queue would count as idle twice afterwards
        request = self.compiled.create_infer_request()
        self._bind(request)
        request.infer()
        count = len(self.compiled.outputs)
        return copy_to_cpu(
            [torch.from_numpy(request.get_output_tensor(index).data) for index in range(count)]
        )

    def run(self) -> None:
        self.queue.start_async()
        if not self.streams:
            self.queue.wait_all()

    def synchronise(self) -> None:
        self.queue.wait_all()

    def close(self) -> None:
        # requests before the memory they point to
        for name in ("queue", "compiled", "shared", "inputs"):
            self.__dict__.pop(name, None)

    def versions(self) -> dict[str, str | None]:
        packages = ENGINES["openvino"].packages
        return {name: version(name) for name in packages} | {"opset": str(ONNX_OPSET)}


def _target(core: Any, options: EngineOptions) -> tuple[str, str]:
    """Return OpenVINO's device and precision hint; raise Unsupported for what it does not have."""
    device = DEVICES.get(options.kind)
    if device is None or device not in core.available_devices:
        devices = ", ".join(core.available_devices)
        raise Unsupported(
            f"openvino runs on the CPU here, not on {options.device}; it sees {devices}"
        )
    if options.precision not in PRECISIONS:
        raise Unsupported(f"openvino has {', '.join(PRECISIONS)}, not {options.precision}")
    hint, capability = PRECISIONS[options.precision]
    capabilities = core.get_property(device, "OPTIMIZATION_CAPABILITIES")
    if capability not in capabilities:
        names = ", ".join(capabilities)
        raise Unsupported(f"this {device} has no {options.precision} in openvino; it has {names}")
    return device, hint


def settings(options: EngineOptions, hint: str) -> dict[str, Any]:
    """Return the properties a model is compiled with."""
    threads = {"INFERENCE_NUM_THREADS": options.threads} if options.threads else {}
    return {"PERFORMANCE_HINT": options.hint.upper(), "INFERENCE_PRECISION_HINT": hint} | threads
