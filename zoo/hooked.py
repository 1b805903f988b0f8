"""Tools that put hooks on modules: what they count depends on which module types they know.

Such a tool knows torch's own layers and compares types exactly, so a subclass (timm's `Conv2dSame`, a
norm with its activation inside) counts nothing. Which types were subclasses has changed over the years:
a layer that is one today was plain torch when a page was written, or the other way round. So beside the
plain count there is one for each few types taken as hooked or not.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

from model_index.trace import Part, Row, Trace

Terms = dict[str, int]
Rule = Callable[[Row], Terms]
MOST = 3  # types taken otherwise than they are today

CONV = "torch.nn.modules.conv.Conv"
LINEAR = "torch.nn.modules.linear.Linear"
BATCH_NORM = ("torch.nn.modules.batchnorm.BatchNorm", "torch.nn.modules.batchnorm.SyncBatchNorm")
OTHER_NORMS = ("torch.nn.modules.normalization.GroupNorm", "torch.nn.modules.normalization.LayerNorm",
               "torch.nn.modules.instancenorm.")  # fmt: skip
ACTIVATION = "torch.nn.modules.activation."
POOL = "torch.nn.modules.pooling."
UPSAMPLING = "torch.nn.modules.upsampling."
# Layers whose rules need numbers that a trace does not hold.
UNKNOWN = ("torch.nn.modules.conv.ConvTranspose", "torch.nn.modules.rnn.")
SKIPPED = (LINEAR, f"{ACTIVATION}LeakyReLU")  # timm 0.4 had its own Linear, and InplaceAbn for both
UPSAMPLED = {"upsample_nearest2d": 0, "upsample_bilinear2d": 11, "upsample_bicubic2d": 259}  # per output element
MEAN = "AdaptiveAvgPool"  # what `x.mean((2, 3))` was before it was written so


def thop_rule(base: str, row: Row) -> Terms:
    """What thop up to 0.0.31 adds for one operator call in a layer of torch's type `base`.

    Convolutions with their bias (one per output element), linear layers without it, batch norm two per
    element, leaky activations one; average pooling one per output element, adaptive average pooling its
    window plus one per output element.
    """
    if base.startswith(CONV):
        return {"conv": row.macs, "conv bias": row.outputs if row.kind == "bias" else 0}
    if base == LINEAR:
        return {"linear": row.macs}
    if base.startswith(BATCH_NORM):
        return {"norm": 2 * row.inputs if row.kind == "normalisation" else 0}
    if base.startswith(f"{POOL}Adaptive"):
        return {"pooling": row.reads + row.outputs if "AvgPool" in base else 0}
    if base.startswith(f"{POOL}Avg"):
        return {"pooling": row.outputs}
    if base == f"{ACTIVATION}LeakyReLU":
        return {"activation": row.inputs}
    if base.startswith(UPSAMPLING):
        return {"upsampling": UPSAMPLED.get(row.operator, 0) * row.outputs}
    return {}


def ptflops_rule(base: str, row: Row) -> Terms:
    """What ptflops up to 0.6 adds for one operator call in a layer of torch's type `base`.

    Convolutions and linear layers with their bias, norms two per element where affine, the ReLU family
    one per output element, pooling one per input element, upsampling one per output element.
    """
    if base.startswith(CONV):
        return {"conv": row.macs, "conv bias": row.outputs if row.kind == "bias" else 0}
    if base == LINEAR:
        return {"linear": row.macs, "linear bias": row.outputs if row.kind == "bias" else 0}
    if base.startswith((*BATCH_NORM, *OTHER_NORMS)):
        return {"norm": row.inputs * (2 if row.parameters else 1) if row.kind == "normalisation" else 0}
    if base.startswith(POOL):
        return {"pooling": row.inputs}
    if base.startswith(tuple(ACTIVATION + name for name in ("ReLU", "PReLU", "ELU", "LeakyReLU", "GELU"))):
        return {"activation": row.outputs}
    if base.startswith(UPSAMPLING):
        return {"upsampling": row.outputs}
    return {}


def added(parts: Iterable[Terms]) -> Terms:
    """The parts as one sum, term by term."""
    total: Terms = {}
    for part in parts:
        for name, count in part.items():
            total[name] = total.get(name, 0) + count
    return total


def _plain(trace: Trace, rule: Callable[[str, Row], Terms]) -> Terms | None:
    """The sum over layers that are torch's own types; None where one of them has no rule here."""
    types = {row.module_type: trace.bases.get(row.module_type, row.module_type) for row in trace.rows}
    if any(base.startswith(UNKNOWN) for base in types.values()):
        return None
    return added(rule(row.module_type, row) for row in trace.rows if types[row.module_type] == row.module_type)


