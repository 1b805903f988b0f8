"""The table of causes: every reason the project knows why a published number differs from the measured one.

A cause is of one of four kinds, a table each, and every row is a small pure function:

- `RULES`: what was added up (a counting convention, buffers, a tool that skips layers);
- `MODELS`: which model was counted, at which input (another size, no classifier, the fused form);
- `SLIPS`: what happened to the number on its way to the page (a power of ten, MB for MiB, error for accuracy);
- `ROWS`: a number that belongs elsewhere (FLOPs and parameters swapped, another model's row).

A hypothesis is one of them or two of different kinds together; see `zoo.explain`. `rank` is how
far-fetched a cause is, and adds up. `mistake` marks causes that make the page wrong, not differently counted.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from model_index.quantities import BY_KEY, Size, show_size
from model_index.records import Claim, Entry
from model_index.trace import Part, Row, Trace
from zoo import conventions, hooked
from zoo.conventions import Reading, reading
from zoo.measure import Variant

SWAPPED_DIGITS = 3  # printed in each of two cells that changed places
# `Resize(224)` makes 285x224 of a photograph of 1546 by 1213 pixels, the usual example image.
PHOTOGRAPH = (1213, 1546)
USUAL = (224, 224)
SQUARES: tuple[Size, ...] = tuple((s, s) for s in sorted({*range(96, 641, 8), 225, 227, 229, 299, 331, 475}))
CLASSES = (10, 100, 365, 1000, 1001, 11221, 11821, 21841, 21843)  # CIFAR, Places, TensorFlow's ImageNet, ImageNet-21k's


def reproduces(claim: Claim, value: int | Decimal) -> bool:
    """Whether `value` is the claim once rounded to the claim's printed digits."""
    difference = abs(Decimal(value) - claim.number)
    return difference == 0 or (claim.parsed.step is not None and difference <= claim.parsed.step / 2)


class Counts(NamedTuple):
    """What counting one variant of a model gave."""

    trace: Trace
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Case:
    """A claim and what is known about it; pure data but for `count`, which gets more counts when asked.

    `size` is the input the claim is about, `counts` the model's own there. `others` are the same quantity
    of other models: (`of NAME` or `published for NAME`, value). `count` answers None for what cannot or may
    not be counted. `vouched` is the number of FLOPs that the cause of the model's siblings gives here.
    """

    claim: Claim
    entry: Entry
    size: Size
    counts: Counts
    configuration: dict[str, Any] = field(default_factory=dict)
    registry: dict[str, Any] = field(default_factory=dict)
    others: tuple[tuple[str, Decimal], ...] = ()
    vouched: Decimal | None = None
    count: Callable[[Variant], Counts | None] = lambda variant: None


class Choice(NamedTuple):
    """A model that may have been counted: how a reader calls it, where to get its counts, and its input."""

    label: str
    counts: Callable[[], Counts | None]
    size: Size | None = None
    scanned: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """One row of `MODELS`: which other models or inputs may have been counted.

    It goes together with rules of a rank up to `rules`.
    """

    name: str
    rank: int
    choices: Callable[[Case], Iterator[Choice]]
    rules: int
    quantities: frozenset[str] = frozenset({"flops"})


@dataclass(frozen=True, slots=True)
class Slip:
    """One row of `SLIPS`: what was printed in place of a measured value."""

    name: str
    label: str
    rank: int
    printed: Callable[[Decimal], Decimal]
    quantities: frozenset[str]
    mistake: bool = True


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """One row of `ROWS`: numbers that may stand in the wrong place."""

    name: str
    rank: int
    values: Callable[[Case], Iterator[tuple[str, Decimal]]]
    quantities: frozenset[str] = frozenset({"flops", "parameters"})
    mistake: bool = True


def parameter_readings(counts: Counts) -> list[Reading]:
    """What can be meant by the number of parameters, simplest first."""
    parts = counts.parts
    total = sum(p.parameters for p in parts)
    buffers = sum(p.buffers for p in parts)
    ran = sum(p.parameters for p in parts if p.ran)
    folded = sum(p.parameters for p in parts if _base(p, counts).startswith(hooked.BATCH_NORM)) // 2
    found = [
        reading("all parameters", "all parameters", 0, {"parameters": total}),
        reading("trainable", "trainable parameters only", 1, {"trainable": sum(p.trainable for p in parts)}),
        reading("with buffers", "parameters and buffers", 1, {"parameters": total}, {"buffers": buffers}),
        reading("without unused heads", "without modules that evaluation does not run", 2, {"parameters": ran}),
        reading("norms folded", "batch norms folded into the convolutions", 3,
                {"parameters": total}, {"folded norms": -folded}),
    ]  # fmt: skip
    biases = sum(r.parameters for r in counts.trace.rows if r.kind == "bias" and r.operator.startswith("conv"))
    without = {"parameters": total}, {"convolution biases": -biases}
    found.append(reading("no convolution biases", "parameters without the convolutions' biases", 3, *without))
    if norms := [r.parameters for r in counts.trace.rows if r.kind == "normalisation"]:
        without = {"parameters": total}, {"last norm": -norms[-1]}
        found.append(reading("last norm left out", "parameters without the last norm", 3, *without))
    for what, number, count in hooked.thop_parameters(parts, counts.trace.bases):
        label = f"the parameters of the layers thop hooks{what}"
        found.append(reading(f"thop parameters{what}", label, 2 + number, {"parameters": count}))
    kept: dict[int, Reading] = {}
    for one in found:
        kept.setdefault(one.total, one)
    return list(kept.values())


