"""One table of counting conventions: each a formula over a trace.

A convention is what one counting tool adds up. The formulas name their terms, so an explanation can
say where a number comes from. Adding a convention is adding a row to `CONVENTIONS`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from model_index.trace import Trace

Terms = dict[str, int]


@dataclass(frozen=True, slots=True)
class Convention:
    """`formula` gives the named parts of the sum; `rank` orders explanations, simplest first."""

    name: str
    label: str
    rank: int
    formula: Callable[[Trace], Terms | None]
    source: str

    def terms(self, trace: Trace) -> Terms | None:
        """The named parts of the sum, None for a model the convention has no rule for.

        Every formula is linear, so the merged trace gives the same.
        """
        return self.formula(trace.merged)

    def total(self, trace: Trace) -> int | None:
        """The count under this convention, in the convention's own unit; None as for `terms`."""
        terms = self.terms(trace)
        return None if terms is None else sum(terms.values())


def macs(trace: Trace) -> Terms:
    """One operation per multiply-add of convolutions, linear layers, matrix products and attention."""
    return {
        "conv": trace.total("macs", ["convolution"]),
        "linear": trace.total("macs", ["linear"]),
        "matmul": trace.total("macs", ["matmul", "attention"]),
    }


def twice(trace: Trace) -> Terms:
    """Two operations per multiply-add, as hardware vendors count."""
    return {name: 2 * count for name, count in macs(trace).items()}


# What fvcore adds per element: operator -> (of the input, of the output). Convolution, linear layers
# and matrix products count one per multiply-add; max pooling, activations and additions count nothing.
FVCORE_ELEMENTS = {
    "batch_norm": (2, 0),
    "layer_norm": (5, 0),
    "group_norm": (5, 0),
    "instance_norm": (5, 0),
    "adaptive_avg_pool2d": (1, 0),
    "upsample_nearest2d": (0, 1),
    "upsample_bilinear2d": (0, 4),
    "grid_sampler_2d": (0, 4),
}


FVCORE_MISSES = frozenset({"baddbmm", "addbmm", "addmv", "mv", "dot"})
RECURRENT = "torch.nn.modules.rnn."


def fvcore(trace: Trace) -> Terms:
    """fvcore's FlopCountAnalysis in evaluation mode: multiply-adds, norms and adaptive average pooling.

    A norm without affine parameters counts one less per element. Fused attention, recurrent layers and
    batched additions of products are not in its handlers and count nothing.
    """
    products = [row for row in trace.rows if row.kind in ("linear", "matmul")]
    counted = [r for r in products if r.operator not in FVCORE_MISSES and not r.module_type.startswith(RECURRENT)]
    terms = {
        "conv": trace.total("macs", ["convolution"]),
        "linear": sum(row.macs for row in counted if row.kind == "linear"),
        "matmul": sum(row.macs for row in counted if row.kind == "matmul"),
        "norm": 0,
        "pooling": 0,
    }
    for row in trace.rows:
        per_input, per_output = FVCORE_ELEMENTS.get(row.operator, (0, 0))
        if row.kind == "normalisation":
            terms["norm"] += (per_input - (row.parameters == 0)) * row.inputs
        elif per_input or per_output:
            terms["pooling"] += per_input * row.inputs + per_output * row.outputs
    return terms


CONVOLUTIONS = frozenset(f"torch.nn.modules.conv.Conv{n}d" for n in (1, 2, 3))
LINEAR = "torch.nn.modules.linear.Linear"
BATCH_NORMS = frozenset(
    f"torch.nn.modules.batchnorm.{name}" for name in ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm")
)
POOLS = "torch.nn.modules.pooling."
# Layers thop has rules for that a trace does not hold the numbers of.
THOP_OTHER = (
    "torch.nn.modules.conv.ConvTranspose", "torch.nn.modules.activation.LeakyReLU", "torch.nn.modules.activation.PReLU",
    "torch.nn.modules.activation.Softmax", "torch.nn.modules.upsampling.", RECURRENT,
)  # fmt: skip


def thop(trace: Trace) -> Terms | None:
    """thop up to 0.0.31: forward hooks on exact module types, so subclassed layers count nothing.

    Convolutions with their bias (one per output element), linear layers without it, batch norm two per
    element, average pooling one per output element, adaptive average pooling its window plus one per
    output element. None for a model with layers whose rule this formula does not hold: transposed
    convolutions, upsampling, recurrent layers, leaky activations, softmax, windows that do not tile.
    """
    adaptive = POOLS + "AdaptiveAvgPool"
    if any(
        row.module_type.startswith(THOP_OTHER) or (row.module_type.startswith(adaptive) and row.reads % row.outputs)
        for row in trace.rows
    ):
        return None
    terms = {"conv": 0, "conv bias": 0, "linear": 0, "norm": 0, "pooling": 0}
    for row in trace.rows:
        if row.module_type in CONVOLUTIONS:
            terms["conv"] += row.macs
            terms["conv bias"] += row.outputs if row.kind == "bias" else 0
        elif row.module_type == LINEAR:
            terms["linear"] += row.macs
        elif row.module_type in BATCH_NORMS and row.kind == "normalisation":
            terms["norm"] += 2 * row.inputs
        elif row.module_type.startswith(adaptive):
            terms["pooling"] += row.reads + row.outputs
        elif row.module_type.startswith(POOLS + "AvgPool"):
            terms["pooling"] += row.outputs
    return terms


def thop_own_linear(trace: Trace) -> Terms | None:
    """thop on timm up to 0.4, whose classifier was a subclass of Linear and therefore not hooked."""
    terms = thop(trace)
    return terms | {"linear": 0} if terms else None


def paddle(trace: Trace) -> Terms:
    """Paddle 1.x `model_stat.summary` on an inference program, batch norm folded.

    Two operations per multiply-add (and bias) of convolutions, one per multiply-add of linear layers,
    one per element read by pooling windows and by activations.
    """
    return {
        "conv": 2 * trace.total("macs", ["convolution"]),
        "conv bias": 2 * sum(r.outputs for r in trace.rows if r.kind == "bias" and r.operator.startswith("conv")),
        "linear": trace.total("macs", ["linear"]),
        "activation": trace.total("inputs", ["activation"]),
        "pooling": trace.total("reads", ["pooling"]),
    }


CONVENTIONS = (
    Convention("macs", "one operation per multiply-add", 0, macs, "torch.utils.flop_counter, halved"),
    Convention("2x", "two operations per multiply-add", 1, twice, "torch.utils.flop_counter"),
    Convention("fvcore", "fvcore's convention", 2, fvcore, "fvcore.nn.FlopCountAnalysis 0.1.5"),
    Convention("thop", "thop's convention", 2, thop, "thop.profile 0.0.31"),
    Convention(
        "thop, own Linear",
        "thop's convention without the classifier (a Linear subclass it skips)",
        3,
        thop_own_linear,
        "thop.profile 0.0.31 on timm 0.4",
    ),
    Convention(
        "paddle",
        "Paddle's model_stat convention with batch norm folded",
        3,
        paddle,
        "paddle.fluid.contrib.model_stat 1.x",
    ),
)

BY_NAME = {convention.name: convention for convention in CONVENTIONS}


def written(terms: Terms) -> str:
    """The non-zero terms as a sum: `conv 15003502080 + conv bias 1000 + pooling 172032`."""
    return " + ".join(f"{name} {count}" for name, count in terms.items() if count) or "nothing"
