"""Count a person's own module, or a model by name."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from zoo.counting.targets import Target, resolve_name
from zoo.model_index.errors import UsageError, ZooError
from zoo.models.memory_errors import describe_exception

if TYPE_CHECKING:
    import torch
    from torch import nn

    from zoo.counting.cost import Cost, Memory
    from zoo.counting.tracer import Inputs

    Value = Sequence[int] | torch.Tensor
    InputOf = int | Value | Sequence[Value] | Mapping[str, Value]

INSTEAD = "pass the input itself: zoo.count(model, torch.zeros(...)), or a tuple or dict of tensors"


class NotCountable(ZooError):
    """A model whose forward pass fails, or whose input is not known; the message says why.

    Where the pass fails, `reason` says what it raised, and `parameters` and `memory` say what the
    model holds all the same.
    """

    def __init__(self, message: str, memory: "Memory | None" = None, reason: str = ""):
        self.memory, self.reason = memory, reason
        super().__init__(message)

    @property
    def parameters(self) -> int | None:
        """The number of parameters; None where the model could not be built."""
        return sum(self.memory.elements.values()) if self.memory else None


def count(
    model: "nn.Module | str",
    inputs: "InputOf | None" = None,
    *,
    arguments: Mapping[str, Any] | None = None,
    name: str = "",
) -> "Cost":
    """Count one forward pass of a model in evaluation mode: multiply-adds, parameters, memory, and
    what other tools print.

    Nothing is computed: the pass runs on a copy on the meta device. A forward pass that needs
    values runs on the module's own device; `Cost.device` says so.

    Args:
        model: a module on any device, which stays what it was, or a name: `timm:resnet50`,
            `torchvision:resnet50`, `resnet50`, `package.module:callable`, `path/to/file.py:Class`.
        inputs: a size, batch first, or a tensor; several inputs are a tuple of either, or a dict by
            the names of the arguments. A model that is named takes a number too, the side of one
            image, or (height, width). None is the model's own input size.
        arguments: arguments of the constructor of a model that is named.
        name: what the result calls a module.

    Returns:
        The cost: `macs`, `parameters`, `memory`, and tables by class, module, stage and tool.

    Raises:
        NotCountable: the forward pass fails, or no input size is known.
        UsageError: the name leads to no model.
    """
    if isinstance(model, str):
        return count_target(resolve_name(model), inputs, arguments)
    if arguments:
        raise UsageError("arguments are for the constructor of a model that is named")
    return count_module(model, inputs, name or type(model).__name__)


def count_target(
    target: Target,
    inputs: Any = None,
    arguments: Mapping[str, Any] | None = None,
    memory: int | None = None,
) -> "Cost":
    """Count a model that a person named; the code of its package runs.

    `memory` limits the bytes of parameters and buffers where the model needs its values.
    """
    inputs = (inputs, inputs) if isinstance(inputs, int) else inputs
    from zoo.models import builders

    memory = memory or builders.MEMORY
    if target.builder is None:
        raise NotCountable(f"{target.text} holds weights only; multiply-adds need the model's code")
    builder = replace(target.builder, arguments=target.builder.arguments | dict(arguments or {}))
    trusted = target.trusted_packages(builders.package(builder))
    with target.importable():
        built = builders.build(builder, trusted, memory=memory)
        size = _image_size(inputs)
        if size and built.arguments_at:
            builder = replace(builder, arguments=builder.arguments | built.arguments_at(size))
            built = builders.build(builder, trusted, memory=memory)
        channels = builders.input_channels(built, builder)
        title = f"{builder.kind}:{built.resolved}" if builder.kind != "callable" else str(builder)
        given = _given(inputs, built.configuration.get("input_size"), channels)
        return _count(
            built.model,
            given,
            title,
            fallback=lambda: nullcontext(builders.build_on_cpu(builder, trusted, memory).model),
        )


def _image_size(inputs: Any) -> tuple[int, int] | None:
    if isinstance(inputs, (tuple, list)) and len(inputs) >= 2 and isinstance(inputs[-1], int):
        return inputs[-2], inputs[-1]
    return None


def _given(inputs: Any, configured: Sequence[int] | None, channels: int) -> Any:
    """Return the inputs; a height and a width, or none, as the size of one image."""
    if inputs is None:
        return (1, channels, *configured[-2:]) if configured else (1, channels, 224, 224)
    if isinstance(inputs, tuple) and len(inputs) == 2 and all(isinstance(n, int) for n in inputs):
        return (1, channels, *inputs)
    return inputs


def count_module(module: "nn.Module", inputs: Any, name: str) -> "Cost":
    """Count a person's own module, which stays what it was."""
    from torch import nn

    from zoo.counting import meta_copy

    if not isinstance(module, nn.Module):
        raise UsageError(f"expected a torch.nn.Module or a name, got a {type(module).__name__}")
    module = unwrap(module)
    if isinstance(inputs, int):
        raise UsageError(
            f"{name}: state the whole size: zoo.count(model, (1, 3, {inputs}, {inputs}))"
        )
    if inputs is None:
        configuration = getattr(module, "pretrained_cfg", None) or {}
        size = configuration.get("input_size") if isinstance(configuration, Mapping) else None
        if not size:
            raise NotCountable(
                f"{name}: state the size of its input: zoo.count(model, (1, 3, 224, 224))"
            )
        inputs = (1, *size)
    with meta_copy.keep_random_state():
        try:
            copied = meta_copy.copy_to_meta(module)
        # a module may hold anything: a lock, a file, an object that refuses
        except Exception:
            copied = None
        cost = _count(copied, inputs, name, fallback=lambda: meta_copy.lend(module))
        if copied is None:
            remark = f"counted on {cost.device}: it holds something that cannot be copied"
            return replace(cost, remarks=(remark, *cost.remarks[1:]))
        return cost


