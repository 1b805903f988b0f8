"""Doubt findings that rest on a guess: a row of a table names a model, and no builder.

timm may have a model of that very name and mean another one: another library's of the same name,
counted in another form, at another size, or one part of it. So agreement makes a claim right, and a
difference proves nothing.
"""

from collections.abc import Sequence
from dataclasses import replace

from zoo.explanation.judgement import Assessment
from zoo.model_index.findings import Finding, Standing, Verdict
from zoo.model_index.records.records import NO_BUILDER, Entry

ADVICE = "the settings of tables say what is meant"
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
    source = f"{entry.builder} was taken from the row's name"
    return [
        replace(assessment, finding=_doubt_finding(assessment.finding, source))
        for assessment in assessments
    ]


def _doubt_finding(finding: Finding, source: str) -> Finding:
    """Return a finding that rests on a guess: never wrong, never an error."""
    wrong = finding.standing is Standing.WRONG
    if not wrong and finding.verdict is not Verdict.ERROR:
        rests = finding.standing is Standing.RIGHT and finding.measured is not None
        return replace(finding, reason=f"{finding.reason}; {source}") if rests else finding
    reason = finding.reason
    if wrong and finding.measured is not None:
        reason = f"it has {finding.claim.row.show(finding.measured)}"
    return Finding(
        claim=finding.claim,
        verdict=Verdict.UNCHECKED,
        reason=f"{source} and may be another model: {reason}; {ADVICE}",
        evidence=finding.evidence,
        gap=finding.gap,
    )
