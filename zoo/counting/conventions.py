"""One table of counting conventions: each a formula over a trace.

A convention is what one counting tool adds up. The formulas name their terms, so an explanation can
say where a number comes from. Adding a convention is adding a row to `CONVENTIONS`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from zoo.counting import hook_based_tools, openmmlab
from zoo.counting.hook_based_tools import Terms
from zoo.counting.trace_cache import cache_by_trace
from zoo.model_index.ledger.trace import Trace

ANY = 9  # a rank above all
Formula = Callable[[Trace], Terms | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """One number a convention gives: what it is called, how far-fetched it is, and the sum's named
    parts.

    The parts are sums themselves, to be added up and multiplied by `times` only where somebody
    reads them. `also` are the names of other readings that give the same number for this model.
    """

    name: str
    label: str
    rank: int
    total: int
    parts: tuple[Terms, ...]
    times: int = 1
    also: tuple[str, ...] = ()

    @property
    def terms(self) -> Terms:
        return {
            name: self.times * count for name, count in hook_based_tools.added(self.parts).items()
        }

    def doubled(self) -> "Reading":
        """Two operations for each one."""
        return Reading(
            f"2x {self.name}", f"twice {self.label}", self.rank + 1, 2 * self.total, self.parts, 2
        )


def reading(name: str, label: str, rank: int, *parts: Terms) -> Reading:
    """A reading that is the sum of these parts."""
    return Reading(name, label, rank, sum(sum(part.values()) for part in parts), parts)


@dataclass(frozen=True, slots=True)
class Convention:
    """`formula` gives the named parts of the sum; `rank` orders explanations, simplest first.

    `variants` gives further readings of a tool whose count depends on which module types it knew:
    what is taken otherwise, how many types that are, and the parts to add. `knows` tells of a
    trace, not merged, whether the convention has a rule for every layer in it; `part` is the part
    of the model it looks at.
    """

    name: str
    label: str
    rank: int
    formula: Formula
    source: str
    variants: Callable[[Trace], Iterator[hook_based_tools.Variant]] | None = None
    knows: Callable[[Trace], bool] = lambda trace: True
    part: Callable[[Trace], Trace] = lambda trace: trace

    def terms(self, trace: Trace) -> Terms | None:
        """The named parts of the sum, None for a model the convention has no rule for.

        Every formula is linear, so the merged trace gives the same.
        """
        return self.formula(self.part(trace).merged) if self.knows(trace) else None

    def total(self, trace: Trace) -> int | None:
        """The count under this convention, in the convention's own unit; None as for `terms`."""
        terms = self.terms(trace)
        return None if terms is None else sum(terms.values())

    def readings(self, trace: Trace, most: int = ANY) -> Iterator[Reading]:
        """The convention's count, then its variants, as far as their rank is at most `most`."""
        if self.rank > most or (terms := self.terms(trace)) is None:
            return
        yield reading(self.name, self.label, self.rank, terms)
        for what, number, parts in (
            self.variants(self.part(trace)) if self.variants and self.rank < most else ()
        ):
            yield reading(
                f"{self.name} {what}", f"{self.label} {what}", self.rank + number, terms, *parts
            )


@cache_by_trace
def all_readings(trace: Trace, most: int = ANY) -> list[Reading]:
    """Read a trace by every convention, once and doubled; simplest first, ranks up to `most`."""
    single = [number for convention in CONVENTIONS for number in convention.readings(trace, most)]
    double = [number.doubled() for number in single if not number.name.startswith(NEVER_DOUBLED)]
    return sorted(single + double, key=lambda number: number.rank)


@cache_by_trace
def readings(trace: Trace, most: int = ANY) -> list[Reading]:
    """Return all readings, those of one number as one: they are no different explanations."""
    return distinct(all_readings(trace, most))


def distinct(found: Iterable[Reading]) -> list[Reading]:
    """One reading for each number, the first with the names of the others."""
    kept: dict[int, list[Reading]] = {}
    for one in found:
        kept.setdefault(one.total, []).append(one)
    return [replace(first, also=tuple(one.name for one in rest)) for first, *rest in kept.values()]


def macs(trace: Trace) -> Terms:
    """One operation per multiply-add of convolutions, linear layers, matrix products and
    attention."""
    return {
        "conv": trace.total("macs", ["convolution"]),
        "linear": trace.total("macs", ["linear"]),
        "matmul": trace.total("macs", ["matmul", "attention"]),
    }


def twice(trace: Trace) -> Terms:
    """Two operations per multiply-add, as hardware vendors count."""
    return {name: 2 * count for name, count in macs(trace).items()}


def layers_only(trace: Trace) -> Terms:
    """Convolutions and linear layers alone: tools that hook modules miss attention and matrix
    products."""
    return macs(trace) | {"matmul": 0}


def unfused_only(trace: Trace) -> Terms:
    """Without fused attention, which tools that patch matrix products do not see."""
    return macs(trace) | {"matmul": trace.total("macs", ["matmul"])}


def convolutions_only(trace: Trace) -> Terms:
    """Convolutions alone."""
    return {"conv": trace.total("macs", ["convolution"])}


