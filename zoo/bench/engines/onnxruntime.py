"""onnxruntime, with inputs and outputs bound to memory once, so that a call copies nothing."""

from typing import Any

import torch
from torch import nn

from zoo.bench.engines import onnx_graph
from zoo.bench.engines.base import EngineOptions
from zoo.bench.engines.errors import Unsupported
from zoo.bench.engines.optional import imported, refuse_torch_only
from zoo.bench.engines.torch_settings import require_precision, synchronise
from zoo.models.environment import version

PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
ELEMENTS = {torch.float32: 1, torch.float16: 10, torch.bfloat16: 16}  # onnx.TensorProto.DataType
TYPES = {
    "tensor(float)": torch.float32,
    "tensor(float16)": torch.float16,
    "tensor(bfloat16)": torch.bfloat16,
}


class OnnxRuntime:
    """See `base.Engine`."""

    def prepare(self, model: nn.Module, inputs: torch.Tensor, options: EngineOptions) -> None:
        runtime = imported("onnxruntime", "onnx")
        _refuse(runtime, options)
        self.options = options
        self.inputs = inputs.to(options.dtype).contiguous()
        graph = onnx_graph.exported(model.to(options.dtype), self.inputs)
        self.session = session(runtime, graph.SerializeToString(), options)
        self._bind()

    def _bind(self) -> None:
        """Input and outputs to memory of torch's."""
        self.binding = self.session.io_binding()
        self.binding.bind_input(onnx_graph.INPUT, *self._where(), *_buffer(self.inputs))
        self.outputs = []
        for output in self.session.get_outputs():
            if output.type not in TYPES or not all(isinstance(size, int) for size in output.shape):
                raise Unsupported(
                    f"the output {output.name} is {output.type} of {output.shape}; it cannot be bound"
                )
            kept = torch.empty(output.shape, dtype=TYPES[output.type], device=self.options.device)
            self.binding.bind_output(output.name, *self._where(), *_buffer(kept))
            self.outputs.append(kept)

    def _where(self) -> tuple[str, int]:
        return self.options.kind, torch.device(self.options.device).index or 0

    def output(self) -> torch.Tensor:
        self.run()
        self.synchronise()
        return self.outputs[0].to("cpu", torch.float32, copy=True)

    def run(self) -> None:
        self.session.run_with_iobinding(self.binding)

    def synchronise(self) -> None:
        synchronise(self.options.device)

    def close(self) -> None:
        for name in (
            "binding",
            "session",
            "inputs",
            "outputs",
        ):  # bindings before the memory they point to
            self.__dict__.pop(name, None)

    def versions(self) -> dict[str, str | None]:
        names = ("onnxruntime", "onnxruntime-gpu", "onnx", "onnxscript", "torch")
        return {name: version(name) for name in names} | {"opset": str(onnx_graph.OPSET)}


def _refuse(runtime: Any, options: EngineOptions) -> None:
    """Raises Unsupported for what this build of onnxruntime has no provider or no kernels for."""
    refuse_torch_only("onnxruntime", options)
    require_precision(options)
    provider = PROVIDERS.get(options.kind)
    if provider not in runtime.get_available_providers():
        known = ", ".join(runtime.get_available_providers())
        raise Unsupported(
            f"onnxruntime {runtime.__version__} has no provider for {options.kind} here; it has {known}"
        )
    if options.kind == "cpu" and options.precision != "fp32":
        raise Unsupported(f"onnxruntime computes {options.precision} graphs in float32 on the CPU")


def session(runtime: Any, graph: bytes | str, options: EngineOptions) -> Any:
    """An `InferenceSession` of a serialised graph or of a file's name, with every optimisation of
    graphs.

    Raises:
        Unsupported: an operator that the provider does not have.
    """
    settings = runtime.SessionOptions()
    settings.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_ENABLE_ALL
    settings.execution_mode = runtime.ExecutionMode.ORT_SEQUENTIAL
    settings.intra_op_num_threads = options.threads or 0
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 3  # errors
    index = torch.device(options.device).index or 0
    own: dict[str, object] = {}
    if options.kind == "cuda":
        own = {"device_id": index, "use_tf32": int(options.precision == "tf32")}
        settings.add_session_config_entry(
            "session.disable_cpu_ep_fallback", "1"
        )  # or part of it is another device's
    try:
        return runtime.InferenceSession(graph, settings, providers=[(PROVIDERS[options.kind], own)])
    except Exception as error:  # its errors have one class for each status and no common base
        raise Unsupported(
            f"onnxruntime cannot load the graph: {onnx_graph.reason(error)}"
        ) from error


def _buffer(tensor: torch.Tensor) -> tuple[int, list[int], int]:
    """Element type, shape and address, as a binding takes them."""
    return ELEMENTS[tensor.dtype], list(tensor.shape), tensor.data_ptr()
