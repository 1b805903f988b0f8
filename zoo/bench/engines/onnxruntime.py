"""Run onnxruntime with inputs and outputs bound to memory once, so that a call copies nothing."""

from typing import Any

import torch
from torch import nn

from zoo.bench.engines import ENGINES, ONNX_OPSET, graph_capture, onnx_graph
from zoo.bench.engines.base import EngineOptions
from zoo.bench.engines.errors import Unsupported
from zoo.bench.engines.optional import import_runtime, refuse_torch_only
from zoo.bench.engines.output_check import copy_to_cpu
from zoo.bench.engines.torch_settings import require_precision, synchronise
from zoo.models.environment import version
from zoo.models.inputs import Inputs

PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
ELEMENTS = {  # onnx.TensorProto.DataType
    torch.float32: 1,
    torch.int32: 6,
    torch.int64: 7,
    torch.uint8: 2,
    torch.bool: 9,
    torch.float16: 10,
    torch.bfloat16: 16,
}
TYPES = {
    "tensor(float)": torch.float32,
    "tensor(int32)": torch.int32,
    "tensor(int64)": torch.int64,
    "tensor(bool)": torch.bool,
    "tensor(float16)": torch.float16,
    "tensor(bfloat16)": torch.bfloat16,
}


class OnnxRuntime:
    """See `base.Engine`."""

    def prepare(self, model: nn.Module, inputs: Inputs, options: EngineOptions) -> None:
        runtime = import_runtime("onnxruntime")
        _refuse(runtime, options)
        self.options = options
        self.inputs = inputs.cast(options.dtype).map(torch.Tensor.contiguous)
        graph = onnx_graph.export_onnx(model.to(options.dtype), self.inputs)
        self.names = [row.name for row in graph.graph.input]
        self.session = create_session(runtime, graph.SerializeToString(), options)
        self._bind()

    def _bind(self) -> None:
        """Bind inputs and outputs to torch's memory; the graph may have left out an input that it
        does not need."""
        self.binding = self.session.io_binding()
        for name, tensor in self.inputs.tensors().items():
            if name in self.names:
                self.binding.bind_input(name, *self._device(), *_buffer(tensor))
        self.buffers = []
        for output in self.session.get_outputs():
            static = all(isinstance(size, int) for size in output.shape)
            if output.type not in TYPES or not static:
                description = f"the output {output.name} is {output.type} of {output.shape}"
                raise Unsupported(f"{description}; it cannot be bound")
            memory = torch.empty(output.shape, dtype=TYPES[output.type], device=self.options.device)
            self.binding.bind_output(output.name, *self._device(), *_buffer(memory))
            self.buffers.append(memory)

    def _device(self) -> tuple[str, int]:
        return self.options.kind, torch.device(self.options.device).index or 0

    def outputs(self) -> list[torch.Tensor]:
        self.run()
        self.synchronise()
        return copy_to_cpu(self.buffers)

    def run(self) -> None:
        self.session.run_with_iobinding(self.binding)

    def synchronise(self) -> None:
        synchronise(self.options.device)

    def close(self) -> None:
        # bindings before the memory they point to
        for name in ("binding", "session", "inputs", "buffers"):
            self.__dict__.pop(name, None)

    def versions(self) -> dict[str, str | None]:
        packages = ENGINES["onnxruntime"].packages
        return {name: version(name) for name in packages} | {"opset": str(ONNX_OPSET)}


def _refuse(runtime: Any, options: EngineOptions) -> None:
    """Raise Unsupported where this build of onnxruntime has no provider or no kernels."""
    refuse_torch_only("onnxruntime", options)
    require_precision(options)
    provider = PROVIDERS.get(options.kind)
    if provider not in runtime.get_available_providers():
        providers = ", ".join(runtime.get_available_providers())
        name = f"onnxruntime {runtime.__version__}"
        raise Unsupported(f"{name} has no provider for {options.kind} here; it has {providers}")
    if options.kind == "cpu" and options.precision != "fp32":
        raise Unsupported(f"onnxruntime computes {options.precision} graphs in float32 on the CPU")


def create_session(runtime: Any, graph: bytes | str, options: EngineOptions) -> Any:
    """Create an `InferenceSession` of a serialised graph or a file, with all graph optimisations.

    Raises:
        Unsupported: the provider lacks an operator.
    """
    settings = runtime.SessionOptions()
    settings.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_ENABLE_ALL
    settings.execution_mode = runtime.ExecutionMode.ORT_SEQUENTIAL
    settings.intra_op_num_threads = options.threads or 0
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 3  # errors
    index = torch.device(options.device).index or 0
    provider_options: dict[str, object] = {}
    if options.kind == "cuda":
        provider_options = {"device_id": index, "use_tf32": int(options.precision == "tf32")}
        # without this, the CPU may run part of the graph
        settings.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    providers = [(PROVIDERS[options.kind], provider_options)]
    try:
        return runtime.InferenceSession(graph, settings, providers=providers)
    except Exception as error:  # its errors have one class for each status and no common base
        raise Unsupported(
            f"onnxruntime cannot load the graph: {graph_capture.root_cause(error)}"
        ) from error


def _buffer(tensor: torch.Tensor) -> tuple[int, list[int], int]:
    """Return element type, shape and address, as a binding takes them.

    Raises:
        Unsupported: a type that cannot be bound.
    """
    if tensor.dtype not in ELEMENTS:
        raise Unsupported(f"onnxruntime cannot be given {tensor.dtype} here")
    return ELEMENTS[tensor.dtype], list(tensor.shape), tensor.data_ptr()
