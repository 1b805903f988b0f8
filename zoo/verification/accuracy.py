"""Check a claim about an accuracy against what was evaluated: the same, within the tolerance,
another pipeline's, or wrong.

`zoo.verification.applicability` decides which evaluations apply to a claim. The others on the same
images with the same weights are hypotheses: a claim that one of them gives to its printed digits is
explained by what that pipeline does otherwise.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from zoo.evaluation.claim_scope import ImageSet, is_about
from zoo.evaluation.dataset_catalogue import same_dataset
from zoo.explanation.case import reproduces
from zoo.explanation.causes import SLIPS
from zoo.explanation.judgement import Assessment
from zoo.explanation.search import show_digits
from zoo.model_index.checks.accuracy_pairs import Problem, impossible
from zoo.model_index.findings import Finding, Hypothesis, Verdict
from zoo.model_index.ledger.evaluation import Evaluation, differences
from zoo.model_index.ledger.store import Evidence
from zoo.model_index.records.records import Claim, Entry
from zoo.verification.applicability import (
    EntryEvaluations,
    EvaluationDocument,
    choose_best,
    differ_in_pipeline,
    object_to_weights,
    objection,
)
from zoo.verification.context import Context

MAX_CHANCE = 0.1  # that one of the pipelines tried gives a claim by accident
# What may differ though nothing states it: a claim that it explains is right.
UNSTATED = frozenset({"other precision", "resized as a tensor"})
RANGE = Decimal(1)  # points to either side in which such accidents are looked for


def check_accuracy(claim: Claim, context: Context) -> Assessment:
    """Compare an accuracy with the evaluations that apply to it, or at least with the other
    accuracies of its publisher."""
    finding = compare_evaluations(claim, context.evaluations) if context.evaluations else None
    return Assessment(finding or _compare_pair(claim, context.entry))


def _compare_pair(claim: Claim, entry: Entry) -> Finding:
    """Judge an accuracy that was not evaluated: it may be impossible beside its pair."""
    if problem := impossible(claim, entry):
        return _mismatch(claim, problem.reason, problem)
    reason = f"not evaluated on {claim.dataset or 'a data set'}"
    return Finding(claim=claim, verdict=Verdict.UNCHECKED, reason=reason)


def _mismatch(
    claim: Claim,
    reason: str,
    problem: Problem | None,
    *,
    measured: Decimal | None = None,
    residual: Decimal | None = None,
    evidence: tuple[str, ...] = (),
    tried: Sequence[Hypothesis] = (),
) -> Finding:
    problem = problem or Problem("")
    return Finding(
        claim=claim,
        verdict=Verdict.MISMATCH,
        reason=reason,
        measured=measured,
        cause=problem.cause,
        prediction=problem.meant,
        residual=residual,
        alternatives=problem.alternatives,
        evidence=evidence,
        causes=problem.causes,
        wrong=bool(problem.causes),
        tried=tried,
    )


def compare_evaluations(
    claim: Claim, evaluations: EntryEvaluations, key: str | None = None
) -> Finding | None:
    """Compare a claim with the best evaluation that applies to it, or with the one of this key.

    None: no evaluation is on the claim's data set.
    """
    documents = [
        document
        for document in evaluations.documents
        if same_dataset(claim.dataset, document.evaluation.dataset)
    ]
    configured = [
        document
        for document in documents
        if document.evaluation.own and document.evaluation.share(claim.quantity)
    ]
    candidates = [d for d in configured if d.evidence.cell.key == key] or configured
    if usable := [d for d in candidates if not objection(claim, d, evaluations)]:
        best = choose_best(usable)
        others = [d for d in documents if d is not best and differ_in_pipeline(d, best)]
        return _Comparison(claim, evaluations.entry, best, others).judge()
    for failure in evaluations.failures:
        if is_about(claim, _failed_images(failure)):
            return Finding(
                claim=claim,
                verdict=Verdict.ERROR,
                reason=failure.error or "evaluating failed",
                evidence=(failure.cell.key,),
            )
    if not configured:
        return None
    last = max(candidates, key=lambda document: document.evidence.recency)
    # an accuracy of other weights is none of the entry's
    foreign = object_to_weights(last, evaluations)
    return Finding(
        claim=claim,
        verdict=Verdict.UNCHECKED,
        reason=objection(claim, last, evaluations),
        measured=None if foreign else last.evaluation.percent(claim.quantity),
        evidence=(last.evidence.cell.key,),
    )


def _failed_images(failure: Evidence) -> ImageSet:
    """Return the images of an evaluation that failed."""
    values, split = failure.values, failure.cell.conditions.get("split")
    return ImageSet(str(values.get("dataset")), split, "", values.get("conditions") or {})


@dataclass(frozen=True)
class _Comparison:
    """A claim beside the evaluation that decides it; `others` ran other pipelines."""

    claim: Claim
    entry: Entry
    document: EvaluationDocument
    others: Sequence[EvaluationDocument]

    @property
    def evaluation(self) -> Evaluation:
        return self.document.evaluation

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.document.evidence.cell.key,)

    @property
    def measured(self) -> Decimal:
        measured = self.evaluation.percent(self.claim.quantity)
        assert measured is not None  # it was chosen for having the quantity
        return measured

    def judge(self) -> Finding:
        if not self.evaluation.complete:
            return self._judge_sample()
        claim, evaluation = self.claim, self.evaluation
        share = evaluation.share(claim.quantity)
        assert share is not None
        exactly = Decimal(share.right) * 100 / Decimal(evaluation.images)
        counted = (
            f"{share.right:,} of {evaluation.images:,} images of {evaluation.dataset_label}"
            f" are right{_remarks(evaluation)}"
        )
        if claim.number == exactly:
            reason = f"{counted}: equal to the last digit"
            return self._finding(Verdict.EXACT, reason)
        if reproduces(claim, exactly):
            return Finding(
                claim=claim,
                verdict=Verdict.ROUNDED,
                reason=f"{counted}, {self.measured}%, rounded to the claim's {show_digits(claim)}",
                measured=self.measured,
                cause="printed rounding",
                residual=claim.number - self.measured,
                evidence=self.keys,
            )
        if self._is_open(self.measured, self.measured):
            return self._leave_open(f"{counted}, {self.measured}%")
        tried = tuple(list_hypotheses(claim, evaluation, self.others))
        fits = [hypothesis for hypothesis in tried if hypothesis.fits]
        if fits and chance(claim, evaluation, tried) <= MAX_CHANCE:
            return self._explain(fits, tried)
        return self._refute(counted, fits, tried)

    def _is_open(self, low: Decimal, high: Decimal) -> bool:
        """Tell whether the images that could not be judged could make the claim true: each counts
        as wrong and may be right."""
        unjudged = Decimal(self.evaluation.unjudged) * 100 / Decimal(self.evaluation.images)
        tolerance = 0 if self.evaluation.complete else self.evaluation.tolerance
        margin = max(Decimal(tolerance), (self.claim.parsed.step or Decimal(0)) / 2)
        return bool(unjudged) and low - margin <= self.claim.number <= high + unjudged + margin

    def _leave_open(self, counted: str) -> Finding:
        reason = (
            f"undecided: {counted}; with the {self.evaluation.unjudged:,} images that could "
            "not be judged the claim may hold; --class-map says which outputs their classes are"
        )
        return self._finding(Verdict.UNCHECKED, reason)

    def _finding(self, verdict: Verdict, reason: str) -> Finding:
        return Finding(
            claim=self.claim,
            verdict=verdict,
            reason=reason,
            measured=self.measured,
            evidence=self.keys,
        )

    def _judge_sample(self) -> Finding:
        """Judge by bounds: they hold at every moment of the run, so it may stop at any."""
        claim, evaluation = self.claim, self.evaluation
        bounds = evaluation.bounds(claim.quantity)
        assert bounds is not None
        between = (
            f"between {bounds[0]}% and {bounds[1]}%, {100 * (1 - evaluation.level):g}% sure,"
            f" by {evaluation.seen:,} of {evaluation.images:,} images of {evaluation.dataset_label}"
            f" in random order{_remarks(evaluation)}"
        )
        decided = evaluation.decide(claim.quantity, claim.number, claim.parsed.step)
        if decided:
            reason = f"within {evaluation.tolerance} points: {between}"
            return self._finding(Verdict.CONSISTENT, reason)
        if decided is None:
            reason = f"undecided: {between}; run `zoo eval {self.entry.name}` to continue"
            return self._finding(Verdict.UNCHECKED, reason)
        if self._is_open(bounds[0], bounds[1]):
            return self._leave_open(between)
        problem = impossible(claim, self.entry)
        reason = f"not within {evaluation.tolerance} points: {between}{_append(problem)}"
        # No residual: the accuracy on all images is unknown.
        return _mismatch(claim, reason, problem, measured=self.measured, evidence=self.keys)

    def _explain(self, fits: Sequence[Hypothesis], tried: Sequence[Hypothesis]) -> Finding:
        chosen, *further = sorted(fits, key=lambda hypothesis: hypothesis.rank)
        documents = [
            other.evidence.cell.key
            for other in self.others
            if other.evaluation.percent(self.claim.quantity) == chosen.prediction
        ]
        return Finding(
            claim=self.claim,
            verdict=Verdict.EXPLAINED,
            reason=f"{chosen.label} gives the claim: {chosen.terms}, {chosen.prediction}%;"
            f" as configured it is {self.measured}%",
            measured=self.measured,
            cause=", ".join(chosen.causes),
            prediction=chosen.prediction,
            residual=chosen.residual,
            alternatives=tuple(fit.label for fit in further if fit.rank == chosen.rank),
            evidence=(*self.keys, *documents[:1]),
            causes=chosen.causes,
            wrong=chosen.wrong,
            tried=tried,
        )

    def _refute(
        self, counted: str, fits: Sequence[Hypothesis], tried: Sequence[Hypothesis]
    ) -> Finding:
        off = abs(self.claim.number - self.measured)
        tolerance = self.evaluation.tolerance
        within = f", within the tolerance of {tolerance} points"
        near = within if off <= Decimal(tolerance) else ""
        reason = f"{counted}, {self.measured}%; the claim is {off} points off{near}"
        if fits:
            reason += (
                f"; not explained: one of {len(tried)} pipelines may match by chance"
                f" (candidate: {fits[0].label})"
            )
        elif not any(hypothesis.terms.endswith("images") for hypothesis in tried):
            reason += f"; `zoo eval {self.entry.name} --sensitivity` tries other pipelines"
        problem = impossible(self.claim, self.entry)
        return _mismatch(
            self.claim,
            reason + _append(problem),
            problem,
            measured=self.measured,
            residual=self.claim.number - self.measured,
            evidence=self.keys,
            tried=tried,
        )


def _remarks(evaluation: Evaluation) -> str:
    """Say which images count as wrong or do not count, and whose labels and weights these are."""
    texts = {
        f"{evaluation.unread:,} that could not be read count as wrong": evaluation.unread,
        f"{evaluation.broken:,} whose outputs are not finite count as wrong": evaluation.broken,
        f"{evaluation.unjudged:,} whose class no output stands for count as wrong": (
            evaluation.unjudged
        ),
        f"{evaluation.excluded:,} have no label and do not count": evaluation.excluded,
        f"by the {evaluation.given}": evaluation.given,
        "the weights fit in their order, under other names": evaluation.fit == "order",
    }
    remarks = [text for text, applies in texts.items() if applies]
    return f" ({'; '.join(remarks)})" if remarks else ""


def _append(problem: Problem | None) -> str:
    return f"; {problem.reason}" if problem else ""


def list_hypotheses(
    claim: Claim, configured: Evaluation, others: Sequence[EvaluationDocument]
) -> Iterator[Hypothesis]:
    """Yield what other pipelines measured, and what a slip makes of the measured value; simplest
    first."""
    for document in others:
        evaluation = document.evaluation
        prediction = evaluation.percent(claim.quantity)
        changes = list(differences(configured, evaluation))
        if prediction is None or not changes:
            continue
        share = evaluation.share(claim.quantity)
        yield Hypothesis(
            causes=tuple(dict.fromkeys(cause for cause, _ in changes)),
            label=" and ".join(text for _, text in changes),
            rank=len(changes),
            prediction=prediction,
            residual=claim.number - prediction,
            fits=reproduces(claim, prediction),
            terms=f"{share.right:,} of {evaluation.images:,} images" if share else "",
            wrong=any(cause not in UNSTATED for cause, _ in changes),
        )
    measured = configured.percent(claim.quantity)
    for slip in SLIPS:
        if claim.quantity in slip.quantities and measured is not None:
            prediction = slip.printed(measured)
            yield Hypothesis(
                causes=(slip.name,),
                label=f"the measured value {slip.label}",
                rank=1,
                prediction=prediction,
                residual=claim.number - prediction,
                fits=reproduces(claim, prediction),
                terms=f"{measured}%",
                wrong=slip.wrong,
            )


def chance(claim: Claim, evaluation: Evaluation, tried: Sequence[Hypothesis]) -> float:
    """Bound the chance that one of the hypotheses gives the claim by accident.

    A wrong claim is some accuracy within a point of the measured one, or within as far as it is
    off, in steps of its last printed digit or of one image, whichever is larger.
    """
    step = max(claim.parsed.step or Decimal(0), Decimal(100) / evaluation.images)
    measured = evaluation.percent(claim.quantity) or Decimal(0)
    spread = 2 * max(RANGE, abs(claim.number - measured))
    return len({hypothesis.prediction for hypothesis in tried}) * float(step / spread)
