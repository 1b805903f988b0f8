"""What a claim's siblings say: the cause most of them share, the odd one out, and rows that were
copied.

Siblings are the claims of one quantity by one publisher about the models of one collection. A
publisher counts a family in one go, so a cause that explains most of it is likelier for the rest
than any other.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from math import prod
from statistics import median

from zoo.counting.conventions import undoubled
from zoo.explanation.case import Case, in_multiply_adds
from zoo.explanation.judgement import ANOTHER_MODEL, Assessment, assess_inquiry
from zoo.explanation.other_models import Others, Value
from zoo.explanation.search import chance, claim_value, explain, sentence, under
from zoo.model_index.checks.accuracy_pairs import unlike_others
from zoo.model_index.findings import Finding, Hypothesis, Verdict
from zoo.model_index.records.records import Claim, Entry

FEWEST = 2  # siblings that must share a cause before it says anything about another
JOINT_CHANCE = 0.001  # that one cause fits several siblings by accident
FAMILY_CHANCE = 0.05  # a cause the family vouches for needs fewer printed digits
DOUBLED = (
    2**0.5,
    2**1.5,
)  # claims by multiply-adds: nearer to two operations each than to one or four
TWICE = ("2x",)
UNSTATED = "square"
ELSEWHERE = frozenset({"copied row", "swapped"})
COMPARED = frozenset({Verdict.EXACT, Verdict.ROUNDED, Verdict.EXPLAINED, Verdict.MISMATCH})
Values = tuple[Value, ...]
Key = tuple[str | None, str, str]


@dataclass(frozen=True, slots=True)
class Shared:
    """A cause that explains most siblings: how many of how many."""

    causes: tuple[str, ...]
    name: str
    explained: int
    siblings: int

    def __str__(self) -> str:
        return f"{self.name} explains {self.explained} of {self.siblings} siblings"


def asks_siblings(finding: Finding) -> bool:
    """Whether siblings could change what is said of a count."""
    explained = finding.verdict is Verdict.EXPLAINED and (
        finding.ambiguous or finding.residual != 0
    )
    return counted(finding) and (explained or finding.verdict is Verdict.MISMATCH)


def needs_siblings(finding: Finding) -> bool:
    """Whether siblings could change what is said of a count, or say what it should be."""
    return asks_siblings(finding) or (counted(finding) and finding.mistake)


def counted(finding: Finding) -> bool:
    return finding.claim.row.check in ("flops", "parameters")


def counted_by(finding: Finding) -> tuple[str, ...]:
    """The causes that a family can share; which model a name builds is a matter of that name."""
    return tuple(cause for cause in finding.causes if cause != ANOTHER_MODEL)


def key(entry: Entry, finding: Finding) -> Key:
    """Which siblings a finding belongs to."""
    return entry.collection, finding.claim.publisher, finding.claim.quantity


def shared(
    siblings: Sequence[Assessment], fitting_here: frozenset[tuple[str, ...]] = frozenset()
) -> Shared | None:
    """The cause of most of the siblings, of several one that fits here too; None where none has a
    majority.

    It has to explain several of them by itself; or to fit several so well that all these fits
    together are no coincidence, though each alone may be one.
    """
    compared = [one for one in siblings if one.finding.verdict in COMPARED]
    fitting: dict[tuple[str, ...], list[Assessment]] = {}
    for one in compared:
        for causes in dict.fromkeys(_candidates(one)):
            fitting.setdefault(causes, []).append(one)
    for causes, fits in sorted(
        fitting.items(), key=lambda pair: (-len(pair[1]), pair[0] not in fitting_here)
    ):
        if len(fits) < FEWEST or 2 * len(fits) <= len(compared):
            return None
        alone = [one for one in fits if one.finding.verdict is Verdict.EXPLAINED]
        tried = max(len(one.finding.tried) for one in fits)
        if (
            len(alone) >= FEWEST
            or tried * prod(chance(one.finding.claim, 1) for one in fits) <= JOINT_CHANCE
        ):
            named = [one.finding.cause for one in alone if counted_by(one.finding) == causes]
            return Shared(
                causes, (named[0] if named else None) or ", ".join(causes), len(fits), len(compared)
            )
    return None


def _candidates(one: Assessment) -> list[tuple[str, ...]]:
    """What explains a claim, or might: by every name, but for a size that nobody states, which is
    many causes."""
    if one.finding.verdict is Verdict.EXPLAINED:
        chosen = one.inquiry.chosen if one.inquiry else None
        found = [counted_by(one.finding), *(chosen.also if chosen else ())]
    else:
        fits = one.inquiry.fits if one.inquiry else ()
        found = [causes for hypothesis in fits for causes in (hypothesis.causes, *hypothesis.also)]
    return [causes for causes in found if causes and UNSTATED not in causes]


def settle(
    found: Sequence[tuple[Entry, list[Assessment]]],
    entries: Sequence[Entry],
    others: Callable[[str], Values],
    unexplained: frozenset[Claim] = frozenset(),
) -> list[tuple[Entry, list[Assessment]]]:
    """The findings once more in the light of their siblings; `others` are (model, measured value)
    of a quantity.

    `unexplained` are claims of entries that are not among these, and that nothing explains.
    """
    families: dict[Key, list[Assessment]] = {}
    for entry, each in found:
        for one in each:
            if counted(one.finding) and entry.collection:
                families.setdefault(key(entry, one.finding), []).append(one)
    wrong = {
        one.finding.claim
        for _, each in found
        for one in each
        if one.finding.verdict is Verdict.MISMATCH
    }
    published = _published(entries, unexplained | wrong)

    @cache
    def values(quantity: str) -> Others:
        return Others.of((*others(quantity), *published.get(quantity, ())))

    settled = []
    for entry, each in found:
        vouched = _vouched(entry, each, families)
        known = [_settled(entry, one, families, entries, values, vouched) for one in each]
        settled.append((entry, [_with_convention(entry, one, families) for one in known]))
    return settled


def _with_convention(
    entry: Entry, one: Assessment, families: dict[Key, list[Assessment]]
) -> Assessment:
    """A wrong count with what its siblings were counted by: the cause most share, else the unit
    most are nearer to.

    One that says of itself that it counts multiply-adds does so, however the siblings' operations
    were counted.
    """
    finding = one.finding
    if one.case is None or not (counted(finding) and finding.fails()):
        return one
    siblings = [
        other
        for other in families.get(key(entry, finding), ())
        if other.finding.claim != finding.claim
    ]
    if family := shared(siblings):
        return replace(
            one,
            convention=undoubled(family.causes)
            if in_multiply_adds(finding.claim)
            else family.causes,
        )
    ratios = [_ratio(other.finding) for other in siblings or [one]]
    known = [ratio for ratio in ratios if ratio]
    unstated = finding.claim.quantity == "flops" and not in_multiply_adds(finding.claim)
    doubled = unstated and known and DOUBLED[0] < median(known) < DOUBLED[1]
    return replace(one, convention=TWICE) if doubled else one


def _ratio(finding: Finding) -> float | None:
    measured = finding.measured
    return (
        float(finding.claim.number / measured)
        if isinstance(measured, Decimal) and measured
        else None
    )


def _vouched(
    entry: Entry, each: Sequence[Assessment], families: dict[Key, list[Assessment]]
) -> dict[str, Decimal]:
    """By publisher, the FLOPs that the cause of an entry's siblings gives for it, where its own are
    unexplained."""
    values = {}
    for one in each:
        if (
            one.finding.claim.quantity == "flops"
            and one.finding.verdict is Verdict.MISMATCH
            and one.case
        ):
            family = shared(_siblings(entry, one, families))
            if family and (hypothesis := under(one.case, family.causes)):
                values[one.finding.claim.publisher] = hypothesis.prediction
    return values


def _siblings(
    entry: Entry, one: Assessment, families: dict[Key, list[Assessment]]
) -> list[Assessment]:
    return [other for other in families.get(key(entry, one.finding), ()) if other is not one]


def _published(entries: Iterable[Entry], unexplained: frozenset[Claim]) -> dict[str, Values]:
    """By quantity, what is published about models and is not itself unexplained."""
    values: dict[str, list[tuple[str, Decimal]]] = {}
    for entry in entries:
        for claim in entry.all_claims():
            if claim.row.check in ("flops", "parameters") and claim not in unexplained:
                values.setdefault(claim.quantity, []).append(
                    (f"published for {entry.name}", claim.number)
                )
    return {quantity: tuple(each) for quantity, each in values.items()}


def _settled(
    entry: Entry,
    one: Assessment,
    families: dict[Key, list[Assessment]],
    entries: Iterable[Entry],
    others: Callable[[str], Others],
    vouched: dict[str, Decimal],
) -> Assessment:
    finding = one.finding
    if finding.claim.row.check == "accuracy":
        problem = unlike_others(finding.claim, entry, entries)
        if problem is None or finding.verdict is not Verdict.UNCHECKED:
            return one
        return Assessment(
            replace(
                finding, verdict=Verdict.MISMATCH, reason=problem.reason, cause=problem.cause, causes=problem.causes,
                prediction=problem.meant, mistake=True,
            )
        )  # fmt: skip
    case = one.case
    if case is None or not counted(finding):
        return one
    if not asks_siblings(finding):
        return one
    own = _candidates(one)
    family = shared(_siblings(entry, one, families), frozenset(own))
    if family and (finding.verdict is Verdict.MISMATCH or family.causes not in own):
        hypothesis = under(case, family.causes)
        if hypothesis and hypothesis.fits and chance(case.claim, 1) <= FAMILY_CHANCE:
            return _as_family(one, hypothesis, family)
        if not (hypothesis and hypothesis.fits):
            one = _odd(one, hypothesis, family)
    elif family and finding.ambiguous:
        one = replace(
            one, finding=replace(finding, alternatives=(), reason=f"{finding.reason}; {family}")
        )
    if one.inquiry and one.finding.verdict is Verdict.MISMATCH:
        case = replace(case, vouched=vouched.get(finding.claim.publisher))
        return _elsewhere(one, case, others(finding.claim.quantity))
    return one


def _as_family(one: Assessment, hypothesis: Hypothesis, family: Shared) -> Assessment:
    """Explained by the cause of the siblings, whatever else would fit."""
    assert one.case is not None
    name = hypothesis.name if hypothesis.causes == family.causes else ", ".join(family.causes)
    finding = replace(
        one.finding,
        verdict=Verdict.EXPLAINED,
        reason=f"{sentence(one.case, hypothesis)}; {family}",
        cause=name,
        prediction=hypothesis.prediction,
        residual=hypothesis.residual,
        alternatives=(),
        causes=family.causes,
        mistake=hypothesis.mistake,
    )
    return replace(one, finding=finding)


def _odd(one: Assessment, hypothesis: Hypothesis | None, family: Shared) -> Assessment:
    """The same finding with a note that its siblings were counted otherwise."""
    value = claim_value(one.finding.claim, hypothesis.prediction) if hypothesis else ""
    gives = f", and gives {value} here" if value else ""
    return replace(
        one,
        finding=replace(
            one.finding, reason=f"{one.finding.reason}; the odd one out: {family}{gives}"
        ),
    )


def _elsewhere(one: Assessment, case: Case, others: Others) -> Assessment:
    """Whether the unexplained number is that of another model."""
    rest = others.without(f"of {case.entry.name}", f"published for {case.entry.name}")
    inquiry = explain(replace(case, others=rest), wanted=ELSEWHERE, earlier=one.finding.tried)
    if inquiry.chosen is None or not isinstance(one.finding.measured, Decimal):
        return one
    keys = one.finding.evidence
    return assess_inquiry(case, inquiry, one.finding.measured, keys, lambda size: keys)
