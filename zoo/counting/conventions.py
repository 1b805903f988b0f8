"""The table of counting conventions: each a formula over a trace.

A convention is the sum that one counting tool computes. The formulas name their terms, so an
explanation can say where a number comes from. Adding a convention is adding a row to `CONVENTIONS`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from zoo.counting import hook_based_tools, openmmlab
from zoo.counting.hook_based_tools import Terms
from zoo.counting.trace_cache import cache_by_trace
from zoo.model_index.ledger.trace import Trace

ANY = 9  # a rank above all others
Formula = Callable[[Trace], Terms | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One number that a convention gives: its name, how unlikely it is, and the sum's named parts.

    The parts are sums themselves; `terms` adds them up and multiplies them by `times`. `also` are
    the names of other readings that give the same number for this model.
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
        """The named terms of the sum."""
        total = hook_based_tools.add_terms(self.parts)
        return {name: self.times * count for name, count in total.items()}

    def double(self) -> "Reading":
        """Return the reading with two operations for each one."""
        return Reading(
            name=f"2x {self.name}",
            label=f"twice {self.label}",
            rank=self.rank + 1,
            total=2 * self.total,
            parts=self.parts,
            times=2,
        )


def reading(name: str, label: str, rank: int, *parts: Terms) -> Reading:
    """Return the reading that is the sum of these parts."""
    total = sum(sum(part.values()) for part in parts)
    return Reading(name=name, label=label, rank=rank, total=total, parts=parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """`formula` gives the named parts of the sum; `rank` orders explanations, simplest first.

    `variants` gives further readings of a tool whose count depends on which module types it knew:
    what differs, in how many types, and the parts to add. `knows` says of a trace, not merged,
    whether the convention has a rule for every layer in it; `part` returns the part of the model
    that it counts.
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
        """Return the named parts of the sum; None for a model the convention has no rule for.

        Every formula is linear, so the merged trace gives the same.
        """
        return self.formula(self.part(trace).merged) if self.knows(trace) else None

    def total(self, trace: Trace) -> int | None:
        """Return the count under this convention, in its own unit; None as for `terms`."""
        terms = self.terms(trace)
        return None if terms is None else sum(terms.values())

    def readings(self, trace: Trace, most: int = ANY) -> Iterator[Reading]:
        """Yield the convention's count, then its variants, up to the rank `most`."""
        if self.rank > most or (terms := self.terms(trace)) is None:
            return
        yield reading(self.name, self.label, self.rank, terms)
        if self.variants is None or self.rank >= most:
            return
        for change, number, parts in self.variants(self.part(trace)):
            name, label = f"{self.name} {change}", f"{self.label} {change}"
            yield reading(name, label, self.rank + number, terms, *parts)


@cache_by_trace
def all_readings(trace: Trace, most: int = ANY) -> list[Reading]:
    """Read a trace by every convention, once and doubled; simplest first, ranks up to `most`."""
    single = [number for convention in CONVENTIONS for number in convention.readings(trace, most)]
    double = [number.double() for number in single if not number.name.startswith(NEVER_DOUBLED)]
    return sorted(single + double, key=lambda number: number.rank)


@cache_by_trace
def readings(trace: Trace, most: int = ANY) -> list[Reading]:
    """Return all readings, those of one number as one: they are no different explanations."""
    return merge_equal(all_readings(trace, most))


def merge_equal(readings: Iterable[Reading]) -> list[Reading]:
    """Return one reading for each number, the first with the names of the others."""
    groups: dict[int, list[Reading]] = {}
    for number in readings:
        groups.setdefault(number.total, []).append(number)
    return [
        replace(first, also=tuple(number.name for number in others))
        for first, *others in groups.values()
    ]


def macs(trace: Trace) -> Terms:
    """Count one operation per multiply-add of convolutions, linear layers, matrix products and
    attention."""
    return {
        "conv": trace.total("macs", ["convolution"]),
        "linear": trace.total("macs", ["linear"]),
        "matmul": trace.total("macs", ["matmul", "attention"]),
    }


def twice(trace: Trace) -> Terms:
    """Count two operations per multiply-add, as hardware vendors do."""
    return {name: 2 * count for name, count in macs(trace).items()}


def layers_only(trace: Trace) -> Terms:
    """Count convolutions and linear layers alone: tools that hook modules miss attention and matrix
    products."""
    return macs(trace) | {"matmul": 0}


def unfused_only(trace: Trace) -> Terms:
    """Count without fused attention, which tools that patch matrix products miss."""
    return macs(trace) | {"matmul": trace.total("macs", ["matmul"])}


def convolutions_only(trace: Trace) -> Terms:
    """Count convolutions alone."""
    return {"conv": trace.total("macs", ["convolution"])}


def with_bias(trace: Trace) -> Terms:
    """Count multiply-adds, and one operation per output element of a layer that has a bias."""
    return macs(trace) | {"bias": trace.total("outputs", ["bias"])}


