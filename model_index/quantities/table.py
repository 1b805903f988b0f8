"""One table of quantities: how each is spelled, parsed, printed, written back and compared.

Adding a quantity is adding a row to `QUANTITIES`. A parser turns the characters of a claim into a
`Parsed` value that remembers how finely it was printed; it raises ValueError with what it expected.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

import msgspec

from zoo.model_index.quantities.rewrite import write_number, write_setting, write_size, write_text

Size = tuple[int, int]  # height and width in pixels
Value = Decimal | str | Size


class Parsed(msgspec.Struct, frozen=True, gc=False):
    """A value in the quantity's base unit.

    `digits` counts the significant digits that were printed, and `step` is the unit of the last of
    them: `61.570 M` is 61570000 in 4 digits of 10000 each. Trailing zeros are padding, not
    precision, but two digits are always significant where two were printed (`8.0 M` does not stand
    for 8.4 M). Both are None where a value has no digits to round to.
    """

    value: Value
    digits: int | None = None
    step: Decimal | None = None


PREFIXES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "b": 10**9, "t": 10**12}
BYTES = {
    "": 1,
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
}
# a comma parts thousands and nothing else: 1,5 is refused
DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+(?:_\d+)*)"
UNSIGNED = rf"(?:{DIGITS}(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{{1,6}})?"
NUMBER = rf"([+-]?{UNSIGNED})"
# No two runs of spaces stand side by side in a pattern: they would share out the same spaces in
# every way there is.
COUNT = re.compile(
    rf"(\+?{UNSIGNED})(?:\s*([kmgbt]))?(?:\s*(?:flops?|macs?|mult-adds|params?|parameters))?",
    re.IGNORECASE,
)
FILE_SIZE = re.compile(rf"(\+?{UNSIGNED})\s*([kmg]?i?b?)", re.IGNORECASE)
PERCENT = re.compile(NUMBER + r"\s*(%?)")
SIZE = re.compile(r"(?:3\s*x\s*(?=\d+\s*x))?(\d{1,9})(?:\s*x\s*(\d{1,9}))?", re.IGNORECASE)
DURATION = re.compile(rf"(\+?{UNSIGNED})(?:\s*(us|ms|s))?", re.IGNORECASE)
RATE = re.compile(
    rf"(\+?{UNSIGNED})(?:\s*(?:(?:images?|img|imgs|samples|frames)/s(?:ec)?|fps))?", re.IGNORECASE
)
MILLISECONDS = {"": Decimal(1), "us": Decimal("0.001"), "ms": Decimal(1), "s": Decimal(1000)}
NUMBER_ONLY = re.compile(NUMBER)
MAX_LENGTH = 100  # characters of a claim
MAX_ADDRESS = 2000
MAX_EXPONENT = 30  # nothing published is larger; a Decimal of 1e999999999 would stall arithmetic


def _decimal(text: str, scale: int | Decimal = 1) -> Parsed:
    number = Decimal(text.replace(",", "").replace("_", ""))
    if abs(number.adjusted()) > MAX_EXPONENT:
        raise ValueError(f"a number below 1e{MAX_EXPONENT}")
    _, digits, exponent = number.as_tuple()
    printed = significant = len(digits)
    while significant > 2 and not digits[significant - 1]:
        significant -= 1
    step = _power(int(exponent) + printed - significant)
    return (
        Parsed(number, significant, step)
        if scale == 1
        else Parsed(number * scale, significant, step * scale)
    )


@lru_cache(maxsize=256)
def _power(exponent: int) -> Decimal:
    return Decimal(1).scaleb(exponent)


def _match(pattern: re.Pattern[str], text: str, expected: str) -> re.Match[str]:
    match = pattern.fullmatch(text.strip()) if len(text) <= MAX_LENGTH else None
    if match is None:
        raise ValueError(expected)
    return match


def parse_count(text: str) -> Parsed:
    """`15003675112`, `15_003`, `22.22 G`, `4.1 GFLOPs`, `61.57M`: a count, K/M/G/B/T in powers of
    1000."""
    match = _match(COUNT, text, "a count")
    return _decimal(match[1], PREFIXES[(match[2] or "").lower()])


def parse_bytes(text: str) -> Parsed:
    """`247021307`, `247 MB`, `235.6 MiB`: a number of bytes."""
    match = _match(FILE_SIZE, text, "a number of bytes")
    if match[2].lower() not in BYTES:
        raise ValueError("a number of bytes")
    return _decimal(match[1], BYTES[match[2].lower()])


def parse_percent(text: str) -> Parsed:
    """`80.16%`, `80.16` or `0.8016`, in percent: a bare number up to 1 is a fraction."""
    match = _match(PERCENT, text, "a percentage")
    number = _decimal(match[1])
    if not match[2] and isinstance(number.value, Decimal) and abs(number.value) <= 1:
        return _decimal(match[1], 100)
    step = min(
        number.step or Decimal(1), Decimal(1)
    )  # 100% is no 95.4%: the zeros of a percentage are digits
    return Parsed(number.value, number.digits, step)


def parse_number(text: str) -> Parsed:
    """`0.875`, `1e-4`, `90`."""
    return _decimal(_match(NUMBER_ONLY, text, "a number")[1])


def parse_milliseconds(text: str) -> Parsed:
    """`57.14`, `57.14 ms`, `0.145 s`: a duration; a bare number counts milliseconds."""
    match = _match(DURATION, text, "a duration")
    return _decimal(match[1], MILLISECONDS[(match[2] or "").lower()])


def parse_rate(text: str) -> Parsed:
    """`1250`, `188,343.61`, `1250 images/s`, `30 fps`: a number of images a second."""
    return _decimal(_match(RATE, text, "a number of images a second")[1])


def parse_size(text: str) -> Parsed:
    """`224`, `224x285` or `3x224x224`: an input size as (height, width) in pixels."""
    match = _match(SIZE, text, "an image size such as 224 or 224x285")
    height = int(match[1])
    width = int(match[2] or match[1])
    if not (1 <= height <= 65536 and 1 <= width <= 65536):
        raise ValueError("an image size between 1 and 65536 pixels")
    return Parsed((height, width))


def parse_channels(text: str) -> Parsed:
    """`0.485, 0.456, 0.406` or `0.5`: a number for each channel of an image, or one for all of
    them."""
    values = [show_number(parse_number(part).value) for part in re.split(r"[,\s]+", text.strip())]
    return Parsed(", ".join(values if len(set(values)) > 1 else values[:1]))


def parse_text(text: str) -> Parsed:
    """Any text of a bounded length, as it stands."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a text of at most {MAX_LENGTH} characters")
    return Parsed(text.strip())


