"""Move a model to the meta device, and leave shared what was shared.

`Module.to("meta")` makes a new parameter for each name, so a weight that two layers share becomes
two. A `MetaMemo` remembers what each tensor became: one object stays one object, and views of one
memory stay views of one memory.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import nn


class MetaMemo:
    """The meta tensors made until now, by the tensors they stand for, while those exist.

    A model whose parameters move one by one, as they are registered, takes one memo for all of
    them: it keeps no memory of theirs.
    """

    def __init__(self) -> None:
        from torch.utils.weak import WeakIdKeyDictionary

        self._tensors: Any = WeakIdKeyDictionary()
        self._storages: Any = WeakIdKeyDictionary()

    def convert(self, tensor: "torch.Tensor") -> "torch.Tensor":
        """Return the tensor's counterpart on meta, a parameter for a parameter; the tensor itself
        where it is there already, or quantised: torch has no such tensors on meta."""
        if tensor.is_meta or tensor.is_quantized:
            return tensor
        made: torch.Tensor | None = self._tensors.get(tensor)
        if made is None:
            made = self._tensors[tensor] = self._make(tensor)
        return made

    def _make(self, tensor: "torch.Tensor") -> "torch.Tensor":
        from torch import nn
        from torch.nn.parameter import is_lazy

        if is_lazy(tensor):
            lazy: Any = type(tensor)
            return lazy(tensor.requires_grad, device="meta", dtype=tensor.dtype)  # type: ignore[no-any-return]
        made = self._view(tensor) if is_plain(tensor) else tensor.detach().to("meta")
        if isinstance(tensor, nn.Parameter) and not isinstance(made, nn.Parameter):
            return nn.Parameter(made, tensor.requires_grad)
        return made

    def _view(self, tensor: "torch.Tensor") -> "torch.Tensor":
        """Return a view of the counterpart of the tensor's memory."""
        import torch

        storage = tensor.untyped_storage()
        made: torch.UntypedStorage | None = self._storages.get(storage)
        if made is None:
            made = self._storages[storage] = torch.UntypedStorage(storage.nbytes(), device="meta")
        with torch.no_grad():
            return torch.empty(0, dtype=tensor.dtype, device="meta").set_(
                made, tensor.storage_offset(), tensor.size(), tensor.stride()
            )


def move_to_meta(model: "nn.Module", memo: MetaMemo | None = None) -> "nn.Module":
    """Move the parameters and buffers of a model to meta, in place, and return it.

    Modules that keep tensors of their own and move them in `_apply` do so.
    """
    from torch import nn

    memo = memo or MetaMemo()
    tensors = [
        (module, name, tensor)
        for module in model.modules()
        for table in (module._parameters, module._buffers)
        for name, tensor in table.items()
        if tensor is not None and not tensor.is_meta
    ]
    for module, name, tensor in tensors:
        setattr(module, name, memo.convert(tensor))
    if tensors:
        for module in model.modules():
            if type(module)._apply is not nn.Module._apply:
                module._apply(memo.convert)
    return model


def is_plain(tensor: "torch.Tensor") -> bool:
    """Return whether a tensor is a view of memory: neither sparse nor lazy nor a wrapper."""
    import torch
    from torch import nn

    plain = type(tensor) in (torch.Tensor, nn.Parameter, nn.Buffer)
    return plain and tensor.layout == torch.strided
