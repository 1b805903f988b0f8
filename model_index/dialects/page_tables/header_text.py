"""Take a header cell apart: its unit, the conditions that it states, and the label that is left.

`SD855 time(ms) bs=1, thread=2` is the label `SD855 time` with the unit `ms`, batch size 1 and 2
threads; `Params, M` is `Params` with `M`; `ImageNet-V2 top-1` is `top-1` of a data set.
"""

import re
from dataclasses import dataclass, field

from zoo.model_index.dialects.page_tables.data_sets import take_data_set
from zoo.model_index.quantities.parse import plain_number

MARKS = re.compile(r"[*†‡§¶↑↓⬆⬇]|\^\d?")
BRACKETS = re.compile(r"\s*[(\[（【]([^()\[\]（）【】]*)[)\]）】]")
BEHIND_COMMA = re.compile(r",\s*([^\s,]{1,12})$")
# What may stand in brackets or behind a comma as a unit, spelled without spaces and in lower case.
UNITS = frozenset(
    {"%", "percent", "pct"}
    | {"k", "m", "g", "b", "t", "mn", "bn", "thousand", "million", "millions", "billion"}
    | {"billions", "thousands", "trillion", "trillions", "mparams", "gflops", "gmacs", "mflops"}
    | {"kb", "mb", "gb", "kib", "mib", "gib", "bytes"}
    | {"ms", "s", "us", "µs", "μs", "sec", "seconds", "msec", "h", "hours", "min", "gpuhours"}
    | {"fps", "pixels", "pixel", "px"}
)
RATES = re.compile(
    r"(?:ms|s|sec|us|µs)/(?:im|img|image|images|sample|frame|iter|it|step|batch|epoch|gpu)"
    r"|(?:im|img|imgs|image|images|samples|frames|tokens|clips|it|iter)/s(?:ec)?"
)
# Conditions in a header: a pattern, and what its value is called.
CONDITIONS = (
    (re.compile(r"\b(?:bs|batch(?:[ -]?size)?)\s*[=:]?\s*(\d+)\b", re.IGNORECASE), "batch size"),
    (re.compile(r"\b(?:num[ -]?)?threads?\s*[=:]\s*(\d+)\b", re.IGNORECASE), "threads"),
    (re.compile(r"\b(\d+)[ -]threads?\b", re.IGNORECASE), "threads"),
    (re.compile(r"@\s?(\d{3,4}(?:\s?[x×]\s?\d{3,4})?)(?:px)?(?!\d)", re.IGNORECASE), "input size"),
    (re.compile(r"\b(\d{3,4}\s?[x×]\s?\d{3,4})\b", re.IGNORECASE), "input size"),
    (re.compile(r"\b(\d{3,4})\s?px\b", re.IGNORECASE), "input size"),
    (re.compile(r"\b(fp16|fp32|bf16|int8|amp|float16|float32)\b", re.IGNORECASE), "precision"),
    (re.compile(r"\b(\d+)[ -]?shots?\b", re.IGNORECASE), "shots"),
)
JOINED = re.compile(r"\b(m?AP)(val|test)\b", re.IGNORECASE)  # a superscript
BLANKS = " ,;:/|-\u2013"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderText:
    """The parts of a header cell: `label` is what is left of `whole`, in its own case."""

    whole: str
    label: str
    unit: str = ""
    dataset: str | None = None
    conditions: tuple[tuple[str, str], ...] = field(default=())


def take_apart(text: str) -> HeaderText:
    """Return the parts of a header cell's text."""
    whole = " ".join(text.split())
    label = " ".join(MARKS.sub(" ", _plain(whole)).replace("_", " ").split())
    label, conditions = _take_conditions(JOINED.sub(r"\1 \2", label))
    label, unit = _take_unit(label)
    label, dataset = take_data_set(label)
    return HeaderText(
        whole=whole,
        label=" ".join(label.split()).strip(BLANKS),
        unit=unit,
        dataset=dataset,
        conditions=conditions,
    )


def _plain(text: str) -> str:
    """Return the text with ASCII digits, signs and brackets; of other scripts letters stay."""
    return plain_number(text.replace("\u00b5", "u").replace("\u03bc", "u"))


def _take_conditions(label: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    conditions = []
    for pattern, name in CONDITIONS:
        if match := pattern.search(label):
            conditions.append((name, match[1].replace(" ", "")))
            label = f"{label[: match.start()]} {label[match.end() :]}"
    return label, tuple(conditions)


def _take_unit(label: str) -> tuple[str, str]:
    """Return the label without its unit, and the unit; brackets that hold none stay as words."""
    unit = ""

    def replace(match: re.Match[str]) -> str:
        nonlocal unit
        inner = match[1].strip()
        if not unit and is_unit(inner):
            unit = inner
            return " "
        return f" {inner} "

    label = BRACKETS.sub(replace, label)
    if not unit and (match := BEHIND_COMMA.search(label)) and is_unit(match[1]):
        return label[: match.start()], match[1]
    return label, unit


def is_unit(text: str) -> bool:
    """Return whether a text is a unit as headers have it."""
    short = text.lower().replace(" ", "").rstrip(".")
    return short in UNITS or RATES.fullmatch(short) is not None