def _base(part: Part, counts: Counts) -> str:
    return counts.trace.bases.get(part.module_type, part.module_type)


RULES: dict[str, Callable[[Counts], list[Reading]]] = {
    "flops": lambda counts: conventions.readings(counts.trace),
    "parameters": parameter_readings,
}


def configured_size(configuration: dict[str, Any], key: str = "input_size") -> Size | None:
    """(height, width) of a pretrained configuration's (channels, height, width)."""
    value = configuration.get(key)
    return (int(value[-2]), int(value[-1])) if value else None


def _stated(key: str) -> Callable[[Case], Iterator[Choice]]:
    def choices(case: Case) -> Iterator[Choice]:
        if (size := configured_size(case.configuration, key)) and size != case.size:
            yield _sized(case, size)

    return choices


def _sized(case: Case, size: Size, scanned: bool = False) -> Choice:
    return Choice(show_size(size), lambda: case.count(Variant(size)), size, scanned)


def named_sizes(case: Case) -> list[Size]:
    """The input the claim is about, the configured one and the one for testing, without repetition."""
    sizes = [case.size, *(configured_size(case.configuration, key) for key in ("input_size", "test_input_size"))]
    return list(dict.fromkeys(size for size in sizes if size))


def photographs(case: Case) -> Iterator[Choice]:
    """A photograph resized to a usual size and not cropped: 224 becomes 224x285."""
    height, width = PHOTOGRAPH
    sides = dict.fromkeys(size[0] for size in (*named_sizes(case), USUAL))
    for side in sides:
        yield _sized(case, (side, side * width // height))


def squares(case: Case) -> Iterator[Choice]:
    """Squares in common use that nothing states."""
    for size in SQUARES:
        if size not in named_sizes(case):
            yield _sized(case, size, scanned=True)


def classifier(case: Case) -> str | None:
    """The path of the classifier: the configured one, else that of the last layer with weights."""
    known = case.configuration.get("classifier")
    paths = {row.module for row in case.counts.trace.rows}
    if isinstance(known, str) and known in paths:
        return known
    layers = [row for row in case.counts.trace.rows if row.kind in ("linear", "convolution") and row.parameters]
    return layers[-1].module if layers else None


def headless(case: Case) -> Iterator[Choice]:
    """Without the classifier."""
    if path := classifier(case):
        trace, parts = case.counts
        kept = tuple(p for p in parts if p.module != path and not p.module.startswith(f"{path}."))
        yield Choice("without the classifier", lambda: Counts(trace.without(path), kept))


def other_classes(case: Case) -> Iterator[Choice]:
    """With a classifier of another number of classes."""
    path = classifier(case)
    rows = [row for row in case.counts.trace.rows if path and row.module == path and row.macs]
    if len(rows) != 1 or not (classes := rows[0].outputs):
        return
    for number in CLASSES:
        if number != classes:
            yield Choice(f"with {number:,} classes", partial(_resized, case.counts, path, number, classes))


def _resized(counts: Counts, path: str | None, number: int, classes: int) -> Counts:
    def row(r: Row) -> Row:
        if r.module != path or r.outputs != classes:
            return r
        grown = r.macs * number // classes, r.parameters * number // classes
        return r._replace(macs=grown[0], outputs=number, parameters=grown[1])

    def part(p: Part) -> Part:
        if p.module != path:
            return p
        return p._replace(parameters=p.parameters * number // classes, trainable=p.trainable * number // classes)

    trace = replace(counts.trace, rows=tuple(map(row, counts.trace.rows)))
    return Counts(trace, tuple(map(part, counts.parts)))


def auxiliary(case: Case) -> Iterator[Choice]:
    """In training mode, where auxiliary heads run; only for a model that has parts evaluation does not run."""
    if any(part.parameters and not part.ran for part in case.counts.parts):
        yield Choice("in training mode, with its auxiliary heads", lambda: case.count(Variant(case.size, "training")))


def fused(case: Case) -> Iterator[Choice]:
    """With branches and norms merged as for deployment."""
    if case.registry.get("mergeable"):
        yield Choice("in its fused form", lambda: case.count(Variant(case.size, "fused")))


BOTH = frozenset({"flops", "parameters"})
ANY = 9
MODELS = (
    Model("configured size", 1, _stated("input_size"), ANY),
    Model("test-time size", 1, _stated("test_input_size"), ANY),
    Model("fused", 1, fused, ANY, BOTH),
    Model("photograph", 2, photographs, ANY),
    Model("no classifier", 2, headless, 3, BOTH),
    Model("auxiliary heads", 2, auxiliary, 3),
    Model("other classes", 3, other_classes, 2, BOTH),
    Model("square", 7, squares, 2),
)


def _times(power: int) -> Callable[[Decimal], Decimal]:
    return lambda value: value.scaleb(power)


def _ratio(top: int, bottom: int) -> Callable[[Decimal], Decimal]:
    return lambda value: value * top / bottom


COUNTED = frozenset({"flops", "parameters"})
SIZE = frozenset({"file_size"})
ACCURACY = frozenset({"top1", "top5", "reference_top1", "reference_top5"})
SLIPS = (
    Slip("ten times too many", "with the decimal point one place too far right", 2, _times(1), COUNTED | SIZE),
    Slip("ten times too few", "with the decimal point one place too far left", 2, _times(-1), COUNTED | SIZE),
    Slip("G for M", "in a unit a thousand times too large", 2, _times(3), COUNTED | SIZE),
    Slip("M for G", "in a unit a thousand times too small", 2, _times(-3), COUNTED | SIZE),
    Slip("hundred times too many", "with the decimal point two places too far right", 4, _times(2), COUNTED),
    Slip("hundred times too few", "with the decimal point two places too far left", 4, _times(-2), COUNTED),
    Slip("million times too many", "in a unit a million times too large", 4, _times(6), COUNTED),
    Slip("million times too few", "in a unit a million times too small", 4, _times(-6), COUNTED),
    Slip("M is 2^20", "in units of 2^20 named as millions", 3, _ratio(10**6, 2**20), COUNTED, mistake=False),
    Slip("G is 2^30", "in units of 2^30 named as billions", 3, _ratio(10**9, 2**30), COUNTED, mistake=False),
    Slip("M for 2^20", "in millions named as units of 2^20", 3, _ratio(2**20, 10**6), COUNTED, mistake=False),
    Slip("MiB named MB", "in MiB named MB", 1, _ratio(10**6, 2**20), SIZE, mistake=False),
    Slip("MB named MiB", "in MB named MiB", 1, _ratio(2**20, 10**6), SIZE, mistake=False),
    Slip("fraction for percent", "as a fraction where percent are meant", 1, _times(-2), ACCURACY),
    Slip("error for accuracy", "as the error, not the accuracy", 1, lambda value: 100 - value, ACCURACY),
)


def swapped(case: Case) -> Iterator[tuple[str, Decimal]]:
    """FLOPs where parameters belong and the other way round, their units kept or not; both cells have to agree."""
    quantity = "parameters" if case.claim.quantity == "flops" else "flops"
    claims = [c for c in case.entry.all_claims() if (c.quantity, c.publisher) == (quantity, case.claim.publisher)]
    if any((claim.parsed.digits or 0) < SWAPPED_DIGITS for claim in (*claims, case.claim)):
        return
    here, there = (list(_digits(case, q)) for q in (quantity, case.claim.quantity))
    if any(reproduces(claim, value) for claim in claims for _, value in there):
        yield from islice((found for found in here if reproduces(case.claim, found[1])), 1)


def _digits(case: Case, quantity: str) -> Iterator[tuple[str, Decimal]]:
    """The values of a quantity in the units of the other one."""
    plain = 0 if quantity == "parameters" else 4
    vouched = {"as its siblings": case.vouched} if quantity == "flops" and case.vouched is not None else {}
    values = vouched | {one.label: Decimal(one.total) for one in RULES[quantity](case.counts) if one.rank <= plain}
    for label, value in values.items():
        for power in range(4) if quantity == "parameters" else range(-3, 1):
            in_units = f", times 10^{power}" if power else ""
            yield f"the {BY_KEY[quantity].label} of this model ({label}{in_units})", value.scaleb(power)


def copied(case: Case) -> Iterator[tuple[str, Decimal]]:
    """The value of another model in this row."""
    own = RULES[case.claim.quantity](case.counts)[0].total
    for name, value in case.others:
        if value != own:
            yield f"the value {name}", value


ROWS = (Elsewhere("swapped", 1, swapped), Elsewhere("copied row", 4, copied))
