"""Claims of an accuracy against what was evaluated: the same, within the tolerance, another pipeline's, or wrong.

An evaluation is of a data set, of weights and of a pipeline. A claim is compared with one of its own data set and its
entry's own weights, with the entry's own preprocessing; the others of that data set are hypotheses: a claim that one
of them gives to its printed digits is explained by what that pipeline does otherwise.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from model_index.accuracies import Problem, impossible
from model_index.evaluations import Evaluation, differences
from model_index.findings import Finding, Hypothesis, Verdict
from model_index.ledger import Evidence
from model_index.records import Claim, Entry
from zoo.case import reproduces
from zoo.causes import SLIPS
from zoo.counted import Judged
from zoo.evaluation.known import KNOWN, canonical
from zoo.weights.sources import stated_digest

MAX_CHANCE = 0.1  # that one of the pipelines tried gives a claim by accident
RANGE = Decimal(1)  # points to either side in which such accidents are looked for
SETTINGS = ("image_size", "crop_pct", "crop_mode", "interpolation", "mean", "std")
PRECISE = ("fp32", "tf32", "amp", "bf16", "fp16")


class Evaluated(NamedTuple):
    """An evaluation and the document it stands in."""

    evidence: Evidence
    found: Evaluation


def settings(entry: Entry) -> dict[str, str]:
    """What the entry itself states about preprocessing: evidence of other settings is no evidence about it."""
    stated = {key: claim for key in SETTINGS if (claim := entry.claim(key))}
    size = {"image_size": str(entry.image_size)} if entry.image_size else {}
    return {key: str(claim.value) for key, claim in stated.items()} | size


@dataclass(frozen=True, slots=True)
class Known:
    """The evaluations that are about an entry as it is now, and the documents of those that failed."""

    evaluated: tuple[Evaluated, ...]
    failed: tuple[Evidence, ...]


def known(entry: Entry, documents: Iterable[Evidence], digests: dict[str, str]) -> Known:
    """What is about an entry: of its builder, and of its weights where their digest is known.

    `digests` are SHA-256 by reference, of what was seen of the entry's weights.
    """
    built = str(entry.builder), entry.builder.arguments
    about = [e for e in documents if (e.cell.builder, e.cell.arguments) == built]
    links = {link.raw.strip() for link in entry.links}
    found = [Evaluated(e, e.evaluation) for e in about if e.evaluation]
    return Known(
        tuple(one for one in found if _of_weights(one.found, links, digests)),
        tuple(e for e in about if e.outcome == "failed" and e.values.get("own")),
    )


def _of_weights(found: Evaluation, links: set[str], digests: dict[str, str]) -> bool:
    if found.weights in links:
        return digests.get(found.weights, found.sha256) == found.sha256
    stated = [text for link in links if (text := digests.get(link) or stated_digest(link))]
    return not links or any(found.sha256.startswith(text) for text in stated)


def check(claim: Claim, entry: Entry, about: Known, chosen: str | None = None) -> Judged | None:
    """What the evaluations say of a claim, the best of them or the one with the key `chosen`; None where none is
    about it."""
    stated = settings(entry)
    these = [
        one for one in about.evaluated if same(claim.dataset, one.found.dataset) and one.found.share(claim.quantity)
    ]
    own = [one for one in these if one.found.own and one.found.settings == stated]
    if not own:
        return _failed(claim, about.failed, stated)
    if not (whole := [one for one in own if not _apart(one.found)]):
        last = max(own, key=_preference)
        reason, keys = _apart(last.found), (last.evidence.cell.key,)
        measured = last.found.percent(claim.quantity)
        return Judged(Finding(claim, Verdict.UNCHECKED, reason, measured, evidence=keys))
    own = whole
    best = next((one for one in own if one.evidence.cell.key == chosen), None) or max(own, key=_preference)
    others = [one for one in these if one is not best and one.found.complete and not _apart(one.found)]
    return _judged(claim, entry, best, others)


def _apart(found: Evaluation) -> str:
    """Why an evaluation says nothing of claims about its data set: another split, or other images than all of them."""
    row = KNOWN.get(canonical(found.dataset) or "")
    if row and row.split and found.split not in (None, row.split):
        return f"evaluated on the split {found.split} of {row.name}; claims are about {row.split}"
    if row and row.images and found.images + found.excluded != row.images:
        here = f"{found.images + found.excluded:,} images are at hand"
        return f"{here}, {row.name} has {row.images:,}: what the others would be is not known"
    return ""


def _failed(claim: Claim, documents: Iterable[Evidence], stated: dict[str, str]) -> Judged | None:
    """That evaluating failed, where nothing else is known."""
    for document in documents:
        values = document.values
        if same(claim.dataset, str(values.get("dataset"))) and values.get("settings") == stated:
            reason = document.error or "evaluating failed"
            return Judged(Finding(claim, Verdict.ERROR, reason, evidence=(document.cell.key,)))
    return None


def same(stated: str | None, dataset: str) -> bool:
    """Whether a claim's data set is the one evaluated, by any of its spellings."""
    return stated is not None and (canonical(stated) or stated.casefold()) == (canonical(dataset) or dataset.casefold())


def _preference(one: Evaluated) -> tuple[bool, int, int, str]:
    """All images before some, float32 before less, many before few, new before old."""
    precision = -PRECISE.index(one.found.precision) if one.found.precision in PRECISE else -len(PRECISE)
    return one.found.complete, precision, one.found.seen, one.evidence.started_at