def _options(trace: Trace, rule: Callable[[str, Row], Terms]) -> Iterator[tuple[str, Terms]]:
    """Each module type that may have been hooked or not, and what it adds then."""
    for kind in SKIPPED:
        if any((counted := added(rule(kind, row) for row in trace.rows if row.module_type == kind)).values()):
            yield f"{short(kind)} skipped", {name: -count for name, count in counted.items()}
    for kind, base in trace.bases.items():
        if any((extra := added(rule(base, row) for row in trace.rows if row.module_type == kind)).values()):
            yield f"{short(kind)} counted", extra
    for kind in dict.fromkeys(row.module_type for row in trace.rows if row.operator == "mean"):
        rows = [row for row in trace.rows if row.module_type == kind and row.operator == "mean"]
        if any((extra := added(rule(f"{POOL}{MEAN}2d", row) for row in rows)).values()):
            yield f"the mean in {short(kind)} counted as pooling", extra


def _variants(trace: Trace, rule: Callable[[str, Row], Terms]) -> Iterator[tuple[str, int, tuple[Terms, ...]]]:
    options = list(_options(trace, rule))
    for number in range(1, MOST + 1):
        for chosen in combinations(options, number):
            yield f"({', '.join(what for what, _ in chosen)})", number, tuple(extra for _, extra in chosen)


def short(module_type: str) -> str:
    """`BatchNormAct2d` of `timm.layers.norm_act.BatchNormAct2d`."""
    return module_type.rpartition(".")[2]


def thop(trace: Trace) -> Terms | None:
    """thop up to 0.0.31, over module types as they are today; see `thop_rule`.

    None for a model with transposed convolutions, recurrent layers or windows that do not tile.
    """
    if any(r.module_type.startswith(f"{POOL}AdaptiveAvg") and r.reads % max(r.outputs, 1) for r in trace.rows):
        return None
    return _plain(trace, thop_rule)


def thop_variants(trace: Trace) -> Iterator[tuple[str, int, tuple[Terms, ...]]]:
    """thop with some module types hooked that are not today, or the other way round."""
    return _variants(trace, thop_rule)


def ptflops(trace: Trace) -> Terms | None:
    """ptflops up to 0.6, over module types as they are today; see `ptflops_rule`. None as for `thop`."""
    return _plain(trace, ptflops_rule)


def ptflops_variants(trace: Trace) -> Iterator[tuple[str, int, tuple[Terms, ...]]]:
    """ptflops with some module types hooked that are not today, or the other way round."""
    return _variants(trace, ptflops_rule)


def thop_parameters(parts: Iterable[Part], bases: dict[str, str]) -> Iterator[tuple[str, int, int]]:
    """(what, number of types taken otherwise, parameters) as thop sums them: over the layers it hooks only."""
    held: dict[str, int] = {}
    for part in parts:
        held[part.module_type] = held.get(part.module_type, 0) + part.parameters
    hooks = (CONV, LINEAR, *BATCH_NORM)
    plain = sum(count for kind, count in held.items() if kind.startswith(hooks))
    options = [("Linear skipped", -held[LINEAR])] if held.get(LINEAR) else []
    options += [
        (f"{short(kind)} counted", count)
        for kind, count in held.items()
        if count and kind in bases and bases[kind].startswith(hooks)
    ]
    for number in range(MOST + 1):
        for chosen in combinations(options, number):
            what = f" ({', '.join(what for what, _ in chosen)})" if chosen else ""
            yield what, number, plain + sum(extra for _, extra in chosen)
