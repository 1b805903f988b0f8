"""Compare a checkpoint's tensors with the state dict of the live model.

This is the only module of the chapter that builds a model. A zoo's loader does more than look names
up: it removes wrappers, and it may rename, drop and reshape tensors. So timm's filter for the
architecture runs on meta tensors. Where names differ, tensors are paired in their order, as timm's
`remap_state_dict` does.
"""

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from zoo.model_index.records.records import Builder
from zoo.models import builders
from zoo.weights.formats import Tensor

if TYPE_CHECKING:
    import torch

# The prefixes of torch.compile and DistributedDataParallel, in either order.
WRAPPERS = ("_orig_mod.", "module.")
COUNTERS = "num_batches_tracked"  # torch adds them where a file is older than they are
MAX_NAMES = 20  # of each kind of difference


class WeightsComparison(msgspec.Struct, frozen=True, kw_only=True):
    """How the tensors of a file fit the live model.

    `how` is `names`, `filter` (after timm's own) or `order`; `matched` of `model` tensors of the
    model are in the file with the same shape. `missing`, `unexpected`, `reshaped` (name, the file's
    shape, the model's) and `retyped` (name, dtypes) are the first of each, `counts` how many there
    are of each. `parameters` is the number of elements that the model calls parameters, where all
    of them are matched.
    """

    how: str
    matched: int
    model: int
    missing: list[str] = []
    unexpected: list[str] = []
    reshaped: list[tuple[str, list[int], list[int]]] = []
    retyped: list[tuple[str, str, str]] = []
    counts: dict[str, int] = {}
    parameters: int | None = None

    @property
    def fits(self) -> bool:
        """Return whether the file has exactly the model's tensors."""
        return not (self.counts["missing"] or self.counts["unexpected"] or self.counts["reshaped"])


def compare(
    tensors: Sequence[Tensor], builder: Builder, trusted: Collection[str] = ()
) -> WeightsComparison:
    """Compare the tensors of a file with the model that `builder` builds, in the way that matches
    best.

    Raises:
        BuilderMissing, BuildError: as `zoo.models.builders.build`.
    """
    model = builders.build(builder, trusted).model
    expected = {
        name: Tensor(name, _short(value), tuple(value.shape))
        for name, value in model.state_dict().items()
    }
    parameters = {name for name, _ in model.named_parameters()}
    clean = {remove_wrappers(tensor.name): tensor for tensor in tensors}
    comparisons = [_difference("names", clean, expected, parameters)]
    if not comparisons[0].fits and (filter_fn := filter_of(builder)):
        renamed = _apply_filter(clean, model, filter_fn)
        if renamed:
            comparisons.append(_difference("filter", renamed, expected, parameters))
    if not any(result.fits for result in comparisons) and (ordered := _pair(clean, expected)):
        comparisons.append(_difference("order", ordered, expected, parameters))
    return max(comparisons, key=lambda result: (result.fits, result.matched))


def filter_of(builder: Builder) -> Callable[[Any, Any], Any] | None:
    """Return the function that timm's loader applies to a checkpoint of this model: (state dict,
    model) -> state dict; None where there is none."""
    if builder.kind != "timm":
        return None
    import timm
    import torch

    caught: list[Callable[..., Any] | None] = []

    def load(
        model: Any, *args: Any, filter_fn: Callable[..., Any] | None = None, **kwargs: Any
    ) -> None:
        caught.append(filter_fn)

    loader = timm.models._builder
    original, loader.load_pretrained = loader.load_pretrained, load
    try:
        with torch.device("meta"):
            timm.create_model(builder.name, **(builder.arguments | {"pretrained": True}))
    except Exception:  # an architecture without pretrained weights has no filter
        return None
    finally:
        loader.load_pretrained = original
    filter_fn = caught[-1] if caught else None
    if filter_fn is None or len(inspect.signature(filter_fn).parameters) > 1:
        return filter_fn
    one_argument = filter_fn
    return lambda state, model: one_argument(state)


def _apply_filter(
    clean: Mapping[str, Tensor], model: Any, filter_fn: Callable[[Any, Any], Any]
) -> dict[str, Tensor] | None:
    import torch

    state = {
        name: torch.empty(tensor.shape, dtype=_dtype(tensor.dtype), device="meta")
        for name, tensor in clean.items()
    }
    try:
        renamed = filter_fn(state, model)
    # Filters look for the names of their checkpoints, and resample values, which meta tensors lack.
    except Exception:
        return None
    return {
        name: Tensor(name, _short(value), tuple(value.shape))
        for name, value in renamed.items()
        if hasattr(value, "shape")
    }


def _pair(clean: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> dict[str, Tensor] | None:
    """Return the file's tensors under the model's names, in order; None where shapes differ."""
    shapes = [tensor.shape for tensor in expected.values()]
    if [tensor.shape for tensor in clean.values()] != shapes:
        return None
    return {
        name: msgspec.structs.replace(tensor, name=name)
        for name, tensor in zip(expected, clean.values(), strict=True)
    }


def _difference(
    how: str,
    tensors: Mapping[str, Tensor],
    expected: Mapping[str, Tensor],
    parameters: Collection[str],
) -> WeightsComparison:
    common = [(tensors[name], expected[name]) for name in expected if name in tensors]
    missing = [name for name in expected if name not in tensors and not name.endswith(COUNTERS)]
    unexpected = [name for name in tensors if name not in expected]
    reshaped = [
        (wanted.name, list(tensor.shape), list(wanted.shape))
        for tensor, wanted in common
        if tensor.shape != wanted.shape
    ]
    retyped = [
        (wanted.name, tensor.dtype, wanted.dtype)
        for tensor, wanted in common
        if tensor.dtype != wanted.dtype
    ]
    count = None
    if not reshaped and all(name in tensors for name in parameters):
        count = sum(expected[name].elements for name in expected if name in parameters)
    counts = {
        "missing": len(missing),
        "unexpected": len(unexpected),
        "reshaped": len(reshaped),
        "retyped": len(retyped),
    }
    return WeightsComparison(
        how=how,
        matched=len(common) - len(reshaped),
        model=len(expected),
        missing=missing[:MAX_NAMES],
        unexpected=unexpected[:MAX_NAMES],
        reshaped=reshaped[:MAX_NAMES],
        retyped=retyped[:MAX_NAMES],
        counts=counts,
        parameters=count,
    )


def remove_wrappers(name: str) -> str:
    """Remove the prefixes of torch.compile and DistributedDataParallel from a name."""
    for _ in WRAPPERS:
        for wrapper in WRAPPERS:
            name = name.removeprefix(wrapper)
    return name


def _short(value: "torch.Tensor") -> str:
    return str(value.dtype).removeprefix("torch.")


def _dtype(name: str) -> "torch.dtype":
    import torch

    dtype = getattr(torch, name, None)
    return dtype if isinstance(dtype, torch.dtype) else torch.float32
