"""The tensors of a live model: their types, and which of them share their values."""

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from zoo.weights.formats import Tensor
from zoo.weights.formats.dtypes import kind_of

if TYPE_CHECKING:
    import torch
    from torch import nn

# The kinds of elements that a file may have for each kind of the model's. Values of the others are
# not the model's: integers in place of floating-point numbers lack a scale, for example.
FITTING_KINDS = {
    "floating": {"floating"},
    "complex": {"complex"},
    "integer": {"integer", "bool", "floating"},
    "bool": {"bool", "integer"},
}


class LiveTensors(NamedTuple):
    """The state dict of a model: its tensors by name, the names of its parameters, and the names
    that share their values with each name."""

    tensors: dict[str, Tensor]
    parameters: frozenset[str]
    partners: dict[str, frozenset[str]]


def describe_model(model: "nn.Module") -> LiveTensors:
    """Describe the tensors of a model, which may be on the meta device."""
    import torch

    state = {k: v for k, v in model.state_dict().items() if isinstance(v, torch.Tensor)}
    groups: dict[object, set[str]] = defaultdict(set)
    for name, value in state.items():
        groups[_extent(value)].add(name)
    return LiveTensors(
        {
            name: Tensor(name, dtype_name(value), tuple(value.shape))
            for name, value in state.items()
        },
        frozenset(name for name, _ in model.named_parameters()) & state.keys(),
        {name: frozenset(names - {name}) for names in groups.values() for name in names},
    )


def dtype_name(value: "torch.Tensor") -> str:
    """Return the short name of a tensor's type: `float32`."""
    return str(value.dtype).removeprefix("torch.")


def fits_dtype(stored: str, live: str) -> bool:
    """Return whether values of a type in a file can be the model's values."""
    return kind_of(stored) in FITTING_KINDS[kind_of(live)]


def _extent(value: "torch.Tensor") -> object:
    """Return what a tensor covers of its storage, also on meta; a transposed tensor covers the same
    as the tensor. One with gaps shares its values with no other."""
    import torch

    if value.layout is not torch.strided:
        return id(value)
    elements = value.numel()
    steps = zip(value.shape, value.stride(), strict=True)
    dense = sum((length - 1) * step for length, step in steps) + 1 == elements
    if not elements or not dense:
        return id(value)
    return value.untyped_storage()._cdata, value.storage_offset(), elements, value.dtype
