"""Compare a checkpoint's tensors with the state dict of the live model.

This is the only module of the chapter that builds a model. A zoo's loader does more than look names
up: it removes wrappers, and it may rename, drop and reshape tensors. So timm's filter for the
architecture runs on meta tensors. Where no name helps, tensors are paired in their order, as timm's
`remap_state_dict` does.
"""

import inspect
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from zoo.model_index.records.records import Builder
from zoo.models import builders
from zoo.models.memory_errors import is_memory_error
from zoo.weights.formats import Tensor
from zoo.weights.live_tensors import LiveTensors, describe_model, dtype_name, fits_dtype
from zoo.weights.names import Naming, find_namings, remove_wrappers

if TYPE_CHECKING:
    import torch

COUNTERS = "num_batches_tracked"  # torch adds them where a file is older than they are
# The differences that keep a file from fitting, in words.
WRONG = {
    "missing": "missing",
    "unexpected": "unexpected",
    "reshaped": "reshaped",
    "unfit": "of another type",
}
MAX_NAMES = 20  # of each kind of difference


class WeightsComparison(msgspec.Struct, frozen=True, kw_only=True):
    """How the tensors of a file fit the live model.

    `how` is `names`, `prefix` (which only one side has: see `zoo.weights.names.Naming`), `filter`
    (after timm's own) or `order`; `matched` of `model` tensors of the model are in the file with
    the same shape and a fitting type.

    `missing`, `unexpected`, `reshaped` (name, the file's shape, the model's), `unfit` (name, the
    file's type, the model's, where values of the one cannot be the other's) and `shared` (not in
    the file: it holds a tensor of the same values) are the first of each, `counts` how many there
    are of each. `retyped` are types that differ and fit: the file's, the model's, how many tensors.
    `parameters` is the number of elements that the model calls parameters, where all of them are
    matched.
    """

    how: str
    matched: int
    model: int
    prefix: str = ""
    missing: list[str] = []
    unexpected: list[str] = []
    reshaped: list[tuple[str, list[int], list[int]]] = []
    unfit: list[tuple[str, str, str]] = []
    shared: list[str] = []
    retyped: list[tuple[str, str, int]] = []
    counts: dict[str, int] = {}
    parameters: int | None = None

    @property
    def fits(self) -> bool:
        """Return whether the file has exactly the model's tensors."""
        return not any(self.counts[kind] for kind in WRONG)


class TensorMatch(NamedTuple):
    """A comparison, and the names under which the file's tensors were compared, by the file's.

    After these names come the filter, where `how` is `filter`, and the names that share values.
    """

    comparison: WeightsComparison
    names: Mapping[str, str]


def compare(
    tensors: Sequence[Tensor],
    builder: Builder,
    trusted: Collection[str] = (),
    *,
    tied: Mapping[str, str] | None = None,
    ordered: bool = True,
) -> WeightsComparison:
    """Compare the tensors of a file with the model that `builder` builds, in the way that matches
    best.

    `tied` are names that the file states for the data of another of its tensors; `ordered` tells
    whether the file keeps the order of the state dict.

    Raises:
        BuilderMissing, BuildError: as `zoo.models.builders.build`.
    """
    return find_match(tensors, builder, trusted, tied=tied, ordered=ordered).comparison


def compare_facts(
    tensors: Sequence[Tensor],
    builder: Builder,
    trusted: Collection[str],
    tied: Mapping[str, str] | None,
    ordered: bool,
) -> dict[str, Any]:
    """Compare as `compare` does, for evidence: the fields, or the error of building the model.

    Raises:
        BuildError: memory ran out, which says nothing about the model.
    """
    try:
        comparison = compare(tensors, builder, trusted, tied=tied, ordered=ordered)
    except builders.BuilderMissing as error:
        return {"error": str(error), "gap": error.gap.kind}
    except builders.BuildError as error:
        if isinstance(error, builders.TooLarge) or is_memory_error(error):
            raise
        return {"error": str(error)}
    fields: dict[str, Any] = msgspec.to_builtins(comparison)
    return fields


