"""Copy a person's module to the meta device, or lend it for one pass and put everything back.

A copy shares no tensor and no attribute with the module, so nothing that its forward pass does
reaches the module. A module that cannot be copied runs itself, and what it was is restored.
"""

import copy
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from zoo.models.builders.meta import MetaMemo

if TYPE_CHECKING:
    from collections.abc import Callable

COPIES = (torch.Tensor.__deepcopy__, nn.Parameter.__deepcopy__)


class _CopyToMeta(TorchFunctionMode):
    """Mode in which a deep copy of a tensor is its counterpart on meta."""

    def __init__(self, memo: MetaMemo):
        super().__init__()
        self.memo = memo

    def __torch_function__(
        self, func: "Callable[..., Any]", types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        if func in COPIES:
            return self.memo.convert(args[0])
        return func(*args, **(kwargs or {}))


def copy_to_meta(module: nn.Module) -> nn.Module:
    """Return a copy of the module on meta, in evaluation mode; what is shared stays shared.

    Raises:
        Exception: the module holds something that cannot be copied.
    """
    memo = MetaMemo()
    tensors = [*module.parameters(), *module.buffers()]
    copies: dict[int, Any] = {id(tensor): memo.convert(tensor) for tensor in tensors}
    with _CopyToMeta(memo):
        made: nn.Module = copy.deepcopy(module, copies)
    return made.eval()


@contextmanager
def lend(module: nn.Module) -> Iterator[nn.Module]:
    """Lend the module itself, in evaluation mode; afterwards it is what it was.

    Attributes, tables of parameters, buffers and hooks, and the values of buffers are restored.
    """
    before = [(part, _snapshot(part)) for part in module.modules()]
    buffers = [(buffer, buffer.detach().clone()) for buffer in module.buffers()]
    try:
        for part, _ in before:
            part.training = False
        yield module
    finally:
        for part, state in before:
            _restore(part, state)
        with torch.no_grad():
            for buffer, values in buffers:
                buffer.copy_(values)


def _snapshot(part: nn.Module) -> dict[str, Any]:
    """Return a module's attributes, and copies of its tables."""
    return {
        name: (value, value.copy() if isinstance(value, (dict, list, set)) else None)
        for name, value in vars(part).items()
    }


def _restore(part: nn.Module, state: dict[str, Any]) -> None:
    attributes = vars(part)
    for name in attributes.keys() - state.keys():
        del attributes[name]
    for name, (value, content) in state.items():
        attributes[name] = value
        if isinstance(value, list) and value != content:
            value[:] = content
        elif isinstance(value, (dict, set)) and content is not None:
            value.clear()
            value.update(content)


@contextmanager
def keep_random_state() -> Iterator[None]:
    """Put the state of the random number generators back afterwards."""
    python, host = random.getstate(), torch.get_rng_state()
    device = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
    numpy = sys.modules.get("numpy")
    legacy = numpy.random.get_state() if numpy else None
    try:
        yield
    finally:
        random.setstate(python)
        torch.set_rng_state(host)
        if device is not None:
            torch.cuda.set_rng_state_all(device)
        if numpy and legacy is not None:
            numpy.random.set_state(legacy)
