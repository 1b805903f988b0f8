"""The table of quantities: how each is spelled, parsed, printed, written back and checked.

Adding a quantity is adding a row to `QUANTITIES`. Other modules derive their tables from the rows.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from zoo.model_index.quantities.parse import (
    parse_address,
    parse_bytes,
    parse_channels,
    parse_count,
    parse_milliseconds,
    parse_number,
    parse_percent,
    parse_rate,
    parse_size,
    parse_text,
)
from zoo.model_index.quantities.rewrite import write_number, write_setting, write_size, write_text
from zoo.model_index.quantities.show import (
    show_address,
    show_count,
    show_milliseconds,
    show_number,
    show_percent,
    show_rate,
    show_size,
)
from zoo.model_index.quantities.value import ParsedValue, Value, agrees


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """How a quantity appears in the table of models.

    `heading` is the column's header. A column that is not `listed` is hidden at first. `axis` says
    that a plot may have it on an axis, `facet` how a reader may filter by it (`range`, or not at
    all).
    """

    heading: str
    listed: bool = True
    axis: bool = False
    facet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One row of the table: everything that is particular to a quantity.

    Reading and writing:
        key: its name in JSON and in file names.
        label: the spelling that is shown and completed.
        unit: the base unit of its values.
        parse, show: from the characters of a claim to a value, and from a value to text.
        spellings: how index files spell its key, in lower case.
        units: spellings that imply a unit: `params (m)` counts millions.
        write: prints another value as a claim is printed: it gets the claim's characters, what they
            were parsed as, the value, and how the publisher prints it elsewhere. None: a person has
            to write it.
        several: a list of plain values is one claim.
        metric: it stands under Results.Metrics rather than in Metadata.
        description, examples: the sentence and the values that an editor shows (JSON Schema).

    Checking:
        check: the comparison that decides its verdict (see `zoo.verification.checks.CHECKS`).
        counted: a formula over the trace of the live model gives it.
        measured: what the live model's plain count is called, for a counted quantity.
        needs_input: its value depends on the input size.
        siblings: claims about models of the same collection are evidence of how it was counted.
        evaluated: `zoo eval` measures it.
        at_most: the key of a quantity that is never smaller: top-5 for top-1.

    Showing:
        better: +1 higher is better, -1 lower is better, 0 neither.
        column: how it appears in the table of models, None where it does not.
        badge: models have a badge for it.
    """

    key: str
    label: str
    unit: str = ""
    parse: Callable[[str], ParsedValue]
    show: Callable[[Value], str] = str
    check: str
    spellings: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    write: Callable[[str, ParsedValue, Value, Sequence[str]], str] | None = write_number
    several: bool = False
    metric: bool = False
    description: str = ""
    examples: tuple[str, ...] = ()
    counted: bool = False
    measured: str = ""
    needs_input: bool = False
    siblings: bool = False
    evaluated: bool = False
    at_most: str = ""
    better: int = 0
    column: TableColumn | None = None
    badge: bool = False

    def rewrite(self, raw: str, value: Value, alike: Sequence[str] = (), unit: str = "") -> str:
        """Print another value as `raw` is printed; reading the text gives the value to the digits
        printed.

        `unit` is implied by the claim's label and does not stand in `raw`.

        Raises:
            ValueError: where this notation cannot express it.
        """
        if self.write is None:
            raise ValueError(f"{value} has to be written by hand")
        text = self.write(
            raw + unit, self.parse(raw + unit), value, [neighbour + unit for neighbour in alike]
        )
        if not agrees(self.parse(text), value):
            raise ValueError(f"{self.show(value)} cannot be written like {raw.strip()!r}")
        return text.removesuffix(unit)


_SETTING = "A setting of the pretrained weights."
_SPEED = (
    "How fast forward passes are: a list of values, "
    "each with its hardware, precision and batch size."
)
_ACCURACY = "In percent; a bare number up to 1 is a fraction."

