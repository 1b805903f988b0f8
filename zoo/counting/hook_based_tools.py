"""Counting tools that hook modules: their count depends on the module types they know.

Such a tool knows torch's own layers and compares types exactly, so a subclass (timm's `Conv2dSame`,
a norm with its activation inside) counts nothing. Which types were subclasses has changed over the
years: a layer that is one today was plain torch when a page was written, or the reverse. So
beside the plain count there are variants, with up to three types hooked or not.

A tool is a table: module type -> terms that one operator call in it adds. Every table gives, to the
last digit, the number that the version it names prints.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from zoo.model_index.ledger.trace import LIBRARY, Part, Row, Trace

Terms = dict[str, int]
Rule = Callable[[Row], Terms]
Variant = tuple[str, int, tuple[Terms, ...]]
MOST = 3  # types that a variant treats in another way than today

CONV = "torch.nn.modules.conv.Conv"
LINEAR = "torch.nn.modules.linear.Linear"
BATCH_NORM = ("torch.nn.modules.batchnorm.BatchNorm", "torch.nn.modules.batchnorm.SyncBatchNorm")
LAYER_NORM = "torch.nn.modules.normalization.LayerNorm"
GROUP_NORM = "torch.nn.modules.normalization.GroupNorm"
INSTANCE_NORM = "torch.nn.modules.instancenorm.InstanceNorm"
ACTIVATION = "torch.nn.modules.activation."
POOL = "torch.nn.modules.pooling."
UPSAMPLING = "torch.nn.modules.upsampling."
TRANSPOSED = f"{CONV}Transpose"
RECURRENT = "torch.nn.modules.rnn."
SKIPPED = (LINEAR, f"{ACTIVATION}LeakyReLU")  # timm 0.4 had its own Linear, and InplaceAbn for both
MEAN = "AdaptiveAvgPool"  # older code has this layer in the place of `x.mean((2, 3))`


def _per(term: str, column: str, *kinds: str) -> Rule:
    """Return a rule: one for each element, multiply-add or parameter of calls of these classes."""
    return lambda row: {term: getattr(row, column) if row.kind in kinds else 0}


def _sum(*rules: Rule) -> Rule:
    return lambda row: add_terms(rule(row) for rule in rules)


def _norm(plain: int, affine: int) -> Rule:
    """Return a rule: a number for each element of the input, by whether the norm has parameters."""
    normalised = _per("norm", "inputs", "normalisation")
    return lambda row: {"norm": (affine if row.parameters else plain) * normalised(row)["norm"]}


def _upsampling(times: dict[str, int]) -> Rule:
    """Return a rule: a number for each element of the output, by operator."""
    return lambda row: {"upsampling": times.get(row.operator, 0) * row.outputs}


def _types(*prefixes: str) -> tuple[str, ...]:
    """Return the layers for one, two and three dimensions."""
    return tuple(f"{prefix}{d}d" for prefix in prefixes for d in "123")


CONVS, BATCH_NORMS, INSTANCE_NORMS = _types(CONV), _types(BATCH_NORM[0]), _types(INSTANCE_NORM)
AVERAGES, MEANS = _types(f"{POOL}AvgPool"), _types(POOL + MEAN)
POOLS = (*AVERAGES, *MEANS, *_types(f"{POOL}MaxPool", f"{POOL}AdaptiveMaxPool"))
RELUS = tuple(ACTIVATION + name for name in "ReLU PReLU ELU LeakyReLU ReLU6".split())
UPSAMPLES = tuple(
    UPSAMPLING + name for name in "Upsample UpsamplingBilinear2d UpsamplingNearest2d".split()
)

PRODUCTS = _per("conv", "macs", "convolution")
BIASED_CONV = _sum(PRODUCTS, _per("conv bias", "outputs", "bias"))
WEIGHTS_ONLY = _per("linear", "macs", "linear")
POOLED = _per("pooling", "outputs", "pooling")
WINDOW = _sum(_per("pooling", "reads", "pooling"), POOLED)
ACTIVATED = _per("activation", "outputs", "activation")
INTERPOLATED = {"upsample_bilinear2d": 11, "upsample_bicubic2d": 259}


@dataclass(frozen=True, slots=True)
class Tool:
    """A counting tool: the terms it adds for an operator call in a layer of each of torch's types.

    Types that start with one of `unknown` are counted by rules that need numbers a trace does not
    hold: a model with one gets no count. `tiled` says the same of adaptive average pooling whose
    windows do not tile the input.
    """

    rules: dict[str, Rule]
    unknown: tuple[str, ...] = ()
    tiled: bool = False

    def knows(self, trace: Trace) -> bool:
        """Whether every layer of the model has a rule here; the trace must not be merged."""
        return not self.refuses(trace)

    def refuses(self, trace: Trace) -> str:
        """Return the first type of layer without a rule; empty where every layer has one."""
        types = [trace.bases.get(row.module_type, row.module_type) for row in trace.merged.rows]
        if unknown := [kind for kind in types if kind.startswith(self.unknown)]:
            return short(unknown[0])
        uneven = (
            short(row.module_type)
            for row in trace.rows
            if row.kind == "pooling"
            and row.module_type.startswith(POOL + MEAN)
            and row.reads % max(row.outputs, 1)
        )
        return next(uneven, "") if self.tiled else ""

    def rule(self, kind: str, row: Row) -> Terms:
        """Return the terms of `row` in a layer of torch's type `kind`; none without a hook."""
        return self.rules[kind](row) if kind in self.rules else {}

    def terms(self, trace: Trace) -> Terms:
        """Return the sum over layers that are torch's own types, as they are today."""
        return add_terms(self.rule(row.module_type, row) for row in trace.rows)

    def variants(self, trace: Trace) -> Iterator[Variant]:
        """Yield the sum with some module types hooked that are not today, or the reverse."""
        trace = trace.merged
        options = [*self._skipped(trace), *self._subclasses(trace), *self._means(trace)]
        for number in range(1, MOST + 1):
            yield from (join_options(chosen) for chosen in combinations(options, number))

    def all_counted(self, trace: Trace) -> Iterator[Variant]:
        """Yield the sum with every subclass of torch's layers hooked, as if it were torch's own."""
        if extras := tuple(extra for _, extra in self._subclasses(trace.merged)):
            yield "(subclasses counted)", 1, extras

    def _skipped(self, trace: Trace) -> Iterator[tuple[str, Terms]]:
        for kind in SKIPPED:
            if any((counted := self._layer_terms(trace, kind, kind)).values()):
                yield f"{short(kind)} skipped", {name: -count for name, count in counted.items()}

    def _subclasses(self, trace: Trace) -> Iterator[tuple[str, Terms]]:
        for kind, base in trace.bases.items():
            if any((extra := self._layer_terms(trace, kind, base)).values()):
                yield f"{short(kind)} counted", extra

    def _means(self, trace: Trace) -> Iterator[tuple[str, Terms]]:
        for kind in dict.fromkeys(row.module_type for row in trace.rows if row.operator == "mean"):
            if any((extra := self._layer_terms(trace, kind, f"{POOL}{MEAN}2d", "mean")).values()):
                yield f"the mean in {short(kind)} counted as pooling", extra

    def _layer_terms(self, trace: Trace, kind: str, base: str, operator: str = "") -> Terms:
        """Return the terms of the layers of one type, counted as torch's `base`."""
        rows = (
            row for row in trace.rows if row.module_type == kind and operator in ("", row.operator)
        )
        return add_terms(self.rule(base, row) for row in rows)


