"""Other models and inputs that may have been counted instead: one small function for each kind."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import NamedTuple, TypeVar

from zoo.counting.counts import Counts
from zoo.counting.trace_cache import cache_by_trace
from zoo.explanation.case import Case, configured_size
from zoo.explanation.count_rules import COUNT_RULES
from zoo.model_index.findings import PLAIN_RANK
from zoo.model_index.ledger.trace import Part, Row, Trace
from zoo.model_index.quantities.show import show_size
from zoo.model_index.quantities.value import Size
from zoo.model_index.records.input_spec import image_input
from zoo.models.cells import Variant

# `Resize(224)` makes 285x224 of a photograph of 1546 by 1213 pixels, the usual example image.
PHOTOGRAPH = (1213, 1546)
USUAL = (224, 224)
MERGED_PARAMETERS = 4 * 10**8
VARIANT_BAND = 0.1  # a variant is counted where its estimate is this near to the claim
SQUARES: tuple[Size, ...] = tuple(
    (s, s) for s in sorted({*range(96, 641, 8), 225, 227, 229, 299, 331, 475})
)
# CIFAR, Places, ImageNet, TensorFlow's ImageNet, ImageNet-21k's
CLASSES = (10, 100, 365, 1000, 1001, 11221, 11821, 21841, 21843)


RowOrPart = TypeVar("RowOrPart", Row, Part)


class Choice(NamedTuple):
    """A model that may have been counted: a label for readers, a way to its counts, and its input.

    `scanned` marks an input that nothing states, `published` one of the architecture's own weights,
    which is counted however far the claim is from what is expected there.
    """

    label: str
    counts: Callable[[], Counts | None]
    size: Size | None = None
    scanned: bool = False
    published: bool = False


def configured_inputs(case: Case) -> Iterator[Choice]:
    """Yield the input of the pretrained configuration and, for a claim that states none, those of
    the architecture's other weights."""
    yield from _unlike_own(case, configured_size(case.configuration))
    for size in other_sizes(case):
        yield _sized(case, size)._replace(published=True)


def tested_inputs(case: Case) -> Iterator[Choice]:
    """Yield the input that the pretrained configuration has for testing."""
    yield from _unlike_own(case, configured_size(case.configuration, "test_input_size"))


def _unlike_own(case: Case, size: Size | None) -> Iterator[Choice]:
    if size and case.size and size != case.size:
        yield _sized(case, size)


def _sized(case: Case, size: Size, scanned: bool = False) -> Choice:
    at = Variant(image_input(size))
    return Choice(show_size(size), lambda: case.count(at), size, scanned)


def named_sizes(case: Case) -> list[Size]:
    """Return the input of the claim, the configured one and the one for testing, each once; none
    for a model that takes something else."""
    if case.size is None:
        return []
    keys = ("input_size", "test_input_size")
    sizes = [case.size, *(configured_size(case.configuration, key) for key in keys)]
    return list(dict.fromkeys(size for size in sizes if size))


def other_sizes(case: Case) -> list[Size]:
    """Return the inputs of the architecture's other weights, for a claim that states none."""
    named = named_sizes(case)
    unstated = case.claim.input is None and named
    return [size for size in case.published_sizes if size not in named] if unstated else []