def with_bias(trace: Trace) -> Terms:
    """Multiply-adds, and one operation per output element of a layer that has a bias."""
    return macs(trace) | {"bias": trace.total("outputs", ["bias"])}


# What fvcore adds per element: operator -> (of the input, of the output). Convolution, linear
# layers and matrix products count one per multiply-add; max pooling, activations and additions
# count nothing.
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


def fvcore(trace: Trace) -> Terms:
    """fvcore's FlopCountAnalysis in evaluation mode: multiply-adds, norms and adaptive average
    pooling.

    A norm without affine parameters counts one less per element. Fused attention, recurrent layers
    and batched additions of products are not in its handlers and count nothing.
    """
    products = [row for row in trace.rows if row.kind in ("linear", "matmul")]
    counted = [
        r
        for r in products
        if r.operator not in FVCORE_MISSES
        and not r.module_type.startswith(hook_based_tools.RECURRENT)
    ]
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


def paddle(trace: Trace) -> Terms:
    """Paddle 1.x `model_stat.summary` on an inference program, batch norm folded.

    Two operations per multiply-add (and bias) of convolutions, one per multiply-add of linear
    layers, one per element read by pooling windows and by activations.
    """
    return {
        "conv": 2 * trace.total("macs", ["convolution"]),
        "conv bias": 2
        * sum(r.outputs for r in trace.rows if r.kind == "bias" and r.operator.startswith("conv")),
        "linear": trace.total("macs", ["linear"]),
        "activation": trace.total("inputs", ["activation"]),
        "pooling": trace.total("reads", ["pooling"]),
    }


CONVENTIONS = (
    Convention("macs", "one operation per multiply-add", 0, macs, "torch.utils.flop_counter, halved"),
    Convention("2x", "two operations per multiply-add", 1, twice, "torch.utils.flop_counter"),
    Convention("layers", "convolution and linear layers only", 2, layers_only, "tools that hook modules"),
    Convention("no fused attention", "fused attention left out", 2, unfused_only, "tools that patch matrix products"),
    Convention("bias", "multiply-adds and biases", 2, with_bias, "hand counts in papers"),
    Convention("torchinfo", "torchinfo's convention", 2, hook_based_tools.torchinfo, "torchinfo.summary 1.8",
               knows=hook_based_tools.torchinfo_knows),
    Convention("fvcore", "fvcore's convention", 2, fvcore, "fvcore.nn.FlopCountAnalysis 0.1.5"),
    Convention("thop", "thop's convention", 2, hook_based_tools.THOP.terms, "thop.profile 0.0.31",
               hook_based_tools.THOP.variants, hook_based_tools.THOP.knows),
    Convention("conv", "convolutions only", 3, convolutions_only, "tables in papers"),
    Convention("thop-0.1", "thop 0.1's convention", 3, hook_based_tools.THOP_01.terms, "thop.profile 0.1.1",
               knows=hook_based_tools.THOP_01.knows),
    Convention("ptflops", "ptflops' convention", 3, hook_based_tools.PTFLOPS.terms, "ptflops.get_model_complexity_info 0.6.9",
               hook_based_tools.PTFLOPS.variants, hook_based_tools.PTFLOPS.knows),
    Convention("mmcv", "mmcv's convention", 3, hook_based_tools.MMCV.terms, "mmcv.cnn.get_model_complexity_info 1.7",
               hook_based_tools.MMCV.all_counted, hook_based_tools.MMCV.knows),
    Convention("mmcv backbone", "mmcv's convention up to the classifier", 3, hook_based_tools.MMCV.terms,
               "OpenMMLab's get_flops until 2022", openmmlab.mmcv_variants, hook_based_tools.MMCV.knows, openmmlab.backbone),
    Convention("mmengine backbone", "mmengine's convention up to the classifier", 3, openmmlab.mmengine,
               "OpenMMLab's get_flops since 2022", openmmlab.mmengine_variants, part=openmmlab.backbone),
    Convention("paddle", "Paddle's model_stat convention with batch norm folded", 3, paddle,
               "paddle.fluid.contrib.model_stat 1.x"),
)  # fmt: skip
# The first two are each other's double, Paddle doubles by itself, and OpenMMLab publishes
# multiply-adds.
NEVER_DOUBLED = ("macs", "2x", "paddle", "mmcv backbone", "mmengine backbone")

# What counts two operations for each multiply-add, at least of convolutions; `2x thop` is thop's
# count doubled.
DOUBLING = ("2x", "paddle")


def doubles(name: str) -> bool:
    """Whether a reading of this name counts two operations for each multiply-add."""
    return name.startswith(DOUBLING)


def undoubled(causes: tuple[str, ...]) -> tuple[str, ...]:
    """The same causes with one operation for each multiply-add; nothing where they say no more than
    that."""
    single = (
        cause.removeprefix(DOUBLING[0]).strip() if doubles(cause) else cause for cause in causes
    )
    return tuple(cause for cause in single if cause and not doubles(cause))


BY_NAME = {convention.name: convention for convention in CONVENTIONS}


def written(terms: Terms) -> str:
    """The non-zero terms as a sum: `conv 15003502080 + conv bias 1000 + pooling 172032`."""
    return " + ".join(f"{name} {count}" for name, count in terms.items() if count) or "nothing"
