"""Record the calls that counting tools of two other kinds see, during a traced pass.

Tools that patch functions (DeepSpeed, calflops, ptflops 0.7) see a call only where it is made by
the name they patch: `F.relu(x)` and `torch.add(x, y)`, not `x.relu()` and `x + y`. The dispatcher
cannot tell these apart, so the same names are patched here, for one pass and this thread. Tools
that hook modules compute from a module's arguments and its output; the hooks here do that.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import zip_longest
from math import prod
from threading import get_ident
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import nn
from torch._C import _len_torch_dispatch_stack

Args = tuple[Any, ...]
Kwargs = dict[str, Any]


class Call(NamedTuple):
    """One call that a tool sees.

    `function` is `functional.relu`, `torch.add` or `Tensor.add`, with a remark in brackets where
    tools count in another way; `layer`, `recurrent` and `attention` are calls of modules. `macs`
    counts multiply-adds as the tools do, `inputs` and `outputs` count elements, `weights` and
    `bias` are 1 where the call has them. `extra` is what else a tool computes from the arguments.
    """

    function: str
    macs: int = 0
    inputs: int = 0
    outputs: int = 0
    extra: int = 0
    weights: int = 0
    bias: int = 0


Describe = Callable[[str, Args, Kwargs, Any], Call]


def _argument(args: Args, kwargs: Kwargs, position: int, name: str, default: Any = None) -> Any:
    return args[position] if len(args) > position else kwargs.get(name, default)


def _first(args: Args, kwargs: Kwargs) -> Any:
    return _argument(args, kwargs, 0, "input")


def _elements(value: object) -> int:
    return value.numel() if isinstance(value, torch.Tensor) else 1


def _map(name: str, args: Args, kwargs: Kwargs, out: Any) -> Call:
    return Call(name, inputs=_elements(_first(args, kwargs)), outputs=_elements(out))


def _linear(name: str, args: Args, kwargs: Kwargs, out: Any) -> Call:
    x, weight = _first(args, kwargs), _argument(args, kwargs, 1, "weight")
    bias = _argument(args, kwargs, 2, "bias") is not None
    return Call(name, macs=x.numel() * weight.shape[0], outputs=out.numel(), bias=int(bias))


def _convolution(name: str, args: Args, kwargs: Kwargs, out: Any) -> Call:
    """Describe a convolution; with `padding="same"` the tools pad evenly, which may lose a row.

    `inputs` are the multiply-adds of one whose padding is a word, which is an operator of its own
    in a graph.
    """
    x, weight = _first(args, kwargs), _argument(args, kwargs, 1, "weight")
    bias = _argument(args, kwargs, 2, "bias") is not None
    if x.dim() != weight.dim():
        return Call(f"{name} (no batch)")
    sides = out.shape[2:]
    padding = _argument(args, kwargs, 4, "padding", 0)
    if padding == "same":
        dilation = _argument(args, kwargs, 5, "dilation", 1)
        dilations = dilation if isinstance(dilation, tuple) else (dilation,) * len(sides)
        spans = [d * (k - 1) for d, k in zip(dilations, weight.shape[2:], strict=True)]
        sides = [side - span % 2 for side, span in zip(x.shape[2:], spans, strict=True)]
    positions = x.shape[0] * prod(sides)
    return Call(
        name,
        macs=weight.numel() * positions,
        inputs=out.numel() * prod(weight.shape[1:]) if isinstance(padding, str) else 0,
        outputs=out.numel(),
        extra=weight.shape[0] * positions,
        bias=int(bias),
    )


def _transposed(name: str, args: Args, kwargs: Kwargs, out: Any) -> Call:
    """Describe a transposed convolution; `extra` is its output as if it were not transposed, and
    `inputs` its multiply-adds where the groups divide the filters twice."""
    x, weight = _first(args, kwargs), _argument(args, kwargs, 1, "weight")
    if x.dim() != weight.dim():
        return Call(f"{name} (no batch)")
    rank = x.dim() - 2
    stride, padding, dilation = (
        value if isinstance(value, (tuple, list)) else (value,) * rank
        for value in (
            _argument(args, kwargs, 3, "stride", 1),
            _argument(args, kwargs, 4, "padding", 0),
            _argument(args, kwargs, 7, "dilation", 1),
        )
    )
    sides = [
        (x.shape[2 + d] + 2 * padding[d] - dilation[d] * (weight.shape[2 + d] - 1) - 1) // stride[d]
        + 1
        for d in range(rank)
    ]
    groups = _argument(args, kwargs, 6, "groups", 1)
    positions = x.shape[0] * prod(x.shape[2:])
    filters = x.shape[1] * (weight.shape[1] // groups) * prod(weight.shape[2:])
    return Call(
        name,
        macs=weight.numel() * positions,
        inputs=filters * positions,
        outputs=out.numel(),
        extra=weight.shape[1] * x.shape[0] * prod(sides),
        bias=int(_argument(args, kwargs, 2, "bias") is not None),
    )


def _norm(position: int, name: str, args: Args, kwargs: Kwargs, out: Any) -> Call:
    weights = _argument(args, kwargs, position, "weight") is not None
    training = name.endswith("batch_norm") and _argument(args, kwargs, 5, "training", False)
    remark = " (training)" if training else ""
    return Call(name + remark, inputs=_first(args, kwargs).numel(), weights=int(weights))


def _interpolate(name: str, args: Args, kwargs: Kwargs, out: Any) -> Call:
    """Describe a change of size; `extra` is the product of the stated sizes, or the elements times
    the scales."""
    x, size = _first(args, kwargs), _argument(args, kwargs, 1, "size")
    if size is not None:
        sides = prod(size) if isinstance(size, (tuple, list)) else int(size)
        return Call(f"{name} (size)", inputs=x.numel(), outputs=out.numel(), extra=sides)
    scale = _argument(args, kwargs, 2, "scale_factor", 1)
    times = prod(scale) if isinstance(scale, (tuple, list)) else scale ** (x.dim() - 2)
    elements = int(x.numel() * times)
    return Call(f"{name} (scale)", inputs=x.numel(), outputs=out.numel(), extra=elements)


def _product(name: str, args: Args, kwargs: Kwargs, out: Any) -> Call:
    """Describe a matrix product as the tools count it, a vector on the right as a matrix too."""
    left, right = [*args, *kwargs.values()][:2]
    return Call(name, macs=left.numel() * right.shape[-1], outputs=_elements(out))


def _added_product(name: str, args: Args, kwargs: Kwargs, out: Any) -> Call:
    x, left, right = [*args, *kwargs.values()][:3]
    weights = int(kwargs.get("beta", 1) != 0)
    return Call(name, macs=left.numel() * right.shape[-1], inputs=x.numel(), weights=weights)


def _elementwise(name: str, args: Args, kwargs: Kwargs, out: Any) -> Call:
    """Describe an addition or product of elements; `extra` is the size of the result where shapes
    are aligned at the left, as some tools do."""
    operands = [*args, *kwargs.values()][:2]
    shapes = [value.shape for value in operands if isinstance(value, torch.Tensor)]
    aligned = prod(max(sides) for sides in zip_longest(*shapes, fillvalue=1)) if shapes else 1
    return Call(name, outputs=_elements(out), extra=aligned)


def _attention(name: str, args: Args, kwargs: Kwargs, out: Any) -> Call:
    query, key, value = [*args, *kwargs.values()][:3]
    length = key.shape[-2]
    macs = query.numel() * length + prod(query.shape[:-1]) * length * value.shape[-1]
    return Call(name, macs=macs)


def _einsum(name: str, args: Args, kwargs: Kwargs, out: Any) -> Call:
    """Describe a sum by Einstein's convention; `extra` is what numpy plans to compute."""
    import numpy

    equation, *operands = args
    if not isinstance(equation, str) or not all(isinstance(x, torch.Tensor) for x in operands):
        return Call(f"{name} (lists)")
    zero = numpy.zeros(())
    arrays = [numpy.broadcast_to(zero, tuple(x.shape)) for x in operands]
    plan = numpy.einsum_path(equation, *arrays, optimize="optimal")[1]
    lines = [line for line in plan.split("\n") if "optimized flop" in line.lower()]
    return Call(name, extra=int(float(lines[0].split(":")[-1])) if lines else 0)


