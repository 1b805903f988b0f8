"""Counting: one pass on the meta device gives a trace that every convention can weigh.

Nothing is allocated and nothing is computed. A dispatch mode sees every operator call; a function
mode above it remembers which public function the call came from, because `adaptive_avg_pool2d`
becomes a mean and attention becomes matrix products before the dispatcher sees them; hooks tell in
which module it ran.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod

import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from zoo.counting.operators import KIND_OF, NAMED, SILENT, plain_name
from zoo.model_index.ledger.trace import LIBRARY, Part, Row, Trace

aten = torch.ops.aten
CONTAINERS = nn.Sequential.__module__


def count(model: nn.Module, input_size: tuple[int, ...]) -> tuple[Trace, tuple[Part, ...]]:
    """Trace one forward pass of `model` over a meta input of `input_size`, (batch, channels,
    height, width).

    The model has to be on the meta device; it is left as it was. The second of the pair tells what
    each module holds, and whether the pass used it.

    Raises:
        Exception: whatever the model's own forward raises.
    """
    recorder = _Recorder(model)
    x = torch.empty(input_size, device="meta")
    with torch.no_grad(), recorder.located(), recorder, _Names(recorder):
        model(x)
    trace = Trace(
        tuple(input_size),
        tuple(recorder.rows),
        tuple(dict.fromkeys(recorder.uncounted)),
        recorder.bases,
    )
    return trace, tuple(_parts(model, recorder))


def _parts(model: nn.Module, recorder: "_Recorder") -> Iterator[Part]:
    seen: set[torch.Tensor] = set()
    for path, module in model.named_modules():
        held = [p for p in module.parameters(recurse=False) if p not in seen]
        buffers = [b for b in module.buffers(recurse=False) if b not in seen]
        seen.update(held, buffers)
        if held or buffers:
            trainable = _elements([p for p in held if p.requires_grad])
            ran = path in recorder.ran or any(_storage(p) in recorder.used for p in held)
            yield Part(
                path, _type(module), _elements(held), trainable, _elements(buffers), int(ran)
            )


class _Names(TorchFunctionMode):
    """Remembers the outermost named function that is running."""

    def __init__(self, recorder: "_Recorder"):
        self.recorder = recorder

    def __torch_function__(self, func: Callable, types, args=(), kwargs=None):
        name = getattr(func, "__name__", "")
        if name not in NAMED or self.recorder.function:
            return func(*args, **(kwargs or {}))
        self.recorder.function = name
        self.recorder.given = _elements(self.recorder.parameters_in(_tensors(args, kwargs)))
        try:
            return func(*args, **(kwargs or {}))
        finally:
            self.recorder.function = ""
            self.recorder.given = 0


class _Recorder(TorchDispatchMode):
    """Makes a row of every operator call that does work."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model
        self.function = ""
        # parameters among that function's arguments; some are copied before an operator sees them
        self.given = 0
        self.where: list[tuple[str, str]] = [("", _type(model))]
        self.rows: list[Row] = []
        self.uncounted: list[str] = []
        self.owned = {_storage(p) for p in model.parameters() if p.numel()}
        self.used: set[int] = set()
        self.ran: set[str] = set()
        self.bases: dict[str, str] = {}

    def parameters_in(self, tensors: list[torch.Tensor]) -> list[torch.Tensor]:
        """Those of the tensors that are parameters of the model, or views of one."""
        return [t for t in tensors if t.device.type == "meta" and _storage(t) in self.owned]

    @contextmanager
    def located(self) -> Iterator[None]:
        """Hooks that keep `where` at the innermost module running."""
        hooks = []
        for path, module in self.model.named_modules():
            here = (path, _type(module))
            if base := _base(type(module)):
                self.bases[here[1]] = base
            hooks.append(module.register_forward_pre_hook(lambda *_, here=here: self._enter(here)))
            hooks.append(
                module.register_forward_hook(lambda *_: self.where.pop() and None, always_call=True)
            )
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _enter(self, here: tuple[str, str]) -> None:
        self.where.append(here)
        self.ran.add(here[0])

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
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
        made = out[0] if isinstance(out, (tuple, list)) and out else out
        if tensors and isinstance(
            made, torch.Tensor
        ):  # an assertion gives nothing, and does no work
            self._add(name, kind, args, tensors, consumed, made)
        return out

    def _add(
        self, name: str, kind: str, args: tuple, tensors: list, consumed: list, out: torch.Tensor
    ) -> None:
        module, module_type = self.where[-1]
        operator = self.function or name
        named = NAMED.get(self.function)
        if (
            named == "attention"
            or (named == "linear" and kind == "matmul")
            or (named == "pooling" and kind != "other")
        ):
            kind = named
        macs, bias = MACS.get(name, _no_macs)(args, out)
        first = args[LEFT[name]].numel() if name in LEFT else tensors[0].numel()
        weight = _elements(consumed) - (bias and out.shape[1])
        if kind == "normalisation":
            weight = max(weight, self.given)
        reads = _reads(name, args, first, out) if kind == "pooling" else 0
        self.rows.append(
            Row(operator, kind, module, module_type, macs, first, out.numel(), reads, weight)
        )
        if bias:
            self.rows.append(
                Row(operator, "bias", module, module_type, 0, 0, out.numel(), 0, out.shape[1])
            )


def _elements(tensors: list[torch.Tensor]) -> int:
    return sum(tensor.numel() for tensor in tensors)


