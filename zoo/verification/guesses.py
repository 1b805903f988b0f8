"""Doubt findings that rest on a guess: a row of a table names a model, and no builder.

timm may have a model of that very name and mean another one: another library's of the same name, or
one part of it. So a difference proves nothing, unless another count of the row agrees with timm's
model in at least three digits.
"""

from collections.abc import Sequence
from dataclasses import replace

from zoo.explanation.judgement import Assessment
from zoo.model_index.findings import Finding, Standing, Verdict
from zoo.model_index.quantities.table import COUNTED
from zoo.model_index.records.records import NO_BUILDER, Entry

FEWEST_DIGITS = 3  # that two models of one name rarely share
Settled = list[tuple[Entry, list[Assessment]]]


def doubt_guesses(settled: Settled) -> Settled:
    """Return the assessments with those of guessed builders doubted, and saying so."""
    return [
        (entry, _doubt(entry, assessments) if is_guess(entry) else assessments)
        for entry, assessments in settled
    ]


def is_guess(entry: Entry) -> bool:
    """Return whether the builder of an entry was taken from a row's name."""
    builder = entry.builder
    return bool(entry.row_name) and not builder.named and builder.kind != NO_BUILDER


def _doubt(entry: Entry, assessments: Sequence[Assessment]) -> list[Assessment]:
    agreeing = next((a.finding for a in assessments if _confirms(a.finding)), None)
    return [
        replace(assessment, finding=_doubt_finding(entry, assessment.finding, agreeing))
        for assessment in assessments
    ]


def _confirms(finding: Finding) -> bool:
    """Return whether a count agrees with the guessed model in digits enough."""
    claim = finding.claim
    return (
        claim.quantity in COUNTED
        and finding.standing is Standing.RIGHT
        and finding.measured is not None
        and (claim.parsed.digits or 0) >= FEWEST_DIGITS
    )


def _doubt_finding(entry: Entry, finding: Finding, agreeing: Finding | None) -> Finding:
    source = f"{entry.builder} was taken from the row's name"
    wrong = finding.standing is Standing.WRONG
    if finding.claim.quantity in COUNTED and (agreeing or not wrong) and finding.measured:
        also = f", and its {agreeing.claim.row.label} agree" if wrong and agreeing else ""
        return replace(finding, reason=f"{finding.reason}; {source}{also}")
    if not wrong and finding.verdict is not Verdict.ERROR:
        return finding
    shown = finding.claim.row.show(finding.measured) if finding.measured is not None else ""
    reason = f"it has {shown}" if wrong and shown else finding.reason
    return Finding(
        claim=finding.claim,
        verdict=Verdict.UNCHECKED,
        reason=f"{source} and may be another model: {reason}",
        evidence=finding.evidence,
        gap=finding.gap,
    )
