"""How values look to people, and how untrusted text is made harmless.

Everything that comes from an index file is untrusted. It enters pages through `safe` (as HTML),
`title` (as the page's Markdown heading) or `web_address` (as the target of a link), and in no other
way.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from zoo.model_index.findings import Finding, percent
from zoo.model_index.quantities.table import Quantity, Value, show_count
from zoo.model_index.reading.reader import STEERING
from zoo.model_index.reading.yaml_nodes import Plain

STEPS = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))

SMALL = Decimal("0.00005")  # prints as 0.00%

# Fences are found before HTML blocks are, so their characters must not reach the Markdown parser
# either.
UNSAFE = re.compile(f"[&<>'\"`~\r{STEERING.pattern[1:-1]}]")
FENCES = str.maketrans({"`": "&#96;", "~": "&#126;", "\x02": "", "\x03": "", "\r": " ", "\x00": ""})
SIGN = "\ufffd"  # stands where a character stood that nobody would see

# A heading becomes the page's title, which themes print without escaping; nothing that could be
# markup stays.
TITLE = str.maketrans({"<": "‹", ">": "›", "&": "+", '"': "”", "'": "’"})
MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~^=:$@])")


def safe(value: object) -> Markup:
    """A value as HTML text; Markup passes unchanged, None is empty."""
    if isinstance(value, Markup):
        return value
    text = "" if value is None else str(value)
    if not UNSAFE.search(text):  # most text, and there are a thousand pieces on a page
        return Markup(text)
    return Markup(visible(str(escape(text)).translate(FENCES)))


def visible(text: str) -> str:
    """The text with a sign for each character that steers terminals or turns the order of a
    line."""
    return STEERING.sub(SIGN, text)


def title(text: str) -> Markup:
    """Text as one line of Markdown in which nothing has a meaning."""
    line = one_line(text).translate(TITLE).translate({0: None, 2: None, 3: None})
    return Markup(MARKDOWN.sub(lambda match: f"&#{ord(match[1])};", visible(line)))


def one_line(text: object) -> str:
    """The text with every run of white space and control characters as one space."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]", " ", str(text)).split())


def printable(text: object) -> str:
    """The text on one line, with a sign in the place of every character that a reader would not
    see."""
    return "".join(character if character.isprintable() else SIGN for character in one_line(text))


def coded(text: str) -> Markup:
    """Our own text as HTML, with what stands between backticks as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def paragraphs(text: str) -> list[str]:
    """Plain text cut at empty lines."""
    return [one_line(part) for part in re.split(r"\n[ \t]*\n", text) if part.strip()]


def web_address(value: object) -> str | None:
    """The value if it is an http or https address that may become a link, else None."""
    text = value.strip() if isinstance(value, str) else ""
    if not re.fullmatch(r"https?://[^\s<>\"'`\\]+", text, re.IGNORECASE):
        return None
    try:
        return text if urlsplit(text).hostname else None
    except ValueError:
        return None


def human(value: int | float | Decimal | None) -> str:
    """`15.00 G`, `61.57 M`, `812`: four steps of a thousand, two decimals; beyond them as a power
    of ten."""
    if value is None:
        return ""
    number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    if abs(number) >= 10**16 or 0 < abs(number) < Decimal("0.001"):
        return f"{number:.2e}"
    for size, letter in STEPS:
        # 999.996 M would print as 1000.00 M: what rounds up to the next step belongs to it.
        if abs(number) >= size - Decimal(size) / 200_000:
            return f"{number / size:.2f} {letter}"
    return show_count(number) if number == number.to_integral_value() else f"{number:.4g}"


def shown(finding: Finding) -> str:
    """The measured value as people read it; empty where there is none."""
    value = finding.measured
    if isinstance(value, Decimal) and finding.claim.row.show is show_count:
        return human(value)
    return "" if value is None else finding.claim.row.show(value)


def full(finding: Finding, value: Value | None) -> str:
    """A value with all digits and its unit, for a tooltip."""
    if value is None:
        return ""
    row = finding.claim.row
    shown = row.show(value)
    return shown if shown.endswith(row.unit) else f"{shown} {row.unit}"


def difference(finding: Finding) -> str:
    """Claimed against measured: `+28.56%` for a number, nothing for what cannot be subtracted."""
    claimed, measured = finding.claim.value, finding.measured
    if not isinstance(claimed, Decimal) or not isinstance(measured, Decimal):
        return ""
    gap = claimed - measured
    if not gap:
        return "0"
    if not measured:
        return f"{gap:+f}"
    share = float(gap / measured) * 100
    return f"{share:+.2f}%" if abs(share) >= 0.005 else f"{gap.normalize():+f}"


def amount(row: Quantity, value: Value | None) -> str:
    """A predicted value as people read it: counts without the fraction that a unit of 2^20
    leaves."""
    if value is None:
        return ""
    return row.show(_rounded(row, value) if isinstance(value, Decimal) else value)


def left(row: Quantity, residual: Decimal | None) -> str:
    """A residual with its sign: `+172,032`, or `0`."""
    if residual is None:
        return ""
    return f"{(_rounded(row, residual) or residual).normalize():+,f}" if residual else "0"


def off(residual: Decimal, prediction: Decimal) -> str:
    """A residual as a share of the prediction: `-4.81%`; nothing where it is zero or there is
    nothing to divide by."""
    if not residual or not prediction:
        return ""
    return percent(residual, prediction) if abs(residual / prediction) >= SMALL else "under 0.01%"


def _rounded(row: Quantity, value: Decimal) -> Decimal:
    """A count in whole numbers, in hundredths where it is small; other quantities as they are."""
    whole = value.to_integral_value()
    if row.show is not show_count or value == whole or abs(value) >= 100:
        return whole if row.show is show_count else value
    return round(value, 2)


def flat(value: Plain) -> str:
    """A field of an index as one line: lists by commas, mappings as `key: value`."""
    if isinstance(value, dict):
        return "; ".join(f"{key}: {flat(part)}" for key, part in value.items())
    if isinstance(value, list):
        return ", ".join(flat(part) for part in value)
    return "" if value is None else one_line(value)


def plain(value: object) -> str:
    """A value of a document as text: sequences by commas, mappings in order of their keys,
    fractions in four digits.

    A document that was read again has lists for tuples and sorted keys, and must look the same.
    """
    if isinstance(value, (list, tuple)):
        return ", ".join(map(plain, value))
    if isinstance(value, Mapping):
        return "; ".join(f"{key} {plain(part)}" for key, part in sorted(value.items()))
    return f"{value:.4g}" if isinstance(value, float) else one_line("" if value is None else value)
