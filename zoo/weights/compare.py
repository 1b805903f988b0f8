"""A checkpoint's tensors against the state dict of the live model; the only part that builds a
model.

A zoo's loader does more than look names up: it takes wrappers off, and it may rename, drop and
reshape tensors. timm's own filter for the architecture is run, on meta tensors. Where names do not
agree, tensors are put beside each other in their order, as timm's `remap_state_dict` does.
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

WRAPPERS = (
    "_orig_mod.",
    "module.",
)  # torch.compile's and DistributedDataParallel's, in either order
COUNTERS = "num_batches_tracked"  # torch fills them in where a file is older than they are
MOST = 20  # names that are kept of each difference


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
        """Whether the file has exactly the model's tensors."""
        return not (self.counts["missing"] or self.counts["unexpected"] or self.counts["reshaped"])


def compare(
    tensors: Sequence[Tensor], builder: Builder, trusted: Collection[str] = ()
) -> WeightsComparison:
    """The tensors of a file against the model that `builder` builds; of several ways to read them,
    the best.

    Raises:
        BuilderMissing, BuildError: as `zoo.models.builders.build`.
    """
    model = builders.build(builder, trusted).model
    own = {
        name: Tensor(name, _short(value), tuple(value.shape))
        for name, value in model.state_dict().items()
    }
    parameters = {name for name, _ in model.named_parameters()}
    clean = {unwrapped(tensor.name): tensor for tensor in tensors}
    found = [_difference("names", clean, own, parameters)]
    if (
        not found[0].fits
        and (filter_fn := filter_of(builder))
        and (renamed := _filtered(clean, model, filter_fn))
    ):
        found.append(_difference("filter", renamed, own, parameters))
    if not any(each.fits for each in found) and (ordered := _ordered(clean, own)):
        found.append(_difference("order", ordered, own, parameters))
    return max(found, key=lambda each: (each.fits, each.matched))


def filter_of(builder: Builder) -> Callable[[Any, Any], Any] | None:
    """What timm's loader would run over a checkpoint of this model before it is loaded: (state
    dict, model) in, state dict out; None where it runs nothing."""
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
    except Exception:  # an architecture without pretrained weights has nothing to be filtered
        return None
    finally:
        loader.load_pretrained = original
    filter_fn = caught[-1] if caught else None
    if filter_fn is None or len(inspect.signature(filter_fn).parameters) > 1:
        return filter_fn
    one_argument = filter_fn
    return lambda state, model: one_argument(state)


def _filtered(
    clean: Mapping[str, Tensor], model: Any, filter_fn: Callable[[Any, Any], Any]
) -> dict[str, Tensor] | None:
    import torch

    made = {
        name: torch.empty(tensor.shape, dtype=_dtype(tensor.dtype), device="meta")
        for name, tensor in clean.items()
    }
    try:
        renamed = filter_fn(made, model)
    # filters look for the names of checkpoints they know, and resample values, which meta has not
    except Exception:
        return None
    return {
        name: Tensor(name, _short(value), tuple(value.shape))
        for name, value in renamed.items()
        if hasattr(value, "shape")
    }


def _ordered(clean: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> dict[str, Tensor] | None:
    """The file's tensors under the model's names, where there are as many and all have their
    shapes."""
    if len(clean) != len(own) or any(
        a.shape != b.shape for a, b in zip(clean.values(), own.values(), strict=True)
    ):
        return None
    return {
        name: msgspec.structs.replace(tensor, name=name)
        for name, tensor in zip(own, clean.values(), strict=True)
    }


def _difference(
    how: str, theirs: Mapping[str, Tensor], own: Mapping[str, Tensor], parameters: Collection[str]
) -> WeightsComparison:
    both = [name for name in own if name in theirs]
    missing = [name for name in own if name not in theirs and not name.endswith(COUNTERS)]
    unexpected = [name for name in theirs if name not in own]
    reshaped = [
        (n, list(theirs[n].shape), list(own[n].shape))
        for n in both
        if theirs[n].shape != own[n].shape
    ]
    retyped = [(n, theirs[n].dtype, own[n].dtype) for n in both if theirs[n].dtype != own[n].dtype]
    all_there = all(name in theirs for name in parameters) and not reshaped
    count = (
        sum(_elements(own[name].shape) for name in own if name in parameters) if all_there else None
    )
    counts = {
        "missing": len(missing),
        "unexpected": len(unexpected),
        "reshaped": len(reshaped),
        "retyped": len(retyped),
    }
    return WeightsComparison(
        how=how,
        matched=len(both) - len(reshaped),
        model=len(own),
        missing=missing[:MOST],
        unexpected=unexpected[:MOST],
        reshaped=reshaped[:MOST],
        retyped=retyped[:MOST],
        counts=counts,
        parameters=count,
    )


def _elements(shape: Sequence[int]) -> int:
    total = 1
    for side in shape:
        total *= side
    return total


def unwrapped(name: str) -> str:
    """The name without what torch.compile and DistributedDataParallel put before it."""
    for _ in WRAPPERS:
        for wrapper in WRAPPERS:
            name = name.removeprefix(wrapper)
    return name


def _short(value: "torch.Tensor") -> str:
    return str(value.dtype).removeprefix("torch.")


def _dtype(name: str) -> "torch.dtype":
    import torch

    found = getattr(torch, name, None)
    return found if isinstance(found, torch.dtype) else torch.float32
