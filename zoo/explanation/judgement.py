"""A finding together with what was tried for it: compare a count with a claim, or turn an inquiry
into a finding."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from zoo.explanation.case import Case, reproduces
from zoo.explanation.search import Inquiry, sentence
from zoo.model_index.findings import Finding, Verdict, percent
from zoo.model_index.quantities.value import Size
from zoo.model_index.records.records import Claim

ANOTHER_MODEL = "another model is built"


@dataclass(frozen=True, slots=True)
class Assessment:
    """A finding, with what was tried for it where the claim is a count.

    `convention` are the causes that the siblings of a wrong count share, for a right one to be
    written.
    """

    finding: Finding
    case: Case | None = None
    inquiry: Inquiry | None = None
    convention: tuple[str, ...] = ()


def assess_inquiry(
    case: Case,
    inquiry: Inquiry,
    measured: Decimal,
    keys: tuple[str, ...],
    at: Callable[[Size], tuple[str, ...]],
) -> Assessment:
    """An inquiry's outcome as a finding; `at` gives the evidence of a count at another size."""
    chosen, claim = inquiry.chosen, case.claim
    if chosen:
        finding = Finding(
            claim=claim,
            verdict=Verdict.EXPLAINED,
            reason=sentence(case, chosen),
            measured=measured,
            cause=chosen.name,
            prediction=chosen.prediction,
            residual=chosen.residual,
            alternatives=tuple(other.label for other in inquiry.fits[1:]),
            evidence=at(chosen.size) if chosen.size else keys,
            causes=chosen.causes,
            mistake=chosen.mistake,
            tried=inquiry.tried,
        )
        return Assessment(finding, case, inquiry)
    off = percent(claim.number - measured, measured)
    reason = f"no known cause; the live model has {measured:,}, the claim is {off} off"
    if inquiry.fits:
        share = (
            f"{min(inquiry.chance, 1):.0%}" if inquiry.chance >= 0.1 else f"{inquiry.chance:.1%}"
        )
        reason += f"; {inquiry.fits[0].label} would fit, but so many causes fit {share} of all numbers of so few digits"
    elif (nearest := inquiry.nearest) and abs(nearest.residual) < min(
        abs(claim.number - measured), claim.number / 10
    ):
        off = percent(nearest.residual, nearest.prediction)
        reason += f"; nearest is {nearest.label}, {nearest.prediction:,}, {off} off"
    finding = Finding(
        claim=claim,
        verdict=Verdict.MISMATCH,
        reason=reason,
        measured=measured,
        residual=claim.number - measured,
        evidence=keys,
        tried=inquiry.tried,
    )
    return Assessment(finding, case, inquiry)


def compare_digits(claim: Claim, measured: Decimal, evidence: tuple[str, ...]) -> Finding | None:
    """`exact` or `rounded`, or None."""
    if claim.value == measured:
        return Finding(
            claim=claim,
            verdict=Verdict.EXACT,
            reason="equal to the last digit",
            measured=measured,
            evidence=evidence,
        )
    if not reproduces(claim, measured):
        return None
    reason = f"{measured:,} rounds to the claim's {claim.parsed.digits} printed digits"
    residual = claim.number - measured
    return Finding(
        claim=claim,
        verdict=Verdict.ROUNDED,
        reason=reason,
        measured=measured,
        cause="printed rounding",
        residual=residual,
        evidence=evidence,
    )
