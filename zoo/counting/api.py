"""Count a person's own module, or a model by name."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from zoo.counting.targets import Target, resolve_name
from zoo.model_index.errors import UsageError, ZooError
from zoo.model_index.records.input_spec import InputSpec, image_input
from zoo.model_index.records.input_text import parse_input
from zoo.models.inputs import STATED
from zoo.models.memory_errors import describe_exception

if TYPE_CHECKING:
    import torch
    from torch import nn

    from zoo.counting.cost import Cost, Memory
    from zoo.model_index.ledger.trace import Trace
    from zoo.models.inputs import Inputs

    Value = Sequence[int] | torch.Tensor
    InputOf = str | int | Value | Sequence[Value] | Mapping[str, Value]
    Lend = Callable[[], AbstractContextManager[nn.Module]]

RUN = "zoo count --run, or run=True, counts a run on random values"
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
    run: bool = False,
) -> "Cost":
    """Count one forward pass of a model in evaluation mode: multiply-adds, parameters, memory, and
    what other tools print.

    Nothing is computed: the pass runs on a copy on the meta device. Where the work depends on the
    data, a module of your own runs where it is; of a model that is named the part before is
    counted, or with `run` a pass on the CPU on random values. `Cost.device` and the remarks say so.

    Args:
        model: a module on any device, which stays what it was, or a name: `timm:resnet50`,
            `torchvision:resnet50`, `resnet50`, `package.module:callable`, `path/to/file.py:Class`.
        inputs: the spelling of an input: `"224x224 image"`, `"16x112x112 clip"`, `"512 tokens with
            mask"`; or a size, batch first, or a tensor; several inputs are a tuple of either, or a
            dict by the names of the arguments. A model that is named takes a number too, the side
            of one image, or (height, width). None is the model's own input.
        arguments: arguments of the constructor of a model that is named.
        name: what the result calls a module.
        run: run the model on random values, and count what it did.

    Returns:
        The cost: `macs`, `parameters`, `memory`, and tables by class, module, stage and tool.

    Raises:
        NotCountable: the forward pass fails, or no input is known.
        UsageError: the name leads to no model, or the input cannot be read.
    """
    if isinstance(model, str):
        return count_target(resolve_name(model), inputs, arguments, run=run)
    if arguments:
        raise UsageError("arguments are for the constructor of a model that is named")
    return count_module(model, inputs, name or type(model).__name__, run=run)


def count_target(
    target: Target,
    inputs: Any = None,
    arguments: Mapping[str, Any] | None = None,
    memory: int | None = None,
    *,
    run: bool = False,
) -> "Cost":
    """Count a model that a person named; the code of its package runs.

    `memory` limits the bytes of parameters and buffers where the model needs its values.
    """
    from zoo.models import builders
    from zoo.models.inputs import choose_input

    memory = memory or builders.MEMORY
    if target.builder is None:
        raise NotCountable(f"{target.text} holds weights only; multiply-adds need the model's code")
    given = read_input(inputs)
    typed = given is not None
    builder = replace(target.builder, arguments=target.builder.arguments | dict(arguments or {}))
    trusted = target.trusted_packages(builders.package(builder))
    with target.importable():
        built = builders.build(builder, trusted, memory=memory)
        if given is None or isinstance(given, InputSpec):
            choice = choose_input(given or target.input, built)
            given, origin = choice.spec, choice.origin
        else:
            origin = STATED
        size = given.image_size if isinstance(given, InputSpec) else image_size(given)
        if size and origin == STATED and built.arguments_at:
            builder = replace(builder, arguments=builder.arguments | built.arguments_at(size))
            built = builders.build(builder, trusted, memory=memory)
        title = f"{builder.kind}:{built.resolved}" if builder.kind != "callable" else str(builder)
        request = PassRequest(
            name=title,
            given=given,
            channels=builders.input_channels(built, builder),
            hint=target.hint_at_input(typed),
            run=run,
        )
        return _count(
            built.model,
            request,
            lambda: nullcontext(builders.build_on_cpu(builder, trusted, memory).model),
        )


def read_input(inputs: Any) -> Any:
    """Return an input as a person gives it: a spelling, a side, (height, width) and a size without
    its batch as an `InputSpec`; anything else as it is.

    Raises:
        UsageError: the spelling cannot be read.
    """
    if isinstance(inputs, str):
        try:
            return parse_input(inputs)
        except ValueError as error:
            raise UsageError(f"expected {error}, got {inputs!r}") from None
    if isinstance(inputs, int):
        inputs = (inputs, inputs)
    if isinstance(inputs, (tuple, list)) and len(inputs) == 2 and _is_shape(inputs):
        return image_input((inputs[0], inputs[1]))
    return inputs


def image_size(inputs: Any) -> tuple[int, int] | None:
    """Return the last two numbers of a size."""
    if isinstance(inputs, (tuple, list)) and len(inputs) >= 2 and _is_shape(inputs):
        return inputs[-2], inputs[-1]
    return None


def _is_shape(value: Any) -> bool:
    return all(isinstance(number, int) for number in value)


@dataclass(frozen=True, slots=True, kw_only=True)
class PassRequest:
    """A pass to count: what the result is called, what the model is given (an `InputSpec`, or sizes
    and tensors), the channels of images that state none, what an error says about the input,
    whether to run the model on values, and whether it is a person's `own` module, which has
    some."""

    name: str
    given: Any
    channels: int = 3
    hint: str = ""
    run: bool = False
    own: bool = False


def count_module(module: "nn.Module", inputs: Any, name: str, *, run: bool = False) -> "Cost":
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
    if isinstance(inputs, str):
        inputs = read_input(inputs)
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
        request = PassRequest(name=name, given=inputs, run=run, own=True)
        cost = _count(copied, request, lambda: meta_copy.lend(module))
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


def _count(copied: "nn.Module | None", request: PassRequest, lend: "Lend") -> "Cost":
    """Count on meta; where that fails, or values are asked for, the model that `lend` gives."""
    problem: Exception | None = None
    part: Cost | None = None
    memory = _memory(copied) if copied is not None else None
    if copied is not None and not request.run:
        try:
            cost = _trace(copied, request)
            if not (cost.trace.depends and request.own):
                return cost
            part = cost
        except UsageError:
            raise
        # a forward pass may raise anything
        except Exception as error:
            problem = error
    try:
        with lend() as module:
            memory = memory or _memory(module)
            return _trace(module, request)
    except UsageError:
        raise
    except Exception as error:
        if part:
            return part
        reason = _describe(problem, error)
        text = f"{request.name}: {reason}{_advise(request)}"
        raise NotCountable(text, memory, reason) from error


def _describe(on_meta: Exception | None, error: Exception) -> str:
    """Return what a forward pass raised, on meta and then on the module's own device."""
    from zoo.models.builders import BuildError

    if isinstance(error, BuildError):  # of the model with its values, for a second try
        if on_meta is None:
            return str(error)
        return f"its forward pass raised {describe_exception(on_meta)}; {error}"
    cause = on_meta if on_meta and str(error) in str(on_meta) else error
    return f"its forward pass raised {describe_exception(cause)}"


