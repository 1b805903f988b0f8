"""Count as OpenMMLab's zoos do: by mmcv's counter until 2022, by mmengine's since, up to the
classifier.

Their `get_flops` runs feature extraction only, so the classifier never counts, whatever its
classes. Some of their models are written in another way than timm's; the variants cover that.
"""

from collections.abc import Iterator
from itertools import combinations

from zoo.counting.hook_based_tools import MMCV, Terms, Variant, add_terms, join_options
from zoo.model_index.ledger.trace import Row, Trace

MOST = 2  # differences between the two implementations at once
Option = tuple[str, Terms]


def backbone(trace: Trace) -> Trace:
    """Return the trace without its classifier."""
    return trace.backbone


def mmengine(trace: Trace) -> Terms:
    """Count as mmengine's `get_model_complexity_info`: fvcore's rules in training mode. In
    evaluation, a variant, batch norm is two per element.

    Multiply-adds with attention, five per normalised element of any norm, one per element that
    adaptive average pooling reads; no biases.
    """
    return {
        "conv": trace.total("macs", ["convolution"]),
        "linear": trace.total("macs", ["linear"]),
        "matmul": trace.total("macs", ["matmul", "attention"]),
        "norm": 5 * trace.total("inputs", ["normalisation"]),
        "pooling": sum(row.inputs for row in trace.rows if _adaptive(row)),
    }


def _adaptive(row: Row) -> bool:
    return row.operator.startswith("adaptive_avg_pool")


def mmengine_variants(trace: Trace) -> Iterator[Variant]:
    """Yield mmengine's count of a model that pools or normalises in other places than this one."""
    return _combine(_mmengine_options(trace))


def _mmengine_options(trace: Trace) -> Iterator[Option]:
    if pooled := sum(row.inputs for row in trace.rows if _adaptive(row)):
        yield "global pooling left out", {"pooling": -pooled}
    if means := sum(row.inputs for row in trace.rows if row.operator == "mean"):
        yield "means counted as pooling", {"pooling": means}
    if norms := [row.inputs for row in trace.rows if row.kind == "normalisation"]:
        yield "last norm left out", {"norm": -5 * norms[-1]}
    batch_norms = sum(row.inputs for row in trace.rows if row.operator == "batch_norm")
    if batch_norms:
        yield "in evaluation", {"norm": -3 * batch_norms}


def mmcv_variants(trace: Trace) -> Iterator[Variant]:
    """Yield mmcv's count of a model whose layers are torch's own, that pools in other places, or
    has no biases."""
    return _combine(_mmcv_options(trace))


def _mmcv_options(trace: Trace) -> Iterator[Option]:
    merged = trace.merged
    for _, _, extras in MMCV.all_counted(merged):
        yield "subclasses counted", add_terms(extras)
    if pooled := sum(
        MMCV.rule(row.module_type, row).get("pooling", 0) for row in merged.rows if _adaptive(row)
    ):
        yield "global pooling left out", {"pooling": -pooled}
    if biases := MMCV.terms(merged).get("conv bias"):
        yield "convolution biases left out", {"conv bias": -biases}


def _combine(options: Iterator[Option]) -> Iterator[Variant]:
    alternatives = list(options)
    for number in range(1, MOST + 1):
        yield from (join_options(chosen) for chosen in combinations(alternatives, number))
