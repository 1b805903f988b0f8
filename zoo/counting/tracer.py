"""Trace a model: one pass on the meta device gives a trace that every convention can read.

Nothing is allocated and nothing is computed. A dispatch mode records every operator call; a
function mode above it records which public function the call came from, because
`adaptive_avg_pool2d` becomes a mean and attention becomes matrix products before the dispatcher
gets them; hooks record the module that ran.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import prod
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from zoo.counting.operators import KIND_OF, NAMED, SILENT, plain_name
from zoo.model_index.ledger.trace import LIBRARY, Part, Row, Trace

aten = torch.ops.aten
CONTAINERS = nn.Sequential.__module__
Args = tuple[Any, ...]
Kwargs = dict[str, Any] | None


def count(model: nn.Module, input_size: tuple[int, ...]) -> tuple[Trace, tuple[Part, ...]]:
    """Trace one forward pass of `model` over a meta input of `input_size`, (batch, channels,
    height, width).

    The model has to be on the meta device; it is left as it was. The second of the pair says what
    each module holds, and whether the pass used it.

    Raises:
        Exception: whatever the model's own forward raises.
    """
    recorder = _Recorder(model)
    x = torch.empty(input_size, device="meta")
    with torch.no_grad(), recorder.hooks(), recorder, _Names(recorder):
        model(x)
    trace = Trace(
        tuple(input_size),
        tuple(recorder.rows),
        tuple(dict.fromkeys(recorder.uncounted)),
        recorder.bases,
    )
    return trace, tuple(_parts(model, recorder))


def _parts(model: nn.Module, recorder: "_Recorder") -> Iterator[Part]:
    counted: set[torch.Tensor] = set()
    for path, module in model.named_modules():
        parameters = [p for p in module.parameters(recurse=False) if p not in counted]
        buffers = [b for b in module.buffers(recurse=False) if b not in counted]
        counted.update(parameters, buffers)
        if parameters or buffers:
            trainable = _elements([p for p in parameters if p.requires_grad])
            ran = path in recorder.ran or any(_storage(p) in recorder.used for p in parameters)
            yield Part(
                path, _type(module), _elements(parameters), trainable, _elements(buffers), int(ran)
            )


class _Names(TorchFunctionMode):
    """Mode that records the outermost named function that is running."""

    def __init__(self, recorder: "_Recorder"):
        self.recorder = recorder

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Args = (), kwargs: Kwargs = None
    ) -> Any:
        name = getattr(func, "__name__", "")
        if name not in NAMED or self.recorder.function:
            return func(*args, **(kwargs or {}))
        self.recorder.function = name
        self.recorder.function_parameters = _elements(
            self.recorder.parameters_in(_tensors(args, kwargs))
        )
        try:
            return func(*args, **(kwargs or {}))
        finally:
            self.recorder.function = ""
            self.recorder.function_parameters = 0


class _Recorder(TorchDispatchMode):
    """Mode that records a row for every operator call that does work."""

    def __init__(self, model: nn.Module):
        super().__init__()  # type: ignore[no-untyped-call]
        self.model = model
        self.function = ""
        # parameters among that function's arguments; some are copied before an operator gets them
        self.function_parameters = 0
        self.where: list[tuple[str, str]] = [("", _type(model))]
        self.rows: list[Row] = []
        self.uncounted: list[str] = []
        self.owned = {_storage(p) for p in model.parameters() if p.numel()}
        self.used: set[int] = set()
        self.ran: set[str] = set()
        self.bases: dict[str, str] = {}

    def parameters_in(self, tensors: list[torch.Tensor]) -> list[torch.Tensor]:
        """Return those of the tensors that are parameters of the model, or views of one."""
        return [t for t in tensors if t.device.type == "meta" and _storage(t) in self.owned]

    @contextmanager
    def hooks(self) -> Iterator[None]:
        """Hook the modules, so that `where` ends with the innermost one that runs."""
        handles = []
        for path, module in self.model.named_modules():
            location = (path, _type(module))
            if base := _base(type(module)):
                self.bases[location[1]] = base
            handles.append(module.register_forward_pre_hook(partial(self._enter, location)))
            handles.append(module.register_forward_hook(self._leave, always_call=True))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _enter(self, location: tuple[str, str], *_: Any) -> None:
        self.where.append(location)
        self.ran.add(location[0])

    def _leave(self, *_: Any) -> None:
        self.where.pop()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Args = (), kwargs: Kwargs = None
    ) -> Any:
        out = _quick(func, args, kwargs)
        if out is None:
            out = func(*args, **(kwargs or {}))
        name = plain_name(func._schema.name)
        kind = KIND_OF.get(name)
        if kind is None and (name in SILENT or func.is_view):
            return out
        tensors = _tensors(args, kwargs)
        consumed = self.parameters_in(tensors)
        self.used.update(map(_storage, consumed))
        if kind is None:
            # A second tensor may be a weight that was computed, so its use counts as a parameter's.
            if consumed or sum(t.is_floating_point() for t in tensors) > 1:
                self.uncounted.append(f"{func._schema.name} in {self.where[-1][0] or 'the model'}")
            kind = "other"
        output = out[0] if isinstance(out, (tuple, list)) and out else out
        # an assertion returns nothing, and does no work
        if tensors and isinstance(output, torch.Tensor):
            first = args[LEFT[name]] if name in LEFT else tensors[0]
            self._add(name, kind, args, first.numel(), consumed, output)
        return out

    def _add(
        self,
        name: str,
        kind: str,
        args: Args,
        inputs: int,
        consumed: list[torch.Tensor],
        out: torch.Tensor,
    ) -> None:
        """Record a call that reads `inputs` elements of its first tensor."""
        module, module_type = self.where[-1]
        operator = self.function or name
        function_kind = NAMED.get(self.function)
        if (
            function_kind == "attention"
            or (function_kind == "linear" and kind == "matmul")
            or (function_kind == "pooling" and kind != "other")
        ):
            kind = function_kind
        macs, bias = MACS.get(name, _no_macs)(args, out)
        weight = _elements(consumed) - (bias and out.shape[1])
        if kind == "normalisation":
            weight = max(weight, self.function_parameters)
        reads = _reads(name, args, inputs, out) if kind == "pooling" else 0
        self.rows.append(
            Row(
                operator=operator,
                kind=kind,
                module=module,
                module_type=module_type,
                macs=macs,
                inputs=inputs,
                outputs=out.numel(),
                reads=reads,
                parameters=weight,
            )
        )
        if bias:
            row = Row(operator, "bias", module, module_type)
            self.rows.append(row._replace(outputs=out.numel(), parameters=out.shape[1]))


def _elements(tensors: list[torch.Tensor]) -> int:
    return sum(tensor.numel() for tensor in tensors)


def _tensors(args: Args, kwargs: Kwargs) -> list[torch.Tensor]:
    """Return the tensors among a call's arguments and in their lists."""
    tensors: list[torch.Tensor] = []
    for value in (*args, *(kwargs or {}).values()):
        if isinstance(value, torch.Tensor):
            tensors.append(value)
        elif isinstance(value, (list, tuple)):
            tensors += [part for part in value if isinstance(part, torch.Tensor)]
    return tensors


