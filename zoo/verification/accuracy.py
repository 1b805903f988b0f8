"""Claims of an accuracy against what was evaluated: the same, within the tolerance, another
pipeline's, or wrong.

`zoo.verification.applicability` says which evaluations are about a claim. The others on the same
images with the same weights are hypotheses: a claim that one of them gives to its printed digits is
explained by what that pipeline does otherwise.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from zoo.evaluation.datasets.catalogue import same_dataset
from zoo.explanation.case import reproduces
from zoo.explanation.causes import SLIPS
from zoo.explanation.judgement import Assessment
from zoo.model_index.checks.accuracy_pairs import Problem, impossible
from zoo.model_index.findings import Finding, Hypothesis, Verdict
from zoo.model_index.ledger.evaluation import Evaluation, differences
from zoo.model_index.records.records import Claim, Entry
from zoo.verification.applicability import Evaluated, Known, alike, best, why_not

MAX_CHANCE = 0.1  # that one of the pipelines tried gives a claim by accident
RANGE = Decimal(1)  # points to either side in which such accidents are looked for


def check(claim: Claim, entry: Entry, about: Known, chosen: str | None = None) -> Assessment | None:
    """What the evaluations say of a claim: the best of them, or the one with the key `chosen`.

    None where none is on the claim's data set.
    """
    these = [one for one in about.evaluated if same_dataset(claim.dataset, one.found.dataset)]
    own = [one for one in these if one.found.own and one.found.share(claim.quantity)]
    asked = [one for one in own if one.evidence.cell.key == chosen]
    usable = [one for one in asked or own if not why_not(claim, one, about)]
    if usable:
        found = best(usable)
        return _judged(
            claim, entry, found, [one for one in these if one is not found and alike(one, found)]
        )
    for failed in about.failed:
        if same_dataset(claim.dataset, str(failed.values.get("dataset"))):
            reason = failed.error or "evaluating failed"
            return Assessment(
                Finding(
                    claim=claim, verdict=Verdict.ERROR, reason=reason, evidence=(failed.cell.key,)
                )
            )
    if not own:
        return None
    last = max(asked or own, key=lambda one: one.evidence.recency)
    return Assessment(
        Finding(
            claim=claim,
            verdict=Verdict.UNCHECKED,
            reason=why_not(claim, last, about),
            measured=last.found.percent(claim.quantity),
            evidence=(last.evidence.cell.key,),
        )
    )


def _judged(claim: Claim, entry: Entry, one: Evaluated, others: Sequence[Evaluated]) -> Assessment:
    found, keys = one.found, (one.evidence.cell.key,)
    measured = found.percent(claim.quantity)
    assert measured is not None
    if not found.complete:
        return Assessment(_by_sample(claim, entry, found, measured, keys))
    share = found.share(claim.quantity)
    assert share is not None
    counted = (
        f"{share.right:,} of {found.images:,} images of {found.called} are right{_remarks(found)}"
    )
    exactly = Decimal(share.right) * 100 / Decimal(found.images)
    if claim.number == exactly:
        return Assessment(
            Finding(
                claim=claim,
                verdict=Verdict.EXACT,
                reason=f"{counted}: equal to the last digit",
                measured=measured,
                evidence=keys,
            )
        )
    if reproduces(claim, exactly):
        reason = (
            f"{counted}, {measured}% rounds to the claim's {claim.parsed.digits} printed digits"
        )
        residual = claim.number - measured
        return Assessment(
            Finding(
                claim=claim,
                verdict=Verdict.ROUNDED,
                reason=reason,
                measured=measured,
                cause="printed rounding",
                residual=residual,
                evidence=keys,
            )
        )
    tried = tuple(hypotheses(claim, found, others))
    fits = [hypothesis for hypothesis in tried if hypothesis.fits]
    if fits and chance(claim, found, tried) <= MAX_CHANCE:
        return Assessment(_explained(claim, fits, tried, measured, keys, others))
    return Assessment(_mismatch(claim, entry, found, counted, fits, tried, measured, keys))


def _remarks(found: Evaluation) -> str:
    """What a reader of the numbers has to know: images that count as wrong, and images that do not
    count."""
    told = {
        f"{found.unread:,} that could not be read count as wrong": found.unread,
        f"{found.broken:,} whose outputs are not finite count as wrong": found.broken,
        f"{found.excluded:,} have no label and do not count": found.excluded,
        f"by the {found.given}": found.given,
        "the weights fit in their order, under other names": found.fit == "order",
    }
    remarks = [remark for remark, there in told.items() if there]
    return f" ({'; '.join(remarks)})" if remarks else ""


def _by_sample(
    claim: Claim, entry: Entry, found: Evaluation, measured: Decimal, keys: tuple[str, ...]
) -> Finding:
    """The verdict that bounds allow: they hold at every moment of the run, so it may stop at
    any."""
    bounds = found.bounds(claim.quantity)
    assert bounds is not None
    sure = f"{100 * (1 - found.level):g}% sure"
    seen = f"by {found.seen:,} of {found.images:,} images of {found.called} in random order{_remarks(found)}"
    between = f"between {bounds[0]}% and {bounds[1]}%, {sure}, {seen}"
    decided = found.decided(claim.quantity, claim.number, claim.parsed.step)
    if decided:
        reason = f"within {found.tolerance} points: {between}"
        return Finding(
            claim=claim, verdict=Verdict.CONSISTENT, reason=reason, measured=measured, evidence=keys
        )
    if decided is None:
        reason = f"undecided: {between}; `zoo eval {entry.name}` goes on"
        return Finding(
            claim=claim, verdict=Verdict.UNCHECKED, reason=reason, measured=measured, evidence=keys
        )
    problem = impossible(claim, entry)
    reason = f"not within {found.tolerance} points: {between}{_also(problem)}"
    return replace(
        _wrong(claim, reason, measured, keys, problem), residual=None
    )  # of all images nobody knows it


def _also(problem: Problem | None) -> str:
    return f"; {problem.reason}" if problem else ""


def _wrong(
    claim: Claim,
    reason: str,
    measured: Decimal,
    keys: tuple[str, ...],
    problem: Problem | None,
    tried: tuple[Hypothesis, ...] = (),
) -> Finding:
    told = problem or Problem("")
    return Finding(
        claim=claim,
        verdict=Verdict.MISMATCH,
        reason=reason,
        measured=measured,
        cause=told.cause,
        prediction=told.meant,
        residual=claim.number - measured,
        alternatives=told.alternatives,
        evidence=keys,
        causes=told.causes,
        mistake=bool(told.causes),
        tried=tried,
    )


def hypotheses(claim: Claim, own: Evaluation, others: Sequence[Evaluated]) -> Iterator[Hypothesis]:
    """What other pipelines measured, and what a slip makes of the measured value; simplest
    first."""
    value = own.percent(claim.quantity)
    for one in others:
        prediction = one.found.percent(claim.quantity)
        changes = list(differences(own, one.found))
        if prediction is None or not changes:
            continue
        share = one.found.share(claim.quantity)
        terms = f"{share.right:,} of {one.found.images:,} images" if share else ""
        causes = tuple(dict.fromkeys(cause for cause, _ in changes))
        yield _hypothesis(
            claim,
            causes,
            " and ".join(text for _, text in changes),
            len(changes),
            prediction,
            terms,
        )
    for slip in SLIPS:
        if claim.quantity in slip.quantities and value is not None:
            label = f"the measured value {slip.label}"
            yield _hypothesis(
                claim, (slip.name,), label, 1, slip.printed(value), f"{value}%", slip.mistake
            )


def _hypothesis(
    claim: Claim,
    causes: tuple[str, ...],
    label: str,
    rank: int,
    value: Decimal,
    terms: str,
    mistake: bool = False,
) -> Hypothesis:
    return Hypothesis(
        causes=causes,
        label=label,
        rank=rank,
        prediction=value,
        residual=claim.number - value,
        fits=reproduces(claim, value),
        terms=terms,
        mistake=mistake,
    )


def chance(claim: Claim, found: Evaluation, tried: Sequence[Hypothesis]) -> float:
    """An upper bound of the chance that one of the hypotheses gives the claim by accident.

    A wrong claim is some accuracy within a point of the measured one, or within as far as it is
    off, in steps of its last printed digit or of one image, whichever is larger.
    """
    step = max(claim.parsed.step or Decimal(0), Decimal(100) / found.images)
    measured = found.percent(claim.quantity) or Decimal(0)
    spread = 2 * max(RANGE, abs(claim.number - measured))
    return len({hypothesis.prediction for hypothesis in tried}) * float(step / spread)


def _explained(
    claim: Claim,
    fits: Sequence[Hypothesis],
    tried: tuple[Hypothesis, ...],
    measured: Decimal,
    keys: tuple[str, ...],
    others: Sequence[Evaluated],
) -> Finding:
    chosen, *rest = sorted(fits, key=lambda hypothesis: hypothesis.rank)
    alike = [other.label for other in rest if other.rank == chosen.rank]
    reason = f"{chosen.label} gives the claim: {chosen.terms}, {chosen.prediction}%; as configured it is {measured}%"
    of = [
        one.evidence.cell.key
        for one in others
        if one.found.percent(claim.quantity) == chosen.prediction
    ]
    return Finding(
        claim=claim,
        verdict=Verdict.EXPLAINED,
        reason=reason,
        measured=measured,
        cause=", ".join(chosen.causes),
        prediction=chosen.prediction,
        residual=chosen.residual,
        alternatives=tuple(alike),
        evidence=(*keys, *of[:1]),
        causes=chosen.causes,
        mistake=chosen.mistake,
        tried=tried,
    )


def _mismatch(
    claim: Claim,
    entry: Entry,
    found: Evaluation,
    counted: str,
    fits: Sequence[Hypothesis],
    tried: tuple[Hypothesis, ...],
    measured: Decimal,
    keys: tuple[str, ...],
) -> Finding:
    off = abs(claim.number - measured)
    near = (
        f", within the tolerance of {found.tolerance} points"
        if off <= Decimal(found.tolerance)
        else ""
    )
    reason = f"{counted}, {measured}%; the claim is {off} points off{near}"
    if fits:
        reason += (
            f"; {fits[0].label} would give it, and so may any of {len(tried)} pipelines by accident"
        )
    elif not any(hypothesis.terms.endswith("images") for hypothesis in tried):
        reason += f"; `zoo eval {entry.name} --sensitivity` tries other pipelines"
    problem = impossible(claim, entry)
    return _wrong(claim, reason + _also(problem), measured, keys, problem, tried)