# thop 0.0.31 (2019-2020) and 0.0.5 (2021): convolutions with their bias, linear layers without it,
# batch norm two per element, leaky activations one; average pooling one per output element,
# adaptive average pooling its window, rounded down, plus one per output element.
THOP = Tool(
    {
        **dict.fromkeys(CONVS, BIASED_CONV),
        LINEAR: WEIGHTS_ONLY,
        **dict.fromkeys((*BATCH_NORMS, BATCH_NORM[1]), _norm(2, 2)),
        **dict.fromkeys(AVERAGES, POOLED),
        **dict.fromkeys(MEANS, WINDOW),
        f"{ACTIVATION}LeakyReLU": ACTIVATED,
        **dict.fromkeys(UPSAMPLES, _upsampling(INTERPOLATED)),
    },
    unknown=(TRANSPOSED, RECURRENT),
    tiled=True,
)

# thop 0.1.1 (2022): as before, but convolutions without their bias, leaky activations nothing,
# PReLU one per element, and batch, layer and instance norm four per element where affine. Its
# softmax needs the dimension.
THOP_01 = Tool(
    {
        **{kind: rule for kind, rule in THOP.rules.items() if kind != f"{ACTIVATION}LeakyReLU"},
        **dict.fromkeys(CONVS, PRODUCTS),
        **dict.fromkeys((*BATCH_NORMS, BATCH_NORM[1], LAYER_NORM, *INSTANCE_NORMS), _norm(2, 4)),
        f"{ACTIVATION}PReLU": ACTIVATED,
        **dict.fromkeys(UPSAMPLES, _upsampling(INTERPOLATED | {"upsample_nearest2d": 1})),
    },
    unknown=(TRANSPOSED, RECURRENT, f"{ACTIVATION}Softmax"),
)