def _no_macs(args: Args, out: torch.Tensor) -> tuple[int, bool]:
    return 0, False


def _convolution(args: Args, out: torch.Tensor) -> tuple[int, bool]:
    """Count a filter of in_channels/groups x kernel for every output (every input, where
    transposed)."""
    x, weight, bias, transposed = args[0], args[1], args[2], args[6]
    return (x if transposed else out).numel() * prod(weight.shape[1:]), bias is not None


def _product(name: str) -> Callable[[Args, torch.Tensor], tuple[int, bool]]:
    """Return the count of a matrix product: outputs times the length of the dot product; only
    addmm's addend is a bias."""
    return lambda args, out: (out.numel() * args[LEFT.get(name, 0)].shape[-1], name == "addmm")


def _summed_products(args: Args, out: torch.Tensor) -> tuple[int, bool]:
    """Count addbmm, which adds the products of a whole batch."""
    length: int = args[1].shape[0] * args[1].shape[-1]
    return out.numel() * length, False


# The position of the left operand when it is not first.
LEFT = {"addmm": 1, "baddbmm": 1, "addmv": 1, "addbmm": 1}
MACS: dict[str, Callable[[Args, torch.Tensor], tuple[int, bool]]] = {
    "convolution": _convolution,
    "addbmm": _summed_products,
}
MACS |= {name: _product(name) for name in ("mm", "bmm", "mv", "dot", "addmm", "baddbmm", "addmv")}


