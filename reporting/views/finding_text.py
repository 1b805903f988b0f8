"""Say a finding in the few words that a screen has room for: the claim as printed, the number to
use, by how much they differ, and the reason."""

from decimal import Decimal

from zoo.model_index.findings import Finding, Standing, Verdict
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.rows.metrics import CHECK
from zoo.model_index.quantities.show import describe_difference, human, show_count
from zoo.model_index.quantities.value import Value
from zoo.model_index.records.records import Claim

# What a short claim is printed with, by the key of the condition; others stand as they are.
SHORT_CONDITIONS = {
    "batch size": "b{}",
    "input size": "{}",
    "corrected": "",
}
FORMATS = {"batch size": "batch size {}", "input size": "input {}", "corrected": "corrected: {}"}
FEW = 1000  # of a number below that the difference is seen
MULTIPLY_ADDS = "{}MACs"  # how a plain count is named; a claim may count each twice


def quantity_text(claim: Claim, *, short: bool = False) -> str:
    """Name a claim's quantity; of a benchmark with its conditions, since there may be several.

    `short` gives `Inference Time V100 FP32 b1 trt8` of `Inference Time, V100, FP32, batch size 1,
    TensorRT 8.0.3.4`.
    """
    if claim.row.check == CHECK and claim.row.metric:
        return metric_text(claim)
    if claim.row.check != "benchmark":
        return claim.row.label
    if not short:
        texts = [FORMATS.get(key, "{}").format(value) for key, value in claim.conditions]
        return ", ".join([claim.row.label, *texts])
    texts = [
        SHORT_CONDITIONS.get(key, "{}").format(_abbreviate(value))
        for key, value in claim.conditions
    ]
    return " ".join(filter(None, [claim.row.label, *texts]))


def metric_text(claim: Claim) -> str:
    """Name a metric with its data set and its conditions: `mIoU on Cityscapes, flip yes`."""
    texts = [FORMATS.get(key, f"{key} {{}}").format(value) for key, value in claim.conditions]
    on = f" on {claim.dataset}" if claim.dataset else ""
    return ", ".join([claim.row.label + on, *texts])


def _abbreviate(text: str) -> str:
    """Shorten the name of an engine with its version: `TensorRT 8.0.3.4` is `trt8`."""
    name, _, version = text.partition(" ")
    return f"trt{version.partition('.')[0]}" if name == "TensorRT" else text


def claimed_text(claim: Claim, *, exact: bool = False) -> str:
    """Return the claim as its publisher prints it; a bare count as `15.00 G`, with `exact` as
    `15,003,675,112`."""
    row, value = claim.row, claim.value
    if row.show is not show_count or exact:
        return row.show(value)
    printed = claim.printed.strip()
    return human(value) if isinstance(value, Decimal) and _is_bare(printed) else printed


def _is_bare(printed: str) -> bool:
    return printed.replace(",", "").replace("_", "").replace(".", "").isdecimal()


def use_text(finding: Finding, *, exact: bool = False, change: bool = True) -> str:
    """Return the number to use in place of a wrong claim, and with `change` by how much the claim
    changes: `use 11.67 GMACs (-22.2%)`; empty where none is known."""
    if not (text := number_to_use(finding, exact=exact)):
        return ""
    value, claimed = value_to_use(finding), finding.claim.value
    if not change or not isinstance(value, Decimal) or not isinstance(claimed, Decimal):
        return f"use {text}"
    difference = _change(claimed, value, finding.claim.row)
    return f"use {text} ({difference})" if difference else f"use {text}"


def number_to_use(finding: Finding, *, exact: bool = False) -> str:
    """Return the number to use in place of a wrong claim: `11.67 GMACs`; empty for any other
    claim, and where none is known."""
    if finding.standing is not Standing.WRONG or finding.use is None:
        return ""
    return _choose_count(finding, exact)[1]


def value_to_use(finding: Finding) -> Value | None:
    """Return the value of `number_to_use`: of FLOPs that count each multiply-add twice, those."""
    if finding.standing is not Standing.WRONG or finding.use is None:
        return None
    return _choose_count(finding, exact=False)[0]


def measured_text(finding: Finding, *, exact: bool = False) -> str:
    """Return what was measured: `11.67 GMACs`; empty where nothing was."""
    if finding.measured is None:
        return ""
    return _show(finding.claim, finding.measured, exact)


def _choose_count(finding: Finding, exact: bool) -> tuple[Value | None, str]:
    """Return the number to use as the publisher counts: of FLOPs nearer to two operations each,
    those."""
    claim, use = finding.claim, finding.use
    assert use is not None
    doubled = claim.row.amount == MULTIPLY_ADDS and not finding.causes
    number = use if doubled and isinstance(use, Decimal) else None
    if number and abs(claim.number - 2 * number) < abs(claim.number - number):
        return 2 * number, _with_unit(_number(2 * number, exact), "FLOPs")
    return use, _show(claim, use, exact)


def _show(claim: Claim, value: Value, exact: bool) -> str:
    if claim.row.show is not show_count or not isinstance(value, Decimal):
        return claim.row.show(value)
    number = _number(value, exact)
    # a number that looks like the claim has to show its difference
    if value != claim.value and isinstance(claim.value, Decimal) and number == human(claim.value):
        number = show_count(value)
    return _with_unit(number, "MACs") if claim.row.amount == MULTIPLY_ADDS else number


def _with_unit(number: str, unit: str) -> str:
    """Put a unit behind a number and its prefix: `11.67 GMACs`, `812 MACs`."""
    return f"{number}{unit}" if number[-1].isalpha() else f"{number} {unit}"


def _number(value: Decimal, exact: bool) -> str:
    return show_count(value) if exact else human(value)


def _change(claimed: Decimal, value: Decimal, row: Quantity) -> str:
    """Return the change from the claim to the number to use; empty for a setting and for few
    layers."""
    if row.unit == "%":
        return f"{value - claimed:+f} points"
    if row.check == "configuration" or max(claimed, value) < FEW:
        return ""
    if not claimed or not value or max(abs(claimed / value), abs(value / claimed)) >= 10:
        return describe_difference(value, claimed)
    percent = (value - claimed) / claimed * 100
    if abs(percent) < Decimal("0.05"):
        return f"{value - claimed:+,f}"
    return f"{percent:+.1f}%"


def reason_text(finding: Finding, *, terms: bool = False) -> str:
    """Return the reason; without `terms` not the sum that a count is made of, which `zoo explain`
    shows."""
    reason = finding.reason
    if terms or finding.verdict is not Verdict.EXPLAINED:
        return reason
    sums = (f": {hypothesis.terms}" for hypothesis in finding.tried if hypothesis.terms)
    return reason.replace(max((text for text in sums if text in reason), key=len, default=""), "")
