"""A pass over a model on meta, for a forward pass that reads values, or makes tensors of its own.

On meta no tensor has values, so a mask that is asked `mask.all()` ends the pass. Here the weights
and what is computed of them are fake tensors, which say that they are on the CPU. Everything else
is real: ids, masks, positions, whatever the pass makes by itself, all of it small. So what is read
has a value, unless it was computed of weights or of an image: then the work depends on the data.

Where the extent of a tensor depends on the data (`nonzero`, non-maximum suppression), it is taken
to be 1, and the pass goes on. What follows is not recorded: if it multiplies, or uses a weight, the
count is of a part of the model; if it does not, nothing is missing.
"""

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch._subclasses.fake_tensor import (
    DataDependentOutputException,
    DynamicOutputShapeException,
    FakeTensor,
    FakeTensorMode,
)
from torch.nn.attention import SDPBackend, sdpa_kernel

from zoo.models.inputs import Inputs

CPU = torch.device("cpu")
ATTRIBUTES = (torch.ops.prim.device.default, torch.ops.prim.layout.default)
# Operators that read values of their tensors, or whose extent is that of values.
READERS = frozenset(
    "_local_scalar_dense equal nonzero masked_select _unique _unique2 unique_dim "
    "unique_consecutive bincount item is_nonzero".split()
)


class DataDependence(Exception):
    """The pass needs a value that is computed of the data: a number, or one that nobody can
    guess."""


@contextmanager
def _plain_operators() -> Iterator[None]:
    """Keep torch from operators of the CPU that no rule sees into: fused attention, oneDNN's
    recurrent layers."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*create_unbacked_symint", FutureWarning)
        warnings.filterwarnings("ignore", "TF32 acceleration on top of oneDNN", UserWarning)
        with sdpa_kernel(SDPBackend.MATH), torch.backends.mkldnn.flags(enabled=False):
            yield


class FakeModel:
    """The fake tensors of one pass."""

    def __init__(self) -> None:
        self.mode = FakeTensorMode(allow_non_fake_inputs=True)
        # memories of real tensors that values of fake ones were written to
        self.spoiled: set[int] = set()

    def convert(self, tensor: torch.Tensor) -> torch.Tensor:
        """Return the fake counterpart of a tensor on meta; one object for one object."""
        converter = self.mode.fake_tensor_converter
        made = converter.from_meta_and_device(self.mode, tensor, CPU)
        if isinstance(tensor, nn.Parameter):
            made._is_param = True
        return made

    @contextmanager
    def lend(self, model: nn.Module) -> Iterator[None]:
        """Let a model on meta hold fake tensors inside the block, and its own ones afterwards."""
        tables: list[dict[str, Any]] = []
        for part in model.modules():
            tables += [part._parameters, part._buffers]
        before = [(table, dict(table)) for table in tables]
        fastpath = torch.backends.mha.get_fastpath_enabled()
        torch.backends.mha.set_fastpath_enabled(False)
        try:
            for table in tables:
                for name, tensor in table.items():
                    if tensor is not None and tensor.is_meta:
                        table[name] = self.convert(tensor)
            with _plain_operators():
                yield
        finally:
            torch.backends.mha.set_fastpath_enabled(fastpath)
            for table, tensors in before:
                table.clear()
                table.update(tensors)

    def make_inputs(self, inputs: Inputs) -> Inputs:
        """Return the arguments of a pass: numbers with fractions as fake tensors, whole ones and
        masks as ones."""
        return Inputs(self._fill(inputs.args), self._fill(inputs.kwargs))

    def _fill(self, value: Any) -> Any:
        if isinstance(value, torch.Tensor) and value.is_meta:
            whole = not (value.is_floating_point() or value.is_complex())
            return torch.ones(value.shape, dtype=value.dtype) if whole else self.convert(value)
        if isinstance(value, dict):
            return {key: self._fill(part) for key, part in value.items()}
        if type(value) in (list, tuple):
            return type(value)(map(self._fill, value))
        return value

    def call(self, func: Any, args: Any, kwargs: Any) -> tuple[Any, bool]:
        """Call an operator; the second of the pair says that its result depends on the data.

        Raises:
            DataDependence: what it returns cannot be guessed.
        """
        args, kwargs = self._without_meta(args), self._without_meta(kwargs)
        tensors = list(find_tensors((*args, *kwargs.values())))
        if not any(isinstance(tensor, FakeTensor) for tensor in tensors):
            return self._call_real(func, args, kwargs, tensors), False
        if func._schema.is_mutable:
            self.spoiled.update(_memory(t) for t in tensors if not isinstance(t, FakeTensor))
        try:
            return func(*args, **kwargs), False
        except DynamicOutputShapeException:
            return self._guess(func, args, kwargs), True
        except DataDependentOutputException as error:
            raise DataDependence from error

    def _call_real(self, func: Any, args: Any, kwargs: Any, tensors: Any) -> Any:
        if self.spoiled and any(_memory(tensor) in self.spoiled for tensor in tensors):
            if func._schema.name.removeprefix("aten::") in READERS:
                raise DataDependence
            out = func(*args, **kwargs)
            self.spoiled.update(map(_memory, find_tensors([out])))
            return out
        return func(*args, **kwargs)

    def _without_meta(self, value: Any) -> Any:
        """Return arguments in which each tensor on meta, which some module keeps, is fake."""
        if isinstance(value, torch.Tensor):
            return self.convert(value) if value.is_meta else value
        if isinstance(value, dict):
            return {key: self._without_meta(part) for key, part in value.items()}
        if type(value) in (list, tuple):
            return type(value)(map(self._without_meta, value))
        return value

    def _guess(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Return what an operator would return if it chose one element.

        Raises:
            DataDependence: there is no rule for the operator.
        """
        rule = GUESSES.get(func._schema.name)
        if rule is None:
            raise DataDependence
        with self.mode:
            return rule(func, args, kwargs)


def _memory(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage()._cdata if tensor.layout == torch.strided else id(tensor)


def find_tensors(values: Iterable[Any]) -> Iterator[torch.Tensor]:
    """Yield the tensors among arguments, in lists and mappings too."""
    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, dict):
            yield from find_tensors(value.values())
        elif isinstance(value, (list, tuple)):
            yield from find_tensors(value)


def _index(*shape: int) -> torch.Tensor:
    return torch.zeros(shape, dtype=torch.int64)


def _guess_index(func: Any, args: Any, kwargs: Any) -> Any:
    """Index by masks as if each had one element that is true."""
    indices: list[Any] = []
    for index in args[1]:
        if index is not None and index.dtype in (torch.bool, torch.uint8):
            indices += [_index(1)] * index.dim()
        else:
            indices.append(index)
    return func(args[0], indices, *args[2:], **kwargs)


def _guess_unique(func: Any, args: Any, kwargs: Any) -> Any:
    return args[0].new_empty(1), _index(*args[0].shape), _index(1)


def _guess_repeats(func: Any, args: Any, kwargs: Any) -> Any:
    return _index(args[0].shape[0])


GUESSES: dict[str, Callable[[Any, Any, Any], Any]] = {
    "aten::nonzero": lambda func, args, kwargs: _index(1, args[0].dim()),
    "aten::masked_select": lambda func, args, kwargs: args[0].new_empty(1),
    "aten::index": _guess_index,
    "aten::_unique2": _guess_unique,
    "aten::unique_consecutive": _guess_unique,
    "aten::repeat_interleave": _guess_repeats,
    "torchvision::nms": lambda func, args, kwargs: _index(1),
}