def _reads(name: str, args: Args, inputs: int, out: torch.Tensor) -> int:
    """Return the elements read over all windows: the kernel's area per output; all inputs where
    windows tile them."""
    if name.startswith(("max_pool", "avg_pool")):
        kernel = args[1]
        area: int = prod(kernel) if len(kernel) > 1 else kernel[0] ** (out.dim() - 2)
        return out.numel() * area
    return inputs


def _quick(func: Any, args: Args, kwargs: Kwargs) -> Any:
    """Return the output of operators whose meta kernels are slow Python decompositions and whose
    shape is plain; None for any other."""
    x = args[0] if args else None
    if not isinstance(x, torch.Tensor) or not x.is_meta or not x.is_floating_point():
        return None
    if func in UNARY and not kwargs:
        return _like(x)
    if func in IN_PLACE and (
        len(args) < 2 or not isinstance(args[1], torch.Tensor) or args[1].shape == x.shape
    ):
        return x
    if func in BINARY and not kwargs:
        operand = args[1]
        if not isinstance(operand, torch.Tensor) or (
            operand.dtype == x.dtype and _fits(operand.shape, x)
        ):
            return _like(x)
    if func is aten.addmm.default and not kwargs:
        return x.new_empty((args[1].shape[0], args[2].shape[1]))
    # the output is contiguous, whatever the input was
    if func is aten.native_layer_norm.default:
        return torch.empty(x.shape, dtype=x.dtype, device="meta"), *_no_statistics()
    if func is aten.native_batch_norm.default and not args[5]:
        return _like(x), *_no_statistics()
    return None


def _no_statistics() -> tuple[torch.Tensor, torch.Tensor]:
    """Return the mean and variance of a batch, which nobody reads in evaluation mode."""
    return torch.empty(0, device="meta"), torch.empty(0, device="meta")


def _fits(shape: torch.Size, x: torch.Tensor) -> bool:
    """Whether a tensor of this shape, broadcast with `x`, gives the shape and the strides of
    `x`."""
    if shape == x.shape:
        return True
    inner = x.shape[x.dim() - len(shape) :] if len(shape) <= x.dim() else ()
    return x.is_contiguous() and len(inner) == len(shape) and all(map(_broadcasts, shape, inner))


def _broadcasts(size: int, over: int) -> bool:
    return size in (1, over)


def _like(x: torch.Tensor) -> torch.Tensor:
    """Return `torch.empty_like(x)`, which is slow too; quicker where `x` is contiguous."""
    return (
        torch.empty(x.shape, dtype=x.dtype, device="meta")
        if x.is_contiguous()
        else torch.empty_like(x)
    )


# Operators on each element: of one tensor, the same in place, and of a tensor and another or a
# number.
UNARY = frozenset(
    getattr(aten, name).default
    for name in "relu sigmoid tanh silu gelu hardswish hardsigmoid hardtanh "
    "neg exp sqrt rsqrt erf".split()
)
IN_PLACE = frozenset(
    [
        getattr(aten, f"{name}_").default
        for name in "relu sigmoid tanh silu hardswish hardsigmoid hardtanh".split()
    ]
    + [getattr(aten, f"{name}_").Tensor for name in "add mul sub div".split()]
)
BINARY = frozenset(getattr(aten, name).Tensor for name in "add mul sub div".split())


def _storage(tensor: torch.Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)


def _type(module: nn.Module) -> str:
    return _name(type(module))


def _name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _base(cls: type) -> str | None:
    """Return torch's own layer that another library's layer is a subclass of."""
    if cls.__module__.startswith(LIBRARY):
        return None
    bases = (base for base in cls.__mro__ if base.__module__.startswith(LIBRARY))
    excluded = (nn.Module.__module__, CONTAINERS)
    return next((_name(base) for base in bases if base.__module__ not in excluded), None)