def _judged(claim: Claim, entry: Entry, best: Evaluated, others: Sequence[Evaluated]) -> Judged:
    found, keys = best.found, (best.evidence.cell.key,)
    measured = found.percent(claim.quantity)
    assert measured is not None
    if not found.complete:
        return Judged(_by_sample(claim, entry, found, measured, keys))
    share = found.share(claim.quantity)
    assert share is not None
    counted = f"{share.right:,} of {found.images:,} images of {found.called} are right{_remarks(found)}"
    if claim.number == Decimal(share.right) * 100 / Decimal(found.images):
        return Judged(Finding(claim, Verdict.EXACT, f"{counted}: equal to the last digit", measured, evidence=keys))
    if reproduces(claim, measured):
        reason = f"{counted}, {measured}% rounds to the claim's {claim.parsed.digits} printed digits"
        residual = claim.number - measured
        return Judged(
            Finding(claim, Verdict.ROUNDED, reason, measured, "printed rounding", residual=residual, evidence=keys)
        )
    tried = tuple(hypotheses(claim, best, others))
    fits = [hypothesis for hypothesis in tried if hypothesis.fits]
    if fits and chance(claim, found, tried) <= MAX_CHANCE:
        return Judged(_explained(claim, fits, tried, measured, keys, others))
    return Judged(_mismatch(claim, entry, found, counted, fits, tried, measured, keys))


def _remarks(found: Evaluation) -> str:
    """What a reader of the numbers has to know: images that count as wrong, and images that do not count."""
    remarks = [f"{found.unread:,} that could not be read count as wrong"] if found.unread else []
    remarks += [f"{found.excluded:,} have no label and do not count"] if found.excluded else []
    return f" ({'; '.join(remarks)})" if remarks else ""


def _by_sample(claim: Claim, entry: Entry, found: Evaluation, measured: Decimal, keys: tuple[str, ...]) -> Finding:
    """The verdict that bounds allow: they hold at every moment of the run, so it may stop at any."""
    bounds = found.bounds(claim.quantity)
    assert bounds is not None
    sure = f"{100 * (1 - found.level):g}% sure"
    seen = f"by {found.seen:,} of {found.images:,} images of {found.called} in random order{_remarks(found)}"
    between = f"between {bounds[0]}% and {bounds[1]}%, {sure}, {seen}"
    decided = found.decided(claim.quantity, claim.number, claim.parsed.step)
    if decided:
        reason = f"within {found.tolerance} points: {between}"
        return Finding(claim, Verdict.CONSISTENT, reason, measured, evidence=keys)
    if decided is None:
        reason = f"undecided: {between}; `zoo eval {entry.name}` goes on"
        return Finding(claim, Verdict.UNCHECKED, reason, measured, evidence=keys)
    problem = impossible(claim, entry)
    reason = f"not within {found.tolerance} points: {between}{_also(problem)}"
    return replace(_wrong(claim, reason, measured, keys, problem), residual=None)  # of all images nobody knows it


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
        claim, Verdict.MISMATCH, reason, measured, told.cause, told.meant, claim.number - measured, told.alternatives,
        keys, told.causes, bool(told.causes), tried,
    )  # fmt: skip


def hypotheses(claim: Claim, best: Evaluated, others: Sequence[Evaluated]) -> Iterator[Hypothesis]:
    """What other pipelines measured, and what a slip makes of the measured value; simplest first."""
    own, value = best.found, best.found.percent(claim.quantity)
    for one in others:
        prediction = one.found.percent(claim.quantity)
        changes = list(differences(own, one.found))
        if prediction is None or not changes:
            continue
        share = one.found.share(claim.quantity)
        terms = f"{share.right:,} of {one.found.images:,} images" if share else ""
        causes = tuple(dict.fromkeys(cause for cause, _ in changes))
        yield _hypothesis(claim, causes, " and ".join(text for _, text in changes), len(changes), prediction, terms)
    for slip in SLIPS:
        if claim.quantity in slip.quantities and value is not None:
            label = f"the measured value {slip.label}"
            yield _hypothesis(claim, (slip.name,), label, 1, slip.printed(value), f"{value}%", slip.mistake)


def _hypothesis(
    claim: Claim, causes: tuple[str, ...], label: str, rank: int, value: Decimal, terms: str, mistake: bool = False
) -> Hypothesis:
    return Hypothesis(
        causes, label, rank, value, claim.number - value, reproduces(claim, value), terms, mistake=mistake
    )


def chance(claim: Claim, found: Evaluation, tried: Sequence[Hypothesis]) -> float:
    """An upper bound of the chance that one of the hypotheses gives the claim by accident.

    A wrong claim is some accuracy within a point of the measured one, or within as far as it is off, in steps of its
    last printed digit or of one image, whichever is larger.
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
    of = [one.evidence.cell.key for one in others if one.found.percent(claim.quantity) == chosen.prediction]
    return Finding(
        claim, Verdict.EXPLAINED, reason, measured, ", ".join(chosen.causes), chosen.prediction, chosen.residual,
        tuple(alike), (*keys, *of[:1]), chosen.causes, chosen.mistake, tried,
    )  # fmt: skip


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
    near = f", within the tolerance of {found.tolerance} points" if off <= Decimal(found.tolerance) else ""
    reason = f"{counted}, {measured}%; the claim is {off} points off{near}"
    if fits:
        reason += f"; {fits[0].label} would give it, and so may any of {len(tried)} pipelines by accident"
    elif not any(hypothesis.terms.endswith("images") for hypothesis in tried):
        reason += f"; `zoo eval {entry.name} --sensitivity` tries other pipelines"
    problem = impossible(claim, entry)
    return _wrong(claim, reason + _also(problem), measured, keys, problem, tried)
