"""Weigh what the siblings of a claim say: the claims of one publisher about one quantity of one
collection.

A collection may hold several families that were counted in different ways, as a table of a README
does. So a cause needs no majority: it is shared where it fits so many siblings that this is no
accident. The chance of that is bounded by Chernoff's inequality for a sum of independent trials:
of trials with the probabilities p1, p2 ... at least K succeed with a probability of at most
exp(K - m) (m / K)^K, where m = p1 + p2 + ... < K.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from math import exp, log, prod

from zoo.explanation.judgement import Assessment
from zoo.explanation.search import CUT_OFF, CUT_OFF_PRICE, MAX_RANK, chance
from zoo.model_index.findings import ANOTHER_MODEL, Finding, Verdict
from zoo.model_index.records.records import Claim

FEWEST = 2  # siblings that must share a cause before it says anything about another
JOINT_CHANCE = 0.001  # that one cause fits several siblings by accident
FAMILY_CHANCE = 0.05  # that a cause which siblings share fits one more claim by accident
COMPARED = frozenset({Verdict.EXACT, Verdict.ROUNDED, Verdict.EXPLAINED, Verdict.MISMATCH})
AGREEING = frozenset({Verdict.EXACT, Verdict.ROUNDED})
UNSTATED = "square"
# Each of these is several causes under one name, so a fit of them says less: a majority has to
# share them.
SEVERAL = frozenset({"other classes", "photograph"})
Causes = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedCause:
    """A cause that siblings share: how many of how many it explains.

    `alone` are those that it explains by themselves, `joint_chance` bounds the chance that it fits
    all of them by accident. `rank` is how far-fetched it is.
    """

    causes: Causes
    name: str
    rank: int
    explained: int
    siblings: int
    alone: int
    joint_chance: float

    def __str__(self) -> str:
        return f"{self.name} explains {self.explained} of {self.siblings} siblings"

    @property
    def is_majority(self) -> bool:
        return 2 * self.explained > self.siblings

    @property
    def is_vouched(self) -> bool:
        """Whether so many fits are no accident."""
        if self.explained < FEWEST or (SEVERAL.intersection(self.causes) and not self.is_majority):
            return False
        return self.joint_chance <= JOINT_CHANCE or (self.is_majority and self.alone >= FEWEST)

    def speaks_for(self, claim: Claim, price: float) -> bool:
        """Tell whether the cause, which fits this claim too, is likelier than an accident.

        `price` is that of the fit in hypotheses. The odds of the cause are those among the
        siblings, by Laplace's rule of succession.
        """
        odds = (self.siblings - self.explained + 1) / (self.explained + 1)
        return chance(claim, price) * odds <= FAMILY_CHANCE


@dataclass(frozen=True)
class Family:
    """The compared claims of a publisher about one quantity of a collection."""

    members: Sequence[Assessment]

    @classmethod
    def of(cls, assessments: Sequence[Assessment]) -> "Family":
        return cls([a for a in assessments if a.finding.verdict in COMPARED])

    @cached_property
    def fits(self) -> dict[Causes, list[Assessment]]:
        """By causes, the members that they reproduce."""
        groups: dict[Causes, list[Assessment]] = {}
        for member in self.members:
            for causes in dict.fromkeys(candidate_causes(member)):
                groups.setdefault(causes, []).append(member)
        return groups

    def _count_hypotheses(self, causes: Causes) -> int:
        """Count the hypotheses that are as simple as these causes: each had the same chance."""
        rank = self._find_rank(causes)
        tried = [member.finding.tried for member in self.fits.get(causes, ())]
        return max((sum(h.rank <= rank for h in group) for group in tried), default=0)

    def _find_rank(self, causes: Causes) -> int:
        """Return how far-fetched these causes are, where they are simplest."""
        ranks = [
            hypothesis.rank
            for member in self.fits.get(causes, ())
            for hypothesis in member.finding.tried
            if causes in (hypothesis.causes, *hypothesis.also)
        ]
        return min(ranks, default=MAX_RANK)

    def weigh(self, causes: Causes, without: Claim) -> SharedCause:
        """Say how well a cause explains the siblings of the claim `without`."""
        members = [m for m in self.members if m.finding.claim is not without]
        if causes == (CUT_OFF,):  # all digits printed say nothing about cutting them off
            members = [m for m in members if m.finding.verdict is not Verdict.EXACT]
        fits = [m for m in self.fits.get(causes, ()) if m.finding.claim is not without]
        tested = [m for m in members if m.finding.verdict not in AGREEING]
        hits = [m for m in fits if m.finding.verdict not in AGREEING]
        alone = [
            fit
            for fit in hits
            if fit.finding.verdict is Verdict.EXPLAINED and family_causes(fit.finding) == causes
        ]
        names = [base_name(fit.finding) for fit in alone]
        return SharedCause(
            causes=causes,
            name=(names[0] if names else None) or ", ".join(causes),
            rank=self._find_rank(causes),
            explained=len(fits),
            siblings=len(members),
            alone=sum(fit.finding.verdict is Verdict.EXPLAINED for fit in hits),
            joint_chance=self._joint_chance(causes, tested, hits),
        )

    def _joint_chance(
        self, causes: Causes, tested: Sequence[Assessment], hits: Sequence[Assessment]
    ) -> float:
        """Bound the chance that some hypothesis fits as many of the tested claims by accident, or
        exactly these."""
        price = CUT_OFF_PRICE if causes == (CUT_OFF,) else 1
        if 2 * len(hits) > len(tested):
            these = prod(price * self._chances[id(hit)] for hit in hits)
        else:
            these = bound_tail([price * self._chances[id(m)] for m in tested], len(hits))
        return max(1, self._count_hypotheses(causes)) * these

    @cached_property
    def _chances(self) -> dict[int, float]:
        """By identity of a member, the chance that one hypothesis fits it by accident."""
        return {id(m): min(1.0, chance(m.finding.claim, 1)) for m in self.members}

    def shared(self, candidates: Collection[Causes], without: Claim) -> list[SharedCause]:
        """Return the candidates that the siblings of a claim share: the simplest first, of these
        the commonest."""
        weighed = (self.weigh(causes, without) for causes in dict.fromkeys(candidates))
        vouched = [shared for shared in weighed if shared.is_vouched]
        return sorted(vouched, key=lambda shared: (shared.rank, -shared.explained))

    def majority(
        self, without: Claim, preferred: Collection[Causes] = frozenset()
    ) -> SharedCause | None:
        """Return the cause that most siblings of a claim share, of several a preferred one."""
        likely = [causes for causes, fits in self.fits.items() if 2 * len(fits) >= self._half]
        weighed = (self.weigh(causes, without) for causes in likely)
        vouched = [shared for shared in weighed if shared.is_majority and shared.is_vouched]
        order = sorted(vouched, key=lambda s: (-s.explained, s.causes not in preferred))
        return next(iter(order), None)

    @property
    def _half(self) -> int:
        return len(self.members) - 1


def bound_tail(chances: Sequence[float], successes: int) -> float:
    """Bound the chance that at least so many of independent trials succeed (Chernoff)."""
    mean = sum(min(1.0, chance) for chance in chances)
    if successes <= mean or not successes:
        return 1.0
    return exp(successes - mean + successes * log(mean / successes)) if mean else 0.0


def family_causes(finding: Finding) -> Causes:
    """Return the causes that a family can share.

    Which model a name builds is a matter of that name. Digits that are cut off are a matter of
    printing, unless nothing else is the matter.
    """
    causes = tuple(cause for cause in finding.causes if cause != ANOTHER_MODEL)
    return strip_cut(causes)


def strip_cut(causes: Causes) -> Causes:
    """Return the causes without `cut off`, unless it is the only one."""
    return tuple(cause for cause in causes if cause != CUT_OFF) or causes


def base_name(finding: Finding) -> str:
    """Return the name of a finding's cause without `cut off`, unless it is the only one."""
    return (finding.cause or "").removesuffix(f", {CUT_OFF}")


def candidate_causes(assessment: Assessment) -> list[Causes]:
    """Return the causes that explain a claim, or might, by every name.

    A size that nobody states is left out: it is many causes.
    """
    return [c for c in map(strip_cut, _all_causes(assessment)) if c and UNSTATED not in c]


def _all_causes(assessment: Assessment) -> Iterator[Causes]:
    finding, inquiry = assessment.finding, assessment.inquiry
    if finding.verdict is Verdict.EXPLAINED:
        yield family_causes(finding)
        if inquiry and inquiry.chosen:
            yield from inquiry.chosen.also
    elif finding.verdict is Verdict.ROUNDED:
        if _agrees_with_cutting(finding):
            yield (CUT_OFF,)
    else:
        for fit in inquiry.fits if inquiry else ():
            yield from (fit.causes, *fit.also)


def _agrees_with_cutting(finding: Finding) -> bool:
    """Tell whether the digits of a rounded claim are also those of cutting off."""
    measured = finding.measured
    return isinstance(measured, Decimal) and abs(finding.claim.number) <= abs(measured)