def _advise(request: PassRequest) -> str:
    """Say which input did not fit, and how to state another one."""
    if isinstance(request.given, InputSpec):
        hint = request.hint or INSTEAD
        return f"; it was given {request.given}: {hint}"
    return "" if isinstance(request.given, Mapping) else f"; {INSTEAD}"


def _trace(module: "nn.Module", request: PassRequest) -> "Cost":
    from zoo.counting import tracer
    from zoo.counting.calls import CallRecorder
    from zoo.counting.cost import Cost

    device = _device(module)
    inputs = _make_inputs(module, request, device)
    recorder = CallRecorder(module)
    with _slow_attention():
        trace, parts = tracer.count(module, inputs, recorder)
    memory = _memory(module)
    return Cost(
        name=request.name,
        trace=trace,
        parts=parts,
        calls=tuple(recorder.calls),
        memory=memory,
        device=device,
        input=request.given if isinstance(request.given, InputSpec) else None,
        remarks=(*_remark(trace, device, request), *_remark_packed(memory)),
    )


def _remark_packed(memory: "Memory") -> Iterator[str]:
    """Say that the weights of quantized layers are no parameters."""
    if memory.packed:
        yield f"{memory.packed:,} weights are packed, and packed weights are no parameters"


def _remark(trace: "Trace", device: str, request: PassRequest) -> Iterator[str]:
    """Yield what a reader has to know about a count."""
    if device != "meta" and request.run:
        yield (
            f"counted on {device}, of a run on random values: other values may take other work, so "
            "it judges no claim and is not kept"
        )
    elif device != "meta":
        yield f"counted on {device}: its forward pass needs values"
    if trace.depends:
        yield f"a part only: {trace.incomplete}; {RUN}"
    elif trace.uncounted:
        listed = ", ".join(trace.uncounted[:3])
        yield f"incomplete: no rule for {listed}; it takes more multiply-adds than this"


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


def _make_inputs(module: "nn.Module", request: PassRequest, device: str) -> "Inputs":
    """Return what the forward pass gets: sizes as tensors, tensors on the module's device.

    Raises:
        UsageError: neither sizes nor tensors.
    """
    from zoo.models.inputs import Inputs, make_empty, make_random

    given = request.given
    if isinstance(given, InputSpec):
        if device == "meta":
            return make_empty(module, given, request.channels)
        return make_random(module, given, request.channels).to(device)

    def make(value: Any) -> Any:
        return _make_input(module, value, device)

    if isinstance(given, Mapping):
        return Inputs((), {name: make(value) for name, value in given.items()})
    several = isinstance(given, (tuple, list)) and not _is_shape(given)
    return Inputs(tuple(make(value) for value in given) if several else (make(given),))


def _make_input(module: "nn.Module", value: Any, device: str) -> Any:
    import torch

    from zoo.models.inputs import float_type

    if isinstance(value, torch.Tensor):
        return value.detach().to(device)
    if isinstance(value, (tuple, list)) and value and _is_shape(value):
        if min(value) < 1:
            raise UsageError(f"input size {tuple(value)}: expected numbers from 1 on")
        make = torch.empty if device == "meta" else torch.zeros
        return make(tuple(value), device=device, dtype=float_type(module))
    # a list of images
    if isinstance(value, (tuple, list)) and value:
        return [_make_input(module, part, device) for part in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise UsageError(
        f"expected a size such as (1, 3, 224, 224) or a tensor, got {type(value).__name__}"
    )


def _memory(module: "nn.Module") -> "Memory":
    from zoo.counting.cost import Memory
    from zoo.model_index.ledger.tensors import TensorTable
    from zoo.models.builders.tensors import list_tensors

    return Memory.of(TensorTable(tuple(list_tensors(module))))
