"""Run TensorRT through its ONNX parser, on NVIDIA GPUs.

Networks are strongly typed: each tensor has its type of the graph, so fp16 means fp16 and TensorRT
chooses no other. TF32 is a separate switch.
"""

from typing import Any

import torch
from torch import nn

from zoo.bench.engines import ENGINES, ONNX_OPSET, onnx_graph
from zoo.bench.engines.base import EngineOptions
from zoo.bench.engines.errors import Unsupported
from zoo.bench.engines.optional import import_runtime, refuse_torch_only
from zoo.bench.engines.output_check import copy_to_cpu
from zoo.bench.engines.torch_settings import require_precision, synchronise
from zoo.models.environment import version
from zoo.models.inputs import Inputs

DTYPES = {
    "FLOAT": torch.float32,
    "HALF": torch.float16,
    "BF16": torch.bfloat16,
    "INT32": torch.int32,
    "INT64": torch.int64,
    "BOOL": torch.bool,
}


class TensorRt:
    """See `base.Engine`."""

    def prepare(self, model: nn.Module, inputs: Inputs, options: EngineOptions) -> None:
        if options.kind != "cuda" or not torch.cuda.is_available():
            raise Unsupported(f"tensorrt needs an NVIDIA GPU; the device is {options.device}")
        runtime = import_runtime("tensorrt")
        refuse_torch_only("tensorrt", options)
        require_precision(options)
        self.options = options
        self.inputs = inputs.cast(options.dtype).map(torch.Tensor.contiguous)
        graph = onnx_graph.export_onnx(model.to(options.dtype), self.inputs)
        logger = runtime.Logger(runtime.Logger.ERROR)
        plan = _plan(runtime, logger, graph.SerializeToString(), options)
        self.runtime = runtime.Runtime(logger)
        self.engine = self.runtime.deserialize_cuda_engine(plan)
        self.context = self.engine.create_execution_context()
        self.stream = torch.cuda.Stream(options.device)
        inputs_of_graph = {row.name for row in graph.graph.input}
        self._bind([row.name for row in graph.graph.output], inputs_of_graph)

    def _bind(self, names: list[str], needed: set[str]) -> None:
        """Bind the inputs, and the outputs in the graph's order, to memory on the device."""
        self.buffers = []
        for name, tensor in self.inputs.tensors().items():
            if name in needed:
                self.context.set_tensor_address(name, tensor.data_ptr())
        for name in names:
            shape = tuple(self.engine.get_tensor_shape(name))
            dtype = DTYPES.get(self.engine.get_tensor_dtype(name).name)
            if dtype is None:
                kind = self.engine.get_tensor_dtype(name).name
                raise Unsupported(f"the output {name} is {kind}; it cannot be bound")
            memory = torch.empty(shape, dtype=dtype, device=self.options.device)
            self.context.set_tensor_address(name, memory.data_ptr())
            self.buffers.append(memory)
        synchronise(self.options.device)

    def outputs(self) -> list[torch.Tensor]:
        self.run()
        self.synchronise()
        return copy_to_cpu(self.buffers)

    def run(self) -> None:
        self.context.execute_async_v3(self.stream.cuda_stream)

    def synchronise(self) -> None:
        synchronise(self.options.device)

    def close(self) -> None:
        # objects before those that they use
        for name in ("context", "engine", "runtime", "stream", "inputs", "buffers"):
            self.__dict__.pop(name, None)

    def versions(self) -> dict[str, str | None]:
        packages = ENGINES["tensorrt"].packages
        return {name: version(name) for name in packages} | {"opset": str(ONNX_OPSET)}


def _plan(runtime: Any, logger: Any, graph: bytes, options: EngineOptions) -> Any:
    """Return the serialised engine; raise Unsupported where the parser or the builder refuses."""
    builder = runtime.Builder(logger)
    network = builder.create_network(1 << int(runtime.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = runtime.OnnxParser(network, logger)
    if not parser.parse(graph):
        raise Unsupported(f"tensorrt cannot parse the graph: {parser.get_error(0).desc()}")
    config = builder.create_builder_config()
    switch = config.set_flag if options.precision == "tf32" else config.clear_flag
    switch(runtime.BuilderFlag.TF32)
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise Unsupported("tensorrt cannot build an engine of the graph")
    return plan
