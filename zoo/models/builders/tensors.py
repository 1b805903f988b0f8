"""List the tensors that a live model holds, each once, without a forward pass."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from zoo.model_index.ledger.tensors import BUFFERS, PACKED, PARAMETERS, UNSAVED, TensorRow

if TYPE_CHECKING:
    import torch
    from torch import nn


def list_tensors(model: "nn.Module") -> list[TensorRow]:
    """Return a row for each kind of tensor and type of number.

    A tensor that is held under several names counts once, as the first of parameter, buffer of the
    state dict, other buffer. A lazy parameter has no size yet and is left out.
    """
    kinds: dict[str, dict[int, torch.Tensor]] = {}
    counted: set[int] = set()
    for kind, tensors in _group(model).items():
        kinds[kind] = {key: tensor for key, tensor in tensors.items() if key not in counted}
        counted.update(tensors)
    return [row for kind, tensors in kinds.items() for row in _add_up(kind, tensors)]


def _add_up(kind: str, tensors: "dict[int, torch.Tensor]") -> Iterator[TensorRow]:
    """Yield a row for each type of number among the tensors of one kind."""
    sizes: dict[torch.dtype, list[int]] = {}
    for tensor in tensors.values():
        sizes.setdefault(tensor.dtype, []).append(tensor.numel())
    for dtype, numbers in sizes.items():
        name, elements = str(dtype).removeprefix("torch."), sum(numbers)
        yield TensorRow(kind, name, elements, elements * dtype.itemsize, len(numbers))


def _group(model: "nn.Module") -> "dict[str, dict[int, torch.Tensor]]":
    """Return the tensors of each kind by identity; a tensor may be of several kinds."""
    from torch import nn
    from torch.nn.parameter import is_lazy

    parameters: dict[int, torch.Tensor] = {}
    buffers: dict[int, torch.Tensor] = {}
    unsaved: dict[int, torch.Tensor] = {}
    packed: dict[int, torch.Tensor] = {}
    for module in model.modules():
        for parameter in module._parameters.values():
            if type(parameter) is nn.Parameter or (
                parameter is not None and not is_lazy(parameter)
            ):
                parameters[id(parameter)] = parameter
        for name, buffer in module._buffers.items():
            if buffer is not None and not is_lazy(buffer):
                left_out = name in module._non_persistent_buffers_set
                (unsaved if left_out else buffers)[id(buffer)] = buffer
        if type(module)._save_to_state_dict is not nn.Module._save_to_state_dict:
            for tensor in _find_packed(module):  # a single number is a scale or a zero point
                (packed if tensor.dim() else buffers)[id(tensor)] = tensor
    return {PARAMETERS: parameters, BUFFERS: buffers, UNSAVED: unsaved, PACKED: packed}


def _find_packed(module: "nn.Module") -> "Iterator[torch.Tensor]":
    """Yield the tensors that a module adds to the state dict and holds as neither parameter nor
    buffer, as quantized layers do."""
    import torch

    state: dict[str, Any] = {}
    module._save_to_state_dict(state, "", keep_vars=True)
    for name, value in state.items():
        if name not in module._parameters and name not in module._buffers:
            values = value if isinstance(value, (tuple, list)) else (value,)
            yield from (part for part in values if isinstance(part, torch.Tensor))
