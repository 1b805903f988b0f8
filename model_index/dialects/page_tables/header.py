"""What a header cell means: a quantity with its unit and conditions, or a role in the row.

A word that is not understood makes it another quantity, which is a claim under its own name:
`top-1 err` and `Acc gain` are no accuracies. Only a time may have words of its own, which say on
what it was measured.
"""

import re
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import lru_cache

from zoo.model_index.dialects.page_tables.header_text import BLANKS, HeaderText, take_apart
from zoo.model_index.quantities.lookup import LABEL_UNITS, find_with_unit, normalize
from zoo.model_index.quantities.metric_names import find_metric
from zoo.model_index.quantities.parse import MAX_LENGTH
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.table import BY_KEY
from zoo.model_index.reading.reader import cut

Conditions = tuple[tuple[str, str], ...]


class Role(Enum):
    """What a column is for its rows. `OPEN`: its cells say whether they are numbers, texts or
    links."""

    NAME = auto()
    QUANTITY = auto()
    TEXT = auto()
    LINKS = auto()
    IGNORED = auto()
    OPEN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """The meaning of a column: `label` is the header as it stands.

    `part` is what of the model a count is about, `image` of two towers; such a count says nothing
    about the whole model.
    """

    role: Role
    label: str
    row: Quantity | None = None
    unit: str = ""
    dataset: str | None = None
    conditions: Conditions = ()
    part: str = ""

    @property
    def is_image_size(self) -> bool:
        return self.row is not None and self.row.key == "image_size"


SETTINGS = frozenset({"image_size", "crop_pct", "interpolation"})
# Checks of quantities that a column of a table does not mean: `Mean` is an average, a depth that is
# counted otherwise than in the model's name is no slip.
ELSEWHERE = frozenset({"configuration", "identity", "builder", "checkpoint", "depth"})
COUNTED_PARTS = frozenset({"count", "file size"})
# More spellings than the rows of the quantities have, of headers alone.
SPELLINGS = tuple(
    (re.compile(pattern), BY_KEY[key])
    for pattern, key in (
        (r"(?:#|num|number of|no|model|total|the)? ?para(?:m|ms|meter|meters)?(?: counts?| size)?",
            "parameters"),
        (r"([kmgb]) ?para(?:m|ms|meters)", "parameters"),
        (r"(?:模型)?参数量?", "parameters"),
        (r"(?:total |model |theoretical )?(?:flops?|macs?|madds?|mult adds?|flops/macs|macs/flops)"
            r"(?: counts?)?", "flops"),
        (r"计算量", "flops"),
        (r"(?:top ?1|acc(?:uracy)?@? ?1|acc@top ?1|prec@1|p@1)(?: (?:acc|accuracy|准确率|精度))?",
            "top1"),
        (r"(?:top ?5|acc(?:uracy)?@? ?5|acc@top ?5|prec@5|p@5)(?: (?:acc|accuracy|准确率|精度))?",
            "top5"),
        (r"reference (?:top ?1|acc@1)(?: acc| accuracy)?", "reference_top1"),
        (r"reference (?:top ?5|acc@5)(?: acc| accuracy)?", "reference_top5"),
        (r"(?:file|model|weights?|checkpoint|ckpt|download|disk|storage) size|size on disk|"
            r"模型大小", "file_size"),
        (r"(?:input|image|img|test|eval|evaluation|inference|input image)? ?"
            r"(?:resolution|res|size|shape)|input|输入尺寸", "image_size"),
        (r"(?:infer(?:ence)? )?(?:throughput|fps)|images?/s(?:ec)?|imgs?/s(?:ec)?|im/s|"
            r"(?:images|imgs) per second", "throughput"),
        (r"size", "file_size"),
        (r"mem", "training_memory"),
    )
)  # fmt: skip
TIME = re.compile(
    r"\b(?:(?:inference|infer|inf|test|forward|gpu|cpu)[ -])?(?:time|latency|speed|runtime)\b",
    re.IGNORECASE,
)
TRAINING = re.compile(r"\btrain", re.IGNORECASE)
TIME_UNITS = {"ms": "ms", "msec": "ms", "s": "s", "sec": "s", "seconds": "s", "us": "us"}
PER_IMAGE = re.compile(r"/(?:im|img|image|images|sample|frame)$")
PER_PASS = re.compile(
    r"\b(?:per (?:inference )?(?:step|image|sample|pass)|avg|average|mean)\b", re.IGNORECASE
)
DEVICE = re.compile(r"gpu|cpu", re.IGNORECASE)
PIXELS = frozenset({"pixels", "pixel", "px", "p"})
RATE_UNIT = re.compile(r"(?:im|img|imgs|image|images|samples|frames)/s(?:ec)?|fps")
PARTS = re.compile(
    r"(image|text|visual|vision|audio|video|encoder|decoder|backbone|head|neck|trainable|learnable|"
    r"active|activated|non[ -]embedding|embedding|extra|added|tuned|total) (.+)",
    re.IGNORECASE,
)
WHOLE = frozenset({"total"})
BYTES = {"k": "KB", "m": "MB", "g": "GB"}


