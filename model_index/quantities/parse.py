"""Parse the characters of a claim.

Each parser returns a `ParsedValue`, which keeps how finely it was printed. It raises ValueError
with what it expected.
"""

import re
from decimal import Decimal
from functools import lru_cache

from zoo.model_index.quantities.show import show_number
from zoo.model_index.quantities.value import ParsedValue

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
WORDS = {"thousand": 10**3, "million": 10**6, "mio": 10**6, "billion": 10**9, "trillion": 10**12}
# commas, spaces and apostrophes part thousands and nothing else: 1,5 is refused
DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d{1,3}(?:'\d{3})+|\d+(?:_\d+)*)"
UNSIGNED = rf"(?:{DIGITS}(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{{1,6}})?"
NUMBER = rf"([+-]?{UNSIGNED})"
# No two runs of spaces stand side by side in a pattern: they would share out the same spaces in
# every way there is.
COUNT = re.compile(
    rf"(\+?{UNSIGNED})(?:\s*({'|'.join(WORDS)}|[kmgbt]))?"
    r"(?:\s*(?:flops?|macs?|mult-adds|params?|parameters))?",
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
AMOUNT = re.compile(NUMBER + r"\s*(%|[a-z\u00b5]{2,12}|)", re.IGNORECASE)
COUNTED = re.compile(rf"{UNSIGNED}\s*[kmgbt]", re.IGNORECASE)
HOURS = re.compile(rf"(\+?{UNSIGNED})\s*(d|days?|h|hrs?|hours?|m|mins?|minutes?)", re.IGNORECASE)
MINUTES = {"d": 24 * 60, "h": 60, "m": 1}
MAX_LENGTH = 100  # characters of a claim
MAX_ADDRESS = 2000
MAX_EXPONENT = 30  # nothing published is larger; a Decimal of 1e999999999 would stall arithmetic
DECIMAL_COMMA = re.compile(r"\s*[+-]?\d+,\d{1,2}(?!\d)[^,]*")
FULL_WIDTH = range(0xFF01, 0xFF5F)  # what an input method for Chinese or Japanese writes for ASCII
SAME = {"\u2019": "'", "\u066b": ".", "\u066c": ",", "\u2212": "-", "\u00d7": "x"}
NO_NUMBER = frozenset(
    {"", "-", "--", "---", "\u2013", "\u2014", "n/a", "n.a.", "na", "nan", ".nan", "none"}
    | {"tbd", "tba", "todo", "?", "unknown", "null", "..."}
)


def states_nothing(text: str) -> bool:
    """Return whether a cell says that there is no number: `-`, `N/A`, `nan`, `TBD`."""
    return text.strip().lower() in NO_NUMBER


def plain_number(text: str) -> str:
    """Return the text with ASCII digits, signs and spaces, and without outer spaces."""
    return text.strip() if text.isascii() else "".join(map(_plain_character, text)).strip()


def _plain_character(character: str) -> str:
    if character.isdecimal():
        return str(int(character))
    if ord(character) in FULL_WIDTH:
        return chr(ord(character) - 0xFEE0)
    return " " if character.isspace() else SAME.get(character, character)


def is_bare(text: str) -> bool:
    """Return whether a text is a number and nothing else, so that its label may give the unit."""
    return len(text) <= MAX_LENGTH and NUMBER_ONLY.fullmatch(plain_number(text)) is not None


def _decimal(text: str, scale: int | Decimal = 1, *, padded: bool = False) -> ParsedValue:
    """Return the value of a number; the zeros at the end of a `padded` one without a point are no
    digits."""
    number = Decimal(text.translate(_GROUPING))
    if abs(number.adjusted()) > MAX_EXPONENT:
        raise ValueError(f"a number below 1e{MAX_EXPONENT}")
    _, digits, exponent = number.as_tuple()
    printed = significant = len(digits)
    while padded and significant > 2 and not digits[significant - 1] and "." not in text:
        significant -= 1
    step = _power(int(exponent) + printed - significant)
    return (
        ParsedValue(number, significant, step)
        if scale == 1
        else ParsedValue(number * scale, significant, step * scale)
    )


_GROUPING = str.maketrans("", "", ",_ '")


@lru_cache(maxsize=256)
def _power(exponent: int) -> Decimal:
    return Decimal(1).scaleb(exponent)


def _match(pattern: re.Pattern[str], text: str, expected: str) -> re.Match[str]:
    match = pattern.fullmatch(plain_number(text)) if len(text) <= MAX_LENGTH else None
    if match is None:
        comma = len(text) <= MAX_LENGTH and DECIMAL_COMMA.fullmatch(plain_number(text))
        raise ValueError(f"{expected} with a decimal point" if comma else expected)
    return match


def parse_count(text: str) -> ParsedValue:
    """Parse a count, K/M/G/B/T in powers of 1000: `15003675112`, `15_003`, `22.22 G`, `4.1
    GFLOPs`, `61.57M`, `10.1 million`."""
    match = _match(COUNT, text, "a count")
    prefix = (match[2] or "").lower()
    return _decimal(match[1], (PREFIXES | WORDS)[prefix], padded=True)


def parse_bytes(text: str) -> ParsedValue:
    """Parse a number of bytes: `247021307`, `247 MB`, `235.6 MiB`."""
    match = _match(FILE_SIZE, text, "a number of bytes")
    if match[2].lower() not in BYTES:
        raise ValueError("a number of bytes")
    return _decimal(match[1], BYTES[match[2].lower()], padded=True)


def parse_memory(text: str) -> ParsedValue:
    """Parse an amount of memory, which has a unit: `4.4 GB`, `16GiB`; a bare number has none."""
    expected = "an amount of memory with its unit, such as 4.4 GB"
    if not _match(FILE_SIZE, text, expected)[2]:
        raise ValueError(expected)
    return parse_bytes(text)


def parse_hours(text: str) -> ParsedValue:
    """Parse a duration in hours: `7.3 h`, `3 days`, `90 min`."""
    match = _match(HOURS, text, "a duration with its unit, such as 7.3 h")
    return _decimal(match[1], Decimal(MINUTES[match[2][0].lower()]) / 60)


def parse_percent(text: str) -> ParsedValue:
    """Parse a percentage: `80.16%`, `80.16` or `0.8016`; a bare number up to 1 is a fraction.

    All printed zeros are digits. A bare 0, 1 or 1.0 is none or all of the images, to one percent.
    """
    match = _match(PERCENT, text, "a percentage")
    number = _decimal(match[1])
    if match[2] or not isinstance(number.value, Decimal) or abs(number.value) > 1:
        return number
    fraction = _decimal(match[1], 100)
    if number.value in (0, 1, -1) and fraction.step and fraction.step > 1:
        return ParsedValue(fraction.value, 3 if number.value else 1, Decimal(1))
    return fraction


def parse_number(text: str) -> ParsedValue:
    """Parse a number: `0.875`, `1e-4`, `90`."""
    return _decimal(_match(NUMBER_ONLY, text, "a number")[1])


def parse_amount(text: str) -> ParsedValue:
    """Parse the number of a metric that no row knows, with `%` or a word for its unit: `27.1`,
    `27.1%`, `3.2 px`; a letter counts thousands and more: `400M`."""
    if len(text) <= MAX_LENGTH and COUNTED.fullmatch(plain_number(text)):
        return parse_count(text)
    return _decimal(_match(AMOUNT, text, "a number")[1])


def parse_milliseconds(text: str) -> ParsedValue:
    """Parse a duration: `57.14`, `57.14 ms`, `0.145 s`; a bare number counts milliseconds."""
    match = _match(DURATION, text, "a duration")
    return _decimal(match[1], MILLISECONDS[(match[2] or "").lower()])


def parse_rate(text: str) -> ParsedValue:
    """Parse a number of images a second: `1250`, `188,343.61`, `1250 images/s`, `30 fps`."""
    return _decimal(_match(RATE, text, "a number of images a second")[1], padded=True)


def parse_size(text: str) -> ParsedValue:
    """Parse an input size as (height, width) in pixels: `224`, `224x285` or `3x224x224`."""
    match = _match(SIZE, text, "an image size such as 224 or 224x285")
    height = int(match[1])
    width = int(match[2] or match[1])
    if not (1 <= height <= 65536 and 1 <= width <= 65536):
        raise ValueError("an image size between 1 and 65536 pixels")
    return ParsedValue((height, width))


def parse_channels(text: str) -> ParsedValue:
    """Parse a number for each channel of an image, or one for all of them: `0.485, 0.456, 0.406`
    or `0.5`."""
    values = [show_number(parse_number(part).value) for part in re.split(r"[,\s]+", text.strip())]
    return ParsedValue(", ".join(values if len(set(values)) > 1 else values[:1]))


def parse_text(text: str) -> ParsedValue:
    """Return any text of a bounded length, without outer spaces."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a text of at most {MAX_LENGTH} characters")
    return ParsedValue(text.strip())


def parse_address(text: str) -> ParsedValue:
    """Return an address, a path, or another reference to a file; nothing is looked up."""
    if len(text) > MAX_ADDRESS:
        raise ValueError(f"an address of at most {MAX_ADDRESS} characters")
    return ParsedValue(text.strip())
