"""Print another value in the notation of a printed number.

Whoever corrects one number of a page wants it to look like its neighbours: the same unit, as many
decimals, the same separators, padded where they are padded. What a value means is the business of
`zoo.model_index.quantities.table`; here only its characters matter.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from zoo.model_index.quantities.value import ParsedValue, Value

PRINTED = re.compile(
    r"(?P<before>\s*)(?P<sign>[+-]?)(?P<whole>\d[\d,_]*|(?=\.\d))(?P<point>\.?)(?P<decimals>\d*)"
    r"(?P<exponent>(?:[eE][+-]?\d+)?)(?P<after>.*)",
    re.DOTALL,
)
SIDES = re.compile(r"(?P<first>\d+)(?P<between>\s*[xX]\s*)?(?P<second>\d+)?(?P<after>\s*)$")
CHANCE_ZEROS = (
    3  # so many zeros in all at the ends of one number or of several are no chance, but padding
)
UNIT = 300  # a value so many times larger or smaller was printed in another unit


Form = tuple[int, str, str]  # of a number: decimals, exponent and unit


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberParts:
    """The parts of a printed number: `before`, `sign`, `whole`, `point`, `decimals`, `exponent` and
    `after` in turn."""

    before: str
    sign: str
    whole: str
    point: str
    decimals: str
    exponent: str
    after: str

    @property
    def number(self) -> Decimal:
        """Return the number of the digits, without a unit."""
        whole = self.whole.replace(",", "").replace("_", "")
        return Decimal(f"{self.sign}{whole or '0'}.{self.decimals or '0'}{self.exponent}")

    @property
    def power(self) -> int:
        """Return the printed exponent, 0 where there is none."""
        return int(self.exponent[1:] or 0)

    @property
    def form(self) -> Form:
        """Return what numbers in one notation have in common: decimals, exponent and unit."""
        return len(self.decimals), self.exponent, self.after

    @property
    def zeros(self) -> int:
        """Count the trailing zeros. The first two digits are never counted, as when a quantity is
        parsed."""
        digits = re.sub("[,_]", "", self.whole + self.decimals)
        return max(0, len(digits) - max(2, len(digits.rstrip("0"))))


def split_number(raw: str) -> NumberParts:
    """Split a number that a quantity's parser has accepted into its parts."""
    match = PRINTED.fullmatch(raw)
    if match is None:
        raise ValueError(f"{raw!r} is no number")
    return NumberParts(**match.groupdict())


def find_padding(raws: Iterable[str]) -> dict[Form, int]:
    """Return by notation how many zeros at the ends of all these numbers are padding."""
    zeros: dict[Form, int] = {}
    counts: Counter[Form] = Counter()
    for number in map(split_number, raws):
        if number.number:
            form = number.form
            zeros[form] = min(zeros.get(form, number.zeros), number.zeros)
            counts[form] += 1
    return {form: least for form, least in zeros.items() if least * counts[form] >= CHANCE_ZEROS}


def count_padding(raw: str, alike: Sequence[str] = ()) -> int:
    """Count the zeros at the end of a number that are padding, not digits.

    One number says little: a tenth of all exact counts end in a zero. Those printed `alike`, as the
    other rows of a table, tell: what all of them end in is padding, if it is too much for chance.
    """
    claimed = split_number(raw)
    if not claimed.zeros:
        return 0
    ends = [
        claimed.zeros,
        *(
            neighbour.zeros
            for neighbour in map(split_number, alike)
            if neighbour.form == claimed.form and neighbour.number
        ),
    ]
    return min(ends) if min(ends) * len(ends) >= CHANCE_ZEROS else 0


def write_number(raw: str, parsed: ParsedValue, value: Value, alike: Sequence[str] = ()) -> str:
    """Write the value with the unit, decimals, separators and padding of `raw`: for `22.22 G`
    23342434304 is `23.34 G`.

    Raises:
        ValueError: where the value would lose its digits in that notation, or wants another unit.
    """
    assert isinstance(value, Decimal)
    old = split_number(raw)
    amount, zeros = value / _scale(old, parsed), count_padding(raw, alike)
    if old.number and not old.number / UNIT < amount < old.number * UNIT:
        if old.decimals or old.exponent or old.after.strip():
            raise ValueError(f"{raw.strip()!r} is in another unit than {value:,f}")
        zeros = max(0, zeros + amount.adjusted() - old.number.adjusted())
    return _number(old, amount, len(old.decimals), zeros)


def write_setting(raw: str, parsed: ParsedValue, value: Value, alike: Sequence[str] = ()) -> str:
    """Write the value to its last digit, with at least the decimals of `raw`; a setting is not
    rounded."""
    assert isinstance(value, Decimal)
    old = split_number(raw)
    amount = (value / _scale(old, parsed)).normalize()
    exponent = amount.as_tuple().exponent
    return _number(old, amount, max(len(old.decimals), old.power - int(exponent)), 0)


def write_size(raw: str, parsed: ParsedValue, value: Value, alike: Sequence[str] = ()) -> str:
    """Write an image size as `224`, `224x224` or `3x224x224`, like `raw`; one that is not square
    needs both sides."""
    assert isinstance(value, tuple)
    match = SIDES.search(raw)
    if match is None:
        raise ValueError(f"{raw!r} is no image size")
    height, width = value
    between = match["between"] or ""
    sides = f"{height}{between or 'x'}{width}" if between or height != width else f"{height}"
    return f"{raw[: match.start()]}{sides}{match['after']}"


def write_text(raw: str, parsed: ParsedValue, value: Value, alike: Sequence[str] = ()) -> str:
    """Write a text in the case of `raw`: `Bicubic`, `bicubic` or `BICUBIC`."""
    text, old = str(value), raw.strip()
    cased = text.upper() if old.isupper() else text.capitalize() if old.istitle() else text
    start = len(raw) - len(raw.lstrip())
    return raw[:start] + cased + raw[start + len(old) :]


def _scale(old: NumberParts, parsed: ParsedValue) -> Decimal:
    """Return the value of one: 10^9 where G is printed, 100 where a fraction stands for percent."""
    assert isinstance(parsed.value, Decimal) and parsed.step is not None
    return (
        parsed.value / old.number
        if old.number
        else parsed.step.scaleb(len(old.decimals) - old.power)
    )


def _number(old: NumberParts, amount: Decimal, decimals: int, zeros: int) -> str:
    with localcontext(prec=100):  # as many digits as any claim may have
        mantissa = amount.scaleb(-old.power)
        rounded = mantissa.quantize(Decimal(1).scaleb(zeros - decimals))
    if amount and not rounded:
        raise ValueError(f"too few digits in {old.whole}{old.point}{old.decimals} for {amount:f}")
    whole, _, fraction = f"{abs(rounded):.{decimals}f}".partition(".")
    separator = next((mark for mark in ",_" if mark in old.whole), "")
    whole = f"{int(whole):,}".replace(",", separator)
    sign = "-" if rounded < 0 else old.sign.replace("-", "")
    point = "." if fraction else old.point
    short = "" if not old.whole and whole == "0" else whole
    return f"{old.before}{sign}{short}{point}{fraction}{old.exponent}{old.after}"