POOLS = tuple(
    f"{kind}_pool{d}d" for kind in ("avg", "max", "adaptive_avg", "adaptive_max") for d in "123"
)
ACTIVATIONS = tuple("relu prelu elu leaky_relu relu6 silu gelu".split())
NORMS = {"batch_norm": 3, "layer_norm": 2, "instance_norm": 3, "group_norm": 2}
_FUNCTIONAL: dict[str, Describe] = {
    "linear": _linear,
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), _convolution),
    **{f"conv_transpose{d}d": _transposed for d in "123"},
    **dict.fromkeys((*ACTIVATIONS, *POOLS, "softmax"), _map),
    **{name: partial(_norm, position) for name, position in NORMS.items()},
    **dict.fromkeys(("interpolate", "upsample"), _interpolate),
    "scaled_dot_product_attention": _attention,
}
_OF_TENSORS: dict[str, Describe] = {
    **dict.fromkeys(("matmul", "mm", "bmm"), _product),
    "addmm": _added_product,
    **dict.fromkeys(("mul", "add"), _elementwise),
}
# What is patched: its owner with the owner's name, and how calls are described by their names.
PATCHED: tuple[tuple[Any, str, dict[str, Describe]], ...] = (
    (F, "functional", _FUNCTIONAL),
    (torch, "torch", _OF_TENSORS | {"baddbmm": _added_product, "einsum": _einsum}),
    (torch.Tensor, "Tensor", _OF_TENSORS | {"__matmul__": _product}),
)


