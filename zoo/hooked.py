"""Tools that put hooks on modules: what they count depends on which module types they know.

Such a tool knows torch's own layers and compares types exactly, so a subclass (timm's `Conv2dSame`, a
norm with its activation inside) counts nothing. Which types were subclasses has changed over the years:
a layer that is one today was plain torch when a page was written, or the other way round. So beside the
plain count there is one for each few types taken as hooked or not.

A tool is a table: module type -> what one operator call in it adds. Every table gives, to the last digit,
what the version it names prints.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from model_index.trace import LIBRARY, Part, Row, Trace

Terms = dict[str, int]
Rule = Callable[[Row], Terms]
Variant = tuple[str, int, tuple[Terms, ...]]
MOST = 3  # types taken otherwise than they are today

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
ATTENTION = f"{ACTIVATION}MultiheadAttention"
SKIPPED = (LINEAR, f"{ACTIVATION}LeakyReLU")  # timm 0.4 had its own Linear, and InplaceAbn for both
MEAN = "AdaptiveAvgPool"  # what `x.mean((2, 3))` was before it was written so


def _each(term: str, kind: str, column: str, times: int = 1) -> Rule:
    """A rule: so many for each element, multiply-add or parameter of the calls of one class."""
    return lambda row: {term: times * getattr(row, column) if row.kind == kind else 0}


def _sum(*rules: Rule) -> Rule:
    return lambda row: added(rule(row) for rule in rules)


def _norm(plain: int, affine: int) -> Rule:
    """So many for each element of the input, by whether the norm has parameters."""
    return lambda row: {
        "norm": row.inputs * (affine if row.parameters else plain) if row.kind == "normalisation" else 0
    }


def _upsampled(times: dict[str, int]) -> Rule:
    """So many for each element of the output, by operator."""
    return lambda row: {"upsampling": times.get(row.operator, 0) * row.outputs}


def _types(prefix: str, names: str, dimensions: str = "123") -> tuple[str, ...]:
    return tuple(f"{prefix}{name}{d}d" for name in names.split() for d in dimensions)


CONVS = tuple(f"{CONV}{d}d" for d in "123")
BATCH_NORMS = tuple(f"{BATCH_NORM[0]}{d}d" for d in "123")
INSTANCE_NORMS = tuple(f"{INSTANCE_NORM}{d}d" for d in "123")
POOLS = _types(POOL, "MaxPool AvgPool AdaptiveMaxPool AdaptiveAvgPool")
RELUS = tuple(ACTIVATION + name for name in "ReLU PReLU ELU LeakyReLU ReLU6".split())
UPSAMPLES = tuple(UPSAMPLING + name for name in "Upsample UpsamplingBilinear2d UpsamplingNearest2d".split())

PRODUCTS = _each("conv", "convolution", "macs")
BIASED_CONV = _sum(PRODUCTS, _each("conv bias", "bias", "outputs"))
WEIGHTS_ONLY = _each("linear", "linear", "macs")
WINDOW = _sum(_each("pooling", "pooling", "reads"), _each("pooling", "pooling", "outputs"))
INTERPOLATED = {"upsample_bilinear2d": 11, "upsample_bicubic2d": 259}


@dataclass(frozen=True, slots=True)
class Tool:
    """What a tool adds for one operator call in a layer of each of torch's types.

    Types that start with one of `unknown` are counted by rules that need numbers a trace does not hold:
    a model that has one gets no count. `tiled` says the same of adaptive average pooling whose windows do
    not tile the input.
    """

    rules: dict[str, Rule]
    unknown: tuple[str, ...] = ()
    tiled: bool = False

    def knows(self, trace: Trace) -> bool:
        """Whether every layer of the model has a rule here; to be asked of a trace that is not merged."""
        if any(trace.bases.get(row.module_type, row.module_type).startswith(self.unknown) for row in trace.rows):
            return False
        return not self.tiled or not any(
            row.reads % max(row.outputs, 1)
            for row in trace.rows
            if row.kind == "pooling" and row.module_type.startswith(POOL + MEAN)
        )

    def rule(self, kind: str, row: Row) -> Terms:
        """What `row` adds in a layer of torch's type `kind`; nothing where the tool has no hook."""
        return self.rules[kind](row) if kind in self.rules else {}

    def terms(self, trace: Trace) -> Terms:
        """The sum over layers that are torch's own types, as they are today."""
        return added(self.rule(row.module_type, row) for row in trace.rows)

    def variants(self, trace: Trace) -> Iterator[Variant]:
        """The sum with some module types hooked that are not today, or the other way round."""
        options = [*self._skipped(trace), *self._subclasses(trace), *self._means(trace)]
        for number in range(1, MOST + 1):
            for chosen in combinations(options, number):
                yield f"({', '.join(what for what, _ in chosen)})", number, tuple(extra for _, extra in chosen)

    def all_counted(self, trace: Trace) -> Iterator[Variant]:
        """The sum with every subclass of torch's layers hooked: where the model had torch's own instead."""
        if extras := tuple(extra for _, extra in self._subclasses(trace)):
            yield "(subclasses counted)", 1, extras

    def _skipped(self, trace: Trace) -> Iterator[tuple[str, Terms]]:
        for kind in SKIPPED:
            if any((counted := self._of(trace, kind, kind)).values()):
                yield f"{short(kind)} skipped", {name: -count for name, count in counted.items()}

    def _subclasses(self, trace: Trace) -> Iterator[tuple[str, Terms]]:
        for kind, base in trace.bases.items():
            if any((extra := self._of(trace, kind, base)).values()):
                yield f"{short(kind)} counted", extra

    def _means(self, trace: Trace) -> Iterator[tuple[str, Terms]]:
        for kind in dict.fromkeys(row.module_type for row in trace.rows if row.operator == "mean"):
            if any((extra := self._of(trace, kind, f"{POOL}{MEAN}2d", "mean")).values()):
                yield f"the mean in {short(kind)} counted as pooling", extra

    def _of(self, trace: Trace, kind: str, base: str, operator: str = "") -> Terms:
        """What the layers of one type add, taken for torch's `base`."""
        rows = (row for row in trace.rows if row.module_type == kind and operator in ("", row.operator))
        return added(self.rule(base, row) for row in rows)