QUANTITIES = (
    Quantity(
        key="flops",
        label="FLOPs",
        unit="operations",
        parse=parse_count,
        show=show_count,
        check="count",
        spellings=("flops", "macs", "multi adds"),
        units={
            "gmacs": "G",
            "macs (g)": "G",
            "flops (g)": "G",
            "gflops": "G",
            "macs (m)": "M",
            "flops (m)": "M",
        },
        description="Multiply-adds or operations of one forward pass; "
        "zoo verify says which counting convention gives it.",
        counted=True,
        measured="multiply-adds",
        needs_input=True,
        siblings=True,
        better=-1,
        column=TableColumn(heading="FLOPs", axis=True),
        badge=True,
    ),
    Quantity(
        key="parameters",
        label="Parameters",
        unit="parameters",
        parse=parse_count,
        show=show_count,
        check="count",
        spellings=("parameters", "params", "number of parameters"),
        units={"params (m)": "M", "parameters (m)": "M"},
        description="The number of parameters.",
        counted=True,
        measured="all parameters",
        siblings=True,
        better=-1,
        column=TableColumn(heading="Parameters", listed=False),
        badge=True,
    ),
    Quantity(
        key="activations",
        label="Activations",
        unit="elements",
        parse=parse_count,
        show=show_count,
        check="count",
        spellings=("activations", "acts", "number of activations"),
        units={"activations (m)": "M", "acts (m)": "M", "macts": "M", "infer macts": "M"},
        description="The elements that layers with weights write in one forward pass.",
        counted=True,
        measured="elements written by layers with weights",
        needs_input=True,
        siblings=True,
        better=-1,
        column=TableColumn(heading="Activations", listed=False, axis=True),
    ),
    Quantity(
        key="layers",
        label="Layers",
        unit="layers",
        parse=parse_count,
        show=show_count,
        check="depth",
        spellings=("layers",),
        description="The number of layers, which the model's name usually says.",
        column=TableColumn(heading="Layers", listed=False, axis=True),
        badge=True,
    ),
    Quantity(
        key="image_size",
        label="Image Size",
        unit="pixels",
        parse=parse_size,
        show=show_size,
        check="configuration",
        spellings=("image size",),
        write=write_size,
        description=_SETTING,
    ),
    Quantity(
        key="crop_pct",
        label="Crop Pct",
        unit="fraction",
        parse=parse_number,
        show=show_number,
        check="configuration",
        spellings=("crop pct",),
        write=write_setting,
        description=_SETTING,
        column=TableColumn(heading="Crop fraction", listed=False),
    ),
    Quantity(
        key="interpolation",
        label="Interpolation",
        parse=parse_text,
        check="configuration",
        spellings=("interpolation",),
        write=write_text,
        description=_SETTING,
        examples=("bicubic", "bilinear", "nearest"),
    ),
    Quantity(
        key="crop_mode",
        label="Crop Mode",
        parse=parse_text,
        check="configuration",
        spellings=("crop mode",),
        write=write_text,
        description=_SETTING,
    ),
    Quantity(
        key="mean",
        label="Mean",
        parse=parse_channels,
        check="configuration",
        spellings=("mean",),
        write=None,
        several=True,
        description=_SETTING,
    ),
    Quantity(
        key="std",
        label="Std",
        parse=parse_channels,
        check="configuration",
        spellings=("std",),
        write=None,
        several=True,
        description=_SETTING,
    ),
    Quantity(
        key="inference_time",
        label="Inference Time",
        unit="ms",
        parse=parse_milliseconds,
        show=show_milliseconds,
        check="benchmark",
        spellings=("inference time", "latency"),
        units={
            "inference time (ms/im)": "ms",
            "inference time (s/im)": "s",
            "latency (ms)": "ms",
            "inference time (ms)": "ms",
            "inference time (us/im)": "us",
        },
        description=_SPEED,
        better=-1,
    ),
    Quantity(
        key="throughput",
        label="Throughput",
        unit="images/s",
        parse=parse_rate,
        show=show_rate,
        check="benchmark",
        spellings=("throughput", "infer samples per sec"),
        units={
            "throughput (images/s)": "images/s",
            "throughput (img/s)": "img/s",
            "throughput (samples/s)": "samples/s",
        },
        description=_SPEED,
        better=1,
    ),
    Quantity(key="builder", label="Builder", parse=parse_text, check="builder", write=write_text),
    Quantity(
        key="id",
        label="ID",
        parse=parse_text,
        check="identity",
        spellings=("id",),
        write=write_text,
        description="The name timm builds the model by, with its pretrained tag if it has one.",
        examples=("resnet50", "resnet50.a1_in1k"),
    ),
    Quantity(
        key="weights",
        label="Weights",
        parse=parse_address,
        show=show_address,
        check="checkpoint",
        write=write_text,
    ),
    Quantity(
        key="file_size",
        label="File Size",
        unit="bytes",
        parse=parse_bytes,
        show=show_count,
        check="file size",
        spellings=("file size",),
        description="The size of the file of weights.",
        better=-1,
        column=TableColumn(heading="File size", listed=False, axis=True, facet="range"),
        badge=True,
    ),
    Quantity(
        key="top1",
        label="Top 1 Accuracy",
        unit="%",
        parse=parse_percent,
        show=show_percent,
        check="accuracy",
        spellings=("top 1 accuracy", "top1", "top 1", "top1 accuracy", "accuracy top 1", "acc@1"),
        metric=True,
        description=_ACCURACY,
        evaluated=True,
        at_most="top5",
        better=1,
        column=TableColumn(heading="Top-1", axis=True, facet="range"),
        badge=True,
    ),
    Quantity(
        key="top5",
        label="Top 5 Accuracy",
        unit="%",
        parse=parse_percent,
        show=show_percent,
        check="accuracy",
        spellings=("top 5 accuracy", "top5", "top 5", "top5 accuracy", "accuracy top 5", "acc@5"),
        metric=True,
        description=_ACCURACY,
        evaluated=True,
        better=1,
        column=TableColumn(heading="Top-5", axis=True),
        badge=True,
    ),
    Quantity(
        key="reference_top1",
        label="Reference Top 1 Accuracy",
        unit="%",
        parse=parse_percent,
        show=show_percent,
        check="accuracy",
        spellings=("reference top 1 accuracy", "reference top1"),
        metric=True,
        description=_ACCURACY,
        at_most="reference_top5",
        better=1,
        badge=True,
    ),
    Quantity(
        key="reference_top5",
        label="Reference Top 5 Accuracy",
        unit="%",
        parse=parse_percent,
        show=show_percent,
        check="accuracy",
        spellings=("reference top 5 accuracy", "reference top5"),
        metric=True,
        description=_ACCURACY,
        better=1,
        badge=True,
    ),
)