def photographs(case: Case) -> Iterator[Choice]:
    """Yield a photograph resized to a usual size and not cropped: 224 becomes 224x285."""
    if case.size is None:
        return
    height, width = PHOTOGRAPH
    sides = dict.fromkeys(size[0] for size in (*named_sizes(case), USUAL))
    for side in sides:
        yield _sized(case, (side, side * width // height))


def squares(case: Case) -> Iterator[Choice]:
    """Yield the squares in common use that nothing states."""
    stated = {*named_sizes(case), *other_sizes(case)}
    for size in SQUARES if case.size else ():
        if size not in stated:
            yield _sized(case, size, scanned=True)


def classifier(case: Case) -> str | None:
    """Return the path of the classifier: the configured one, else that of the last layer with
    weights."""
    rows = case.counts.trace.rows
    configured = case.configuration.get("classifier")
    if isinstance(configured, str) and any(row.module == configured for row in rows):
        return configured
    layers = [row for row in rows if row.kind in ("linear", "convolution") and row.parameters]
    return layers[-1].module if layers else None


def headless(case: Case) -> Iterator[Choice]:
    """Yield the model without its classifier."""
    if path := classifier(case):
        trace, parts, _ = case.counts
        body = tuple(p for p in parts if p.module != path and not p.module.startswith(f"{path}."))
        yield Choice("without the classifier", lambda: Counts(trace.without(path), body))


def other_classes(case: Case) -> Iterator[Choice]:
    """Yield the model with other numbers of classes, from a table of those in use."""
    trace, parts, _ = case.counts
    path = classifier(case)
    head = [row for row in trace.rows if row.module == path]
    classes = next((row.outputs for row in head if row.macs), 0)
    if path is None or not classes or any(row.outputs != classes for row in head):
        return
    body = Counts(trace.without(path).merged, tuple(part for part in parts if part.module != path))
    layers = [part for part in parts if part.module == path]
    for number in CLASSES:
        if number != classes:
            label = f"with {number:,} classes"
            yield Choice(label, partial(_with_head, body, head, layers, Fraction(number, classes)))


def _with_head(body: Counts, head: list[Row], layers: list[Part], times: Fraction) -> Counts:
    """Return the body with a head whose outputs and weights are multiplied."""
    trace = _trace_with_head(body.trace, tuple(head), times)
    parts = [_times(part, times, "parameters", "trainable") for part in layers]
    return Counts(trace, (*body.parts, *parts))


@cache_by_trace
def _trace_with_head(body: Trace, head: tuple[Row, ...], times: Fraction) -> Trace:
    """Return a body's trace with the rows of a multiplied head."""
    rows = [_times(row, times, "macs", "outputs", "parameters") for row in head]
    return replace(body, rows=(*body.rows, *rows))


def _times(row: RowOrPart, times: Fraction, *columns: str) -> RowOrPart:
    """Return the row with some of its columns multiplied."""
    return row._replace(**{column: int(getattr(row, column) * times) for column in columns})  # type: ignore[arg-type]


def auxiliary(case: Case) -> Iterator[Choice]:
    """Yield the model in training mode, which runs auxiliary heads, if evaluation leaves parts of
    it unused."""
    if any(part.parameters and not part.ran for part in case.counts.parts):
        yield Choice(
            "in training mode, with its auxiliary heads",
            lambda: case.count(Variant(case.input, "training")),
        )


def list_fused_forms(case: Case) -> Iterator[Choice]:
    """Yield the model with branches and norms merged for deployment; merging takes its weights into
    memory."""
    parameters = sum(part.parameters for part in case.counts.parts)
    if case.mergeable and parameters <= MERGED_PARAMETERS:
        yield Choice("in its fused form", lambda: case.count(Variant(case.input, "fused")))


def has_no_stated_size(case: Case) -> bool:
    """Tell whether nothing states the input size of the claim, so that any published size of the
    model may be meant."""
    own = case.claim.publisher == case.entry.publisher
    return case.claim.input is None and not (own and case.entry.stated_input)


GOOGLENET = ("torchvision", "googlenet")


def googlenet_paper(case: Case) -> Iterator[Choice]:
    """Yield GoogLeNet with the paper's 5x5 convolutions, in whose place torchvision has 3x3."""
    builder = case.entry.builder
    if (builder.kind, builder.name.partition(".")[0]) == GOOGLENET:
        yield _form(case, "googlenet 5x5", "GoogLeNet with the 5x5 branches of its paper")


def stride_first(case: Case) -> Iterator[Choice]:
    """Yield the model with the stride of its bottlenecks in the first 1x1 convolution.

    The paper on ResNet has it there (ResNet-50: 3.86 GMACs); Torch's ResNets and all that followed
    have it in the 3x3 convolution (4.09 GMACs), which is also called version 1.5.
    """
    saved = sum(map(_saved_by_early_stride, *_bottlenecks(case)))
    if saved and _comes_near(case, 1 - saved / case.counts.trace.macs):
        yield _form(case, "stride in 1x1", "ResNet v1 (stride in the 1x1 convolutions)")


def _form(case: Case, form: str, label: str) -> Choice:
    return Choice(label, lambda: case.count(Variant(case.input, form)))


def _bottlenecks(case: Case) -> tuple[list[Row], list[Row]]:
    """Return the first convolutions of bottlenecks, each a 1x1, and their second convolutions."""
    convolutions = {
        row.module: row
        for row in case.counts.trace.rows
        if row.kind == "convolution" and row.parameters
    }
    pairs = [
        (row, convolutions[second])
        for path, row in convolutions.items()
        if path.endswith("conv1")
        and (second := f"{path.removesuffix('conv1')}conv2") in convolutions
        and _is_pointwise(row)
    ]
    return [first for first, _ in pairs], [second for _, second in pairs]


def _is_pointwise(row: Row) -> bool:
    """Tell a 1x1 convolution of stride 1: in*out*pixels multiply-adds for in*out weights."""
    return row.macs**2 == row.inputs * row.outputs * row.parameters


def _saved_by_early_stride(first: Row, second: Row) -> int:
    """Return the multiply-adds that a bottleneck's first convolution would not do at the output
    size of the second."""
    before, after = first.macs // first.parameters, second.macs // second.parameters
    return first.macs - first.parameters * after if 0 < after < before else 0


def _comes_near(case: Case, share: float) -> bool:
    """Tell whether a plain reading of a model of this share of the work comes near the claim."""
    rule = COUNT_RULES[case.claim.quantity]
    claim = float(case.claim.number)
    return any(
        abs(claim - share * reading.total) <= VARIANT_BAND * claim
        for reading in rule.readings(case.counts, PLAIN_RANK)
    )
