"""Use a claim's siblings: the cause most of them share, the odd one out, and rows that were copied.

Siblings are the claims of one quantity by one publisher about the models of one collection. A
publisher counts a family in one go, so a cause that explains most of it is likelier for the rest
than any other.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property

from zoo.counting.conventions import remove_doubling
from zoo.explanation.case import multiply_add_label
from zoo.explanation.count_rules import COUNT_RULES
from zoo.explanation.families import (
    Causes,
    Family,
    SharedCause,
    candidate_causes,
    family_causes,
    strip_cut,
)
from zoo.explanation.judgement import Assessment, assess_inquiry, describe_cut, doubt_few_digits
from zoo.explanation.other_models import NamedValue, OtherModels
from zoo.explanation.search import (
    CUT_OFF,
    CUT_OFF_PRICE,
    apply_causes,
    describe_fit,
    explain,
    show_prediction,
)
from zoo.model_index.checks.accuracy_pairs import unlike_others
from zoo.model_index.findings import Finding, Standing, Verdict
from zoo.model_index.records.records import Claim, Entry

# Claims by multiply-adds: nearer to two operations each than to one or four.
DOUBLED = (2**0.5, 2**1.5)
TWICE = ("2x",)
PLAIN: Causes = ()
# The price of a fit in hypotheses, by whether its digits are cut off.
FIT_PRICES = {False: 1.0, True: 1 + CUT_OFF_PRICE}
RIVAL = 2  # a cause that explains half as many siblings is a rival
NO_FAMILY = Family(())
MISPLACED = frozenset({"copied row", "swapped"})
Values = tuple[NamedValue, ...]
FamilyKey = tuple[str | None, str, str]
Assessments = Sequence[tuple[Entry, Sequence[Assessment]]]


def asks_siblings(finding: Finding) -> bool:
    """Tell whether siblings could change the verdict on a count or its reason."""
    doubtful = (
        finding.verdict is Verdict.EXPLAINED
        and finding.causes != (CUT_OFF,)
        and (finding.ambiguous or finding.residual != 0)
    )
    return has_siblings(finding) and (doubtful or finding.verdict is Verdict.MISMATCH)


def needs_siblings(finding: Finding) -> bool:
    """Tell whether siblings could change the finding, or say how a correction is counted."""
    return asks_siblings(finding) or (has_siblings(finding) and finding.wrong)


def has_siblings(finding: Finding) -> bool:
    """Tell whether claims about models of the same collection bear on a finding."""
    return finding.claim.row.counted and finding.claim.row.siblings


def family_key(entry: Entry, finding: Finding) -> FamilyKey:
    """Return what siblings have in common."""
    return entry.collection, finding.claim.publisher, finding.claim.quantity


def settle(
    assessments: Assessments,
    entries: Sequence[Entry],
    measured_values: Callable[[str], Values],
) -> list[tuple[Entry, list[Assessment]]]:
    """Judge the findings again with their siblings and all other models; the second stage.

    `entries` are all models; `measured_values` gives (model, measured value) of a quantity.
    """
    mismatches = {
        assessment.finding.claim
        for _, group in assessments
        for assessment in group
        if assessment.finding.verdict is Verdict.MISMATCH
    }
    families = _group_families(assessments)
    context = _Context(families, entries, measured_values, frozenset(mismatches))
    settled = [(entry, _Settlement(entry, group, context).settle()) for entry, group in assessments]
    families = _group_families(settled)
    return [
        (entry, [doubt_few_digits(_with_convention(item, entry, families)) for item in group])
        for entry, group in settled
    ]


def _group_families(assessments: Assessments) -> dict[FamilyKey, Family]:
    families: dict[FamilyKey, list[Assessment]] = {}
    for entry, group in assessments:
        for assessment in group:
            if has_siblings(assessment.finding) and entry.collection:
                key = family_key(entry, assessment.finding)
                families.setdefault(key, []).append(assessment)
    return {key: Family.of(members) for key, members in families.items()}


@dataclass
class _Context:
    """All families and the numbers of all models, for settling each entry."""

    families: Mapping[FamilyKey, Family]
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
        return [self._settle(assessment) for assessment in self.assessments]

    def _family(self, finding: Finding) -> Family:
        return self.context.families.get(family_key(self.entry, finding), NO_FAMILY)

    def _settle(self, assessment: Assessment) -> Assessment:
        finding = assessment.finding
        if finding.claim.row.check == "accuracy":
            return self._compare_accuracies(assessment)
        if not asks_siblings(finding):
            return assessment
        assessment = self._follow_family(assessment)
        if assessment.inquiry and assessment.finding.verdict is Verdict.MISMATCH:
            return self._find_misplaced(assessment)
        return assessment

    def _follow_family(self, assessment: Assessment) -> Assessment:
        """Judge a claim by a cause that its siblings share, where that fits it too."""
        finding, family = assessment.finding, self._family(assessment.finding)
        candidates = candidate_causes(assessment)
        majority = family.majority(finding.claim, candidates)
        shared = family.shared(candidates, finding.claim)
        if finding.verdict is Verdict.EXPLAINED and shared:
            return _mark_certain(assessment, shared[0])
        odd = majority if majority and majority.causes not in candidates else None
        for cause in ([odd] if odd else []) + shared:
            if explained := _explain_by_family(assessment, cause, shared):
                return explained
        return _mark_odd(assessment, odd) if odd else assessment

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
                wrong=True,
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
        return assess_inquiry(case, inquiry, finding.measured, keys, lambda spec: keys)

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
            shared = self._family(assessment.finding).majority(claim)
            case = assessment.case if shared else None
            if shared and case and (hypothesis := apply_causes(case, shared.causes)):
                values.setdefault(claim.publisher, {})[claim.quantity] = hypothesis.prediction
        return values


def _with_convention(
    assessment: Assessment, entry: Entry, families: Mapping[FamilyKey, Family]
) -> Assessment:
    """Attach the convention of the family to a wrong count, so that a correction is written in it.

    A label that says multiply-adds decides.
    """
    finding = assessment.finding
    counted = isinstance(finding.measured, Decimal)
    if not (has_siblings(finding) and finding.fails() and counted):
        return assessment
    family = families.get(family_key(entry, finding), NO_FAMILY)
    convention = find_convention(family.members or [assessment])
    if multiply_add_label(finding.claim) is not None:
        convention = remove_doubling(convention)
    return replace(assessment, convention=convention)


def find_convention(members: Sequence[Assessment]) -> Causes:
    """Return the causes that most right claims of a family share: none for the plain count.

    As many plain counts win. Where no claim is right, it is two operations per multiply-add if most
    claims are nearer to that, else the plain count.
    """
    votes: Counter[Causes] = Counter({PLAIN: 0})
    for member in members:
        if member.finding.standing is Standing.RIGHT:
            causes = family_causes(member.finding)
            votes[PLAIN if causes == (CUT_OFF,) else causes] += 1
    if votes.total():
        most = max(votes.values())
        return PLAIN if votes[PLAIN] == most else max(votes, key=lambda causes: votes[causes])
    flops = [member.finding for member in members if member.finding.claim.quantity == "flops"]
    ratios = [ratio for finding in flops if (ratio := _ratio(finding))]
    doubled = sum(DOUBLED[0] < ratio < DOUBLED[1] for ratio in ratios)
    return TWICE if 2 * doubled > len(ratios) else PLAIN


def _ratio(finding: Finding) -> float | None:
    measured = finding.measured
    if not isinstance(measured, Decimal) or not measured:
        return None
    return float(finding.claim.number / measured)


def _mark_certain(assessment: Assessment, shared: SharedCause) -> Assessment:
    """Take an ambiguous explanation for certain, since the siblings share it."""
    finding = assessment.finding
    if not finding.ambiguous:
        return assessment
    reason = f"{finding.reason}; {shared}"
    return replace(assessment, finding=replace(finding, alternatives=(), reason=reason))


def _explain_by_family(
    assessment: Assessment, shared: SharedCause, rivals: Sequence[SharedCause]
) -> Assessment | None:
    """Explain a claim by a cause that siblings share, if that fits it and is likelier than an
    accident; None otherwise. `rivals` are other shared causes that may fit as well."""
    finding, case = assessment.finding, assessment.case
    if case is None:  # of a checkpoint, which was not counted
        return None
    hypothesis = apply_causes(case, shared.causes)
    if hypothesis is None or not hypothesis.fits:
        return None
    if not shared.speaks_for(case.claim, FIT_PRICES[hypothesis.causes[-1:] == (CUT_OFF,)]):
        return None
    others = [
        s.name
        for s in rivals
        if s is not shared and s.rank == shared.rank and RIVAL * s.explained > shared.explained
    ]
    plain = hypothesis.causes == (CUT_OFF,)
    same = strip_cut(hypothesis.causes) == shared.causes
    assert isinstance(finding.measured, Decimal)
    if plain:
        cut = describe_cut(case.claim, finding.measured, finding.evidence, f"; {shared}")
        return replace(assessment, finding=replace(cut, tried=finding.tried))
    explained = replace(
        finding,
        verdict=Verdict.EXPLAINED,
        reason=f"{describe_fit(case, hypothesis)}; {shared}",
        cause=hypothesis.name if same else ", ".join(shared.causes),
        prediction=hypothesis.prediction,
        residual=hypothesis.residual,
        alternatives=tuple(others),
        causes=hypothesis.causes if same else shared.causes,
        wrong=hypothesis.wrong,
    )
    return replace(assessment, finding=explained)


def _mark_odd(assessment: Assessment, shared: SharedCause) -> Assessment:
    """Add a note that the siblings were counted otherwise."""
    finding, case = assessment.finding, assessment.case
    hypothesis = apply_causes(case, shared.causes) if case else None
    value = show_prediction(finding.claim, hypothesis.prediction) if hypothesis else ""
    gives = f", and gives {value} here" if value else ""
    reason = f"{finding.reason}; the odd one out: {shared}{gives}"
    return replace(assessment, finding=replace(finding, reason=reason), is_odd=True)
