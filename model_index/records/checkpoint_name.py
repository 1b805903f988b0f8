"""Read what the name of a model or of its file states: parameters, the width of a weight, and which
part of a checkpoint it is.

tiny-7B-Q4_K_M.gguf                    7 billion parameters, about 4 bits a weight
model-00001-of-00003.safetensors       the first of three parts
"""

import re
from decimal import Decimal
from typing import NamedTuple

from zoo.model_index.quantities.parse import parse_count

# `1_6b` may be 1.6 billion.
COUNT = re.compile(r"(?<![A-Za-z0-9.])(?<!\d_)(\d{1,4}(?:\.\d{1,3})?)[BbMm](?![A-Za-z0-9])")
# Words before a count that make it one of images or tokens: `laion-2B`, `cc-12m`.
DATA = re.compile(
    r"(?:laion|ig|yfcc|cc|datacomp|commonpool|dfn|imagenet|jft|coyo|webli|lvd|merged|tokens?)[-_]$",
    re.IGNORECASE,
)
# Of a file that is a part of a model, or goes with one: its name has the model's count.
COMPONENT = re.compile(
    r"(?<![a-z])(?:mmproj|adapter|lora|vae|encoder|decoder|projector|tokenizer|vocoder|lm_head"
    r"|draft|eagle\d?|medusa|imatrix)(?![a-z])",
    re.IGNORECASE,
)
PART = re.compile(r"-(\d{5})-of-(\d{5})(?=\.|$)")
GGUF = re.compile(
    r"(?<![A-Za-z0-9])(?:I?Q([1-8])_[A-Z0-9_]+|TQ([12])_0|B?F(16|32))(?![A-Za-z0-9])",
    re.IGNORECASE,
)
LEFT, RIGHT = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
Band = tuple[float, float]
# Bits of a weight by what a name calls them: llama.cpp takes the next wider type for rows that are
# no multiple of 256.
BANDS: dict[int, Band] = {
    1: (1, 4.6),
    2: (2, 4.6),
    3: (3, 4.6),
    4: (4, 5.6),
    5: (5, 6.1),
    6: (6, 8.6),
    8: (8, 9.1),
    16: (16, 16),
    32: (32, 32),
}
# Words of a name, the bits they state, and the type where they state one.
WORDS = (
    (re.compile(rf"{LEFT}(?:fp|float)32{RIGHT}", re.IGNORECASE), 32, "float32"),
    (re.compile(rf"{LEFT}(?:fp|float)16{RIGHT}", re.IGNORECASE), 16, "float16"),
    (re.compile(rf"{LEFT}bf(?:loat)?16{RIGHT}", re.IGNORECASE), 16, "bfloat16"),
    (re.compile(rf"{LEFT}(?:fp|float)8{RIGHT}", re.IGNORECASE), 8, "float8"),
    (re.compile(rf"{LEFT}(?:int8|q8|8-?bits?|w8a(?:8|16)){RIGHT}", re.IGNORECASE), 8, ""),
    (re.compile(rf"{LEFT}(?:6-?bits?|q6){RIGHT}", re.IGNORECASE), 6, ""),
    (re.compile(rf"{LEFT}(?:5-?bits?|q5){RIGHT}", re.IGNORECASE), 5, ""),
    (
        re.compile(
            rf"{LEFT}(?:int4|[nf]f4|fp4|mxfp4|nvfp4|q4(?:f16)?|4-?bits?|w4a16){RIGHT}",
            re.IGNORECASE,
        ),
        4,
        "",
    ),
    (re.compile(rf"{LEFT}(?:3-?bits?|q3){RIGHT}", re.IGNORECASE), 3, ""),
    (re.compile(rf"{LEFT}(?:2-?bits?|q2){RIGHT}", re.IGNORECASE), 2, ""),
)


class NameCount(NamedTuple):
    """A number of parameters in a name: its text, value and the unit of its last digit. Zeros at
    its end are no digits."""

    text: str
    value: Decimal
    step: Decimal

    def fits(self, number: int) -> bool:
        """Return whether the name's digits are those of a number, rounded or cut off."""
        beyond = Decimal(number) - self.value
        return -self.step / 2 <= beyond < self.step


class NameWidth(NamedTuple):
    """The bits that a name states a weight to have: its text, the bits, the fewest and the most
    that it may mean, and the type where it states one."""

    text: str
    bits: int
    band: Band
    dtype: str = ""


class NameStatements(NamedTuple):
    """What a name states; `part` is which part of how many. `component` says that the name is of
    something that belongs to a model."""

    counts: tuple[NameCount, ...] = ()
    width: NameWidth | None = None
    part: tuple[int, int] | None = None
    component: bool = False


def read_name(name: str) -> NameStatements:
    """Return what a name, or the last part of an address, states."""
    part = PART.search(name)
    return NameStatements(
        tuple(_read_counts(name)),
        _read_width(name),
        (int(part[1]), int(part[2])) if part else None,
        COMPONENT.search(name) is not None,
    )


def _read_counts(name: str) -> list[NameCount]:
    matches = (m for m in COUNT.finditer(name) if not DATA.search(name[: m.start()]))
    return [_parse(match[0], match[1]) for match in matches]


def _parse(text: str, digits: str) -> NameCount:
    value = parse_count(text).value
    assert isinstance(value, Decimal)
    whole, _, fraction = digits.partition(".")
    zeros = 0 if fraction else len(whole) - len(whole.rstrip("0"))
    return NameCount(
        text,
        value,
        value / Decimal(digits) * Decimal(10) ** (zeros - len(fraction)) if value else Decimal(1),
    )


def _read_width(name: str) -> NameWidth | None:
    """Return the width that a name states. `F16` states one in the name of a GGUF file or of its
    model, beside a count; elsewhere it may be a factor."""
    if match := GGUF.search(name):
        plain = match[3]
        if not plain:
            bits = int(match[1] or match[2])
            return NameWidth(match[0], bits, BANDS[bits] if bits in BANDS else (bits, bits + 1.6))
        if name.lower().endswith(".gguf"):
            dtype = "bfloat16" if match[0][:1] in "bB" else f"float{plain}"
            return NameWidth(match[0], int(plain), BANDS[int(plain)], dtype)
    for pattern, bits, dtype in WORDS:
        if match := pattern.search(name):
            return NameWidth(match[0], bits, BANDS[bits], dtype)
    return None
