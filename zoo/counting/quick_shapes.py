"""Outputs of operators whose meta kernels are slow Python decompositions and whose shape is plain.

A rule returns an output of the same shape, strides and type as the kernel would, or None where that
is not plain. It gets the first argument of the call, a dense tensor of floating-point numbers on
meta, with all arguments. Adding an operator is adding a row to `RULES`.
"""

from collections.abc import Callable
from typing import Any

import torch

aten = torch.ops.aten
Args = tuple[Any, ...]
Rule = Callable[[torch.Tensor, Args, dict[str, Any]], Any]


def find_output(func: Any, args: Args, kwargs: dict[str, Any] | None) -> Any:
    """Return what an operator returns on meta, or None where no rule says it."""
    rule = RULES.get(func)
    if rule is None or not args:
        return None
    x = args[0]
    if not isinstance(x, torch.Tensor) or not x.is_meta or not x.is_floating_point():
        return None
    return rule(x, args, kwargs or {})


def _like(x: torch.Tensor) -> torch.Tensor:
    """Return `torch.empty_like(x)`, which is slow too; quicker where `x` is contiguous."""
    return _empty(x, x.shape) if x.is_contiguous() else torch.empty_like(x)


def _empty(x: torch.Tensor, shape: Any) -> torch.Tensor:
    """Return a contiguous tensor of a shape and of the type of `x`."""
    return torch.empty(shape, dtype=x.dtype, device="meta")


def _unary(x: torch.Tensor, args: Args, kwargs: dict[str, Any]) -> Any:
    return _like(x)


def _unary_of_numbers(x: torch.Tensor, args: Args, kwargs: dict[str, Any]) -> Any:
    """Return the output of an operator whose other arguments are real numbers, or left out."""
    plain = all(value is None or isinstance(value, int | float) for value in args[1:])
    return _like(x) if plain and not kwargs else None


def _in_place(x: torch.Tensor, args: Args, kwargs: dict[str, Any]) -> Any:
    operand = args[1] if len(args) > 1 else None
    return None if isinstance(operand, torch.Tensor) and operand.shape != x.shape else x


def _binary(x: torch.Tensor, args: Args, kwargs: dict[str, Any]) -> Any:
    operand = args[1]
    if kwargs:
        return None
    if not isinstance(operand, torch.Tensor):
        return _like(x)
    if operand.dtype != x.dtype:
        return None
    if _fits(operand.shape, x):
        return _like(x)
    return _like(operand) if operand.is_meta and _fits(x.shape, operand) else None


def _fits(shape: torch.Size, x: torch.Tensor) -> bool:
    """Whether a tensor of this shape, broadcast with `x`, gives the shape and the strides of
    `x`."""
    if shape == x.shape:
        return True
    inner = x.shape[x.dim() - len(shape) :] if len(shape) <= x.dim() else ()
    return x.is_contiguous() and len(inner) == len(shape) and all(map(_broadcasts, shape, inner))


def _broadcasts(size: int, over: int) -> bool:
    return size in (1, over)


def _softmax(x: torch.Tensor, args: Args, kwargs: dict[str, Any]) -> Any:
    return _like(x) if not any(args[2:]) and not kwargs and x.is_contiguous() else None


def _mean(x: torch.Tensor, args: Args, kwargs: dict[str, Any]) -> Any:
    """Return the mean over dimensions: `(x, dimensions, keep them)`."""
    return None if kwargs else _reduce(x, *args[1:3])


def _vector_norm(x: torch.Tensor, args: Args, kwargs: dict[str, Any]) -> Any:
    """Return the norm over dimensions: `(x, order, dimensions, keep them)`."""
    return None if kwargs else _reduce(x, *args[2:4])


def _reduce(x: torch.Tensor, dims: Any = None, keep: bool = False) -> torch.Tensor | None:
    """Return a contiguous tensor, whatever the input was."""
    if not dims:
        return None
    gone = {dim % x.dim() for dim in dims} if x.dim() else set()
    if len(gone) != len(dims):
        return None
    sizes = ((1 if keep else None) if i in gone else size for i, size in enumerate(x.shape))
    return _empty(x, [size for size in sizes if size is not None])


def _addmm(x: torch.Tensor, args: Args, kwargs: dict[str, Any]) -> Any:
    return None if kwargs else x.new_empty((args[1].shape[0], args[2].shape[1]))


def _layer_norm(x: torch.Tensor, args: Args, kwargs: dict[str, Any]) -> Any:
    """Return a contiguous tensor, whatever the input was."""
    return _empty(x, x.shape), *_no_statistics()


def _batch_norm(x: torch.Tensor, args: Args, kwargs: dict[str, Any]) -> Any:
    if not args[5]:
        return _like(x), *_no_statistics()
    return (_like(x), _empty(x, x.shape[1:2]), _empty(x, x.shape[1:2])) if x.dim() > 1 else None


def _group_norm(x: torch.Tensor, args: Args, kwargs: dict[str, Any]) -> Any:
    """Return `(out, mean, rstd)` of `(x, weight, bias, N, C, HxW, groups, eps)`."""
    batch, channels, groups = args[3], args[4], args[6]
    factors = [factor for factor in args[1:3] if factor is not None]
    plain = x.is_contiguous() and channels % groups == 0
    if not plain or any(factor.numel() != channels for factor in factors):
        return None
    return _like(x), _empty(x, (batch, groups)), _empty(x, (batch, groups))


def _no_statistics() -> tuple[torch.Tensor, torch.Tensor]:
    """Return the mean and variance of a batch, which nobody reads in evaluation mode."""
    return torch.empty(0, device="meta"), torch.empty(0, device="meta")


def _overloads(names: str, overload: str, rule: Rule) -> dict[Any, Rule]:
    return {getattr(getattr(aten, name), overload): rule for name in names.split()}


ACTIVATIONS = "relu sigmoid tanh silu hardswish hardsigmoid hardtanh"
ARITHMETIC = "add mul sub div"
RULES: dict[Any, Rule] = {
    **_overloads(f"{ACTIVATIONS} gelu neg exp sqrt rsqrt erf", "default", _unary),
    **_overloads("leaky_relu elu clamp clamp_min clamp_max", "default", _unary_of_numbers),
    **_overloads("mul div", "Scalar", _unary_of_numbers),
    **_overloads("pow", "Tensor_Scalar", _unary_of_numbers),
    **_overloads("".join(f"{name}_ " for name in ACTIVATIONS.split()), "default", _in_place),
    **_overloads("leaky_relu_ elu_ clamp_ clamp_min_", "default", _in_place),
    **_overloads("".join(f"{name}_ " for name in ARITHMETIC.split()), "Tensor", _in_place),
    **_overloads(ARITHMETIC, "Tensor", _binary),
    aten._safe_softmax.default: _softmax,
    aten._softmax.default: _softmax,
    aten.mean.dim: _mean,
    aten.linalg_vector_norm.default: _vector_norm,
    aten.addmm.default: _addmm,
    aten.native_layer_norm.default: _layer_norm,
    aten.native_batch_norm.default: _batch_norm,
    aten.native_group_norm.default: _group_norm,
}
