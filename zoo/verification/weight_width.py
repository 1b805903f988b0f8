"""Check a claim about the bits of a weight against inspected checkpoints."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from zoo.explanation.judgement import Assessment, compare_digits, contradict
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.records.records import Claim
from zoo.verification.checkpoint import (
    NOT_INSPECTED,
    WholeCheckpoint,
    bits_of_weight,
    list_checkpoints,
)
from zoo.verification.context import Context

DIGITS = Decimal("0.0001")


def check_width(claim: Claim, context: Context) -> Assessment:
    """Compare the bits of a weight with those of the files: of the whole, of the tensors alone, or
    of the type that most weights have."""
    checkpoints = [
        whole
        for whole in list_checkpoints(evidence for _, evidence in context.weights)
        if not whole.missing
    ]
    known = [(whole, list(_widths(whole))) for whole in checkpoints]
    right = [
        replace(finding, reason=f"{finding.reason}; {what}")
        for whole, widths in known
        for bits, what in widths
        if (finding := compare_digits(claim, bits, whole.keys))
    ]
    if right:
        return Assessment(min(right, key=lambda finding: finding.verdict is not Verdict.EXACT))
    if measured := next(((whole, rows) for whole, rows in known if rows), None):
        whole, ((bits, what), *_) = measured
        return Assessment(contradict(claim, bits, f"{bits} are {what}", whole.keys))
    problems = (whole.summary.problem for whole in checkpoints)
    reason = next(filter(None, problems), NOT_INSPECTED)
    return Assessment(Finding(claim=claim, verdict=Verdict.UNCHECKED, reason=reason))


def _widths(whole: WholeCheckpoint) -> Iterator[tuple[Decimal, str]]:
    """Yield the bits of a weight, and what they are of."""
    summary = whole.summary
    for size, what in ((whole.size, "of the file"), (summary.weight_bytes, "of its tensors")):
        if bits := bits_of_weight(summary, size):
            yield Decimal(str(bits)).quantize(DIGITS), f"the bits {what} for each parameter"
    if summary.widths:
        most = max(summary.widths, key=lambda width: summary.widths[width])
        share = summary.widths[most] / (sum(summary.widths.values()) or 1)
        yield Decimal(most), f"the bits of {share:.0%} of its weights"
