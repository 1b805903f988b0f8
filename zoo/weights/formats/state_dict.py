"""Find the state dict among the dictionaries that a training script saved."""

from collections.abc import Mapping
from typing import Any

from zoo.weights.formats.base import Checkpoint, Tensor, UnsupportedFormat, name_notes, quote
from zoo.weights.formats.pickles import Map
from zoo.weights.formats.torch_pickle import StoredTensor

# timm's `load_state_dict` tries the first four in this order; other scripts use the others.
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
PACKED_LAYER = "_packed_params"


def tensors_of(state: Mapping[str, Any]) -> tuple[Tensor, ...]:
    """Return the tensors of a dictionary."""
    return tuple(
        Tensor(name, value.dtype, value.shape)
        for name, value in state.items()
        if type(value) is StoredTensor
    )


def find_state_dict(
    format: str, root: Any, refused: Mapping[str, None], storages: Mapping[str, str | int]
) -> Checkpoint:
    """Return the state dict of an unpickled object, whose storages are at these places.

    A usual key wins over the object itself, which may hold an accuracy as a tensor; else the
    dictionary with the most tensors is taken.
    """
    if type(root) is not Map:
        raise UnsupportedFormat("it holds no dictionary, so no state dict")
    top = root.items_by_name()
    # By identity, since a pickle may refer to one dictionary a million times.
    maps = {id(value): value for value in top.values() if type(value) is Map}
    inner = {number: value.items_by_name() for number, value in maps.items()}
    held = {number: tensors_of(state) for number, state in inner.items()}
    states: dict[str | None, tuple[Tensor, ...]] = {None: tensors_of(top)}
    states |= {key: held[id(value)] for key, value in top.items() if held.get(id(value))}
    most = max(states, key=lambda key: len(states[key]))
    key = next((key for key in KEYS if key in states), most)
    tensors = states[key]
    if not tensors:
        raise UnsupportedFormat("it holds no dictionary of tensors, so no state dict")
    state = top if key is None else inner[id(top[key])]
    listed = {key} if key is not None else {tensor.name for tensor in tensors}
    notes = name_notes(tensor.name for tensor in tensors)
    return Checkpoint(
        format=format,
        tensors=tensors,
        key=key,
        alternatives=tuple(name for name in states if name is not None and name != key),
        others=tuple(name for name in top if name not in states and name not in listed),
        notes=notes + _other_entries(key, state) + _loading(refused),
        extents={
            name: value.extent
            for name, value in state.items()
            if type(value) is StoredTensor and value.extent
        },
        storages=dict(storages),
        hidden=tuple(name for name, value in state.items() if _hides_tensors(name, value)),
    )


def _hides_tensors(name: str, value: Any) -> bool:
    """Return whether an entry holds the weights of a quantised layer beside other things."""
    return type(value) is not StoredTensor and name.endswith(PACKED_LAYER)


def _other_entries(key: str | None, state: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a note about entries of a state dict that are not tensors."""
    if key is None:
        return ()
    names = [name for name, value in state.items() if type(value) is not StoredTensor]
    if not names:
        return ()
    return (f"{len(names)} entries of its state dict are not tensors, first {quote(names[0])}",)


def _loading(refused: Mapping[str, None]) -> tuple[str, ...]:
    """Return a note about names that torch's safe loader refuses."""
    names = ", ".join(refused)
    return (
        (f"torch loads it with weights_only=False only, since it holds {names}",) if names else ()
    )
