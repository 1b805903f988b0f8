"""Which dictionary of a checkpoint is the state dict: training scripts save it beside other
things."""

from collections.abc import Mapping
from typing import Any

from zoo.weights.formats.base import Checkpoint, Tensor, UnsupportedFormat, remarks, shown
from zoo.weights.formats.pickles import Map
from zoo.weights.formats.torch_pickle import StoredTensor

# timm's `load_state_dict` asks for the first four in this order; the others are of other training
# scripts.
KEYS = (
    "state_dict_ema",
    "model_ema",
    "state_dict",
    "model",
    "ema_state_dict",
    "model_state_dict",
    "model_state",
    "params_ema",
    "params",
    "ema",
    "net",
    "network",
    "module",
    "teacher",
    "student",
    "backbone",
)


def tensors(state: Mapping[str, Any]) -> tuple[Tensor, ...]:
    return tuple(
        Tensor(name, value.dtype, value.shape)
        for name, value in state.items()
        if type(value) is StoredTensor
    )


def checkpoint(format: str, root: Any, refused: Mapping[str, None]) -> Checkpoint:
    """The state dict of what a pickle holds. A name that is known goes before the file itself,
    which may hold an accuracy as a tensor; then the dictionary with the most tensors."""
    if type(root) is not Map:
        raise UnsupportedFormat("it holds no dictionary, so no state dict")
    top = root.named()
    maps = {
        id(value): value for value in top.values() if type(value) is Map
    }  # one may be there a million times
    inner = {number: value.named() for number, value in maps.items()}
    held = {number: tensors(state) for number, state in inner.items()}
    states: dict[str | None, tuple[Tensor, ...]] = {None: tensors(top)}
    states |= {key: held[id(value)] for key, value in top.items() if held.get(id(value))}
    most = max(states, key=lambda key: len(states[key]))
    key = next((key for key in KEYS if key in states), most)
    found = states[key]
    if not found:
        raise UnsupportedFormat("it holds no dictionary of tensors, so no state dict")
    state = top if key is None else inner[id(top[key])]
    kept = {key} if key is not None else {tensor.name for tensor in found}
    return Checkpoint(
        format=format,
        tensors=found,
        key=key,
        alternatives=tuple(other for other in states if other is not None and other != key),
        others=tuple(name for name in top if name not in states and name not in kept),
        notes=remarks(tensor.name for tensor in found) + _besides(key, state) + _loading(refused),
    )


def _besides(key: str | None, state: Mapping[str, Any]) -> tuple[str, ...]:
    """What lies among the tensors of a state dict and is none."""
    names = (
        [name for name, value in state.items() if type(value) is not StoredTensor]
        if key is not None
        else []
    )
    return (
        (f"{len(names)} entries of its state dict are no tensors, first {shown(names[0])}",)
        if names
        else ()
    )


def _loading(refused: Mapping[str, None]) -> tuple[str, ...]:
    names = ", ".join(refused)
    return (
        (f"torch loads it with weights_only=False only, for it holds {names}",) if refused else ()
    )