def parse_address(text: str) -> Parsed:
    """An address, a path, or another reference to a file; it is not looked at here."""
    if len(text) > MAX_ADDRESS:
        raise ValueError(f"an address of at most {MAX_ADDRESS} characters")
    return Parsed(text.strip())


def show_count(value: Value) -> str:
    """`15,003,675,112`."""
    if not isinstance(value, Decimal):
        return str(value)
    return f"{value:,.0f}" if value == value.to_integral_value() else f"{value.normalize():,f}"


def show_address(value: Value) -> str:
    """`dpn98-5b90dec4d.pth`: the last part of an address."""
    return str(value).split("?")[0].rstrip("/").rpartition("/")[2]


def show_number(value: Value) -> str:
    """`0.875`: the digits of the value, without padding."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def show_percent(value: Value) -> str:
    """`80.16%`."""
    return f"{show_number(value)}%"


def show_milliseconds(value: Value) -> str:
    """`57.14 ms`."""
    return f"{show_number(value)} ms"


def show_rate(value: Value) -> str:
    """`1,250 images/s`."""
    return f"{show_count(value)} images/s"


def write_channels(raw: str, parsed: Parsed, value: Value, alike: Sequence[str] = ()) -> str:
    """Settings of several numbers may stand on lines of their own; they are left to a person.

    Raises:
        ValueError: always.
    """
    raise ValueError(f"{value} has to be written by hand")


def show_size(value: Value) -> str:
    """`224x224`, height first."""
    return f"{value[0]}x{value[1]}" if isinstance(value, tuple) else str(value)


@dataclass(frozen=True, slots=True)
class Quantity:
    """One row: `check` names the comparison that decides its verdict (see
    `zoo.verification.verify.CHECKS`).

    `write` prints another value the way a claim is printed: the claim's characters and what they
    were parsed as, the value, and how the publisher prints it elsewhere.
    """

    key: str
    label: str
    unit: str
    parse: Callable[[str], Parsed]
    show: Callable[[Value], str]
    check: str
    spellings: tuple[str, ...]
    better: int = 0  # +1 higher is better, -1 lower is better, 0 neither
    metric: bool = False  # stands under Results.Metrics rather than in Metadata
    units: Mapping[str, str] = field(
        default_factory=dict
    )  # spellings that say a unit: "params (m)" counts millions
    write: Callable[[str, Parsed, Value, Sequence[str]], str] = write_number
    several: bool = False  # a list of plain values is one claim

    def rewritten(self, raw: str, value: Value, alike: Sequence[str] = (), unit: str = "") -> str:
        """`raw` with another value, which reading the text again gives to the digits printed.

        `unit` is what the label says, and not `raw`.

        Raises:
            ValueError: where this notation cannot say it.
        """
        text = self.write(
            raw + unit, self.parse(raw + unit), value, [other + unit for other in alike]
        )
        if not says(self.parse(text), value):
            raise ValueError(f"{self.show(value)} cannot be written like {raw.strip()!r}")
        return text.removesuffix(unit)


def says(parsed: Parsed, value: Value) -> bool:
    """Whether what was parsed is this value, a number to the digits printed and a text in any
    case."""
    if isinstance(parsed.value, str):
        return isinstance(value, str) and parsed.value.casefold() == value.casefold()
    if isinstance(parsed.value, Decimal) and isinstance(value, Decimal):
        return abs(parsed.value - value) <= (parsed.step or 0) / 2
    return parsed.value == value


QUANTITIES = (
    Quantity(
        "flops",
        "FLOPs",
        "operations",
        parse_count,
        show_count,
        "flops",
        ("flops", "macs", "multi adds"),
        -1,
        units={
            "gmacs": "G",
            "macs (g)": "G",
            "flops (g)": "G",
            "gflops": "G",
            "macs (m)": "M",
            "flops (m)": "M",
        },
    ),
    Quantity(
        "parameters",
        "Parameters",
        "parameters",
        parse_count,
        show_count,
        "parameters",
        ("parameters", "params", "number of parameters"),
        -1,
        units={"params (m)": "M", "parameters (m)": "M"},
    ),
    Quantity("layers", "Layers", "layers", parse_count, show_count, "depth", ("layers",)),
    Quantity(
        "image_size",
        "Image Size",
        "pixels",
        parse_size,
        show_size,
        "configuration",
        ("image size",),
        write=write_size,
    ),
    Quantity(
        "crop_pct",
        "Crop Pct",
        "fraction",
        parse_number,
        show_number,
        "configuration",
        ("crop pct",),
        write=write_setting,
    ),
    Quantity(
        "interpolation",
        "Interpolation",
        "",
        parse_text,
        str,
        "configuration",
        ("interpolation",),
        write=write_text,
    ),
    Quantity(
        "crop_mode",
        "Crop Mode",
        "",
        parse_text,
        str,
        "configuration",
        ("crop mode",),
        write=write_text,
    ),
    Quantity(
        "mean",
        "Mean",
        "",
        parse_channels,
        str,
        "configuration",
        ("mean",),
        write=write_channels,
        several=True,
    ),
    Quantity(
        "std",
        "Std",
        "",
        parse_channels,
        str,
        "configuration",
        ("std",),
        write=write_channels,
        several=True,
    ),
    Quantity(
        "inference_time",
        "Inference Time",
        "ms",
        parse_milliseconds,
        show_milliseconds,
        "benchmark",
        ("inference time", "latency"),
        -1,
        units={
            "inference time (ms/im)": "ms",
            "inference time (s/im)": "s",
            "latency (ms)": "ms",
            "inference time (ms)": "ms",
            "inference time (us/im)": "us",
        },
    ),
    Quantity(
        "throughput",
        "Throughput",
        "images/s",
        parse_rate,
        show_rate,
        "benchmark",
        ("throughput", "infer samples per sec"),
        1,
        units={
            "throughput (images/s)": "images/s",
            "throughput (img/s)": "img/s",
            "throughput (samples/s)": "samples/s",
        },
    ),
    Quantity("builder", "Builder", "", parse_text, str, "builder", (), write=write_text),
    Quantity("id", "ID", "", parse_text, str, "identity", ("id",), write=write_text),
    Quantity(
        "weights", "Weights", "", parse_address, show_address, "checkpoint", (), write=write_text
    ),
    Quantity(
        "file_size", "File Size", "bytes", parse_bytes, show_count, "weights", ("file size",), -1
    ),
    Quantity(
        "top1",
        "Top 1 Accuracy",
        "%",
        parse_percent,
        show_percent,
        "accuracy",
        ("top 1 accuracy", "top1", "top 1", "top1 accuracy", "accuracy top 1", "acc@1"),
        1,
        True,
    ),
    Quantity(
        "top5",
        "Top 5 Accuracy",
        "%",
        parse_percent,
        show_percent,
        "accuracy",
        ("top 5 accuracy", "top5", "top 5", "top5 accuracy", "accuracy top 5", "acc@5"),
        1,
        True,
    ),
    Quantity(
        "reference_top1",
        "Reference Top 1 Accuracy",
        "%",
        parse_percent,
        show_percent,
        "accuracy",
        ("reference top 1 accuracy", "reference top1"),
        1,
        True,
    ),
    Quantity(
        "reference_top5",
        "Reference Top 5 Accuracy",
        "%",
        parse_percent,
        show_percent,
        "accuracy",
        ("reference top 5 accuracy", "reference top5"),
        1,
        True,
    ),
)

SEPARATORS = re.compile(r"[\s_-]+")


@lru_cache(maxsize=4096)
def _short(spelling: str) -> str:
    """`Top-1_Accuracy` as the table spells it, `top 1 accuracy`; `Params(M)` is `params (m)`."""
    return SEPARATORS.sub(" ", spelling.strip().lower().replace("(", " ("))


BY_KEY = {row.key: row for row in QUANTITIES}
BY_SPELLING = {spelling: (row, "") for row in QUANTITIES for spelling in row.spellings} | {
    spelling: (row, unit) for row in QUANTITIES for spelling, unit in row.units.items()
}
# What a bare "Accuracy" is depends on the task.
BY_TASK = {
    (spelling, "image classification"): (BY_KEY["top1"], "")
    for spelling in ("accuracy", "acc", "top 1 acc")
}


def find(spelling: str) -> Quantity | None:
    """The quantity an index file spells this way, in any case; None for a field that is no
    quantity."""
    found = labelled(spelling)
    return found[0] if found else None


@lru_cache(maxsize=4096)
def labelled(spelling: str, task: str | None = None) -> tuple[Quantity, str] | None:
    """The quantity of a label and the unit that the label says, `M` for `Params (M)`; None for no
    quantity."""
    short = _short(spelling)
    known = BY_SPELLING.get(short)
    return BY_TASK.get((short, _short(task))) if known is None and task else known