class CallRecorder:
    """Records the calls of one pass in `calls`; what it patches and hooks is undone behind it."""

    def __init__(self, model: nn.Module):
        self.model = model
        self.calls: list[Call] = []

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Record inside the block, and forget what was recorded before."""
        self.calls.clear()
        handles, before = [], []
        try:
            for module in self.model.modules():
                if not isinstance(module, torch.jit.ScriptModule):
                    handles.append(module.register_forward_hook(self._add_module))
            for owner, prefix, table in PATCHED:
                for name, describe in table.items():
                    before.append((owner, name, vars(owner).get(name)))
                    wrapper = self._wrap(getattr(owner, name), f"{prefix}.{name}", describe)
                    setattr(owner, name, wrapper)
            yield
        finally:
            for owner, name, function in reversed(before):
                if function is None:
                    delattr(owner, name)  # it is inherited
                else:
                    setattr(owner, name, function)
            for handle in handles:
                handle.remove()

    def _wrap(self, function: Any, name: str, describe: Describe) -> Any:
        calls, thread = self.calls, get_ident()

        def call(*args: Any, **kwargs: Any) -> Any:
            out = function(*args, **kwargs)
            # kernels of the meta device call functions too, while the mode of the pass is off
            if get_ident() == thread and _len_torch_dispatch_stack():
                calls.append(_try(describe, name, args, kwargs, out))
            return out

        # torch looks a function up by its name to hand it to a mode, which calls this instead
        call.unpatched = function  # type: ignore[attr-defined]
        call.__name__ = getattr(function, "__name__", name)
        return call

    def _add_module(self, module: nn.Module, args: Args, out: Any) -> None:
        if describe := MODULES.get(f"{type(module).__module__}.{type(module).__qualname__}"):
            self.calls.append(_try(describe, "", (module, *args), {}, out))
        if not any(module.children()):
            self.calls.append(_layer(module, out))


def _try(describe: Describe, name: str, args: Args, kwargs: Kwargs, out: Any) -> Call:
    """Describe a call; one with arguments that the tools do not expect gets a remark."""
    try:
        return describe(name, args, kwargs, out)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return Call(f"{name} (arguments)".strip())


# Additions and products of a cell for each hidden element, as the tools count them, and as thop.
GATES = {"RNN": 1, "GRU": 7, "LSTM": 10}
STATES = {"RNN": (1, 0), "GRU": (3, 4), "LSTM": (4, 4)}  # of which each has a bias; operations else


def _recurrent(name: str, args: Args, kwargs: Kwargs, out: Any) -> Call:
    """Describe a recurrent layer: `inputs` are the gates, `extra` the elementwise operations and
    biases, all of one direction's weights times the directions; `outputs` is thop's count."""
    module, x, *_ = args
    cell = isinstance(module, nn.RNNCellBase)
    suffixes = [""] if cell else [f"_l{n}" for n in range(module.num_layers)]
    kind = type(module).__name__.removesuffix("Cell")
    macs = gates = extra = 0
    for suffix in suffixes:
        weights = [getattr(module, f"weight_{part}{suffix}") for part in ("ih", "hh")]
        macs += sum(weight.numel() for weight in weights)
        gates += sum(weight.shape[0] for weight in weights)
        extra += GATES[kind] * module.hidden_size
        if module.bias:
            biases = [getattr(module, f"bias_{part}{suffix}") for part in ("ih", "hh")]
            extra += sum(bias.shape[0] for bias in biases)
    directions = 1 if cell else 1 + module.bidirectional
    steps = x.shape[0] if cell else x.shape[0] * x.shape[1] * directions
    states, others = STATES[kind]
    hidden = module.hidden_size
    ours = 0
    for number in range(len(suffixes)):
        wide = hidden * directions if number else module.input_size
        state = hidden * (wide + hidden + 1 + 2 * bool(module.bias))
        ours += states * state + others * hidden
    return Call(
        "recurrent",
        macs=macs * steps,
        inputs=gates * steps,
        outputs=ours * steps,
        extra=extra * steps,
    )


def _transposed_layer(name: str, args: Args, kwargs: Kwargs, out: Any) -> Call:
    """Describe a transposed convolution by its outputs, as tools do that take it for another:
    `macs` of thop and ptflops 0.6, `extra` of torchprofile."""
    module, _ = args
    area = prod(module.kernel_size)
    channels = module.in_channels
    if out.shape[1] == channels:  # torchprofile takes the axes for those of another
        channels = module.out_channels // module.groups
    return Call(
        "transposed layer",
        macs=out.numel() * (module.in_channels // module.groups) * area,
        outputs=out.numel(),
        extra=out.numel() * channels * area,
        bias=int(module.bias is not None),
    )


def _softmax_layer(name: str, args: Args, kwargs: Kwargs, out: Any) -> Call:
    """Describe a softmax as thop 0.1 counts it: exponentials, additions and divisions."""
    module, x = args
    length = x.shape[module.dim]
    return Call("softmax layer", extra=x.numel() // length * (3 * length - 1))


def _multihead(name: str, args: Args, kwargs: Kwargs, out: Any) -> Call:
    """Describe torch's multi-head attention as ptflops counts it: scaling, four projections with
    biases, products and softmax."""
    module, query, key, value = args
    batch, length = (0, 1) if module.batch_first else (1, 0)
    q, k, v = (x.shape[length] for x in (query, key, value))
    wide, key_wide, value_wide = (x.shape[2] for x in (query, key, value))
    heads = module.num_heads
    total = q * wide + q * wide**2 + k * key_wide**2 + v * value_wide**2
    if module.in_proj_bias is not None:
        total += (q + k + v) * wide
    total += heads * q * k * (wide // heads + 1 + value_wide // heads)
    total += q * value_wide * (value_wide + 1)
    return Call("attention", extra=total * query.shape[batch])


def _timm_attention(name: str, args: Args, kwargs: Kwargs, out: Any) -> Call:
    """Describe timm's attention as ptflops counts it: scaling, products and softmax, and none of
    its linear layers."""
    module, x, *_ = args
    batch, length, _ = x.shape
    heads, wide = module.num_heads, module.head_dim
    total = length * wide * heads + heads * length**2 * (2 * wide + 1)
    return Call("timm attention", extra=total * batch)


TIMM_ATTENTION = "timm.layers.attention.Attention"
MODULES: dict[str, Describe] = {
    **{f"torch.nn.modules.rnn.{kind}{cell}": _recurrent for kind in GATES for cell in ("", "Cell")},
    **{f"torch.nn.modules.conv.ConvTranspose{d}d": _transposed_layer for d in "123"},
    "torch.nn.modules.activation.Softmax": _softmax_layer,
    "torch.nn.modules.activation.MultiheadAttention": _multihead,
    TIMM_ATTENTION: _timm_attention,
}


def _layer(module: nn.Module, out: Any) -> Call:
    """Describe a layer without children as torchinfo counts it: its weights (`macs`) and biases
    (`extra`) times the positions of its output, by its class's name."""
    size = _size(out)
    parameters = dict(module.named_parameters())
    if not parameters:
        return Call("layer other")
    if size is None or any(path.endswith("_orig") for path in parameters):
        return Call("layer (pruned)" if size else "layer (output)")
    name = type(module).__name__
    conv, macs, extra = "Conv" in name, 0, 0
    recurrent = False
    for path, parameter in parameters.items():
        own = path in ("weight", "bias")
        if not own and "weight" not in path and "bias" not in path:
            continue
        recurrent |= not own
        sides = size[:2] if not own else size[:1] + size[2:] if conv else size[:1]
        work = parameter.numel() * prod(sides)
        macs, extra = (macs, extra + work) if "bias" in path else (macs + work, extra)
    linear = isinstance(module, nn.Linear)
    kind = "conv" if conv else "linear" if linear else "recurrent" if recurrent else "other"
    return Call(f"layer {kind}", macs=macs, extra=extra)


def _size(value: Any) -> list[int] | None:
    """Return the shape of the first tensor of a layer's output."""
    if isinstance(value, torch.Tensor):
        return list(value.shape)
    if isinstance(value, dict):
        value = list(value.values())[-1:]
    return _size(value[0]) if isinstance(value, (tuple, list)) and value else None
