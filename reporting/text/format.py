"""Format numbers and values of documents for people: units, signs, digits, lists by commas."""

from collections.abc import Mapping
from decimal import Decimal

from zoo.model_index.findings import Finding, percent
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.show import show_bytes, show_count
from zoo.model_index.quantities.value import Value
from zoo.model_index.records.fields import Plain
from zoo.model_index.records.input_spec import InputSpec
from zoo.reporting.text.escape import one_line

SMALL = Decimal("0.00005")  # prints as 0.00%


def input_text(spec: InputSpec | None, unit: str = "") -> str:
    """Format an input for people: `224×224` with the unit of an image, `16x112x112 clip`."""
    if spec is None:
        return ""
    if not spec.is_image:
        return str(spec)
    text = spec.show().replace("x", "\u00d7")
    return f"{text} {unit}" if unit and " " not in text else text


def format_with_unit(finding: Finding, value: Value | None) -> str:
    """Format a value with all digits and its unit, for a tooltip."""
    if value is None:
        return ""
    row = finding.claim.row
    text = row.show(value)
    has_unit = row.show is show_bytes or text.endswith(row.unit)
    return text if has_unit else f"{text} {row.unit}"


def format_amount(row: Quantity, value: Value | None) -> str:
    """Format a predicted value for people: counts without the fraction of a unit of 2^20."""
    if value is None:
        return ""
    return row.show(_rounded(row, value) if isinstance(value, Decimal) else value)


def format_residual(row: Quantity, residual: Decimal | None) -> str:
    """Format a residual with its sign: `+172,032`, or `0`."""
    if residual is None:
        return ""
    return f"{(_rounded(row, residual) or residual).normalize():+,f}" if residual else "0"


def format_residual_share(residual: Decimal, prediction: Decimal) -> str:
    """Format a residual as a share of the prediction: `-4.81%`; empty where one of them is zero."""
    if not residual or not prediction:
        return ""
    return percent(residual, prediction) if abs(residual / prediction) >= SMALL else "under 0.01%"


def _rounded(row: Quantity, value: Decimal) -> Decimal:
    """Round a count to whole numbers, a small one to hundredths; other quantities stay."""
    whole = value.to_integral_value()
    if row.show is not show_count or value == whole or abs(value) >= 100:
        return whole if row.show is show_count else value
    return round(value, 2)


def flat(value: Plain) -> str:
    """Format a field of an index as one line: lists by commas, mappings as `key: value`."""
    if isinstance(value, dict):
        return "; ".join(f"{key}: {flat(part)}" for key, part in value.items())
    if isinstance(value, list):
        return ", ".join(flat(part) for part in value)
    return "" if value is None else one_line(value)


def plain(value: object) -> str:
    """Format a value of a document as text: sequences by commas, mappings in the order of their
    keys, fractions in four digits.

    A document that was written and read has lists for tuples and sorted keys, and looks the same.
    """
    if isinstance(value, (list, tuple)):
        return ", ".join(map(plain, value))
    if isinstance(value, Mapping):
        return "; ".join(f"{key} {plain(part)}" for key, part in sorted(value.items()))
    return f"{value:.4g}" if isinstance(value, float) else one_line("" if value is None else value)