# mmcv 1.x `get_model_complexity_info` (OpenMMLab, 2020-2022), a copy of ptflops 0.6.3 with more
# norms: convolutions with their bias, linear layers without it, norms two per element where affine
# and one where not, the ReLU family one per output element, pooling one per input element,
# upsampling one per output element.
MMCV = Tool(
    {
        **dict.fromkeys(CONVS, BIASED_CONV),
        LINEAR: WEIGHTS_ONLY,
        **dict.fromkeys((*BATCH_NORMS, LAYER_NORM, GROUP_NORM, *INSTANCE_NORMS), _norm(1, 2)),
        **dict.fromkeys(POOLS, _per("pooling", "inputs", "pooling")),
        **dict.fromkeys(RELUS, ACTIVATED),
        f"{UPSAMPLING}Upsample": _per("upsampling", "outputs", "pooling"),
    },
    unknown=(TRANSPOSED,),
)

# ptflops 0.6.9 (2021-2023): as mmcv, but no layer norm, GELU with the ReLU family, and a linear
# layer's bias once a call, however many positions the call has. Its multi-head attention is not
# held here.
PTFLOPS = Tool(
    {
        **{kind: rule for kind, rule in MMCV.rules.items() if kind != LAYER_NORM},
        LINEAR: _sum(WEIGHTS_ONLY, _per("linear bias", "parameters", "bias", "elementwise")),
        f"{ACTIVATION}GELU": ACTIVATED,
    },
    unknown=(TRANSPOSED, RECURRENT, f"{ACTIVATION}MultiheadAttention"),
)

# ptflops 0.7.5 (2024-2026), its hooks: as 0.6.9, with layer norm, transposed convolutions, and the
# bias of a linear layer for each position.
PTFLOPS_07 = Tool(
    {
        **PTFLOPS.rules,
        **dict.fromkeys(_types(TRANSPOSED), BIASED_CONV),
        LAYER_NORM: _norm(1, 1),
        LINEAR: _sum(WEIGHTS_ONLY, _per("linear bias", "outputs", "bias", "elementwise")),
    },
    unknown=("torchvision.ops.deform_conv.",),
)

# Layers that hold layers of their own, which torchinfo counts instead.
NOT_LEAVES = ("NormAct", "MultiheadAttention")
torchinfo_knows = Tool({}, unknown=(TRANSPOSED, RECURRENT)).knows


def torchinfo(trace: Trace) -> Terms:
    """Count as torchinfo 1.8's `total_mult_adds`: parameters of layers without children, by the
    class's name.

    A layer with `Conv` in its name counts each weight and bias once for every position of its
    output, every other layer once for every image of the batch: a linear layer that works on tokens
    counts as if it had one. Where a layer's first dimension is not the batch (windows of
    attention), torchinfo counts more than this.
    """
    layers = [
        row
        for row in trace.rows
        if row.module_type in trace.bases or row.module_type.startswith(LIBRARY)
    ]
    convs = [row for row in layers if "Conv" in short(row.module_type)]
    others = [
        row
        for row in layers
        if not any(part in short(row.module_type) for part in ("Conv", *NOT_LEAVES))
    ]
    return {
        "conv": sum(row.macs for row in convs),
        "conv bias": sum(row.outputs for row in convs if row.kind == "bias"),
        "parameters of other layers": trace.batch * sum(row.parameters for row in others),
    }


def add_terms(parts: Iterable[Terms]) -> Terms:
    """Return the parts as one sum, term by term."""
    total: Terms = {}
    for part in parts:
        for name, count in part.items():
            total[name] = total.get(name, 0) + count
    return total


def join_options(options: Sequence[tuple[str, Terms]]) -> Variant:
    """Return the variant that takes several options at once."""
    changes = ", ".join(change for change, _ in options)
    return f"({changes})", len(options), tuple(terms for _, terms in options)


def short(module_type: str) -> str:
    """Return the class name: `BatchNormAct2d` of `timm.layers.norm_act.BatchNormAct2d`."""
    return module_type.rpartition(".")[2]


def thop_parameters(parts: Iterable[Part], bases: dict[str, str]) -> Iterator[tuple[str, int, int]]:
    """Yield (change, number of types it treats in another way, parameters) as thop sums them: over
    the layers it hooks only."""
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
            changes = ", ".join(change for change, _ in chosen)
            change = f" ({changes})" if chosen else ""
            yield change, number, plain + sum(extra for _, extra in chosen)