def unwrap(module: "nn.Module") -> "nn.Module":
    """Return the module inside of wrappers for several devices or for compiling."""
    wrappers = ("DataParallel", "DistributedDataParallel", "OptimizedModule")
    while type(module).__name__ in wrappers and type(module).__module__.startswith("torch."):
        inner = getattr(module, "_orig_mod", None) or getattr(module, "module", None)
        if inner is None:
            break
        module = inner
    return module


def _count(copied: "nn.Module | None", given: Any, name: str, fallback: Any) -> "Cost":
    """Count on meta; where that fails, the model with its values that `fallback` lends."""
    problem: Exception | None = None
    memory = _memory(copied) if copied is not None else None
    if copied is not None:
        try:
            return _trace(copied, given, name)
        except UsageError:
            raise
        # a forward pass may raise anything
        except Exception as error:
            problem = error
    try:
        with fallback() as module:
            memory = memory or _memory(module)
            return _trace(module, given, name)
    except UsageError:
        raise
    except Exception as error:
        hint = "" if isinstance(given, Mapping) else f"; {INSTEAD}"
        reason = _describe(problem, error)
        raise NotCountable(f"{name}: {reason}{hint}", memory, reason) from error


def _describe(on_meta: Exception | None, error: Exception) -> str:
    """Return what a forward pass raised, on meta and then on the module's own device."""
    from zoo.models.builders import BuildError

    if isinstance(error, BuildError):  # of the model with its values, for a second try
        return f"its forward pass raised {describe_exception(on_meta or error)}; {error}"
    cause = on_meta if on_meta and str(error) in str(on_meta) else error
    return f"its forward pass raised {describe_exception(cause)}"


def _trace(module: "nn.Module", given: Any, name: str) -> "Cost":
    from zoo.counting import tracer
    from zoo.counting.calls import CallRecorder
    from zoo.counting.cost import Cost

    device = _device(module)
    inputs = _make_inputs(module, given, device)
    size = _first_size(inputs)
    recorder = CallRecorder(module)
    with _slow_attention():
        trace, parts = tracer.count(module, size, inputs, recorder)
    remarks = [] if device == "meta" else [f"counted on {device}: its forward pass needs values"]
    if trace.uncounted:
        listed = ", ".join(trace.uncounted[:3])
        remarks.append(f"incomplete: no rule for {listed}; it takes more multiply-adds than this")
    return Cost(
        name=name,
        trace=trace,
        parts=parts,
        calls=tuple(recorder.calls),
        memory=_memory(module),
        device=device,
        remarks=tuple(remarks),
    )


@contextmanager
def _slow_attention() -> Iterator[None]:
    """Keep torch from taking its fused path of attention, which no rule sees into."""
    import torch

    enabled = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(enabled)


def _device(module: "nn.Module") -> str:
    """Return the device of a module, `meta` for one without tensors."""
    tensors = (*module.parameters(), *module.buffers())
    devices = dict.fromkeys(str(tensor.device) for tensor in tensors)
    return next((name for name in devices if name != "meta"), "meta")


def _make_inputs(module: "nn.Module", given: Any, device: str) -> "Inputs":
    """Return what the forward pass gets: sizes as tensors, tensors on the module's device.

    Raises:
        UsageError: neither sizes nor tensors.
    """
    from zoo.counting.tracer import Inputs

    def make(value: Any) -> Any:
        return _make_input(module, value, device)

    if isinstance(given, Mapping):
        return Inputs((), {name: make(value) for name, value in given.items()})
    several = isinstance(given, (tuple, list)) and not all(isinstance(n, int) for n in given)
    return Inputs(tuple(make(value) for value in given) if several else (make(given),))


def _make_input(module: "nn.Module", value: Any, device: str) -> Any:
    import torch

    from zoo.counting.tracer import make_input

    if isinstance(value, torch.Tensor):
        return value.detach().to(device)
    if isinstance(value, (tuple, list)) and value and all(isinstance(n, int) for n in value):
        if min(value) < 1:
            raise UsageError(f"input size {tuple(value)}: expected numbers from 1 on")
        x = make_input(module, tuple(value)).to(device)
        return x if device == "meta" else torch.zeros_like(x)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise UsageError(
        f"expected a size such as (1, 3, 224, 224) or a tensor, got {type(value).__name__}"
    )


def _first_size(inputs: "Inputs") -> tuple[int, ...]:
    import torch

    values = (*inputs.args, *inputs.kwargs.values())
    return next((tuple(x.shape) for x in values if isinstance(x, torch.Tensor)), ())


def _memory(module: "nn.Module") -> "Memory":
    from zoo.counting.cost import Memory
    from zoo.model_index.ledger.tensors import TensorTable
    from zoo.models.builders.tensors import list_tensors

    return Memory.of(TensorTable(tuple(list_tensors(module))))