def _tensors(args: tuple, kwargs: dict | None) -> list[torch.Tensor]:
    """The tensors among a call's arguments and in their lists."""
    found: list[torch.Tensor] = []
    for value in (*args, *(kwargs or {}).values()):
        if isinstance(value, torch.Tensor):
            found.append(value)
        elif isinstance(value, (list, tuple)):
            found += [part for part in value if isinstance(part, torch.Tensor)]
    return found


def _no_macs(args: tuple, out: torch.Tensor) -> tuple[int, bool]:
    return 0, False


def _convolution(args: tuple, out: torch.Tensor) -> tuple[int, bool]:
    """Every output (every input, where transposed) meets one filter of in_channels/groups x
    kernel."""
    x, weight, bias, transposed = args[0], args[1], args[2], args[6]
    return (x if transposed else out).numel() * prod(weight.shape[1:]), bias is not None


def _product(name: str) -> Callable[[tuple, torch.Tensor], tuple[int, bool]]:
    """Matrix products: outputs times the length of the dot product; only addmm's addend is a
    bias."""
    return lambda args, out: (out.numel() * args[LEFT.get(name, 0)].shape[-1], name == "addmm")


def _summed_products(args: tuple, out: torch.Tensor) -> tuple[int, bool]:
    """addbmm adds the products of a whole batch."""
    return out.numel() * args[1].shape[0] * args[1].shape[-1], False


# Where the left operand stands when it is not first.
LEFT = {"addmm": 1, "baddbmm": 1, "addmv": 1, "addbmm": 1}
MACS: dict[str, Callable[[tuple, torch.Tensor], tuple[int, bool]]] = {
    "convolution": _convolution,
    "addbmm": _summed_products,
}
MACS |= {name: _product(name) for name in ("mm", "bmm", "mv", "dot", "addmm", "baddbmm", "addmv")}


def _reads(name: str, args: tuple, inputs: int, out: torch.Tensor) -> int:
    """Elements read over all windows: the kernel's area per output; all inputs where windows tile
    them."""
    if name.startswith(("max_pool", "avg_pool")):
        kernel = args[1]
        return out.numel() * (prod(kernel) if len(kernel) > 1 else kernel[0] ** (out.dim() - 2))
    return inputs


def _quick(func, args: tuple, kwargs: dict | None):
    """The output of operators whose meta kernels are slow Python decompositions and whose shape is
    plain."""
    x = args[0] if args else None
    if not isinstance(x, torch.Tensor) or not x.is_meta or not x.is_floating_point():
        return None
    if func in UNARY and not kwargs:
        return _like(x)
    if func in WRITTEN and (
        len(args) < 2 or not isinstance(args[1], torch.Tensor) or args[1].shape == x.shape
    ):
        return x
    if func in BINARY and not kwargs:
        other = args[1]
        if not isinstance(other, torch.Tensor) or (
            other.dtype == x.dtype and _fits(other.shape, x)
        ):
            return _like(x)
    if func is aten.addmm.default and not kwargs:
        return x.new_empty((args[1].shape[0], args[2].shape[1]))
    if func is aten.native_layer_norm.default:  # what comes out is contiguous, whatever went in
        return torch.empty(x.shape, dtype=x.dtype, device="meta"), *_no_statistics()
    if func is aten.native_batch_norm.default and not args[5]:
        return _like(x), *_no_statistics()
    return None


def _no_statistics() -> tuple[torch.Tensor, torch.Tensor]:
    """The mean and variance of a batch, which nobody reads in evaluation mode."""
    return torch.empty(0, device="meta"), torch.empty(0, device="meta")


def _fits(shape: torch.Size, x: torch.Tensor) -> bool:
    """Whether a tensor of this shape, spread over `x`, gives the shape and the strides of `x`."""
    if shape == x.shape:
        return True
    inner = x.shape[x.dim() - len(shape) :] if len(shape) <= x.dim() else ()
    return x.is_contiguous() and len(inner) == len(shape) and all(map(_spreads, shape, inner))


def _spreads(size: int, over: int) -> bool:
    return size in (1, over)


def _like(x: torch.Tensor) -> torch.Tensor:
    """`torch.empty_like`, which is slow too, where the strides say nothing."""
    return (
        torch.empty(x.shape, dtype=x.dtype, device="meta")
        if x.is_contiguous()
        else torch.empty_like(x)
    )


# Operators on each element: of one tensor, the same in place, and of a tensor and another or a
# number.
UNARY = frozenset(
    getattr(aten, name).default
    for name in "relu sigmoid tanh silu gelu hardswish hardsigmoid hardtanh neg exp sqrt rsqrt erf".split()
)
WRITTEN = frozenset(
    [
        getattr(aten, f"{name}_").default
        for name in "relu sigmoid tanh silu hardswish hardsigmoid hardtanh".split()
    ]
    + [getattr(aten, f"{name}_").Tensor for name in "add mul sub div".split()]
)
BINARY = frozenset(getattr(aten, name).Tensor for name in "add mul sub div".split())


def _storage(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage()._cdata


def _type(module: nn.Module) -> str:
    return _name(type(module))


def _name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _base(cls: type) -> str | None:
    """torch's own layer that a layer of somebody else's is a subclass of."""
    if cls.__module__.startswith(LIBRARY):
        return None
    known = (
        c
        for c in cls.__mro__
        if c.__module__.startswith(LIBRARY) and c.__module__ != nn.Module.__module__
    )
    return next((_name(c) for c in known if c.__module__ != CONTAINERS), None)
