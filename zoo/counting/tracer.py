"""Trace a model: one pass on the meta device gives a trace that every convention can read.

Nothing is allocated and nothing is computed. A dispatch mode records every operator call; a
function mode above it records which public function the call came from, because
`adaptive_avg_pool2d` becomes a mean and attention becomes matrix products before the dispatcher
gets them; hooks record the module that ran. Operators that are made of others, as inference mode
hands them over, are taken apart, and wrappers of tensors make their own calls.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from math import prod
from typing import Any

import torch
from torch import nn
from torch._C._functorch import get_unwrapped, is_functorch_wrapped_tensor
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
)
from torch.nn.parameter import is_lazy
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode, is_traceable_wrapper_subclass

from zoo.counting.fake_pass import ATTRIBUTES, DataDependence, FakeModel, find_tensors
from zoo.counting.operators import KIND_OF, NAMED, PRODUCTS, SILENT, plain_name
from zoo.counting.quick_shapes import find_output
from zoo.model_index.ledger.trace import LIBRARY, Part, Row, Trace
from zoo.models.inputs import Inputs

CONTAINERS = nn.Sequential.__module__
PLAIN = (torch.Tensor, nn.Parameter)
# Operators of torch itself; a kind of them that has one input and no weight multiplies nothing.
OWN_NAMESPACES = frozenset({"aten", "prims"})
Args = tuple[Any, ...]
Kwargs = dict[str, Any] | None
Work = tuple[int, torch.Tensor | None]  # multiply-adds, and the bias that is added


def count(
    model: nn.Module,
    inputs: Inputs,
    watch: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> tuple[Trace, tuple[Part, ...]]:
    """Trace one forward pass of `model` over `inputs`, on the model's own device.

    On the meta device nothing is computed; on any other the pass runs. A pass on meta that fails is
    made again with fake tensors (`zoo.counting.fake_pass`). Each pass runs inside a new `watch()`.
    The model is left as it was. The second of the pair says what each module holds, and whether the
    pass used it.

    Raises:
        Exception: whatever the model's own forward raises.
    """
    tensors = list(find_tensors((*inputs.args, *inputs.kwargs.values())))
    try:
        recorder = _Recorder(model)
        with watch():
            recorder.run(inputs)
    except (RuntimeError, TypeError) as error:
        if not all(tensor.is_meta for tensor in (*tensors, *model.parameters())):
            raise
        recorder = _record_fake(model, inputs, watch, error)
    trace = Trace(
        shapes=tuple(tuple(tensor.shape) for tensor in tensors),
        rows=tuple(recorder.rows),
        uncounted=tuple(dict.fromkeys(recorder.uncounted)),
        bases=recorder.bases,
        depends=recorder.depends,
        batch=_batch(inputs),
    )
    return trace, tuple(_list_parts(model, recorder))


def _record_fake(
    model: nn.Module,
    inputs: Inputs,
    watch: Callable[[], AbstractContextManager[None]],
    error: Exception,
) -> "_Recorder":
    """Make the pass again with fake tensors.

    Raises:
        Exception: what the model raises, or what it raised on meta where that says more.
    """
    fake = FakeModel()
    recorder = _FakeRecorder(model, fake)
    try:
        with fake.lend(model), watch():
            recorder.run(fake.make_inputs(inputs))
    except Exception as problem:
        if recorder.depends:  # a part of the work is known
            return recorder.cut(failed=True)
        if "meta" in str(error):
            raise problem from None
        raise error from None
    return recorder.cut(failed=False)


def _batch(inputs: Inputs) -> int:
    """Return how many inputs there are: the length of a list of them, or of the first dimension."""
    first = next(iter((*inputs.args, *inputs.kwargs.values())), None)
    if isinstance(first, torch.Tensor) and first.dim():
        return first.shape[0]
    return len(first) if isinstance(first, (list, tuple)) else 1


def list_parts(model: nn.Module) -> tuple[Part, ...]:
    """Return what each module holds, without a forward pass: all count as used.

    Raises:
        ValueError: a lazy parameter has no size before the first pass.
    """
    return tuple(_list_parts(model, None))


def _list_parts(model: nn.Module, recorder: "_Recorder | None") -> Iterator[Part]:
    counted: set[torch.Tensor] = set()
    for path, module in model.named_modules():
        parameters = [p for p in module.parameters(recurse=False) if p not in counted]
        buffers = [b for b in module.buffers(recurse=False) if b not in counted]
        counted.update(parameters, buffers)
        if parameters or buffers:
            trainable = _elements([p for p in parameters if p.requires_grad])
            ran = recorder is None or recorder.has_used(path, parameters)
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
        func = getattr(func, "unpatched", func)  # of `zoo.counting.calls`
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

    supports_higher_order_operators = True

    def __init__(self, model: nn.Module):
        super().__init__()  # type: ignore[no-untyped-call]
        self.model = model
        self.function = ""
        # parameters among that function's arguments; some are copied before an operator gets them
        self.function_parameters = 0
        self.where: list[tuple[str, str]] = [("", _type(model))]
        self.locations: dict[int, tuple[str, str]] = {}
        self.rows: list[Row] = []
        self.uncounted: list[str] = []
        self.owned = _all_memories(p for p in model.parameters() if not is_lazy(p))
        self.held = self.owned | _all_memories(b for b in model.buffers() if not is_lazy(b))
        self.used: set[int] = set()
        self.ran: set[str] = set()
        self.bases: dict[str, str] = {}
        self.depends = ""  # the operator after which the work depends on the data

    def run(self, inputs: Inputs) -> None:
        """Make the forward pass and record it."""
        with torch.no_grad(), self.hooks(), self, _Names(self):
            self.model(*inputs.args, **inputs.kwargs)

    def parameters_in(self, tensors: list[torch.Tensor]) -> list[torch.Tensor]:
        """Return those of the tensors that are parameters of the model, or views of one."""
        return [t for t in tensors if not self.owned.isdisjoint(_memories(t))]

    def has_used(self, path: str, parameters: list[nn.Parameter]) -> bool:
        """Tell whether the pass ran the module at a path, or used a parameter of it."""
        return path in self.ran or any(
            memory in self.used for parameter in parameters for memory in _memories(parameter)
        )

    @contextmanager
    def hooks(self) -> Iterator[None]:
        """Watch the modules that run, so that `where` ends with the innermost one. A module that is
        not of the model, or is a script, belongs to the one around it."""
        for path, part in self.model.named_modules():
            if not isinstance(part, torch.jit.ScriptModule):
                self.locations[id(part)] = location = (path, _type(part))
                if base := _base(type(part)):
                    self.bases[location[1]] = base
        handles = (
            register_module_forward_pre_hook(self._enter),
            register_module_forward_hook(self._leave, always_call=True),
        )
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _enter(self, part: nn.Module, *_: Any) -> None:
        location = self.locations.get(id(part)) or self.where[-1]
        self.where.append(location)
        self.ran.add(location[0])

    def _leave(self, *_: Any) -> None:
        self.where.pop()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Args = (), kwargs: Kwargs = None
    ) -> Any:
        if any(hasattr(cls, "__tensor_flatten__") for cls in types):
            return NotImplemented  # a wrapper of tensors makes calls of its own
        name, kind, silent, composite = _classify(func)
        if composite:
            with self:
                return func.decompose(*args, **(kwargs or {}))
        out = self._call(func, args, kwargs)
        if not silent:
            self._record(func, (name, kind), args, kwargs, out)
        return out

    def _call(self, func: Any, args: Args, kwargs: Kwargs) -> Any:
        """Return what an operator returns."""
        out = find_output(func, args, kwargs)
        return func(*args, **(kwargs or {})) if out is None else out

    def _record(
        self, func: Any, named: tuple[str, str | None], args: Args, kwargs: Kwargs, out: Any
    ) -> None:
        """Record a call of an operator, given by its name and its class."""
        name, kind = named
        tensors = _tensors(args, kwargs)
        consumed = self.parameters_in(tensors)
        for parameter in consumed:
            self.used.update(_memories(parameter))
        output = out[0] if isinstance(out, (tuple, list)) and out else out
        if kind is None:
            works = isinstance(output, torch.Tensor) or func._schema.is_mutable
            if works and self._may_multiply(func, tensors, (*args, *(kwargs or {}).values())):
                self.uncounted.append(f"{func._schema.name} in {self.where[-1][0] or 'the model'}")
            kind = "other"
        # an assertion returns nothing, and does no work
        if tensors and isinstance(output, torch.Tensor):
            self._add(name, kind, args, tensors, consumed, output)

    def _may_multiply(self, func: Any, tensors: list[torch.Tensor], values: Args) -> bool:
        """Tell whether an operator of no class may multiply its input by weights.

        A second tensor of any type may be a weight, as may a buffer and a packed object, and what
        an operator of another library does nobody knows.
        """
        return (
            len(tensors) > 1
            or func.namespace not in OWN_NAMESPACES
            or any(memory in self.held for tensor in tensors for memory in _memories(tensor))
            or any(isinstance(value, torch.ScriptObject) for value in values)
        )

    def _add(
        self,
        name: str,
        kind: str,
        args: Args,
        tensors: list[torch.Tensor],
        consumed: list[torch.Tensor],
        out: torch.Tensor,
    ) -> None:
        """Record a call on `tensors`, of which the `consumed` are parameters."""
        module, module_type = self.where[-1]
        operator = self.function or name
        function_kind = NAMED.get(self.function)
        if (
            function_kind == "attention"
            or (function_kind == "linear" and kind == "matmul")
            or (function_kind == "pooling" and kind != "other")
        ):
            kind = function_kind
        formula, left = FORMULAS.get(name, NO_WORK)
        macs, bias = formula(args, out)
        inputs = (args[left] if left else tensors[0]).numel()
        owned = bias is not None and any(tensor is bias for tensor in consumed)
        shift = bias.numel() if bias is not None and owned else 0
        weight = _elements(consumed) - shift
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
        if bias is not None:
            row = Row(operator, "bias", module, module_type)
            self.rows.append(row._replace(outputs=out.numel(), parameters=shift))


class _FakeRecorder(_Recorder):
    """Recorder of a pass over fake tensors. Rows of work that depends on the data are left out."""

    def __init__(self, model: nn.Module, fake: FakeModel):
        super().__init__(model)
        self.fake = fake
        self.end = (0, 0)  # of the rows and of the operators that do not depend on the data
        self.works_beyond = False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Args = (), kwargs: Kwargs = None
    ) -> Any:
        if func in ATTRIBUTES:  # of a fake tensor, which looks them up as operators
            return func(*args, **(kwargs or {}))
        return super().__torch_dispatch__(func, types, args, kwargs)

    def _call(self, func: Any, args: Args, kwargs: Kwargs) -> Any:
        try:
            out, guessed = self.fake.call(func, args, kwargs or {})
        except DataDependence:
            self._mark(func)
            self.works_beyond = True
            raise
        if guessed:
            self._mark(func)
        return out

    def _mark(self, func: Any) -> None:
        """Remember the first operator that depends on the data."""
        if not self.depends:
            self.depends = f"{func._schema.name} in {self.where[-1][0] or 'the model'}"
            self.end = len(self.rows), len(self.uncounted)

    def _record(
        self, func: Any, named: tuple[str, str | None], args: Args, kwargs: Kwargs, out: Any
    ) -> None:
        rows, operators = len(self.rows), len(self.uncounted)
        super()._record(func, named, args, kwargs, out)
        works = any(row.macs or row.parameters for row in self.rows[rows:])
        if self.depends and (works or len(self.uncounted) > operators):
            self.works_beyond = True
            raise DataDependence

    def cut(self, failed: bool) -> "_Recorder":
        """Leave out what depends on the data. A pass that did not fail, and multiplied nothing
        there, is counted in full."""
        if self.depends:
            del self.rows[self.end[0] :], self.uncounted[self.end[1] :]
            if not failed and not self.works_beyond:
                self.depends = ""
        return self


@cache
def _classify(func: Any) -> tuple[str, str | None, bool, bool]:
    """Return an operator's plain name, its class, whether it is silent, and whether it is made of
    other operators.

    Raises:
        NotImplementedError: it takes functions, of which data decide what runs.
    """
    if isinstance(func, torch._ops.HigherOrderOperator):
        raise NotImplementedError(f"no rule for the operator {func.name()}, which takes functions")
    name = plain_name(func._schema.name)
    kind = KIND_OF.get(name)
    silent = kind is None and (name in SILENT or func.is_view)
    return name, kind, silent, kind is None and not silent and func._can_decompose()


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


def _no_macs(args: Args, out: torch.Tensor) -> Work:
    return 0, None


def _convolution(args: Args, out: torch.Tensor) -> Work:
    """Count a filter of in_channels/groups x kernel for every output (every input, where
    transposed)."""
    x, weight, bias, transposed = args[0], args[1], args[2], args[6]
    return (x if transposed else out).numel() * prod(weight.shape[1:]), bias


def _product(args: Args, out: torch.Tensor) -> Work:
    """Count a matrix product, whatever type its factors have: outputs times the length of the dot
    product."""
    return out.numel() * args[0].shape[-1], None


def _shifted_product(args: Args, out: torch.Tensor) -> Work:
    """Count a product that is added to something else, no bias."""
    return out.numel() * args[1].shape[-1], None


def _biased_product(args: Args, out: torch.Tensor) -> Work:
    """Count a product that is added to a bias."""
    return out.numel() * args[1].shape[-1], args[0]


def _summed_products(args: Args, out: torch.Tensor) -> Work:
    """Count addbmm, which adds the products of a whole batch."""
    length: int = args[1].shape[0] * args[1].shape[-1]
    return out.numel() * length, None


# By operator: how its multiply-adds are counted, and the position of its left operand.
FORMULAS: dict[str, tuple[Callable[[Args, torch.Tensor], Work], int]] = {
    **dict.fromkeys(("convolution", "_convolution"), (_convolution, 0)),
    **dict.fromkeys(PRODUCTS, (_product, 0)),
    **dict.fromkeys(("baddbmm", "addmv"), (_shifted_product, 1)),
    **dict.fromkeys(("addmm", "_addmm_activation"), (_biased_product, 1)),
    "addbmm": (_summed_products, 1),
}
NO_WORK = (_no_macs, 0)


def _reads(name: str, args: Args, inputs: int, out: torch.Tensor) -> int:
    """Return the elements read over all windows: the kernel's area per output; all inputs where
    windows tile them."""
    if name.startswith(("max_pool", "avg_pool")):
        kernel = args[1]
        area: int = prod(kernel) if len(kernel) > 1 else kernel[0] ** (out.dim() - 2)
        return out.numel() * area
    return inputs


def _memories(tensor: torch.Tensor) -> Iterator[int]:
    """Yield the addresses of the memory behind a tensor: several for a wrapper of tensors, none
    for a tensor of another layout than a dense one."""
    if type(tensor) not in PLAIN and is_traceable_wrapper_subclass(tensor):
        names, _ = tensor.__tensor_flatten__()
        for name in names:
            yield from _memories(getattr(tensor, name))
    elif is_functorch_wrapped_tensor(tensor):
        yield from _memories(get_unwrapped(tensor))
    elif tensor.layout == torch.strided:
        yield tensor.untyped_storage()._cdata


def _all_memories(tensors: Iterable[torch.Tensor]) -> set[int]:
    return {memory for tensor in tensors if tensor.numel() for memory in _memories(tensor)}


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
