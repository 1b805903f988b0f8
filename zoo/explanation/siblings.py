"""Use a claim's siblings: the cause most of them share, the odd one out, and rows that were copied.

Siblings are the claims of one quantity by one publisher about the models of one collection. A
publisher counts a family in one go, so a cause that explains most of it is likelier for the rest
than any other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from math import prod
from statistics import median

from zoo.counting.conventions import remove_doubling
from zoo.explanation.case import Case, multiply_add_label
from zoo.explanation.count_rules import COUNT_RULES
from zoo.explanation.judgement import ANOTHER_MODEL, Assessment, assess_inquiry
from zoo.explanation.other_models import NamedValue, OtherModels
from zoo.explanation.search import apply_causes, chance, describe_fit, explain, show_prediction
from zoo.model_index.checks.accuracy_pairs import unlike_others
from zoo.model_index.findings import Finding, Hypothesis, Verdict
from zoo.model_index.records.records import Claim, Entry

FEWEST = 2  # siblings that must share a cause before it says anything about another
JOINT_CHANCE = 0.001  # that one cause fits several siblings by accident
FAMILY_CHANCE = 0.05  # a cause the family vouches for needs fewer printed digits
# Claims by multiply-adds: nearer to two operations each than to one or four.
DOUBLED = (2**0.5, 2**1.5)
TWICE = ("2x",)
UNSTATED = "square"
COMPARED = frozenset({Verdict.EXACT, Verdict.ROUNDED, Verdict.EXPLAINED, Verdict.MISMATCH})
MISPLACED = frozenset({"copied row", "swapped"})
Values = tuple[NamedValue, ...]
FamilyKey = tuple[str | None, str, str]
Assessments = Sequence[tuple[Entry, Sequence[Assessment]]]


@dataclass(frozen=True, slots=True)
class SharedCause:
    """A cause that explains most siblings: how many of how many."""

    causes: tuple[str, ...]
    name: str
    explained: int
    siblings: int

    def __str__(self) -> str:
        return f"{self.name} explains {self.explained} of {self.siblings} siblings"


def asks_siblings(finding: Finding) -> bool:
    """Tell whether siblings could change the verdict on a count or its reason."""
    doubtful = finding.verdict is Verdict.EXPLAINED and (finding.ambiguous or finding.residual != 0)
    return has_siblings(finding) and (doubtful or finding.verdict is Verdict.MISMATCH)


def needs_siblings(finding: Finding) -> bool:
    """Tell whether siblings could change the finding, or say how a correction is counted."""
    return asks_siblings(finding) or (has_siblings(finding) and finding.mistake)


def has_siblings(finding: Finding) -> bool:
    """Tell whether claims about models of the same collection bear on a finding."""
    return finding.claim.row.counted and finding.claim.row.siblings


def family_causes(finding: Finding) -> tuple[str, ...]:
    """Return the causes that a family can share; which model a name builds is a matter of that
    name."""
    return tuple(cause for cause in finding.causes if cause != ANOTHER_MODEL)


def family_key(entry: Entry, finding: Finding) -> FamilyKey:
    """Return what siblings have in common."""
    return entry.collection, finding.claim.publisher, finding.claim.quantity


def find_shared_cause(
    siblings: Sequence[Assessment], preferred: frozenset[tuple[str, ...]] = frozenset()
) -> SharedCause | None:
    """Find the cause of most of the siblings, of several a preferred one; None where none has a
    majority.

    It has to explain several of them by itself; or to fit several so well that all these fits
    together are no coincidence, though each alone may be one.
    """
    compared = [sibling for sibling in siblings if sibling.finding.verdict in COMPARED]
    fitting: dict[tuple[str, ...], list[Assessment]] = {}
    for sibling in compared:
        for causes in dict.fromkeys(candidate_causes(sibling)):
            fitting.setdefault(causes, []).append(sibling)
    ranked = sorted(fitting.items(), key=lambda pair: (-len(pair[1]), pair[0] not in preferred))
    for causes, fits in ranked:
        if len(fits) < FEWEST or 2 * len(fits) <= len(compared):
            return None
        alone = [fit for fit in fits if fit.finding.verdict is Verdict.EXPLAINED]
        if len(alone) >= FEWEST or _joint_chance(fits) <= JOINT_CHANCE:
            names = [fit.finding.cause for fit in alone if family_causes(fit.finding) == causes]
            name = (names[0] if names else None) or ", ".join(causes)
            return SharedCause(causes, name, len(fits), len(compared))
    return None


def _joint_chance(fits: Sequence[Assessment]) -> float:
    """Bound the chance that one cause fits all of these by accident."""
    hypotheses = max(len(fit.finding.tried) for fit in fits)
    return hypotheses * prod(chance(fit.finding.claim, 1) for fit in fits)


def candidate_causes(assessment: Assessment) -> list[tuple[str, ...]]:
    """Return the causes that explain a claim, or might, by every name.

    A size that nobody states is left out: it is many causes.
    """
    inquiry = assessment.inquiry
    if assessment.finding.verdict is Verdict.EXPLAINED:
        chosen = inquiry.chosen if inquiry else None
        candidates = [family_causes(assessment.finding), *(chosen.also if chosen else ())]
    else:
        fits = inquiry.fits if inquiry else ()
        candidates = [causes for fit in fits for causes in (fit.causes, *fit.also)]
    return [causes for causes in candidates if causes and UNSTATED not in causes]


def settle(
    assessments: Assessments,
    entries: Sequence[Entry],
    measured_values: Callable[[str], Values],
) -> list[tuple[Entry, list[Assessment]]]:
    """Judge the findings again with their siblings and all other models; the second stage.

    `entries` are all models; `measured_values` gives (model, measured value) of a quantity.
    """
    families: dict[FamilyKey, list[Assessment]] = {}
    for entry, group in assessments:
        for assessment in group:
            if has_siblings(assessment.finding) and entry.collection:
                key = family_key(entry, assessment.finding)
                families.setdefault(key, []).append(assessment)
    mismatches = {
        assessment.finding.claim
        for _, group in assessments
        for assessment in group
        if assessment.finding.verdict is Verdict.MISMATCH
    }
    context = _Context(families, entries, measured_values, frozenset(mismatches))
    return [(entry, _Settlement(entry, group, context).settle()) for entry, group in assessments]


@dataclass
class _Context:
    """All families and the numbers of all models, for settling each entry."""

    families: Mapping[FamilyKey, Sequence[Assessment]]
    entries: Sequence[Entry]
    measured_values: Callable[[str], Values]
    mismatches: frozenset[Claim]
    _others: dict[str, OtherModels] = field(default_factory=dict)

    @cached_property
    def published(self) -> dict[str, list[NamedValue]]:
        """By quantity, the counts published of models that are not themselves unexplained."""
        values: dict[str, list[NamedValue]] = {}
        for entry in self.entries:
            for claim in entry.all_claims():
                if claim.row.counted and claim not in self.mismatches:
                    pair = (f"published for {entry.name}", claim.number)
                    values.setdefault(claim.quantity, []).append(pair)
        return values

    def other_models(self, quantity: str) -> OtherModels:
        """Index the measured and the published values of a quantity."""
        if quantity not in self._others:
            measured, published = self.measured_values(quantity), self.published.get(quantity, ())
            self._others[quantity] = OtherModels.of((*measured, *published))
        return self._others[quantity]


@dataclass
class _Settlement:
    """The second stage for the findings of one entry."""

    entry: Entry
    assessments: Sequence[Assessment]
    context: _Context

    def settle(self) -> list[Assessment]:
        settled = [self._settle(assessment) for assessment in self.assessments]
        return [self._with_convention(assessment) for assessment in settled]

    def _siblings(self, assessment: Assessment) -> list[Assessment]:
        claim = assessment.finding.claim
        family = self.context.families.get(family_key(self.entry, assessment.finding), ())
        return [sibling for sibling in family if sibling.finding.claim is not claim]

    def _settle(self, assessment: Assessment) -> Assessment:
        finding = assessment.finding
        if finding.claim.row.check == "accuracy":
            return self._compare_accuracies(assessment)
        if not asks_siblings(finding):
            return assessment
        candidates = candidate_causes(assessment)
        shared = find_shared_cause(self._siblings(assessment), frozenset(candidates))
        if shared and (finding.verdict is Verdict.MISMATCH or shared.causes not in candidates):
            case = assessment.case
            assert case is not None  # a count that was compared has one
            hypothesis = apply_causes(case, shared.causes)
            if hypothesis and hypothesis.fits and chance(case.claim, 1) <= FAMILY_CHANCE:
                return _explain_by_family(assessment, case, hypothesis, shared)
            if not (hypothesis and hypothesis.fits):
                assessment = _mark_odd(assessment, hypothesis, shared)
        elif shared and finding.ambiguous:
            reason = f"{finding.reason}; {shared}"
            certain = replace(finding, alternatives=(), reason=reason)
            assessment = replace(assessment, finding=certain)
        if assessment.inquiry and assessment.finding.verdict is Verdict.MISMATCH:
            return self._find_misplaced(assessment)
        return assessment

    def _compare_accuracies(self, assessment: Assessment) -> Assessment:
        """Detect an error rate published as an accuracy, by the accuracies of other models."""
        finding = assessment.finding
        if finding.verdict is not Verdict.UNCHECKED:
            return assessment
        problem = unlike_others(finding.claim, self.entry, self.context.entries)
        if problem is None:
            return assessment
        return Assessment(
            replace(
                finding,
                verdict=Verdict.MISMATCH,
                reason=problem.reason,
                cause=problem.cause,
                causes=problem.causes,
                prediction=problem.meant,
                mistake=True,
            )
        )

    def _find_misplaced(self, assessment: Assessment) -> Assessment:
        """Look for the unexplained number among the counts of this model and of others."""
        finding, name = assessment.finding, self.entry.name
        if not isinstance(finding.measured, Decimal):
            return assessment
        numbers = self.context.other_models(finding.claim.quantity)
        others = numbers.without(f"of {name}", f"published for {name}")
        half = (finding.claim.parsed.step or Decimal(0)) / 2
        vouched = self._vouched.get(finding.claim.publisher, {})
        if not vouched and not others.between(
            finding.claim.number - half, finding.claim.number + half
        ):
            return assessment  # cells that changed places were found before
        case = assessment.case
        assert case is not None
        case = replace(case, vouched=vouched)
        inquiry = explain(
            replace(case, other_models=others), wanted=MISPLACED, earlier=finding.tried
        )
        if inquiry.chosen is None:
            return assessment
        keys = finding.evidence
        return assess_inquiry(case, inquiry, finding.measured, keys, lambda size: keys)

    @cached_property
    def _vouched(self) -> dict[str, dict[str, Decimal]]:
        """By publisher and quantity, the count that the cause of the siblings gives here, where
        the claim itself is unexplained."""
        values: dict[str, dict[str, Decimal]] = {}
        for assessment in self.assessments:
            claim = assessment.finding.claim
            if not (
                has_siblings(assessment.finding)
                and assessment.finding.verdict is Verdict.MISMATCH
                and COUNT_RULES[claim.quantity].swap_rank
            ):
                continue
            shared = find_shared_cause(self._siblings(assessment))
            case = assessment.case if shared else None
            if shared and case and (hypothesis := apply_causes(case, shared.causes)):
                values.setdefault(claim.publisher, {})[claim.quantity] = hypothesis.prediction
        return values

    def _with_convention(self, assessment: Assessment) -> Assessment:
        """Attach the convention most sibling models use, so that a correction is written in it.

        Where no cause has a majority, claims nearer to two operations per multiply-add decide. A
        claim whose label says multiply-adds is corrected in multiply-adds.
        """
        finding = assessment.finding
        counted = isinstance(finding.measured, Decimal)
        if not (has_siblings(finding) and finding.fails() and counted):
            return assessment
        family = self.context.families.get(family_key(self.entry, finding), ())
        siblings = [sibling for sibling in family if sibling.finding.claim != finding.claim]
        if shared := find_shared_cause(siblings):
            single = multiply_add_label(finding.claim) is not None
            causes = remove_doubling(shared.causes) if single else shared.causes
            return replace(assessment, convention=causes)
        if finding.claim.quantity != "flops" or multiply_add_label(finding.claim):
            return assessment
        ratios = [_ratio(sibling.finding) for sibling in siblings or [assessment]]
        usable = [ratio for ratio in ratios if ratio]
        if usable and DOUBLED[0] < median(usable) < DOUBLED[1]:
            return replace(assessment, convention=TWICE)
        return assessment


def _ratio(finding: Finding) -> float | None:
    measured = finding.measured
    if not isinstance(measured, Decimal) or not measured:
        return None
    return float(finding.claim.number / measured)


def _explain_by_family(
    assessment: Assessment, case: Case, hypothesis: Hypothesis, shared: SharedCause
) -> Assessment:
    """Explain a claim by the cause of its siblings, whatever else would fit."""
    same = hypothesis.causes == shared.causes
    finding = replace(
        assessment.finding,
        verdict=Verdict.EXPLAINED,
        reason=f"{describe_fit(case, hypothesis)}; {shared}",
        cause=hypothesis.name if same else ", ".join(shared.causes),
        prediction=hypothesis.prediction,
        residual=hypothesis.residual,
        alternatives=(),
        causes=shared.causes,
        mistake=hypothesis.mistake,
    )
    return replace(assessment, finding=finding)


def _mark_odd(
    assessment: Assessment, hypothesis: Hypothesis | None, shared: SharedCause
) -> Assessment:
    """Add a note that the siblings were counted otherwise."""
    finding = assessment.finding
    value = show_prediction(finding.claim, hypothesis.prediction) if hypothesis else ""
    gives = f", and gives {value} here" if value else ""
    reason = f"{finding.reason}; the odd one out: {shared}{gives}"
    return replace(assessment, finding=replace(finding, reason=reason))