# thop 0.0.23 to 0.0.31 (2019-2020) and 0.0.5 (2021): convolutions with their bias, linear layers without it,
# batch norm two per element, leaky activations one; average pooling one per output element, adaptive average
# pooling its window, rounded down, plus one per output element.
THOP = Tool(
    {
        **dict.fromkeys(CONVS, BIASED_CONV),
        LINEAR: WEIGHTS_ONLY,
        **dict.fromkeys((*BATCH_NORMS, BATCH_NORM[1]), _norm(2, 2)),
        **dict.fromkeys(_types(POOL, "AvgPool"), _each("pooling", "pooling", "outputs")),
        **dict.fromkeys(_types(POOL, MEAN), WINDOW),
        f"{ACTIVATION}LeakyReLU": _each("activation", "activation", "inputs"),
        **dict.fromkeys(UPSAMPLES, _upsampled(INTERPOLATED)),
    },
    unknown=(TRANSPOSED, RECURRENT),
    tiled=True,
)

# thop 0.1.1 (2022): as before, but convolutions without their bias, leaky activations nothing, PReLU one per
# element, and batch, layer and instance norm four per element where affine. Its softmax needs the dimension.
THOP_01 = Tool(
    {
        **dict.fromkeys(CONVS, PRODUCTS),
        LINEAR: WEIGHTS_ONLY,
        **dict.fromkeys((*BATCH_NORMS, BATCH_NORM[1], LAYER_NORM, *INSTANCE_NORMS), _norm(2, 4)),
        **dict.fromkeys(_types(POOL, "AvgPool"), _each("pooling", "pooling", "outputs")),
        **dict.fromkeys(_types(POOL, MEAN), WINDOW),
        f"{ACTIVATION}PReLU": _each("activation", "activation", "inputs"),
        **dict.fromkeys(UPSAMPLES, _upsampled(INTERPOLATED | {"upsample_nearest2d": 1})),
    },
    unknown=(TRANSPOSED, RECURRENT, f"{ACTIVATION}Softmax"),
)