def find_match(
    tensors: Sequence[Tensor],
    builder: Builder,
    trusted: Collection[str] = (),
    *,
    tied: Mapping[str, str] | None = None,
    ordered: bool = True,
) -> TensorMatch:
    """Find the names under which a file's tensors match the model best; see `compare`."""
    model = builders.build(builder, trusted).model
    live = describe_model(model)
    stored = {tensor.name: tensor for tensor in tensors}
    copies = {name: stored[kept] for name, kept in (tied or {}).items() if kept in stored}

    def match(naming: Naming, renamed: Mapping[str, Tensor] | None = None) -> TensorMatch:
        renamed = _rename(stored, naming.names) if renamed is None else renamed
        copied = _rename(copies, naming.names)
        return TensorMatch(_difference(naming, renamed, copied, live), naming.names)

    matches = []
    for naming in find_namings([*stored, *copies], live.tensors):
        matches.append(match(naming))
        if matches[-1].comparison.fits:
            return matches[-1]
    if filter_fn := filter_of(builder):
        naming = Naming("filter", {name: remove_wrappers(name) for name in stored})
        if filtered := _apply_filter(_rename(stored, naming.names), model, filter_fn):
            matches.append(match(naming, filtered))
    if ordered and (names := _pair(stored, live.tensors)):
        matches.append(match(Naming("order", names)))
    return max(matches, key=lambda match: (match.comparison.fits, match.comparison.matched))


def _rename(tensors: Mapping[str, Tensor], names: Mapping[str, str]) -> dict[str, Tensor]:
    return {names[name]: tensor for name, tensor in tensors.items() if name in names}


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
        name: Tensor(name, dtype_name(value), tuple(value.shape))
        for name, value in renamed.items()
        if hasattr(value, "shape")
    }


def _pair(stored: Mapping[str, Tensor], live: Mapping[str, Tensor]) -> dict[str, str] | None:
    """Return the model's names by the file's, in order; None where shapes or types do not fit, or
    where a name of both sides would be paired with another."""
    if len(stored) != len(live):
        return None
    pairs = list(zip(stored.values(), live.values(), strict=True))
    if any(
        tensor.shape != wanted.shape
        or not fits_dtype(tensor.dtype, wanted.dtype)
        or (tensor.name in live and tensor.name != wanted.name)
        for tensor, wanted in pairs
    ):
        return None
    return dict(zip(stored, live, strict=True))


def _difference(
    naming: Naming,
    tensors: Mapping[str, Tensor],
    copies: Mapping[str, Tensor],
    live: LiveTensors,
) -> WeightsComparison:
    expected = live.tensors
    common = [(tensors[name], expected[name]) for name in expected if name in tensors]
    absent = [name for name in expected if name not in tensors]
    shared = [
        name
        for name in absent
        if live.partners[name] & tensors.keys()
        or (name in copies and copies[name].shape == expected[name].shape)
    ]
    reshaped = [
        (wanted.name, list(tensor.shape), list(wanted.shape))
        for tensor, wanted in common
        if tensor.shape != wanted.shape
    ]
    unfit, retyped = [], Counter[tuple[str, str]]()
    for tensor, wanted in common:
        if not fits_dtype(tensor.dtype, wanted.dtype):
            unfit.append((wanted.name, tensor.dtype, wanted.dtype))
        elif tensor.dtype != wanted.dtype:
            retyped[tensor.dtype, wanted.dtype] += 1
    differences: dict[str, list[Any]] = {
        "missing": [n for n in absent if n not in shared and not n.endswith(COUNTERS)],
        "unexpected": [name for name in tensors if name not in expected],
        "reshaped": reshaped,
        "unfit": unfit,
        "shared": shared,
    }
    wrong = {name for name, *_ in (*reshaped, *unfit)}
    whole = not wrong and all(name in tensors or name in shared for name in live.parameters)
    return WeightsComparison(
        how=naming.how,
        prefix=naming.prefix,
        matched=len(common) - len(wrong),
        model=len(expected),
        retyped=[(*types, number) for types, number in retyped.most_common()],
        counts={kind: len(rows) for kind, rows in differences.items()},
        parameters=sum(expected[name].elements for name in live.parameters) if whole else None,
        **{kind: rows[:MAX_NAMES] for kind, rows in differences.items()},
    )


def _dtype(name: str) -> "torch.dtype":
    import torch

    dtype = getattr(torch, name, None)
    return dtype if isinstance(dtype, torch.dtype) else torch.float32