SEPARATORS = re.compile(r"[\s_-]+")


@lru_cache(maxsize=4096)
def _normalize(spelling: str) -> str:
    """Spell a label as the table does: `Top-1_Accuracy` is `top 1 accuracy`, `Params(M)` is
    `params (m)`."""
    return SEPARATORS.sub(" ", spelling.strip().lower().replace("(", " ("))


BY_KEY = {row.key: row for row in QUANTITIES}
BY_SPELLING = {spelling: (row, "") for row in QUANTITIES for spelling in row.spellings} | {
    spelling: (row, unit) for row in QUANTITIES for spelling, unit in row.units.items()
}
# The task decides what a bare "Accuracy" is.
BY_TASK = {
    (spelling, "image classification"): (BY_KEY["top1"], "")
    for spelling in ("accuracy", "acc", "top 1 acc")
}
COUNTED = frozenset(row.key for row in QUANTITIES if row.counted)
EVALUATED = tuple(row.key for row in QUANTITIES if row.evaluated)
ACCURACIES = frozenset(row.key for row in QUANTITIES if row.check == "accuracy")


def find(spelling: str) -> Quantity | None:
    """Return the quantity of a field's name, in any case; None for a field that is no quantity."""
    match = find_with_unit(spelling)
    return match[0] if match else None


@lru_cache(maxsize=4096)
def find_with_unit(spelling: str, task: str | None = None) -> tuple[Quantity, str] | None:
    """Return the quantity of a label and the unit that the label implies: `M` for `Params (M)`.

    None: the label is no quantity.
    """
    normal = _normalize(spelling)
    match = BY_SPELLING.get(normal)
    return BY_TASK.get((normal, _normalize(task))) if match is None and task else match