# mmcv 1.x `get_model_complexity_info` (OpenMMLab, 2020-2022), a copy of ptflops 0.6.3 with more norms:
# convolutions with their bias, linear layers without it, norms two per element where affine and one where
# not, the ReLU family one per output element, pooling one per input element, upsampling one per output element.
MMCV = Tool(
    {
        **dict.fromkeys(CONVS, BIASED_CONV),
        LINEAR: WEIGHTS_ONLY,
        **dict.fromkeys((*BATCH_NORMS, LAYER_NORM, GROUP_NORM, *INSTANCE_NORMS), _norm(1, 2)),
        **dict.fromkeys(POOLS, _each("pooling", "pooling", "inputs")),
        **dict.fromkeys(RELUS, _each("activation", "activation", "outputs")),
        f"{UPSAMPLING}Upsample": _each("upsampling", "pooling", "outputs"),
    },
    unknown=(TRANSPOSED,),
)

# ptflops 0.6.9 (2021-2023): as mmcv, but no layer norm, GELU with the ReLU family, and a linear layer's bias
# once a call, however many positions the call has. Its multi-head attention is not held here.
PTFLOPS = Tool(
    {
        **{kind: rule for kind, rule in MMCV.rules.items() if kind != LAYER_NORM},
        LINEAR: _sum(WEIGHTS_ONLY, _each("linear bias", "bias", "parameters")),
        f"{ACTIVATION}GELU": _each("activation", "activation", "outputs"),
    },
    unknown=(TRANSPOSED, RECURRENT, ATTENTION),
)

NOT_LEAVES = ("NormAct", "MultiheadAttention")  # these hold layers of their own, which torchinfo counts instead
WEIGHTED = ("convolution", "linear", "normalisation", "activation", "bias")


def torchinfo(trace: Trace) -> Terms:
    """torchinfo 1.8's `total_mult_adds`: parameters of layers without children, by the class's name.

    A layer with `Conv` in its name counts each weight and bias once for every position of its output, every
    other layer once for every image of the batch: a linear layer that works on tokens counts as if it had one.
    """
    terms = {"conv": 0, "conv bias": 0, "parameters of other layers": 0}
    for row in trace.rows:
        name = short(row.module_type)
        if not (row.module_type in trace.bases or row.module_type.startswith(LIBRARY)):
            continue
        if "Conv" in name:
            terms["conv"] += row.macs if row.kind == "convolution" else 0
            terms["conv bias"] += row.outputs if row.kind == "bias" else 0
        elif row.kind in WEIGHTED and not any(part in name for part in NOT_LEAVES):
            terms["parameters of other layers"] += trace.input_size[0] * row.parameters
    return terms


def torchinfo_knows(trace: Trace) -> bool:
    """False for a model with transposed convolutions or recurrent layers, whose rules are not held here."""
    return Tool({}, unknown=(TRANSPOSED, RECURRENT)).knows(trace)


def added(parts: Iterable[Terms]) -> Terms:
    """The parts as one sum, term by term."""
    total: Terms = {}
    for part in parts:
        for name, count in part.items():
            total[name] = total.get(name, 0) + count
    return total


def short(module_type: str) -> str:
    """`BatchNormAct2d` of `timm.layers.norm_act.BatchNormAct2d`."""
    return module_type.rpartition(".")[2]


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