@lru_cache(maxsize=4096)
def read_header(text: str, task: str | None = None) -> Meaning:
    """Return the meaning of a header cell by its words; `task` is what the page is about, which
    says what a bare accuracy is."""
    if len(text) > MAX_LENGTH:
        return Meaning(role=Role.OPEN, label=cut(text))
    parts = take_apart(text)
    open_meaning = Meaning(
        role=Role.OPEN, label=parts.whole, dataset=parts.dataset, conditions=parts.conditions
    )
    found = _find(parts, task)
    if found is None:
        return open_meaning
    row, unit, conditions, part = found
    return replace(
        open_meaning,
        role=Role.QUANTITY,
        row=row,
        unit=unit,
        conditions=(*parts.conditions, *conditions),
        part=part,
    )


Found = tuple[Quantity, str, Conditions, str]


def _find(parts: HeaderText, task: str | None) -> Found | None:
    if direct := _find_quantity(parts.label, parts.unit, task):
        row, unit, conditions = direct
        return row, unit, conditions, ""
    if match := PARTS.fullmatch(parts.label):
        part = "" if match[1].lower() in WHOLE else match[1].lower()
        below = _find_quantity(match[2], parts.unit, task)
        if below and below[0].check in COUNTED_PARTS:
            return *below, part
    return _find_time(parts)


def _find_quantity(
    label: str, unit: str, task: str | None
) -> tuple[Quantity, str, Conditions] | None:
    """Return the row of a label, the unit that bare numbers have, and the split it names."""
    spelled = f"{label} ({unit})" if unit else label
    for text in dict.fromkeys((spelled, label)):
        if (match := find_with_unit(text)) and _may_be_column(match[0]):
            row, implied = match
            return _with_unit(row, unit or implied, ())
    metric = find_metric(spelled, None, (task,))
    if metric and _may_be_column(metric.row) and metric.row.key in BY_KEY:
        return _with_unit(metric.row, metric.unit or unit, metric.conditions)
    normal = normalize(label).replace(".", "").strip()
    for pattern, row in SPELLINGS:
        if spelling := pattern.fullmatch(normal):
            prefix = spelling[1] if pattern.groups and spelling[1] else ""
            if found := _with_unit(row, unit or prefix, ()):
                return found
    return None


def _may_be_column(row: Quantity) -> bool:
    return row.key in SETTINGS or row.check not in ELSEWHERE


def _with_unit(
    row: Quantity, unit: str, conditions: Conditions
) -> tuple[Quantity, str, Conditions] | None:
    """Return the row with the unit in its own spelling; None where it cannot have that unit."""
    short = PER_IMAGE.sub("", _shorten(unit))
    if not short:
        return row, "", conditions
    if row.unit == "bytes":
        printed = BYTES.get(short) or (unit.strip() if short in LABEL_UNITS["bytes"] else "")
        return (row, printed, conditions) if printed else None
    if short in (units := LABEL_UNITS.get(row.unit, {})):
        return row, units[short], conditions
    if row.unit == "pixels" and short in PIXELS:
        return row, "", conditions
    if row.unit == "ms" and short in TIME_UNITS:
        return row, TIME_UNITS[short], conditions
    if row.unit == "images/s" and RATE_UNIT.fullmatch(short):
        return row, "fps" if short == "fps" else "images/s", conditions
    return None


def _shorten(unit: str) -> str:
    return unit.lower().replace(" ", "").rstrip(".")


def _find_time(parts: HeaderText) -> Found | None:
    """Return the row of a time or a rate with words of its own, which say where it was measured:
    `SD855 time (ms)`."""
    match = TIME.search(parts.label)
    if match is None or TRAINING.search(parts.label):
        return None
    row = BY_KEY["throughput" if RATE_UNIT.fullmatch(_shorten(parts.unit)) else "inference_time"]
    found = _with_unit(row, parts.unit, ()) if parts.unit else None
    if found is None:
        return None
    words = PER_PASS.sub(" ", f"{parts.label[: match.start()]} {parts.label[match.end() :]}")
    where = " ".join(words.split()).strip(BLANKS)
    on_device = DEVICE.search(match[0])
    where = " ".join(filter(None, (on_device[0] if on_device else "", where)))
    return row, found[1], (("hardware", where),) if where else (), ""
