"""Turn a comparison or a search for causes into a finding."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property

from zoo.explanation.case import Case, cuts_off, reproduces
from zoo.explanation.causes import MODELS, ROWS, SLIPS
from zoo.explanation.search import (
    CUT_OFF,
    CUT_OFF_PRICE,
    MAX_CHANCE,
    Inquiry,
    chance,
    describe_fit,
    show_digits,
)
from zoo.model_index.findings import Finding, Hypothesis, Verdict, find_nearest
from zoo.model_index.quantities.show import describe_difference, human
from zoo.model_index.records.input_spec import InputSpec, image_input
from zoo.model_index.records.records import Claim

MOST_CANDIDATES = 3  # named in a reason
SEVERAL = 2  # conventions that fit a claim: nothing tells which one is meant
# causes that are no way to count
OTHER_CAUSES = frozenset({CUT_OFF, *(row.name for table in (MODELS, SLIPS, ROWS) for row in table)})
Keys = tuple[str, ...]


def no_case() -> Case | None:
    """Return no case: for a claim that is about no count."""
    return None


@dataclass(frozen=True)
class Assessment:
    """A finding and, where the claim is about a count, the search behind it and its case.

    `find_case` makes the case when it is needed. `convention` are the causes that the siblings of
    a wrong count share; a correction is counted by them. `is_odd` says that the siblings of a claim
    were counted otherwise than any cause that fits it.
    """

    finding: Finding
    inquiry: Inquiry | None = None
    find_case: Callable[[], Case | None] = field(default=no_case, repr=False, compare=False)
    convention: tuple[str, ...] = ()
    is_odd: bool = False

    @cached_property
    def case(self) -> Case | None:
        """The claim with the facts about its model."""
        return self.find_case()


def compare_digits(claim: Claim, measured: Decimal, evidence: Keys) -> Finding | None:
    """Return an `exact` or a `rounded` finding, or one of digits cut off; None where the claim is
    another number."""
    if claim.value == measured:
        reason = "equal to the last digit"
        return Finding(
            claim=claim, verdict=Verdict.EXACT, reason=reason, measured=measured, evidence=evidence
        )
    if cuts_off(claim, measured) and chance(claim, CUT_OFF_PRICE) <= MAX_CHANCE:
        return describe_cut(claim, measured, evidence)
    if not reproduces(claim, measured):
        return None
    return Finding(
        claim=claim,
        verdict=Verdict.ROUNDED,
        reason=f"{measured:,} rounded to the claim's {show_digits(claim)}",
        measured=measured,
        cause="printed rounding",
        residual=claim.number - measured,
        evidence=evidence,
    )


def contradict(claim: Claim, measured: Decimal, what: str, evidence: Keys) -> Finding:
    """Return the finding on a claim that is another number than the measured one, which `what`
    says."""
    return Finding(
        claim=claim,
        verdict=Verdict.MISMATCH,
        reason=f"{what}, the claim is {describe_difference(claim.number, measured)}",
        measured=measured,
        residual=claim.number - measured,
        evidence=evidence,
    )


def describe_cut(claim: Claim, measured: Decimal, evidence: Keys, note: str = "") -> Finding:
    """Return the finding on a claim that has the digits of the measurement cut off."""
    return Finding(
        claim=claim,
        verdict=Verdict.EXPLAINED,
        reason=f"{measured:,} cut off after the claim's {show_digits(claim)}, "
        f"instead of rounded{note}",
        measured=measured,
        cause=CUT_OFF,
        prediction=measured,
        residual=claim.number - measured,
        evidence=evidence,
        causes=(CUT_OFF,),
    )


def assess_inquiry(
    case: Case,
    inquiry: Inquiry,
    measured: Decimal,
    keys: Keys,
    keys_at: Callable[[InputSpec], Keys],
) -> Assessment:
    """Turn the outcome of a search into a finding; `keys_at` gives the evidence of another
    input."""
    if chosen := inquiry.chosen:
        finding = Finding(
            claim=case.claim,
            verdict=Verdict.EXPLAINED,
            reason=describe_fit(case, chosen),
            measured=measured,
            cause=chosen.name,
            prediction=chosen.prediction,
            residual=chosen.residual,
            alternatives=tuple(hypothesis.label for hypothesis in inquiry.fits[1:]),
            evidence=keys_at(image_input(chosen.size)) if chosen.size else keys,
            causes=chosen.causes,
            wrong=chosen.wrong,
            tried=inquiry.tried,
        )
    else:
        finding = Finding(
            claim=case.claim,
            verdict=Verdict.MISMATCH,
            reason=_describe_mismatch(case.claim, inquiry, measured),
            measured=measured,
            residual=case.claim.number - measured,
            evidence=keys,
            tried=inquiry.tried,
        )
    return Assessment(finding, inquiry, lambda: case)


def doubt_few_digits(assessment: Assessment) -> Assessment:
    """Return a mismatch of so few digits that several counting conventions fit it as unknown: any
    of them may be the publisher's, and the claim right.

    Where its siblings say how the publisher counts, that convention decides, and it does not fit.
    """
    finding, inquiry = assessment.finding, assessment.inquiry
    if finding.verdict is not Verdict.MISMATCH or inquiry is None or assessment.is_odd:
        return assessment
    fits = list(filter(is_convention, inquiry.fits))
    if sum(1 + len(fit.also) for fit in fits) < SEVERAL:
        return assessment
    labels = [fit.label for fit in fits[:MOST_CANDIDATES]]
    more = "; ..." if len(fits) > MOST_CANDIDATES else ""
    claim = finding.claim
    reason = (
        f'a mismatch of so few digits that several conventions fit: "{claim.printed}" has '
        f"{show_digits(claim)} ({'; '.join(labels)}{more})"
    )
    doubted = replace(finding, verdict=Verdict.UNCHECKED, reason=reason, residual=None)
    return replace(assessment, finding=doubted)


def is_convention(hypothesis: Hypothesis) -> bool:
    """Tell whether a hypothesis is a way to count the model itself at the stated input, and nothing
    else."""
    others = OTHER_CAUSES.intersection(hypothesis.causes)
    return len(hypothesis.causes) == 1 and not (hypothesis.wrong or hypothesis.size or others)


def _describe_mismatch(claim: Claim, inquiry: Inquiry, measured: Decimal) -> str:
    """Say what comes near the claim, or fits it by chance."""
    if inquiry.fits:
        return _describe_chance(claim, inquiry)
    nearest = find_nearest(inquiry.tried, claim.number, measured)
    if nearest is None:
        return "no known cause"
    off = describe_difference(claim.number, nearest.prediction)
    value = human(nearest.prediction)
    return f"no known cause; nearest is {nearest.label}: {value}, the claim is {off}"


def _describe_chance(claim: Claim, inquiry: Inquiry) -> str:
    digits = claim.parsed.digits
    labels = [hypothesis.label for hypothesis in inquiry.fits[:MOST_CANDIDATES]]
    more = "; ..." if len(inquiry.fits) > MOST_CANDIDATES else ""
    share = min(inquiry.chance, 1)
    part = f"{share:.0%}" if share >= 0.1 else f"{share:.1%}"
    number = f"{digits} digit{'s' * (digits != 1)}"
    return (
        f'no certain cause: "{claim.printed}" has {number}, so {part} of all numbers would match '
        f"some cause by chance (candidates: {'; '.join(labels)}{more})"
    )