# Operations that fvcore adds: operator -> (per element of the input, of the output). Convolution,
# linear layers and matrix products count one per multiply-add; max pooling, activations and
# additions count nothing.
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
    """Count as fvcore's FlopCountAnalysis in evaluation mode: multiply-adds, norms and adaptive
    average pooling.

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
        elif row.kind == "pooling":
            terms["pooling"] += per_input * row.inputs + per_output * row.outputs
    return terms


def paddle(trace: Trace) -> Terms:
    """Count as Paddle 1.x `model_stat.summary` on an inference program with batch norm folded.

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
    Convention(
        name="macs",
        label="one operation per multiply-add",
        rank=0,
        formula=macs,
        source="torch.utils.flop_counter, halved",
    ),
    Convention(
        name="2x",
        label="two operations per multiply-add",
        rank=1,
        formula=twice,
        source="torch.utils.flop_counter",
    ),
    Convention(
        name="layers",
        label="convolution and linear layers only",
        rank=2,
        formula=layers_only,
        source="tools that hook modules",
    ),
    Convention(
        name="no fused attention",
        label="fused attention left out",
        rank=2,
        formula=unfused_only,
        source="tools that patch matrix products",
    ),
    Convention(
        name="bias",
        label="multiply-adds and biases",
        rank=2,
        formula=with_bias,
        source="hand counts in papers",
    ),
    Convention(
        name="torchinfo",
        label="torchinfo's convention",
        rank=2,
        formula=hook_based_tools.torchinfo,
        source="torchinfo.summary 1.8",
        knows=hook_based_tools.torchinfo_knows,
    ),
    Convention(
        name="fvcore",
        label="fvcore's convention",
        rank=2,
        formula=fvcore,
        source="fvcore.nn.FlopCountAnalysis 0.1.5",
    ),
    Convention(
        name="thop",
        label="thop's convention",
        rank=2,
        formula=hook_based_tools.THOP.terms,
        source="thop.profile 0.0.31",
        variants=hook_based_tools.THOP.variants,
        knows=hook_based_tools.THOP.knows,
    ),
    Convention(
        name="conv",
        label="convolutions only",
        rank=3,
        formula=convolutions_only,
        source="tables in papers",
    ),
    Convention(
        name="thop-0.1",
        label="thop 0.1's convention",
        rank=3,
        formula=hook_based_tools.THOP_01.terms,
        source="thop.profile 0.1.1",
        knows=hook_based_tools.THOP_01.knows,
    ),
    Convention(
        name="ptflops",
        label="ptflops' convention",
        rank=3,
        formula=hook_based_tools.PTFLOPS.terms,
        source="ptflops.get_model_complexity_info 0.6.9",
        variants=hook_based_tools.PTFLOPS.variants,
        knows=hook_based_tools.PTFLOPS.knows,
    ),
    Convention(
        name="mmcv",
        label="mmcv's convention",
        rank=3,
        formula=hook_based_tools.MMCV.terms,
        source="mmcv.cnn.get_model_complexity_info 1.7",
        variants=hook_based_tools.MMCV.all_counted,
        knows=hook_based_tools.MMCV.knows,
    ),
    Convention(
        name="mmcv backbone",
        label="mmcv's convention up to the classifier",
        rank=3,
        formula=hook_based_tools.MMCV.terms,
        source="OpenMMLab's get_flops until 2022",
        variants=openmmlab.mmcv_variants,
        knows=hook_based_tools.MMCV.knows,
        part=openmmlab.backbone,
    ),
    Convention(
        name="mmengine backbone",
        label="mmengine's convention up to the classifier",
        rank=3,
        formula=openmmlab.mmengine,
        source="OpenMMLab's get_flops since 2022",
        variants=openmmlab.mmengine_variants,
        part=openmmlab.backbone,
    ),
    Convention(
        name="paddle",
        label="Paddle's model_stat convention with batch norm folded",
        rank=3,
        formula=paddle,
        source="paddle.fluid.contrib.model_stat 1.x",
    ),
)
# The first two are each other's double, Paddle doubles by itself, and OpenMMLab publishes
# multiply-adds.
NEVER_DOUBLED = ("macs", "2x", "paddle", "mmcv backbone", "mmengine backbone")

# Conventions that count two operations for each multiply-add, at least of convolutions; `2x thop`
# is thop's count doubled.
DOUBLING = ("2x", "paddle")


def doubles(name: str) -> bool:
    """Whether a reading of this name counts two operations for each multiply-add."""
    return name.startswith(DOUBLING)


def remove_doubling(causes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the causes for one operation per multiply-add, without those that only double."""
    single = (
        cause.removeprefix(DOUBLING[0]).strip() if doubles(cause) else cause for cause in causes
    )
    return tuple(cause for cause in single if cause and not doubles(cause))


BY_NAME = {convention.name: convention for convention in CONVENTIONS}


def format_sum(terms: Terms) -> str:
    """Return the non-zero terms as a sum: `conv 15003502080 + conv bias 1000 + pooling 172032`."""
    return " + ".join(f"{name} {count}" for name, count in terms.items() if count) or "nothing"
